from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server.admin.conftest import Administration

pytestmark = pytest.mark.anyio
PATH = "/environment-unified-model-resource-method"
NOBODY = "00000000-0000-4000-8000-000000000000"
TIER = {"response_mapping": {"loyalty_tier": "username"}}
PLACE = {"unified_model": "ecommerce", "resource": "customers", "integration": "woocommerce"}


async def test_an_override_is_made_read_changed_and_removed(admin: Administration) -> None:
    made = (await admin.call("POST", PATH, {**PLACE, "config": TIER})).json()

    assert made == {
        "id": made["id"],
        "environment_id": admin.home,
        **PLACE,
        "method": "all",
        "config": TIER,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "version": 1,
    }
    assert (await admin.call("GET", f"{PATH}/{made['id']}")).json() == made
    fresh = {"response_mapping": {"name": "username"}}
    changed = await admin.call("PATCH", f"{PATH}/{made['id']}", {"config": fresh, "version": 1})
    assert (changed.json()["config"], changed.json()["version"]) == (fresh, 2)
    late = await admin.call("PATCH", f"{PATH}/{made['id']}", {"config": TIER, "version": 1})
    assert late.status_code == 409
    assert (await admin.call("DELETE", f"{PATH}/{made['id']}")).json() == {"id": made["id"]}
    assert (await admin.call("GET", PATH)).json() == {"result": [], "next_cursor": None, "limit": 5000}


async def test_overrides_are_found_by_what_they_override(admin: Administration) -> None:
    made = [
        (await admin.call("POST", PATH, {**PLACE, "integration": slug, "config": TIER, "method": method})).json()
        for slug, method in (("woocommerce", "all"), ("woocommerce", "get"), ("wix", "list"))
    ]

    async def found(query: str) -> Any:
        return (await admin.call("GET", f"{PATH}?{query}")).json()["result"]

    assert await found("") == made
    assert await found("integration=wix") == made[2:]
    assert await found("unified_model=ecommerce&resource=customers&integration=woocommerce") == made[:2]
    assert await found("resource=orders") == []


async def test_a_second_override_of_one_place_is_a_conflict(admin: Administration) -> None:
    await admin.call("POST", PATH, {**PLACE, "config": TIER})

    answer = await admin.call("POST", PATH, {**PLACE, "config": TIER})
    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"integration": "wox"}, 404, "unknown provider"),
        ({"resource": "customer"}, 404, "no unified resource"),
        ({"method": "create"}, 400, "method must be one of list, get, all"),
        ({"config": {"response_mapping": {"name": "a ||"}}}, 422, "the expression ends too early"),
        ({"config": "x"}, 400, "config"),
    ],
)
async def test_a_wrong_override_is_refused(
    admin: Administration, changes: dict[str, Any], status: int, told: str
) -> None:
    answer = await admin.call("POST", PATH, {**PLACE, "config": TIER, **changes})

    assert answer.status_code == status
    assert told in answer.json()["message"]


async def test_a_stranger_learns_nothing_of_an_override(admin: Administration) -> None:
    made = (await admin.call("POST", PATH, {**PLACE, "config": TIER})).json()

    for one in (made["id"], NOBODY, "x"):
        for method, body in (("GET", None), ("PATCH", {"config": TIER}), ("DELETE", None)):
            answer = await admin.call(method, f"{PATH}/{one}", body, token=admin.stranger)
            assert (answer.status_code, answer.json()["message"]) == (404, "there is no such override")
    assert (await admin.call("GET", PATH, token=admin.stranger)).json()["result"] == []
