from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.admin.conftest import SHOP
from truto_unify.engine.breaker import CircuitKey
from truto_unify.sandbox.zohoinventory import app as zohoinventory

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from tests.server.admin.conftest import Administration

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-4000-8000-000000000000"
OVERRIDE = {"ecommerce": {"customers": {"response_mapping": {"loyalty_tier": "username"}}}}
NOT_FOUND = {"statusCode": 404, "error": "Not Found", "message": "there is no such integrated account"}


async def test_an_account_is_created_and_read_without_its_secrets(admin: Administration) -> None:
    created = await admin.create_account(base_url="https://proxy.example/v3", unified_model_override=OVERRIDE)

    assert created == {
        "id": created["id"],
        "tenant_id": "tenant-1",
        "environment_id": admin.home,
        "environment_integration_id": "woocommerce",
        "integration": {"id": "woocommerce", "name": "woocommerce", "label": "WooCommerce", "category": "ecommerce"},
        "authentication_method": "api_key",
        "status": "active",
        "is_sandbox": False,
        "context": {"store_url": "https://shop.example"},
        "base_url": "https://proxy.example/v3",
        "token_url": None,
        "unified_model_override": OVERRIDE,
        "last_error": None,
        "created_at": created["created_at"],
        "updated_at": created["created_at"],
        "version": 1,
    }
    assert created["created_at"].endswith("Z")
    read = await admin.call("GET", f"/integrated-account/{created['id']}")
    assert read.json() == {**created, "breaker": {"state": "closed", "until": None}}


async def test_an_import_in_the_reference_s_form_is_taken(admin: Administration) -> None:
    body = {
        "tenant_id": "t",
        "environment_integration_id": "woocommerce",
        "authentication_method": "api_key",
        "context": {**SHOP["context"], **SHOP["credentials"]},  # type: ignore[dict-item]  # SHOP holds objects and texts
    }

    answer = await admin.call("POST", "/integrated-account", body)

    assert answer.status_code == 200
    assert answer.json()["context"] == SHOP["context"]
    connection = await admin.store.connection(admin.home, answer.json()["id"])
    assert connection is not None
    assert connection.account.credentials == SHOP["credentials"]


async def test_json_is_read_under_another_content_type(admin: Administration) -> None:
    headers = {"Content-Type": "text/plain;charset=UTF-8"}

    answer = await admin.call("POST", "/integrated-account", content=json.dumps(SHOP), headers=headers)
    assert (answer.status_code, answer.json()["tenant_id"]) == (200, "tenant-1")


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"integration": "woocomerce"}, 404, 'unknown provider "woocomerce" (did you mean "woocommerce"?)'),
        ({"integration": None}, 400, "integration is required"),
        ({"environment_integration_id": "wix"}, 400, "name different providers"),
        ({"tenant_id": None}, 400, "tenant_id"),
        ({"tenant_id": "a\x00"}, 400, "tenant_id must have 1 to 200 characters"),
        ({"colour": "red"}, 400, "colour"),
        ({"credentials": {"consumer_key": "ck_s3cret"}}, 400, "credentials.consumer_secret"),
        ({"credentials": {"consumer_key": 17}}, 400, "credentials.consumer_key"),
        ({"credentials": "s3cret"}, 400, "credentials"),
        (
            {"base_url": "https://10.0.0.1/"},
            400,
            'base_url: "10.0.0.1" leads to the address 10.0.0.1, which is private',
        ),
        ({"base_url": "https://ana:s3cret@shop.example"}, 400, "base_url must not hold a user or a password"),
        ({"unified_model_override": {"ecommerce": {"customers": {"x": 1}}}}, 422, 'unknown key "x"'),
    ],
)
async def test_an_account_that_could_not_work_is_refused(
    admin: Administration, changes: dict[str, Any], status: int, message: str
) -> None:
    body = {name: value for name, value in {**SHOP, **changes}.items() if value is not None}

    answer = await admin.call("POST", "/integrated-account", body)

    assert answer.status_code == status
    assert message in answer.json()["message"]
    assert answer.json()["statusCode"] == status
    assert "truto_is_remote_error" not in answer.json()
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(admin: Administration, content: bytes) -> None:
    answer = await admin.call("POST", "/integrated-account", content=content)

    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")


async def test_an_override_is_checked_field_by_field(admin: Administration) -> None:
    wrong = {"ecommerce": {"customers": {"response_mapping": {"name": "a ||", "first_name": "lowr(x)"}}}}
    account = await admin.create_account()

    answer = await admin.call("PATCH", f"/integrated-account/{account['id']}", {"unified_model_override": wrong})

    assert answer.status_code == 422
    assert answer.json()["error"] == "Unprocessable Entity"
    assert answer.json()["details"]["failures"] == [
        {
            "field": "ecommerce.customers.response_mapping.first_name",
            "message": 'unknown function lowr() (did you mean "lower"?)',
        },
        {"field": "ecommerce.customers.response_mapping.name", "message": "the expression ends too early"},
    ]


# ------------------------------------------------------------------------------------------------------------- list


@pytest.fixture
async def many(admin: Administration) -> list[dict[str, Any]]:
    return [await admin.create_account(tenant_id=f"t{number % 2}", is_sandbox=number == 4) for number in range(5)]


async def listed(admin: Administration, query: str) -> Any:
    answer = await admin.call("GET", f"/integrated-account{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_accounts_are_listed_page_by_page(admin: Administration, many: list[dict[str, Any]]) -> None:
    assert await listed(admin, "") == {"result": many, "next_cursor": None, "limit": 5000}
    first = await listed(admin, "?limit=3&next_cursor=")
    second = await listed(admin, f"?limit=3&next_cursor={first['next_cursor']}")

    assert (first["limit"], [*first["result"], *second["result"]], second["next_cursor"]) == (3, many, None)
    strange = await admin.call("GET", "/integrated-account", token=admin.stranger)
    assert strange.json() == {"result": [], "next_cursor": None, "limit": 5000}


async def test_filters_are_taken_in_every_spelling(admin: Administration, many: list[dict[str, Any]]) -> None:
    await admin.store.block(admin.home, many[1]["id"])
    blocked = (await listed(admin, "?status=blocked"))["result"]
    moment = many[2]["created_at"]

    assert [account["id"] for account in blocked] == [many[1]["id"]]
    for query, expected in (
        ("?tenant_id=t0", [many[0], many[2], many[4]]),
        ("?is_sandbox=true", [many[4]]),
        ("?is_sandbox=false&tenant_id=t0", [many[0], many[2]]),
        ("?integration=woocommerce&tenant_id=t1&status=active", [many[3]]),
        ("?integration[name]=woocommerce&tenant_id=t0", [many[0], many[2], many[4]]),
        ("?integration%5Bname%5D=wix", []),
        ("?status[in]=blocked,needs_reauth", blocked),
        ("?status[]=blocked&status[]=needs_reauth", blocked),
        (f"?created_at[gt]={moment}", many[3:]),
        (f"?created_at[gte]={moment}&created_at[lt]={many[3]['created_at']}", [many[2]]),
        (f"?created_at={moment}", [many[2]]),
        ("?updated_at[gt]=2100-01-01T00:00:00Z", []),
        ("?tenant_id=&status=None", [many[0], *blocked, *many[2:]]),
    ):
        assert ((await listed(admin, query))["result"], query) == (expected, query)


def cursor_at(moment: str) -> str:
    """A cursor whose account was created at a moment."""
    content = json.dumps([moment, "00000000-0000-4000-8000-000000000000"]).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("colour=red", 'unknown filter "colour"; the filters are tenant_id, integration,'),
        ("tenant=t0", 'unknown filter "tenant" (did you mean "tenant_id"?)'),
        ("limit=0", "limit must be a whole number from 1 to 5000"),
        ("limit=5001", "limit must be a whole number from 1 to 5000"),
        (f"limit={'0' * 4400}1", "limit must be a whole number from 1 to 5000"),
        ("limit=ten", "limit must be a whole number from 1 to 5000"),
        ("is_sandbox=maybe", "is_sandbox must be true or false"),
        ("status=gone", "status must be one of active, connecting,"),
        ("created_at[gt]=yesterday", "created_at[gt] must be a time, for example 2024-01-31T12:00:00Z"),
        ("created_at[near]=2024-01-01", 'created_at has no operator "near"; its operators are eq, gt, gte, lt, lte'),
        ("created_at[gt][x]=2024-01-01", "created_at[gt] must be a time"),
        ("tenant_id[in]=a", "tenant_id takes one value; write tenant_id=…, once"),
        ("tenant_id=%00", "tenant_id holds a control character"),
        ("next_cursor=x", "next_cursor is not a cursor of this list"),
        (f"next_cursor={cursor_at('0001-01-01T00:00:00+14:00')}", "next_cursor is not a cursor of this list"),
        (f"next_cursor={cursor_at('9999-12-31T23:59:59-14:00')}", "next_cursor is not a cursor of this list"),
        ("created_at[gt]=0001-01-01T00:00:00%2B14:00", "created_at[gt] must be a time"),
    ],
)
async def test_a_filter_that_cannot_be_understood_is_refused(admin: Administration, query: str, message: str) -> None:
    answer = await admin.call("GET", f"/integrated-account?{query}")

    assert answer.status_code == 400
    assert message in answer.json()["message"]


# --------------------------------------------------------------------------------------------------- change, delete


async def test_a_change_merges_the_context_and_keeps_the_credentials(admin: Administration) -> None:
    credentials = zohoinventory.REFRESH_CREDENTIALS
    context = {"organization_id": "10", "data_center": "com"}
    account = await admin.create_account(integration="zohoinventory", credentials=credentials, context=context)

    answer = await admin.call(
        "PATCH", f"/integrated-account/{account['id']}", {"context": {"organization_id": "11"}, "tenant_id": "b"}
    )

    assert answer.json() == {
        **account,
        "tenant_id": "b",
        "context": {"organization_id": "11", "data_center": "com"},
        "updated_at": answer.json()["updated_at"],
        "version": 2,
    }
    connection = await admin.store.connection(admin.home, account["id"])
    assert connection is not None
    assert connection.account.credentials == credentials
    outdated = await admin.call("PATCH", f"/integrated-account/{account['id']}", {"tenant_id": "c", "version": 1})
    assert (outdated.status_code, outdated.json()["error"]) == (409, "Conflict")


async def test_credentials_have_a_route_of_their_own(admin: Administration) -> None:
    account = await admin.create_account()
    path = f"/integrated-account/{account['id']}"

    answer = await admin.call("PATCH", f"{path}/credentials", {"credentials": {"consumer_key": "ck_s3cret_2"}})

    assert (answer.status_code, "s3cret" in answer.text) == (200, False)
    connection = await admin.store.connection(admin.home, account["id"])
    assert connection is not None
    assert connection.account.credentials == {"consumer_key": "ck_s3cret_2", "consumer_secret": "cs_s3cret"}


@pytest.mark.parametrize("name", ["tenant_id", "is_sandbox", "credentials"])
async def test_required_parts_of_an_account_cannot_be_removed(admin: Administration, name: str) -> None:
    account = await admin.create_account()

    answer = await admin.call("PATCH", f"/integrated-account/{account['id']}", {name: None})
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        f"{name} cannot be removed; leave it out to keep it",
    )


async def test_accounts_are_deleted_one_by_one_or_many_at_once(
    admin: Administration, many: list[dict[str, Any]]
) -> None:
    answer = await admin.call("DELETE", f"/integrated-account/{many[0]['id']}")
    again = await admin.call("DELETE", f"/integrated-account/{many[0]['id']}")
    ids = [many[1]["id"], NOBODY, "x", many[2]["id"]]
    bulk = await admin.call("POST", "/integrated-account/bulk-delete", {"ids": ids})

    assert (answer.status_code, answer.json()) == (200, {"id": many[0]["id"]})
    assert (again.status_code, again.json()) == (404, NOT_FOUND)
    assert bulk.json() == {"result": [{"id": many[1]["id"]}, {"id": many[2]["id"]}]}
    assert (await listed(admin, ""))["result"] == many[3:]


async def test_a_stranger_learns_nothing_of_an_account(admin: Administration) -> None:
    """An unknown and a foreign account are answered with the same bytes, on every route."""
    account = await admin.create_account()
    routes: list[tuple[str, str, Any]] = [
        ("GET", "/integrated-account/{}", None),
        ("PATCH", "/integrated-account/{}", {"tenant_id": "b"}),
        ("PATCH", "/integrated-account/{}/credentials", {"credentials": {"consumer_key": "x"}}),
        ("DELETE", "/integrated-account/{}", None),
        ("GET", "/integrated-account/{}/capabilities", None),
    ]
    named = [("POST", "/integrated-account/token"), ("POST", "/integrated-account/refresh-credentials")]
    for account_id in (account["id"], NOBODY, "x", "%00"):
        for method, path, body in routes:
            answer = await admin.call(method, path.format(account_id), body, token=admin.stranger)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        for method, path in named:
            answer = await admin.call(method, path, {"integrated_account_id": account_id}, token=admin.stranger)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        deleted = await admin.call(
            "POST", "/integrated-account/bulk-delete", {"ids": [account_id]}, token=admin.stranger
        )
        assert deleted.json() == {"result": []}
    assert (await listed(admin, ""))["result"] == [account]


async def test_capabilities_list_the_available_calls(admin: Administration) -> None:
    account = await admin.create_account()
    await admin.call(
        "POST",
        "/environment-unified-model-resource-method",
        {
            "unified_model": "ecommerce",
            "resource": "customers",
            "integration": "woocommerce",
            "config": OVERRIDE["ecommerce"]["customers"],
        },
    )

    answer = await admin.call("GET", f"/integrated-account/{account['id']}/capabilities?type=unified")

    described = answer.json()
    assert described["account"] == {
        "id": account["id"],
        "status": "active",
        "authentication_method": "api_key",
        "is_blocked": False,
    }
    assert (described["environment_id"], described["integration"]["name"]) == (admin.home, "woocommerce")
    assert [(part["model"], part["resource"], part["env_overridden"]) for part in described["unified"]] == [
        ("ecommerce", "customers", True),
        ("ecommerce", "orders", False),
        ("ecommerce", "products", False),
    ]
    assert described["proxy"] == []


async def test_the_token_of_an_account_is_renewed_when_asked(admin: Administration, loopback: Loopback) -> None:
    at_store = loopback.account("zohoinventory")
    account = await admin.create_account(
        integration="zohoinventory",
        credentials=zohoinventory.REFRESH_CREDENTIALS,
        context=dict(at_store.context),
        base_url=at_store.base_url,
        token_url=at_store.token_url,
    )
    body = {"integrated_account_id": account["id"]}

    answers = [await admin.call("POST", "/integrated-account/refresh-credentials", body) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"id": account["id"], "is_refreshed": True}] * 2
    paths = [request.path for request in loopback.store("zohoinventory").requests]
    assert paths == [zohoinventory.TOKEN_PATH] * 2
    plain = await admin.create_account()
    answer = await admin.call("POST", "/integrated-account/refresh-credentials", {"id": plain["id"]})  # as the SDK does
    assert answer.json() == {"id": plain["id"], "is_refreshed": False}


async def test_a_refused_renewal_asks_for_new_credentials(admin: Administration, loopback: Loopback) -> None:
    at_store = loopback.account("zohoinventory")
    account = await admin.create_account(
        integration="zohoinventory",
        credentials={**zohoinventory.REFRESH_CREDENTIALS, "refresh_token": "s3cret"},
        context=dict(at_store.context),
        base_url=at_store.base_url,
        token_url=at_store.token_url,
    )

    answer = await admin.call(
        "POST", "/integrated-account/refresh-credentials", {"integrated_account_id": account["id"]}
    )

    assert (answer.status_code, answer.json()["truto_is_remote_error"]) == (401, True)
    read = (await admin.call("GET", f"/integrated-account/{account['id']}")).json()
    assert (read["status"], read["last_error"]["statusCode"]) == ("needs_reauth", 401)
    assert "s3cret" not in answer.text + json.dumps(read)


async def test_an_account_shows_until_when_its_provider_is_not_called(admin: Administration) -> None:
    account = await admin.create_account()
    settings = admin.app.state.client.settings
    circuit = CircuitKey("woocommerce", account["id"], "shop.example")
    for _ in range(5):
        settings.breaker.fail(circuit, settings.timer(), is_probe=False)
    breaker = (await admin.call("GET", f"/integrated-account/{account['id']}")).json()["breaker"]
    assert breaker["state"] == "open"
    assert breaker["until"] > account["created_at"]


def shop_at(loopback: Loopback, slug: str, **credentials: str) -> dict[str, Any]:
    """The body that stores the account of a pretend store."""
    account = loopback.account(slug)
    return {
        "integration": slug,
        "authentication_method": None,
        "credentials": {**account.credentials, **credentials},
        "context": dict(account.context),
        "base_url": account.base_url,
        "token_url": account.token_url,
    }


async def test_an_account_is_verified_when_it_is_made(admin: Administration, loopback: Loopback) -> None:
    body = {"tenant_id": "t", **shop_at(loopback, "woocommerce")}
    wrong = {"tenant_id": "t", **shop_at(loopback, "woocommerce", consumer_secret="cs_wrong")}

    good = await admin.call("POST", "/integrated-account?verify=true", body)
    refused = await admin.call("POST", "/integrated-account?verify=true", wrong)
    unverified = await admin.call("POST", "/integrated-account", wrong)

    assert (good.status_code, good.json()["status"]) == (200, "active")
    assert (refused.status_code, refused.json()["truto_is_remote_error"]) == (401, True)
    assert "cs_wrong" not in refused.text
    listed = (await admin.call("GET", "/integrated-account")).json()["result"]
    assert [account["id"] for account in listed] == [good.json()["id"], unverified.json()["id"]]


async def test_a_stored_account_is_verified_and_its_status_follows(admin: Administration, loopback: Loopback) -> None:
    account = await admin.create_account(**shop_at(loopback, "woocommerce", consumer_secret="cs_wrong"))
    path = f"/integrated-account/{account['id']}"

    refused = await admin.call("POST", f"{path}/verify")
    after_refusal = (await admin.call("GET", path)).json()["status"]
    right = loopback.account("woocommerce").credentials
    await admin.call("PATCH", f"{path}/credentials", {"credentials": dict(right)})
    good = await admin.call("POST", f"{path}/verify")

    assert (refused.status_code, after_refusal) == (401, "needs_reauth")
    assert good.json() == {"id": account["id"], "call": "customers.list", "total": good.json()["total"]}
    assert good.json()["total"] > 100
    assert (await admin.call("GET", path)).json()["status"] == "active"


async def test_a_stranger_cannot_verify_an_account(admin: Administration, loopback: Loopback) -> None:
    account = await admin.create_account(**shop_at(loopback, "woocommerce"))

    answer = await admin.call("POST", f"/integrated-account/{account['id']}/verify", token=admin.stranger)

    assert answer.status_code == 404
    assert loopback.store("woocommerce").requests == []
