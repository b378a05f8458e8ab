from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import HOME, SLUGS, account_id

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
META = "/unified/ecommerce/customers/meta"
KEYS = [
    "method", "resource", "integration", "documentation_link", "schema", "query_schema", "request_body_schema",
    "default_query", "default_body", "response_mapping", "unsupported",
]  # fmt: skip


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("method", ["list", "get"])
async def test_meta_of_an_account(service: Service, slug: str, method: str) -> None:
    body = (await service.call(f"{META}/{method}", slug)).json()
    assert list(body) == [*KEYS, "response_mapping_origin"]
    assert (body["method"], body["integration"], set(body["response_mapping_origin"].values())) == (
        method,
        slug,
        {"base"},
    )
    assert body["response_mapping_origin"].keys() == body["response_mapping"].keys()
    assert (body["query_schema"] is not None) is (method == "list")


async def test_meta_says_which_layer_a_rule_comes_from(service: Service) -> None:
    environment = {"response_mapping": {"company_name": "billing.company", "tier": "role"}}
    own: dict[str, Any] = {"response_mapping": {"tier": "username", "status": None}}
    account = service.loopback.account("woocommerce", overrides={"ecommerce/customers": (environment, own)})
    override = {"ecommerce": {"customers": own}}
    service.store.add_account(HOME, account_id("woocommerce"), account, unified_model_override=override)
    body = (await service.call(f"{META}/list", "woocommerce")).json()
    origin = body["response_mapping_origin"]
    assert (origin["company_name"], origin["tier"], origin["id"]) == ("environment", "account", "base")
    assert body["response_mapping"]["tier"] == "username"


@pytest.mark.parametrize("slug", SLUGS)
async def test_meta_of_a_provider_lists_the_fields_that_it_fills(service: Service, slug: str) -> None:
    body = (await service.call(f"/unified/ecommerce/customers/{slug}/meta/list", None)).json()
    assert list(body) == [*KEYS, "response_schema"]
    filled = body["response_schema"]["properties"]
    assert filled.keys() <= body["schema"]["properties"].keys()
    assert {"id", "emails", "remote_data"} <= filled.keys()
    assert {"currency"} & filled.keys() == ({"currency"} if "currency" not in body["unsupported"] else set())


@pytest.mark.parametrize("method", ["create", "update", "delete"])
async def test_meta_of_a_method_that_is_not_there(service: Service, method: str) -> None:
    answer = await service.call(f"{META}/{method}")
    assert (answer.status_code, answer.json()["message"]) == (
        405,
        f"woocommerce ecommerce/customers has no method {method}; its methods: list, get",
    )


@pytest.mark.parametrize(
    "record_id",
    ["meta/lists", "nobody/meta/list", "meta%2Flist", "wix%2Fmeta%2Flist", "wix/meta/lists", "a/b/c/meta/list"],
)
async def test_ids_are_not_taken_for_meta_calls(service: Service, record_id: str) -> None:
    answer = await service.call(f"/unified/ecommerce/customers/{record_id}")
    shown = record_id.replace("%2F", "/")
    assert answer.status_code == 404
    assert answer.json()["message"].startswith(f'"{shown}" is not a valid id of woocommerce')


async def test_a_slash_at_the_end_is_the_list(service: Service) -> None:
    answers = [await service.call(f"/unified/ecommerce/customers{end}?limit=1") for end in ("", "/")]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("slug", SLUGS)
async def test_notes_in_each_format(service: Service, slug: str) -> None:
    path = f"/unified/meta/ecommerce/{slug}"
    plain, markdown, page = [await service.call(f"{path}?format={form}", None) for form in ("json", "md", "html")]
    label = plain.json()["label"]
    assert plain.json() == (await service.call(path, None)).json()
    assert markdown.text.startswith(f"# {label}\n\n* Provider: {slug}, API version ")
    assert f"## ecommerce/customers: fields\n\n|  | {label} |\n| --- | --- |\n| id | " in markdown.text
    assert page.text.startswith('<!doctype html>\n<html lang="en">')
    assert f"<h1>{label}</h1>" in page.text
    types = [answer.headers["content-type"] for answer in (plain, markdown, page)]
    assert types == ["application/json", "text/markdown; charset=utf-8", "text/html; charset=utf-8"]


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("ecommerce/wix?format=pdf", 400, "format must be one of json, md, html"),
        ("crm/wix", 404, 'wix has no resource of the unified model "crm"'),
    ],
)
async def test_notes_that_there_are_not(service: Service, path: str, status: int, message: str) -> None:
    answer = await service.call(f"/unified/meta/{path}", None)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
