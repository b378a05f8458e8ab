from __future__ import annotations

import pytest

from tests.sandbox.shopify.shop import LIST, shop
from tests.shared_material import needs_shared, read_payload


@needs_shared
def test_a_document_that_ends_too_early_is_refused_as_recorded() -> None:
    query = "query GraphqlBaseValidationInvalidSyntax {\n  shop {\n    id\n"
    assert shop().ask(query) == read_payload("shopify", "graphql_error_parse_recorded")


def test_other_syntax_errors() -> None:
    assert shop().refuse("{ customers( }")["message"] == "syntax error, unexpected '}' at [1, 14]"


@needs_shared
def test_a_missing_variable_is_refused_as_recorded() -> None:
    query = "query AsLongAsTheRecordedOperationWithThatName__($product: ID!) { customer(id: $product) { id } }"
    answer, expected = shop().ask(query), read_payload("shopify", "graphql_error_invalid_variable_recorded")
    message = expected["errors"][0]["message"].replace("ProductCreateInput!", "ID!")
    expected["errors"][0] |= {"message": message, "locations": [{"line": 1, "column": 50}]}
    assert answer == expected


@pytest.mark.parametrize(
    ("variables", "explanation"),
    [
        ({"first": "ten"}, 'Could not coerce value "ten" to Int'),
        ({"first": True}, "Could not coerce value True to Int"),
        (
            {"sortKey": "AGE"},
            'Expected "AGE" to be one of: CREATED_AT, ID, LOCATION, NAME, RELEVANCE, UPDATED_AT',
        ),
    ],
)
def test_a_variable_of_a_wrong_type_is_refused(variables: dict[str, object], explanation: str) -> None:
    extensions = shop().refuse(LIST, **variables)["extensions"]
    assert extensions["code"] == "INVALID_VARIABLE"
    assert extensions["problems"] == [{"path": [], "explanation": explanation}]


def test_an_id_that_is_no_global_id_is_refused() -> None:
    error = shop().refuse("query Get($id: ID!) { customer(id: $id) { id } }", id="7000000000001")
    assert error["extensions"]["problems"][0]["explanation"] == "Invalid global id '7000000000001'"


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            "query Q {\n  customers(first: 1) { nodes { nope } }\n}",
            {
                "message": "Field 'nope' doesn't exist on type 'Customer'",
                "locations": [{"line": 2, "column": 33}],
                "path": ["query Q", "customers", "nodes", "nope"],
                "extensions": {"code": "undefinedField", "typeName": "Customer", "fieldName": "nope"},
            },
        ),
        (
            "query Q { customers(limit: 1) { nodes { id } } }",
            {
                "message": "Field 'customers' doesn't accept argument 'limit'",
                "locations": [{"line": 1, "column": 21}],
                "path": ["query Q", "customers", "limit"],
                "extensions": {
                    "code": "argumentNotAccepted",
                    "name": "customers",
                    "typeName": "Field",
                    "argumentName": "limit",
                },
            },
        ),
        (
            "query Q {\n  customers\n}",
            {
                "message": "Field must have selections (field 'customers' returns CustomerConnection "
                "but has no selections. Did you mean 'customers { ... }'?)",
                "locations": [{"line": 2, "column": 3}],
                "path": ["query Q", "customers"],
                "extensions": {
                    "code": "selectionMismatch",
                    "nodeName": "field 'customers'",
                    "typeName": "CustomerConnection",
                },
            },
        ),
    ],
)
def test_an_invalid_query_is_refused(query: str, error: dict[str, object]) -> None:
    assert shop().ask(query) == {"errors": [error]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ customer { id } }", "missingRequiredArguments"),
        ('{ customer(id: "gid://shopify/Customer/1") { id { x } } }', "selectionMismatch"),
        ("{ customers(first: 1, sortKey: AGE) { nodes { id } } }", "argumentLiteralsIncompatible"),
        ("query ($n: Int) { customers(first: 1) { nodes { id } } }", "variableNotUsed"),
        ("{ customers(first: $n) { nodes { id } } }", "variableNotDefined"),
        ("query ($n: String) { customers(first: $n) { nodes { id } } }", "variableMismatch"),
        ("{ ...A } fragment A on QueryRoot { ...A }", "invalidDocument"),
    ],
)
def test_codes_of_invalid_queries(query: str, code: str) -> None:
    assert shop().refuse(query)["extensions"]["code"] == code


@pytest.mark.parametrize(
    "variables",
    [{}, {"first": 1, "last": 1}, {"first": 251}, {"first": -1}, {"first": 1, "after": "bm90IGEgY3Vyc29y"}],
)
def test_pages_that_are_refused(variables: dict[str, object]) -> None:
    error = shop().refuse(LIST, **variables)
    assert error["path"] == ["customers"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}


def test_a_page_needs_a_size() -> None:
    assert shop().refuse(LIST)["message"] == "you must provide one of first or last"


def test_one_of_several_operations_must_be_named() -> None:
    query = "query A { __typename } query B { other: __typename }"
    assert "errors" in shop().ask(query)
    response = shop().send(json={"query": query, "operationName": "B"})
    assert response.json()["data"] == {"other": "QueryRoot"}
