"""Who may do what: scopes, kinds of tokens, and environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.admin.conftest import Administration

pytestmark = pytest.mark.anyio
ONE = "00000000-0000-4000-8000-000000000000"
OVERRIDES = "/environment-unified-model-resource-method"
ROUTES: list[tuple[str, str, Any, str]] = [
    ("POST", "/integrated-account", {"tenant_id": "t"}, "accounts:write"),
    ("GET", "/integrated-account", None, "accounts:read"),
    ("POST", "/integrated-account/token", {"integrated_account_id": ONE}, "accounts:write"),
    ("POST", "/integrated-account/refresh-credentials", {"integrated_account_id": ONE}, "accounts:write"),
    ("POST", "/integrated-account/bulk-delete", {"ids": [ONE]}, "accounts:write"),
    ("GET", f"/integrated-account/{ONE}", None, "accounts:read"),
    ("POST", f"/integrated-account/{ONE}/verify", None, "accounts:write"),
    ("PATCH", f"/integrated-account/{ONE}", {}, "accounts:write"),
    ("PATCH", f"/integrated-account/{ONE}/credentials", {"credentials": {}}, "accounts:write"),
    ("DELETE", f"/integrated-account/{ONE}", None, "accounts:write"),
    ("GET", f"/integrated-account/{ONE}/capabilities", None, "accounts:read"),
    ("GET", "/integrated-account/me", None, "accounts:me"),
    ("PATCH", "/integrated-account/me", {}, "accounts:me"),
    ("GET", "/api-token", None, "tokens:read"),
    ("GET", f"/api-token/{ONE}", None, "tokens:read"),
    ("GET", OVERRIDES, None, "overrides:read"),
    ("GET", f"{OVERRIDES}/{ONE}", None, "overrides:read"),
    (
        "POST",
        OVERRIDES,
        {"unified_model": "ecommerce", "resource": "customers", "integration": "wix", "config": {}},
        "overrides:write",
    ),
    ("PATCH", f"{OVERRIDES}/{ONE}", {"config": {}}, "overrides:write"),
    ("DELETE", f"{OVERRIDES}/{ONE}", None, "overrides:write"),
]
each_route = pytest.mark.parametrize(("method", "path", "body", "scope"), ROUTES)


@each_route
async def test_a_route_wants_a_token(admin: Administration, method: str, path: str, body: Any, scope: str) -> None:
    for token in ("", "x", "tuapi_0123456789abcdef_" + "A" * 43):
        answer = await admin.call(method, path, body, token=token)
        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")
        assert set(answer.json()) == {"statusCode", "error", "message"}


@each_route
async def test_a_route_wants_its_scope(admin: Administration, method: str, path: str, body: Any, scope: str) -> None:
    others = {"unified:read", *(other for *_, other in ROUTES)} - {scope, "accounts:me"}
    _, token = await admin.store.api_tokens.create(admin.home, scopes=others)

    answer = await admin.call(method, path, body, token=token)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert f'lacks the scope "{scope}"' in answer.json()["message"]


async def test_every_admin_route_is_in_the_table_above(admin: Administration) -> None:
    document = (await admin.call("GET", "/openapi.json")).json()
    families = ("/integrated-account", "/api-token", OVERRIDES)
    documented = {
        (verb.upper(), path)
        for path, operations in document["paths"].items()
        if path.startswith(families)
        for verb in operations
    }

    assert len(documented) == len(ROUTES)
    assert {path.replace(ONE, "{id}") for _, path, *_ in ROUTES} == {
        path.replace("{account_id}", "{id}").replace("{token_id}", "{id}").replace("{override_id}", "{id}")
        for _, path in documented
    }


@each_route
async def test_a_token_of_one_account_reaches_that_account_alone(
    admin: Administration, method: str, path: str, body: Any, scope: str
) -> None:
    account = await admin.create_account()
    created = await admin.call("POST", "/integrated-account/token", {"integrated_account_id": account["id"]})
    token = created.json()["integrated_account_token"]

    answer = await admin.call(method, path, body, token=token)
    assert answer.status_code == {"accounts:me": 200}.get(scope, 403)


async def test_the_holder_of_an_account_s_token_reads_and_changes_its_context(admin: Administration) -> None:
    account = await admin.create_account()
    answer = await admin.call("POST", "/integrated-account/token", {"integrated_account_id": account["id"]})
    token = answer.json()["integrated_account_token"]

    read = await admin.call("GET", "/integrated-account/me", token=token)
    context = {"context": {"role": "all"}}
    changed = await admin.call("PATCH", "/integrated-account/me", context, token=token)
    refused = await admin.call("PATCH", "/integrated-account/me", {"base_url": "https://x.example"}, token=token)

    assert set(answer.json()) == {"integrated_account_token"}
    assert read.json() == {**account, "breaker": read.json()["breaker"]}
    assert changed.json()["context"] == {"store_url": "https://shop.example", "role": "all"}
    assert refused.status_code == 400


async def test_api_tokens_can_be_read_but_not_made_by_a_token(admin: Administration) -> None:
    listed = await admin.call("GET", "/api-token")
    own = await admin.call("GET", "/api-token/me")
    answer = await admin.call("POST", "/api-token", {"name": "x"})
    body = await admin.call("DELETE", f"/api-token/{own.json()['id']}")
    foreign = await admin.call("GET", f"/api-token/{own.json()['id']}", token=admin.stranger)

    assert listed.json() == {"result": [own.json()], "next_cursor": None, "limit": 5000}
    assert (own.json()["name"], own.json()["environment_id"]) == ("home", admin.home)
    assert admin.token.startswith(f"{own.json()['prefix']}_")
    assert admin.token.split("_", 2)[2] not in listed.text
    assert (answer.status_code, body.status_code) == (405, 405)
    assert (foreign.status_code, foreign.json()["message"]) == (404, "there is no such API token")
