from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from benchmarks.people import DENSITIES, Density
from benchmarks.workload import PROVIDERS, RESOURCE, find_records, make_workload
from tests.shipped import REGISTRY
from truto_unify.sandbox.serve import STORES

ROOT = Path(__file__).resolve().parents[2]
every_page = pytest.mark.parametrize("density", DENSITIES)


@every_page
@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_page_maps_without_a_fault(provider: str, density: Density) -> None:
    workload = make_workload(provider, density, count=60)
    mapper = REGISTRY.mapper(RESOURCE, provider)

    mapped = [mapper.map_record(record) for record in workload.records]

    assert [record.faults for record in mapped] == [[]] * 60
    assert len({record.fields["id"] for record in mapped}) == 60
    assert json.loads(mapper.map_page(workload.body)) == [record.fields for record in mapped]


@every_page
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_seed_gives_the_same_bytes(provider: str, density: Density) -> None:
    first, other = make_workload(provider, density, count=20), make_workload(provider, density, count=20, seed=2)
    make_workload.cache_clear()
    again = make_workload(provider, density, count=20)

    assert again.body == first.body
    assert other.body != first.body
    assert find_records(provider, json.loads(first.body)) == first.records


def test_every_store_of_the_sandbox_has_a_workload() -> None:
    assert sorted(PROVIDERS) == sorted(STORES)


def test_pages_are_as_long_and_records_as_large_as_the_goals_say() -> None:
    shopify, woocommerce = make_workload("shopify_rest", "dense"), make_workload("woocommerce", "dense")

    assert (len(shopify.records), len(woocommerce.records)) == (250, 100)
    assert 2_000 < shopify.bytes_per_record < 2_600
    assert 1_400 < woocommerce.bytes_per_record < 1_900


@pytest.mark.parametrize("provider", PROVIDERS)
def test_sparse_records_say_less(provider: str) -> None:
    dense, sparse = make_workload(provider, "dense", count=60), make_workload(provider, "sparse", count=60)

    assert sparse.bytes_per_record < dense.bytes_per_record


@every_page
def test_shopify_nodes_have_the_fields_of_the_shipped_query(density: Density) -> None:
    document = parse((ROOT / "providers" / "shopify.graphql").read_text(encoding="utf-8"))
    operations = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, OperationDefinitionNode) and definition.name
    }
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    requested = read_fields(operations["ListCustomers"].selection_set, fragments)["customers"]["nodes"]
    del requested["orders"]  # @include: a list asks for them only with the side load

    for node in make_workload("shopify", density, count=60).records:
        assert has_shape(node, requested), node


def read_fields(selected: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> dict[str, Any]:
    """What a selection asks for, fragments opened: name -> the same of what lies below, or {}."""
    selected_fields: dict[str, Any] = {}
    for node in selected.selections:
        if isinstance(node, FieldNode):
            selected_fields[node.name.value] = read_fields(node.selection_set, fragments) if node.selection_set else {}
        elif isinstance(node, FragmentSpreadNode):
            selected_fields |= read_fields(fragments[node.name.value].selection_set, fragments)
    return selected_fields


def has_shape(value: Any, requested: dict[str, Any]) -> bool:
    """Whether an answer has just the fields that were requested; anything may be null."""
    if isinstance(value, list):
        return all(has_shape(part, requested) for part in value)
    if isinstance(value, dict):
        return value.keys() == requested.keys() and all(has_shape(value[name], requested[name]) for name in requested)
    return value is None or not requested
