"""What scaffold writes about an API of which it has seen requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.scaffold.acme_requests import ADDRESS, ANA, BOB, SECRET, provider_of
from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify import Registry
from truto_unify.config.yaml import read_document
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.curl_command import read_curl
from truto_unify.scaffold.har_file import read_har
from truto_unify.scaffold.native_call import api_of
from truto_unify.scaffold.project import draft_project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("words", "rule", "credentials"),
    [
        (
            f"-u {SECRET}:{SECRET}",
            {"type": "basic", "username": "{credentials.username}", "password": "{credentials.password}"},
            ["username", "password"],
        ),
        (
            f"-u {SECRET}:",
            {"type": "basic", "username": "{credentials.username}", "password": ""},
            ["username"],
        ),
        (
            "-H 'Authorization: Basic a2V5Og=='",
            {"type": "basic", "username": "{credentials.username}", "password": ""},
            ["username"],
        ),
        (
            f"-H 'authorization: Bearer {SECRET}'",
            {"type": "bearer", "token": "{credentials.access_token}"},
            ["access_token"],
        ),
        (
            f"-H 'Authorization: Token {SECRET}'",
            {"type": "header", "header": "Authorization", "value": "Token {credentials.access_token}"},
            ["access_token"],
        ),
        (
            f"-H 'Authorization: {SECRET}'",
            {"type": "header", "header": "Authorization", "value": "{credentials.api_key}"},
            ["api_key"],
        ),
        (
            f"-H 'X-Acme-Account: {SECRET}' -H 'Cookie: {SECRET}'",
            {"type": "header", "header": "X-Acme-Account", "value": "{credentials.acme_account}"},
            ["acme_account"],
        ),
        (
            f"-G -d apiKey=short -d shop={SECRET}",
            {"type": "query", "params": {"apiKey": "{credentials.api_key}", "shop": "{credentials.shop}"}},
            ["api_key", "shop"],
        ),
        ("", {"type": "bearer", "token": "{credentials.access_token}"}, ["access_token"]),
    ],
)
def test_the_authorization_is_that_of_the_request_and_holds_no_secret(
    words: str, rule: dict[str, Any], credentials: list[str], tmp_path: Path
) -> None:
    provider = provider_of(api_of([read_curl(f"curl {ADDRESS} {words}")], origin="a curl command"), tmp_path)

    assert (provider["authorization"], list(provider["credentials"])) == (rule, credentials)


def test_address_paging_filters_and_headers_come_from_the_request(tmp_path: Path) -> None:
    text = (
        f"curl '{ADDRESS}?page=0&per_page=50&email=ana@example.test&view=full' -H 'Acme-Version: 2026-01' "
        f"-H 'X-Acme-Key: {SECRET}' -H 'X-Acme-Secret: {SECRET}' -H 'User-Agent: browser' -H 'sec-fetch-mode: cors'"
    )
    api = api_of([read_curl(text)], origin="a curl command")
    provider = provider_of(api, tmp_path, {"items": [ANA, BOB]})

    listed = provider["resources"]["customers"]["list"]
    assert provider["base_url"] == "https://api.acme.test/v1"
    assert provider["headers"] == {
        "Accept": "application/json", "Acme-Version": "2026-01", "X-Acme-Secret": "{credentials.acme_secret}",
    }  # fmt: skip
    assert listed == {
        "path": "/customers",
        "query": {"view": "full"},
        "list_path": "items",
        "pagination": {
            "type": "page_number", "page_param": "page", "first_page": 0, "page_size_param": "per_page",
            "max_page_size": 50,
        },
    }  # fmt: skip
    assert Registry(overlay=tmp_path).mapping(SCHEMA.name, "acme").config.list is not None


def test_a_request_of_one_record_gives_the_get_call(tmp_path: Path) -> None:
    call = read_curl("curl https://api.acme.test/v1/customers/17.json")

    provider = provider_of(api_of([call], origin="a curl command"), tmp_path, {"customer": ANA})

    assert provider["base_url"] == "https://api.acme.test/v1"
    assert provider["resources"]["customers"]["get"] == {"path": "/customers/{id}.json", "record_path": "customer"}


def test_a_search_with_a_body_keeps_it_and_a_key_in_the_path_becomes_context(tmp_path: Path) -> None:
    body = json.dumps({"query": {"size": 10}, "api_key": SECRET})
    call = read_curl(f"curl https://api.acme.test/{SECRET}/customers/search --json '{body}'")

    provider = provider_of(api_of([call], origin="a curl command"), tmp_path)

    listed = provider["resources"]["customers"]["list"]
    assert provider["base_url"] == "https://api.acme.test/{context.path_key}"
    assert (listed["method"], listed["path"], listed["read_only"]) == ("POST", "/customers/search", True)
    assert listed["body"] == {"query": {"size": 10}, "api_key": "{credentials.api_key}"}
    assert provider["resources"]["customers"]["get"]["path"] == "/customers/{id}"


# ------------------------------------------------------------------------------- HAR files


def entry(url: str, answer: Any, status: int = 200, **request: Any) -> dict[str, Any]:
    headers = [{"name": "Authorization", "value": f"Bearer {SECRET}"}]
    content = {"text": json.dumps(answer)}
    return {
        "request": {"method": "GET", "url": url, "headers": headers, **request},
        "response": {"status": status, "content": content},
    }


def har(*entries: Any) -> Any:
    return {"log": {"entries": list(entries)}}


def test_a_har_file_gives_the_calls_and_their_answers(tmp_path: Path) -> None:
    document = har(
        entry("https://api.acme.test/session", {"user": {"id": 1}}),
        entry(f"{ADDRESS}?limit=1&cursor=", {"data": [ANA], "next_cursor": "b2s"}),
        entry(f"{ADDRESS}?limit=1&cursor=b2s", {"data": [BOB], "next_cursor": None}),
        entry(f"{ADDRESS}?limit=0", {"error": "no"}, status=400),
        entry(f"{ADDRESS}/cus_1", {"data": ANA}),
        entry("https://cdn.acme.test/logo.png", None) | {"response": {"status": 200, "content": {}}},
        "not an entry",
    )
    api, answers = read_har(document, "a.har", SCHEMA, WORDS)

    provider = provider_of(api, tmp_path, *answers)

    calls = provider["resources"]["customers"]
    assert [list(answer) for answer in answers] == [["data", "next_cursor"], ["data", "next_cursor"], ["data"]]
    assert provider["authorization"] == {"type": "bearer", "token": "{credentials.access_token}"}
    assert calls["list"] == {
        "path": "/customers",
        "list_path": "data",
        "pagination": {
            "type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor", "page_size_param": "limit",
            "max_page_size": 1,
        },
    }  # fmt: skip
    assert calls["get"] == {"path": "/customers/{id}", "record_path": "data"}


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], "a.har is not a HAR file, which has a list at log.entries"),
        ({"log": {}}, "a.har is not a HAR file, which has a list at log.entries"),
        (har(), "no answer in a.har holds records of ecommerce/customers"),
        (har(entry(ADDRESS, {"count": 3})), "no answer in a.har holds records of ecommerce/customers"),
    ],
)
def test_a_file_without_records_is_refused(document: Any, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_har(document, "a.har", SCHEMA, WORDS)

    assert caught.value.message.startswith(fault)


def test_no_secret_of_a_body_a_header_or_a_parameter_is_written(tmp_path: Path) -> None:
    body = {
        "login": {"user": "ana", "pass": "hunter-1"},
        "password": 123456789,
        "credentials": {"login": "ana", "words": ["hunter-2"]},
        "limit": 5,
        "fields": ["email"],
    }
    text = (
        f"curl '{ADDRESS}/search?view=full&pass=hunter-3&pin=4711' -H 'Authorization: Bearer hunter-4' "
        f"-H 'X-Shop: 17|kQ3:hunter-5' -H 'X-Acme: user:hunter-6' -d '{json.dumps(body)}'"
    )

    draft = draft_project("acme", SCHEMA, samples=[[ANA]], api=api_of([read_curl(text)], origin="a curl command"))

    assert [word for word in ("hunter", "4711", "123456789") if word in json.dumps(draft.files)] == []
    content = read_document(draft.files["providers/acme.yaml"])["resources"]["customers"]["list"]["body"]
    assert (content["limit"], content["fields"], content["login"]["user"]) == (5, ["email"], "{context.user}")
