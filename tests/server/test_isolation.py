"""No answer reveals another environment's accounts, or why a token is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.server.conftest import AWAY, HOME, STRANGER, TOKEN, account_id

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
NOWHERE = "99999999-0000-4000-8000-000000000000"
ABOUT_AN_ACCOUNT = (
    "/unified/ecommerce/customers",
    "/unified/ecommerce/customers/101",
    "/unified/ecommerce/customers/meta/list",
    "/proxy/customers",
    "/proxy/customers/101",
    "/custom/customers",
)


@pytest.mark.parametrize("path", ABOUT_AN_ACCOUNT)
async def test_a_foreign_account_is_answered_like_an_unknown_account(service: Service, path: str) -> None:
    headers = {"Authorization": f"Bearer {STRANGER}"}
    answers = [
        await service.http.get(path, params={"integrated_account_id": wrong_id}, headers=headers)
        for wrong_id in (account_id("woocommerce"), NOWHERE, "no uuid", "x" * 4000, "a\0b", "ä")
    ]
    refusal = {"statusCode": 404, "error": "Not Found", "message": "there is no such integrated account"}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, refusal)] * 6
    assert not service.loopback.store("woocommerce").requests


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer unknown"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": "Bearer a\tb"},
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.parametrize("path", [*ABOUT_AN_ACCOUNT, "/integration", "/unified-model", "/unified/meta/ecommerce/wix"])
async def test_every_token_that_does_not_count_is_answered_alike(
    service: Service, path: str, headers: dict[str, str]
) -> None:
    service.http.headers.pop("authorization")
    answer = await service.http.get(path, params={"integrated_account_id": account_id("wix")}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="truto_unify"')
    assert answer.json() == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "a valid API token is required: Authorization: Bearer <token>",
    }


async def test_an_account_token_reaches_its_own_account_only(service: Service) -> None:
    service.store.add_token("own", HOME, account_id("wix"))
    headers = {"Authorization": "Bearer own"}
    answers = [
        await service.http.get("/unified/ecommerce/customers", params=params, headers=headers)
        for params in ({"limit": "1"}, {"limit": "1", "integrated_account_id": account_id("wix")})
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    other = {"integrated_account_id": account_id("woocommerce")}
    refused = await service.http.get("/unified/ecommerce/customers", params=other, headers=headers)
    assert (refused.status_code, refused.json()["message"]) == (404, "there is no such integrated account")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/integration"),
        ("GET", "/integration/wix/capabilities"),
        ("GET", "/unified-model"),
        ("GET", "/unified/meta/ecommerce/wix"),
        ("POST", "/batch-request"),
        ("GET", "/api-token"),
        ("GET", "/integrated-account"),
        ("DELETE", f"/integrated-account/{NOWHERE}"),
    ],
)
async def test_an_account_token_opens_nothing_else(service: Service, method: str, path: str) -> None:
    service.store.add_token("own", HOME, account_id("wix"))
    answer = await service.http.request(method, path, headers={"Authorization": "Bearer own"})
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("/unified/ecommerce/customers", ("unified:read",)),
        ("/unified/ecommerce/customers/17", ("unified:read",)),
        ("/proxy/customers", ("proxy", "proxy:read")),
        ("/custom/customers", ("custom", "custom:read")),
    ],
)
async def test_a_scope_that_is_missing_is_named(service: Service, path: str, scopes: tuple[str, ...]) -> None:
    identity = service.store.identities[TOKEN]
    service.store.identities[TOKEN] = replace(identity, scopes=identity.scopes - {*scopes})
    answer = await service.call(path)
    names = " or ".join(f'"{scope}"' for scope in scopes)
    assert (answer.status_code, answer.json()["message"]) == (403, f"this token lacks the scope {names}")


async def test_a_batch_needs_the_scopes_of_its_items(service: Service) -> None:
    identity = service.store.identities[TOKEN]
    service.store.identities[TOKEN] = replace(identity, scopes=identity.scopes - {"proxy", "proxy:read"})
    body = {"integrated_account_id": account_id("wix"), "resources": [{"resource": "customers", "persist": True}]}
    answer = await service.http.post("/batch-request", json=body)
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        'this token lacks the scope "proxy" or "proxy:read"',
    )


async def test_a_batch_of_a_foreign_account(service: Service) -> None:
    body = {"integrated_account_id": account_id("wix"), "resources": [{"resource": "ecommerce/customers"}]}
    answer = await service.http.post("/batch-request", json=body, headers={"Authorization": f"Bearer {STRANGER}"})
    assert (answer.status_code, answer.json()["message"]) == (404, "there is no such integrated account")
    assert service.store.identities[STRANGER].environment_id == AWAY
