from __future__ import annotations

from pathlib import Path
from typing import Any

import graphql
import pytest

from truto_unify.config.graphql_document import Selection, UnreadableDocument, read_selections

SHIPPED = Path(__file__).parents[2] / "providers/shopify.graphql"


def selection_of(fields: Any, fragments: dict[str, Any]) -> Selection:
    """The same from the syntax tree of the reference library."""
    selection: Selection = {}
    for field in fields.selections if fields else ():
        if isinstance(field, graphql.FieldNode):
            name = (field.alias or field.name).value
            parts = {name: selection_of(field.selection_set, fragments)}
        elif isinstance(field, graphql.FragmentSpreadNode):
            parts = selection_of(fragments[field.name.value].selection_set, fragments)
        else:
            parts = selection_of(field.selection_set, fragments)
        for name, inner in parts.items():
            selection[name] = {**selection.get(name, {}), **inner}
    return selection


EVERYTHING = '''
# A comment with { braces }.
query List($first: Int = 5, $filter: Filter = {name: "a } b", tags: ["x"]}) @cached(for: 60) {
  customers(first: $first, note: """ a " { block """) @include(if: true) {
    nodes { id, label: displayName, ...Names @skip(if: false) ... on Person { birthday } ... { on } }
  }
}
mutation Save { save(input: {id: 1.5e3}) { ok } }
fragment Names on Customer @shared { first last, address { ...Place } }
fragment Place on Address { city address: country }
query Two { nodes { id } nodes { ... on Shop { city { name } } } }
'''


@pytest.mark.parametrize("document", [EVERYTHING, SHIPPED.read_text()], ids=["everything", "shipped"])
def test_a_document_is_read_as_by_the_reference_library(document: str) -> None:
    definitions = graphql.parse(document).definitions
    fragments = {
        definition.name.value: definition
        for definition in definitions
        if isinstance(definition, graphql.FragmentDefinitionNode)
    }
    operations = [definition for definition in definitions if isinstance(definition, graphql.OperationDefinitionNode)]

    expected = {
        str(operation.name and operation.name.value): selection_of(operation.selection_set, fragments)
        for operation in operations
    }

    assert read_selections(document) == expected


def test_an_alias_is_the_name_in_the_answer_and_fragments_stand_in_place() -> None:
    assert read_selections(EVERYTHING)["List"] == {
        "customers": {
            "nodes": {
                "id": {},
                "label": {},
                "first": {},
                "last": {},
                "address": {"city": {}, "address": {}},
                "birthday": {},
                "on": {},
            }
        }
    }


@pytest.mark.parametrize(
    "document",
    [
        "query List { id ",
        "query List ",
        "query List($a: Int { id }",
        "query List { ...Names }",
        "query List { ...A } fragment A on X { ...B } fragment B on X { ...A }",
        "type Customer { id: ID }",
        "query List { 5 }",
        "query List { id ; }",
        'query List { id(a: "x) }',
    ],
)
def test_what_the_reader_does_not_understand_is_an_error(document: str) -> None:
    with pytest.raises(UnreadableDocument):
        read_selections(document)
