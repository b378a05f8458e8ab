"""A merged mapping is compiled once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from truto_unify import Registry
from truto_unify import registry as registries
from truto_unify.compiler.table import Table

if TYPE_CHECKING:
    import pytest

CUSTOMERS: Final = "ecommerce/customers"
TIER = {"response_mapping": {"loyalty_tier": "meta_data[?key=='tier'] | [0].value"}}
OTHER = {"response_mapping": {"loyalty_tier": "role"}}


def test_equal_layers_share_a_mapper_and_others_do_not() -> None:
    registry = Registry()
    plain = registry.mapper(CUSTOMERS, "woocommerce")
    tier = registry.mapper(CUSTOMERS, "woocommerce", [TIER])

    assert registry.mapper(CUSTOMERS, "woocommerce") is plain
    assert registry.mapper(CUSTOMERS, "woocommerce", [{**TIER}]) is tier
    assert registry.mapper(CUSTOMERS, "woocommerce", [OTHER]) is not tier
    assert registry.mapper(CUSTOMERS, "woocommerce", [TIER, OTHER]) is not tier
    assert tier.map({"id": 1, "meta_data": [{"key": "tier", "value": "gold"}]})["loyalty_tier"] == "gold"


def test_concurrent_threads_compile_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    begin = Table.__init__

    def count(table: Table, *arguments: Any, **more: Any) -> None:
        compiled.append(more["name"])
        begin(table, *arguments, **more)

    monkeypatch.setattr(Table, "__init__", count)
    registry = Registry()
    with ThreadPoolExecutor(8) as pool:
        ids = [*pool.map(lambda _: registry.mapper(CUSTOMERS, "wix", [TIER]).map({"id": "7"})["id"], range(32))]

    assert ids == ["7"] * 32
    assert compiled == ["ecommerce/customers of wix"]


def test_the_cache_holds_the_mappers_that_were_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries, "_MAX_MAPPERS", 2)
    registry = Registry()
    first = registry.mapper(CUSTOMERS, "wix")
    second = registry.mapper(CUSTOMERS, "shopify")
    registry.mapper(CUSTOMERS, "wix")
    registry.mapper(CUSTOMERS, "commerce7")

    assert registry.mapper(CUSTOMERS, "wix") is first
    assert registry.mapper(CUSTOMERS, "shopify") is not second


def test_every_shipped_mapping_has_a_byte_path() -> None:
    registry = Registry()

    assert [slug for slug in registry.providers if registry.mapper(CUSTOMERS, slug).decoded is None] == []
