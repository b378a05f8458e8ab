from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

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
        ({"response_mapping": {"tier": f'`"{"x" * 800_000}"`'}}, "letters; 4000 are allowed"),
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
