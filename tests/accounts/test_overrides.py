from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.accounts.material import NOBODY, draft
from truto_unify import (
    InvalidInput,
    InvalidOverride,
    NotVisible,
    OutdatedVersion,
    Registry,
    UnknownProvider,
    UnknownResource,
)
from truto_unify.accounts.records import Override

if TYPE_CHECKING:
    from tests.accounts.material import Clock
    from truto_unify.accounts.admission import Admission
    from truto_unify.accounts.store import AccountStore

pytestmark = pytest.mark.anyio
RESOURCE: Final = "ecommerce/customers"
TIER = {"response_mapping": {"loyalty_tier": "username"}}
WHERE = {"resource": RESOURCE, "integration": "woocommerce"}


async def test_an_override_is_stored_for_its_environment(
    store: AccountStore, home: str, away: str, registry: Registry, clock: Clock
) -> None:
    override = await store.overrides.create(home, registry, **WHERE, config=TIER)

    assert override == Override(
        id=override.id,
        environment_id=home,
        resource=RESOURCE,
        integration="woocommerce",
        method="all",
        config=TIER,
        created_at=clock.now,
        updated_at=clock.now,
        version=1,
    )
    assert await store.overrides.get(home, override.id) == override
    assert await store.overrides.all(home) == [override]
    assert await store.overrides.all(away) == []
    assert await store.overrides.of_integration(home, "woocommerce") == [(RESOURCE, "all", TIER)]
    assert await store.overrides.of_integration(home, "wix") == []


async def test_the_layers_of_environment_and_account_give_the_mapping(
    store: AccountStore, home: str, away: str, registry: Registry, rules: Admission
) -> None:
    def own(mapping: dict[str, Any]) -> dict[str, Any]:
        return {"ecommerce": {"customers": {"response_mapping": mapping}}}

    await store.overrides.create(home, registry, **WHERE, config={"response_mapping": {"name": "'home'", "x": "'x'"}})
    named = draft(unified_model_override=own({"x": None, "y": "'y'"}))
    account = await store.accounts.create(home, named, rules)
    elsewhere = await store.accounts.create(away, draft(), rules)

    connection = await store.connection(home, account.id)
    other = await store.connection(away, elsewhere.id)
    assert connection is not None
    assert other is not None
    mapped = registry.mapper(RESOURCE, "woocommerce", connection.account.overrides[RESOURCE]).map({"id": 1})
    assert (mapped["name"], mapped["y"], "x" in mapped) == ("home", "y", False)
    assert other.account.overrides == {}


async def test_an_override_for_a_method_is_for_it_alone(
    store: AccountStore, home: str, registry: Registry, rules: Admission
) -> None:
    await store.overrides.create(home, registry, **WHERE, config=TIER, method="get")
    account = await store.accounts.create(home, draft(), rules)

    listed = await store.connection(home, account.id, method="list")
    got = await store.connection(home, account.id, method="get")
    assert listed is not None
    assert got is not None
    assert listed.account.overrides == {}
    assert got.account.overrides == {RESOURCE: (TIER,)}


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"integration": "wox"}, UnknownProvider, "unknown provider"),
        ({"resource": "ecommerce/customer"}, UnknownResource, "no unified resource"),
        ({"method": "create"}, InvalidInput, "method must be one of list, get, all"),
        ({"config": {"response_mapping": {"name": "a ||"}}}, InvalidOverride, "response_mapping.name: the expression"),
        ({"config": {"list": {"endpoint": "x.y"}}}, InvalidOverride, "list.endpoint"),
    ],
)
async def test_a_wrong_override_is_not_stored(
    store: AccountStore, home: str, registry: Registry, arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        await store.overrides.create(home, registry, **({**WHERE, "config": TIER} | arguments))

    assert await store.overrides.all(home) == []


async def test_there_is_one_override_for_each_place(store: AccountStore, home: str, registry: Registry) -> None:
    await store.overrides.create(home, registry, **WHERE, config=TIER)
    await store.overrides.create(home, registry, **WHERE, config=TIER, method="get")

    with pytest.raises(OutdatedVersion, match="has an override of all of ecommerce/customers for woocommerce already"):
        await store.overrides.create(home, registry, **WHERE, config=TIER)


async def test_an_override_is_replaced_whole(
    store: AccountStore, home: str, away: str, registry: Registry, clock: Clock
) -> None:
    override = await store.overrides.create(home, registry, **WHERE, config=TIER)
    clock.advance(seconds=1)
    fresh = {"response_mapping": {"name": "username"}}

    changed = await store.overrides.update(home, override.id, registry, fresh, version=1)

    assert (changed.config, changed.version, changed.updated_at) == (fresh, 2, clock.now)
    with pytest.raises(OutdatedVersion, match="the override now has version 2, not 1"):
        await store.overrides.update(home, override.id, registry, TIER, version=1)
    with pytest.raises(InvalidOverride, match="unknown key"):
        await store.overrides.update(home, override.id, registry, {"x": 1})
    with pytest.raises(NotVisible):
        await store.overrides.update(away, override.id, registry, TIER)
    assert await store.overrides.get(home, override.id) == changed


async def test_an_override_can_be_removed_by_its_environment_alone(
    store: AccountStore, home: str, away: str, registry: Registry
) -> None:
    override = await store.overrides.create(home, registry, **WHERE, config=TIER)

    for environment, wrong in ((away, override.id), (home, NOBODY), (home, "x")):
        with pytest.raises(NotVisible, match="there is no such override"):
            await store.overrides.delete(environment, wrong)
        with pytest.raises(NotVisible, match="there is no such override"):
            await store.overrides.get(environment, wrong)
    assert await store.overrides.delete(home, override.id.upper()) == override.id
    assert await store.overrides.all(home) == []
