from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import graphql
import pytest

from truto_unify.config.graphql_document import Selection, UnreadableDocument, read_document, read_selections
from truto_unify.config.graphql_lint import check_document

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


@pytest.mark.parametrize("document", [EVERYTHING, SHIPPED.read_text()], ids=["everything", "shipped"])
def test_the_variables_of_an_operation_are_those_of_the_reference_library(document: str) -> None:
    expected = {
        (definition.name and definition.name.value, variable.variable.name.value): (
            variable.loc and variable.loc.start,
            graphql.print_ast(variable.type),
            isinstance(variable.type, graphql.NonNullTypeNode) and variable.default_value is None,
        )
        for definition in graphql.parse(document).definitions
        if isinstance(definition, graphql.OperationDefinitionNode)
        for variable in definition.variable_definitions or ()
    }

    read = {
        (operation.name, name): (variable.offset, variable.type, variable.is_required)
        for operation in read_document(document).operations.values()
        for name, variable in operation.variables.items()
    }

    assert read == expected
    assert read


SCHEMA = graphql.build_schema("type Query { a: Int }")
RULES = [
    graphql.KnownFragmentNamesRule,
    graphql.NoFragmentCyclesRule,
    graphql.NoUndefinedVariablesRule,
    graphql.NoUnusedVariablesRule,
    graphql.UniqueFragmentNamesRule,
    graphql.UniqueOperationNamesRule,
]


@pytest.mark.parametrize(
    "document",
    [
        EVERYTHING,
        SHIPPED.read_text(),
        "query List($a: Int, $b: [Id!]! = [1]) { people(a: $c) { id } }",
        "query List($a: Int! @deprecated(reason: 5)) @x(y: $a) { people(filter: {name: [$d]}) { id } }",
        "query A($a: Int) { ...F } query B { ...F } fragment F on X { i(a: $a) ...G } fragment G on X { i @x(y: $g) }",
        "query A { ...F ...G } fragment F on X { ...G } fragment G on X { ... { ...F } }",
        "query A { id } query A { name } fragment F on X { id } fragment F on X { name }",
        "query A { id ... on X { ...Missing } }",
    ],
)
def test_the_problems_of_a_document_are_those_of_the_reference_library(document: str) -> None:
    errors = graphql.validate(SCHEMA, graphql.parse(document), RULES, max_errors=99)

    problems = check_document(document, "x.graphql")

    assert bool(problems) == bool(errors)
    names = {name for error in errors for name in re.findall(r"[\"'][$]?(\w+)[\"']", error.message)}
    assert names - {"A", "B"} <= {name for problem in problems for name in re.findall(r"\w+", problem.message)}


def test_a_description_before_an_operation_is_no_fault() -> None:
    assert check_document('"""All of them.""" query List { id } "Names." fragment F on X { id }', "x.graphql") == []


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        ("query List {\n  id ; }", (2, 6), 'not GraphQL: unexpected ";"'),
        ("query List {\r\n  id\r\n", (3, 1), "not GraphQL: it ends too early: a brace or a parenthesis is open"),
        ("type A { id: Id }", (1, 1), 'not GraphQL: unexpected "type"; here a query or a fragment begins'),
        ("query A($: Int) { a }", (1, 10), 'not GraphQL: unexpected ":"; a name is expected'),
        ("query A(a: Int) { a }", (1, 9), 'not GraphQL: unexpected "a"; "$" is expected'),
        ('query A { "text" }', (1, 11), "not GraphQL: unexpected text; a name is expected"),
    ],
)
def test_a_document_that_cannot_be_read_says_where(document: str, place: tuple[int, int], message: str) -> None:
    (problem,) = check_document(document, "x.graphql")

    assert ((problem.line, problem.column), problem.message, problem.rule) == (place, message, "graphql-syntax")


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
