"""What scaffold reads of a Postman collection: addresses, authorization, and answers that were saved as examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.scaffold.acme_requests import ADDRESS, ANA, BOB, SECRET, provider_of
from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.postman_file import read_postman

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.scaffold.openapi import Api

BEARER = {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]}


def collection(*items: Any, **more: Any) -> Any:
    variables = [{"key": "baseUrl", "value": "https://api.acme.test/v1"}, {"key": "token", "value": SECRET}]
    return {"info": {"name": "Acme"}, "item": list(items), "variable": variables, **more}


def item(url: str, *answers: Any, **request: Any) -> Any:
    saved = [{"code": 200, "body": json.dumps(answer)} for answer in answers]
    return {"name": url, "request": {"method": "GET", "url": {"raw": url}, **request}, "response": saved}


def read(document: Any) -> tuple[Api, list[Any]]:
    return read_postman(document, "a.json", SCHEMA, WORDS)


def test_saved_answers_choose_the_calls_and_no_secret_is_written(tmp_path: Path) -> None:
    get = item("{{baseUrl}}/customers/:id", {"data": ANA})
    get["request"]["url"]["variable"] = [{"key": "id", "value": "17"}]
    folder = {
        "name": "People",
        "item": [item("{{baseUrl}}/customers?limit=50&page=1", {"data": [ANA, BOB], "total": 2}), get],
    }

    api, answers = read(collection(item("{{baseUrl}}/session", {"user": 1}), folder, auth=BEARER))

    provider = provider_of(api, tmp_path, *answers)
    calls = provider["resources"]["customers"]
    assert answers == [{"data": [ANA, BOB], "total": 2}, {"data": ANA}]
    assert provider["base_url"] == "https://api.acme.test/v1"
    assert provider["authorization"] == {"type": "bearer", "token": "{credentials.access_token}"}
    assert (calls["list"]["path"], calls["get"]["path"]) == ("/customers", "/customers/{id}")
    assert calls["list"]["pagination"]["total_path"] == "total"


@pytest.mark.parametrize(
    ("auth", "rule"),
    [
        (
            {"type": "basic", "basic": [{"key": "username", "value": SECRET}, {"key": "password", "value": "x1"}]},
            {"type": "basic", "username": "{credentials.username}", "password": "{credentials.password}"},
        ),
        (
            {"type": "apikey", "apikey": [{"key": "key", "value": "X-Api-Key"}, {"key": "value", "value": SECRET}]},
            {"type": "header", "header": "X-Api-Key", "value": "{credentials.api_key}"},
        ),
        (
            {
                "type": "apikey",
                "apikey": [
                    {"key": "key", "value": "api_key"},
                    {"key": "value", "value": SECRET},
                    {"key": "in", "value": "query"},
                ],
            },
            {"type": "query", "params": {"api_key": "{credentials.api_key}"}},
        ),
    ],
    ids=["basic", "a key in a header", "a key in the query"],
)
def test_the_authorization_of_a_request_counts_before_that_of_its_folder(
    auth: Any, rule: dict[str, Any], tmp_path: Path
) -> None:
    api, answers = read(collection(item(ADDRESS, {"data": [ANA]}, auth=auth), auth=BEARER))

    assert provider_of(api, tmp_path, *answers)["authorization"] == rule


def test_without_answers_the_address_that_names_the_resource_counts(tmp_path: Path) -> None:
    document = collection(item("{{baseUrl}}/orders"), item("{{baseUrl}}/customers"), item(f"{ADDRESS}/:id"), "no item")

    api, answers = read(document)

    calls = provider_of(api, tmp_path, {"data": [ANA]})["resources"]["customers"]
    assert (answers, calls["list"]["path"], calls["get"]["path"]) == ([], "/customers", "/customers/{id}")


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], 'a.json is not a Postman collection, which has a list at "item"; export it as version 2.1'),
        ({"item": {}}, 'a.json is not a Postman collection, which has a list at "item"; export it as version 2.1'),
        (collection(), "no request in a.json is about ecommerce/customers"),
        (collection(item("{{baseUrl}}/orders", {"count": 3})), "no request in a.json is about ecommerce/customers"),
    ],
)
def test_a_file_without_the_resource_is_refused(document: Any, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(document)

    assert caught.value.message.startswith(fault)
