from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.server.admin.conftest import SHOP
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS

if TYPE_CHECKING:
    from tests.server.admin.conftest import Administration

pytestmark = pytest.mark.anyio
PATH = "/environment-unified-model-resource-method"
NOBODY = "00000000-0000-4000-8000-000000000000"
TIER = {"response_mapping": {"loyalty_tier": "username"}}
PLACE = {"unified_model": "ecommerce", "resource": "customers", "integration": "woocommerce"}


async def test_an_override_is_created_read_changed_and_removed(admin: Administration) -> None:
    override = (await admin.call("POST", PATH, {**PLACE, "config": TIER})).json()

    assert override == {
        "id": override["id"],
        "environment_id": admin.home,
        **PLACE,
        "method": "all",
        "config": TIER,
        "created_at": override["created_at"],
        "updated_at": override["created_at"],
        "version": 1,
    }
    assert (await admin.call("GET", f"{PATH}/{override['id']}")).json() == override
    fresh = {"response_mapping": {"name": "username"}}
    changed = await admin.call("PATCH", f"{PATH}/{override['id']}", {"config": fresh, "version": 1})
    assert (changed.json()["config"], changed.json()["version"]) == (fresh, 2)
    late = await admin.call("PATCH", f"{PATH}/{override['id']}", {"config": TIER, "version": 1})
    assert late.status_code == 409
    assert (await admin.call("DELETE", f"{PATH}/{override['id']}")).json() == {"id": override["id"]}
    assert (await admin.call("GET", PATH)).json() == {"result": [], "next_cursor": None, "limit": 5000}


async def test_overrides_are_listed_by_their_target(admin: Administration) -> None:
    overrides = [
        (await admin.call("POST", PATH, {**PLACE, "integration": slug, "config": TIER, "method": method})).json()
        for slug, method in (("woocommerce", "all"), ("woocommerce", "get"), ("wix", "list"))
    ]

    async def listed_ids(query: str) -> Any:
        return (await admin.call("GET", f"{PATH}?{query}")).json()["result"]

    assert await listed_ids("") == overrides
    assert await listed_ids("integration=wix") == overrides[2:]
    assert await listed_ids("unified_model=ecommerce&resource=customers&integration=woocommerce") == overrides[:2]
    assert await listed_ids("resource=orders") == []


async def test_a_second_override_of_one_place_is_a_conflict(admin: Administration) -> None:
    await admin.call("POST", PATH, {**PLACE, "config": TIER})

    answer = await admin.call("POST", PATH, {**PLACE, "config": TIER})
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"integration": "wox"}, 404, "unknown provider"),
        ({"resource": "customer"}, 404, "no unified resource"),
        ({"method": "create"}, 400, "method must be one of list, get, all"),
        ({"config": {"response_mapping": {"name": "a ||"}}}, 422, "the expression ends too early"),
        ({"config": "x"}, 400, "config"),
    ],
)
async def test_a_wrong_override_is_refused(
    admin: Administration, changes: dict[str, Any], status: int, message: str
) -> None:
    answer = await admin.call("POST", PATH, {**PLACE, "config": TIER, **changes})

    assert answer.status_code == status
    assert message in answer.json()["message"]


async def test_a_stranger_learns_nothing_of_an_override(admin: Administration) -> None:
    override = (await admin.call("POST", PATH, {**PLACE, "config": TIER})).json()

    for override_id in (override["id"], NOBODY, "x"):
        for method, body in (("GET", None), ("PATCH", {"config": TIER}), ("DELETE", None)):
            answer = await admin.call(method, f"{PATH}/{override_id}", body, token=admin.stranger)
            assert (answer.status_code, answer.json()["message"]) == (404, "there is no such override")
    assert (await admin.call("GET", PATH, token=admin.stranger)).json()["result"] == []


DOUBLED = " | ".join(["[@, @]"] * 18)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"response_mapping": {"tier": "||".join("a" * 20_000)}}, "has 59998 letters; 4000 are allowed"),
        ({"response_mapping": {"tier": f'`"{"x" * 90_000}"`'}}, "letters; 4000 are allowed"),
        ({"response_mapping": {"tier": f'`"{"x" * 800_000}"`'}}, "an override has at most 100000"),
        ({"define": {str(number): "id" for number in range(1000)}}, "has more than 1000 keys and elements"),
        ({"define": {f"d{n}": f"[d{n - 1}, d{n - 1}]" if n else "id" for n in range(18)}}, "2000 are allowed"),
        ({"list": {"filters": {"email": {"eq": {"path": "email", "pattern": r"(a+)+\1"}}}}}, "RE2"),
    ],
)
async def test_an_override_that_would_be_too_costly_is_refused_and_logged(
    admin: Administration, caplog: pytest.LogCaptureFixture, config: dict[str, Any], message: str
) -> None:
    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        answer = await admin.call("POST", PATH, {**PLACE, "config": config})

    assert (answer.status_code, answer.json()["error"]) == (422, "Unprocessable Entity")
    assert message in answer.json()["message"]
    assert [record.__dict__["fields"]["event"] for record in caplog.records] == ["override_refused"]


async def test_an_override_that_costs_too_much_of_a_record_is_stored(admin: Administration) -> None:
    """It is stopped when it runs, and only for the records of which it costs too much."""
    config = {"response_mapping": {"tier": f"to_string(id | {DOUBLED})"}}

    assert (await admin.call("POST", PATH, {**PLACE, "config": config})).status_code == 200


BAD_VALUES = ("\ud800", "a\0b", float("nan"), float("inf"), 10**30)


@pytest.mark.parametrize("value", BAD_VALUES)
async def test_what_could_not_be_answered_is_never_stored(admin: Administration, value: Any) -> None:
    account = await admin.create_account()
    config = {"response_mapping": {"x": {"expr": "id", "default": value}}}
    own = {"unified_model_override": {"ecommerce": {"customers": config}}}

    for method, path, body in (
        ("PATCH", f"/integrated-account/{account['id']}", own),
        ("POST", "/integrated-account", {**SHOP, **own}),
        ("POST", PATH, {**PLACE, "config": config}),
    ):
        answer = await admin.call(method, path, content=json.dumps(body))
        assert (answer.status_code, len(answer.json()["details"]["failures"])) == (422, 1)
    assert (await admin.call("GET", "/integrated-account")).json()["result"] == [account]
    assert (await admin.call("GET", PATH)).json()["result"] == []


async def test_a_list_survives_a_row_that_an_earlier_release_stored(admin: Administration) -> None:
    account = await admin.create_account()
    half: dict[str, Any] = {"x": {"response_mapping": {"a": "\ud800"}}}
    async with admin.store.database.write() as connection:
        await connection.execute(sa.update(INTEGRATED_ACCOUNTS).values(unified_model_override={"ecommerce": half}))

    answer = await admin.call("GET", "/integrated-account")
    assert answer.json()["result"][0]["unified_model_override"] == {
        "ecommerce": {"x": {"response_mapping": {"a": "?"}}}
    }
    assert (await admin.call("GET", f"/integrated-account/{account['id']}")).status_code == 200
