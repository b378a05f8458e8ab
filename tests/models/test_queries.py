from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest

from tests.signatures import CLIENTS, QUERIES, write_client, write_queries
from truto_unify.engine.arguments import TEXT_OPS, TIME_OPS, filter_names
from truto_unify.models import RESOURCES, queries
from truto_unify.models.query_values import GET_OPTIONS, LIST_OPTIONS, TextOperators, TimeOperators

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema

every_resource = pytest.mark.parametrize("schema", RESOURCES.values(), ids=RESOURCES)


def keys(name: str) -> set[str]:
    """The keys of a typed dictionary of the module, every type of it resolved."""
    return set(get_type_hints(getattr(queries, name)))


def test_the_typed_queries_are_those_of_the_schema() -> None:
    assert QUERIES.read_text(encoding="utf-8") == write_queries()


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.name)
def test_the_overloads_of_the_clients_are_those_of_the_schema(path: Any) -> None:
    assert path.read_text(encoding="utf-8") == write_client(path)


def test_every_resource_has_a_name() -> None:
    assert get_args(queries.ResourceName) == tuple(RESOURCES)


@every_resource
def test_a_list_takes_the_filters_and_the_options_that_are_read_at_run_time(schema: ResourceSchema) -> None:
    record = schema.record.__name__

    assert keys(f"{record}Query") == keys(f"{record}DictQuery") == {*filter_names(schema), *LIST_OPTIONS}


@every_resource
def test_a_get_takes_the_options_that_are_read_at_run_time(schema: ResourceSchema) -> None:
    record = schema.record.__name__

    assert keys(f"{record}GetOptions") == keys(f"{record}GetDictOptions") == set(GET_OPTIONS)


@every_resource
def test_a_field_that_can_be_left_out_is_a_field_of_the_record(schema: ResourceSchema) -> None:
    fields = getattr(queries, f"{schema.record.__name__}Field")

    assert get_args(fields) == tuple(schema.record.model_fields)


@every_resource
def test_a_sort_names_a_field_of_the_schema(schema: ResourceSchema) -> None:
    assert keys(f"{schema.record.__name__}Sort") == set(schema.sorts)


def test_the_operators_are_those_that_are_read_at_run_time() -> None:
    assert tuple(get_type_hints(TimeOperators)) == TIME_OPS
    assert tuple(get_type_hints(TextOperators)) == TEXT_OPS
