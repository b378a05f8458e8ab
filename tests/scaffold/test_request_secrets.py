"""No file of a draft holds a secret of the request that it comes from, and what is known to be harmless stays."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.scaffold.acme_requests import ADDRESS, ANA
from tests.scaffold.drafts import SCHEMA, WORDS, provider_file, write_files
from truto_unify import Registry
from truto_unify.scaffold.curl_command import read_curl
from truto_unify.scaffold.har_file import read_har
from truto_unify.scaffold.native_call import api_of
from truto_unify.scaffold.openapi import read_openapi
from truto_unify.scaffold.postman_file import read_postman
from truto_unify.scaffold.project import draft_project

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.project import Draft

SECRETS = ("hunter2", "correct-horse", "SuperSecret99x", "aB3dE5gH7jK9", "483920", "9f8a7c6b5d4e", "swordfish")
GRAPHQL = "https://api.acme.test/graphql"


def in_graphql(document: str, **variables: Any) -> str:
    return f"{GRAPHQL} --json '{json.dumps({'query': document, 'variables': variables})}'"


def draft_of(words: str, *samples: Any) -> Draft:
    api = api_of([read_curl(f"curl {words}")], origin="a curl command")
    return draft_project("acme", SCHEMA, samples=samples, api=api)


def leaks(draft: Draft) -> list[str]:
    text = json.dumps([draft.files, draft.masked])
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize(
    "words",
    [
        f"{ADDRESS} -H 'X-Shop: aB3dE5gH7jK9mN1p'",
        f"{ADDRESS} -H 'X-Merchant-Zid: hunter2'",
        f"{ADDRESS} -H 'X-Merchant: swordfish' -u ana:swordfish",
        f"{ADDRESS} -H 'Acme-Version: SuperSecret99x'",
        f"{ADDRESS} -H 'Authorization: swordfish hunter2'",
        f"{ADDRESS} -H 'Authorization: Token token=hunter2'",
        f"'{ADDRESS}?u=correct-horse-battery-staple'",
        f"'{ADDRESS}?u=swordfish&hash=9f8a7c6b5d4e3f2a&x=483920' -H 'Authorization: Bearer hunter2'",
        f"'{ADDRESS}?status=SuperSecret99x&fields=id,aB3dE5gH7jK9mN1p'",
        f"'{ADDRESS}?SuperSecret99x=1&filter[key]=hunter2'",
        "https://api.acme.test/v1/SuperSecret99x/customers.json",
        "https://api.acme.test/hunter2/customers",
        "https://api.acme.test/v1/483920/customers/search",
        "https://api.acme.test/v1/customers/SuperSecret99x",
        "https://api.acme.test/v1/customers/SuperSecret99x/list",
        "'https://api.acme.test/v1/customers;jsessionid=hunter2'",
        "https://ana:hunter2@api.acme.test/v1/customers",
        "https://aB3dE5gH7jK9mN1p.acme.test/v1/customers",
        f"{ADDRESS} -d hunter2",
        f"{ADDRESS} -d '<login key=\"x\">hunter2</login>'",
        f"{ADDRESS} -d 'shop=swordfish&merchant=483920'",
        f"{ADDRESS} --json '\"swordfish\"'",
        f"""{ADDRESS} --json '{{"shop": "swordfish", "n": 483920, "SuperSecret99x": 1, "in": [["hunter2"]]}}'""",
        in_graphql('query Q($k: [T!] = "swordfish") { a: customers(k: $k, first: 2) { id } } # hunter2'),
        in_graphql('query Q($first: Int = 2) { customers(first: $first, k: "swordfish") { id } }'),
        in_graphql('{ customers(in: {first: """hunter2 hunter2""", key: "x", n: ["swordfish"]}) { id } }'),
        in_graphql('{ customers(apiKey: "hunter2", n: 483920) {id} }', k="swordfish", deep={"list": ["hunter2"]}),
    ],
)  # fmt: skip
def test_no_file_holds_a_secret_and_lint_finds_no_problem(words: str, tmp_path: Path) -> None:
    draft = draft_of(words)

    assert leaks(draft) == []
    assert Registry(overlay=write_files(draft, tmp_path)).problems() == []


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (f"'{ADDRESS}?status=any&fields=id,address1'", "query", {"status": "any", "fields": "id,address1"}),
        (f"'{ADDRESS}?output_format=JSON&since=2026-01-01'", "query",
         {"output_format": "JSON", "since": "2026-01-01"}),
        (f"'{ADDRESS}?with_deleted=false&x=3'", "query", {"with_deleted": "false", "x": "3"}),
        (f"'{ADDRESS}?filter[status]=active'", "query", {"filter[status]": "active"}),
        (f"""{ADDRESS} --json '{{"sort": [{{"field": "id", "order": "desc"}}], "size": 5000}}'""", "body",
         {"sort": ({"field": "id", "order": "desc"},), "size": 5000}),
    ],
)  # fmt: skip
def test_a_value_that_is_the_same_for_every_account_stays(words: str, key: str, value: Any) -> None:
    listed = provider_file(draft_of(words))["resources"]["customers"]["list"]

    assert listed[key] == value


def test_versions_and_words_of_an_address_stay() -> None:
    words = "https://api.acme.test/wp-json/wc/v3/2024-01/customers -H 'Acme-Version: 2026-01' -H 'revision: 2024-10-15'"
    provider = provider_file(draft_of(words))

    assert provider["base_url"] == "https://api.acme.test/wp-json/wc/v3/2024-01"
    assert provider["headers"] == {"Accept": "application/json", "Acme-Version": "2026-01", "revision": "2024-10-15"}


def test_the_key_authorizes_and_further_texts_become_fields() -> None:
    words = f"'{ADDRESS}?shop=acme&ws_key=k' -H 'X-Region: eu' -H 'X-Api-Key: k'"
    provider = provider_file(draft_of(words))

    assert provider["authorization"] == {"type": "header", "header": "X-Api-Key", "value": "{credentials.api_key}"}
    assert provider["headers"]["X-Region"] == "{credentials.region}"
    assert provider["resources"]["customers"]["list"]["query"] == {
        "shop": "{context.shop}", "ws_key": "{credentials.ws_key}",
    }  # fmt: skip
    assert (list(provider["context"]), set(provider["credentials"])) == (["shop"], {"api_key", "region", "ws_key"})


def test_graphql_arguments_keep_what_is_harmless() -> None:
    query = '{ customers(first: 2, status: "any", apiKey: "hunter2") { nodes {id} } }'
    provider = provider_file(draft_of(f"{GRAPHQL} --json '{json.dumps({'query': query})}'"))

    body = provider["resources"]["customers"]["list"]["body"]
    assert body["query"] == (
        '{ customers(first: 2, status: "any", apiKey: "{credentials.api_key}") { nodes { id } } }'
    )  # fmt: skip
    assert "api_key" in provider["credentials"]


def test_an_answer_that_repeats_a_secret_of_its_request_is_masked(tmp_path: Path) -> None:
    url = f"{ADDRESS}?u=SuperSecret99x&limit=2"
    headers = [{"name": "X-Shop", "value": "hunter2"}, {"name": "Cookie", "value": "sid=swordfish"}]
    answer = {"data": [ANA], "shop": "hunter2", "links": {"self": url, "out": "https://x.test/?sid=swordfish"}}
    exchange: dict[str, Any] = {"request": {"method": "GET", "url": url, "headers": headers}}
    exchange["response"] = {"status": 200, "content": {"text": json.dumps(answer)}}
    api, answers = read_har({"log": {"entries": [exchange]}}, "a.har", SCHEMA, WORDS)

    draft = draft_project("acme", SCHEMA, samples=answers, api=api)

    sample = json.loads(draft.files["tests/acme/samples/acme/ecommerce/customers/list.json"])
    assert (leaks(draft), sample["data"], sample["shop"]) == ([], [ANA], "masked")
    assert set(draft.masked) == {"shop", "links.self", "links.out"}


def test_a_postman_collection_gives_no_secret() -> None:
    request = {
        "method": "GET",
        "url": f"{ADDRESS}?u={{{{user}}}}",
        "header": [{"key": "X-Shop", "value": "hunter2"}],
        "auth": {"type": "apikey", "apikey": [{"key": "k", "value": "{{k}}"}, {"key": "in", "value": "query"}]},
    }
    response = [{"code": 200, "body": json.dumps([{**ANA, "note": "for hunter2"}])}]
    variables = [{"key": "user", "value": "swordfish"}, {"key": "k", "value": "SuperSecret99x"}]
    collection = {"item": [{"request": request, "response": response}], "variable": variables}
    api, answers = read_postman(collection, "a.json", SCHEMA, WORDS)

    assert leaks(draft_project("acme", SCHEMA, samples=answers, api=api)) == []


def test_an_openapi_document_gives_no_secret() -> None:
    document = {
        "openapi": "3.0.0",
        "info": {"title": "Acme sk_live_0123456789abcdefghij", "contact": {"url": "https://d.test/?token=hunter2"}},
        "servers": [
            {
                "url": "https://ana:hunter2@{host}.acme.test/{key}/SuperSecret99x?u=swordfish",
                "variables": {"host": {"default": "shop"}, "key": {"default": "correct-horse"}},
            }
        ],
        "paths": {
            "/customers": {
                "get": {
                    "parameters": [
                        {"in": "query", "name": "api_key", "required": True, "schema": {"default": "hunter2"}},
                        {"in": "query", "name": "status", "required": True, "schema": {"default": "any"}},
                    ],
                    "responses": {},
                }
            }
        },
    }
    api: Api = read_openapi(json.dumps(document), "a.json", WORDS)
    draft = draft_project("acme", SCHEMA, api=api)
    provider = provider_file(draft)

    assert (leaks(draft), re.findall("sk_live", json.dumps(draft.files))) == ([], [])
    assert provider["base_url"] == "https://{context.host}.acme.test/{context.key}/{context.path_key}"
    assert provider["resources"]["customers"]["list"]["query"]["status"] == "any"
