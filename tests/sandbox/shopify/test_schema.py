from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from graphql import build_schema, introspection_from_schema, validate_schema

from tests.shopify_schema import ABSENT, load_real_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema

SMALL = build_schema(resources.files("truto_unify.sandbox.shopify").joinpath("schema.graphql").read_text("utf-8"))
PARTS = ("fields", "inputFields", "enumValues")


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    schema = load_real_schema()
    if schema is None:
        pytest.skip(ABSENT)
    return list_types(schema)


def list_types(schema: GraphQLSchema) -> dict[str, Any]:
    options = {"descriptions": False, "input_value_deprecation": True}
    types = introspection_from_schema(schema, **options)["__schema"]["types"]
    return {type["name"]: type for type in types if not type["name"].startswith("__")}


def spell_type(shown: Mapping[str, Any]) -> str:
    match shown["kind"]:
        case "NON_NULL":
            return f"{spell_type(shown['ofType'])}!"
        case "LIST":
            return f"[{spell_type(shown['ofType'])}]"
    return str(shown["name"])


def describe_parts(shown: Mapping[str, Any]) -> dict[str, object]:
    """The properties of a type that the real type must share, by path."""
    name = shown["name"]
    facts: dict[str, object] = {name: shown["kind"]}
    for interface in shown["interfaces"] or ():
        facts[f"{name} implements {interface['name']}"] = True
    for part in (part for key in PARTS for part in shown[key] or ()):
        place = f"{name}.{part['name']}"
        facts[place] = spell_type(part["type"]) if "type" in part else "value"
        facts[f"{place} deprecated"] = part["isDeprecated"]
        for argument in part.get("args", ()):
            facts[f"{place}({argument['name']}:)"] = spell_type(argument["type"])
            facts[f"{place}({argument['name']}:) default"] = argument["defaultValue"]
    return facts


@pytest.mark.parametrize("name", sorted(list_types(SMALL)))
def test_everything_is_as_in_the_real_schema(name: str, real: dict[str, Any]) -> None:
    small = describe_parts(list_types(SMALL)[name])
    full = describe_parts(real[name])
    assert {place: full.get(place, "absent") for place in small} == small


@pytest.mark.parametrize("path", ["QueryRoot.customers", "Customer.addressesV2", "Customer.orders"])
def test_paged_fields_take_every_argument_that_the_real_ones_take(path: str, real: dict[str, Any]) -> None:
    name = path.partition(".")[0]
    small, full = (
        {place for place in describe_parts(types[name]) if place.startswith(f"{path}(")}
        for types in (list_types(SMALL), real)
    )
    assert small == full


def test_the_small_schema_is_valid() -> None:
    assert validate_schema(SMALL) == []


def test_the_real_schema_comes_from_a_folder_that_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("TRUTO_UNIFY_SHOPIFY_SCHEMA", str(tmp_path))
    assert load_real_schema.__wrapped__() is None
