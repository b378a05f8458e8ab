"""A mapping reads only what the GraphQL operations of its endpoints select."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from truto_unify.config.configuration import Configuration
from truto_unify.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = """\
query List($first: Int, $after: String) { customers(first: $first, after: $after) { ...Page } }
fragment Page on Customers { nodes { ...Person contacts { kind address } } pageInfo { hasNextPage endCursor } }
query Get($id: ID!) { customer(id: $id) { ...Person custom taxNumber } }
query Orders($id: ID!) { customer(id: $id) { orders { id state } } }
fragment Person on Customer { id fullName: name state company { label } }
"""
PROVIDER = """\
label: Globex
documentation: https://globex.example/docs
base_url: https://globex.example/graphql
resources:
  customers:
    list:
      method: POST
      path: /
      read_only: true
      graphql: {document: globex.graphql, operation: List}
      list_path: data.customers.nodes
      pagination:
        type: graphql_connection
        connection_path: data.customers
        cursor_body_path: variables.after
        page_size_body_path: variables.first
        max_page_size: 50
    get:
      method: POST
      path: /
      read_only: true
      graphql: {document: globex.graphql, operation: Get}
      body: {variables: {id: "{id}"}}
      record_path: data.customer
  orders:
    list:
      method: POST
      path: /
      read_only: true
      graphql: {document: globex.graphql, operation: Orders}
      body: {variables: {id: "{id}"}}
      list_path: data.customer.orders
"""
MAPPING = """\
list: {endpoint: customers.list, is_partial: "!contacts"}
get: customers.get
where: state != 'guest'
side_loads:
  orders: {endpoint: orders.list, where: state, id: id}
define:
  people: contacts || [company]
response_mapping:
  id: id
  name: fullName
  company_name: company.label
  emails:
    - {each: "people[?kind == 'mail']", email: address, type: record.state, status: record.state}
  orders:
    - {each: loaded.orders, id: id, status: lower(state)}
  tax: {expr: "custom.tax || taxNumber || vat", type: text}
unsupported:
  first_name: Globex has one name.
  last_name: Globex has one name.
  phones: {not_yet: Later.}
  addresses: {not_yet: Later.}
  currency: {not_yet: Later.}
  status: {not_yet: Later.}
  emails.is_primary: Globex has none.
  orders.total_amount: Globex has none.
  created_at: {not_yet: Later.}
  updated_at: {not_yet: Later.}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "acme/providers").mkdir(parents=True)
    (tmp_path / "acme/mappings/ecommerce/customers").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "acme"


def problems_of(folder: Path, *, provider: str = PROVIDER, mapping: str = MAPPING, document: str = DOCUMENT) -> str:
    """The problems of Globex; blank if there are none."""
    (folder / "providers/globex.graphql").write_text(document)
    (folder / "providers/globex.yaml").write_text(provider)
    (folder / "mappings/ecommerce/customers/globex.yaml").write_text(mapping)
    try:
        Configuration(overlay=["acme"]).mapping("ecommerce/customers", "globex")
    except ConfigError as error:
        return str(error)
    return ""


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_selected_fields_are_no_problem(folder: Path) -> None:
    assert problems_of(folder) == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "name: fullName",
            "name: fulName",
            """\
10:9: no GraphQL operation of this mapping selects "fulName" here (did you mean "fullName"?)
    name: fulName
          ^""",
        ),
        (
            "name: fullName",
            "name: name",
            """\
10:9: no GraphQL operation of this mapping selects "name" here; selected here: id, fullName, state, company, \
contacts, custom, taxNumber
    name: name
          ^""",
        ),
        (
            "company.label",
            "company.title",
            """\
11:25: no GraphQL operation of this mapping selects "title" here; selected here: label
    company_name: company.title
                          ^""",
        ),
        (
            "email: address",
            "email: lower(adress)",
            """\
13:54: no GraphQL operation of this mapping selects "adress" here (did you mean "address"?)
    - {each: "people[?kind == 'mail']", email: lower(adress), type: record.state, status: record.state}
                                                     ^""",
        ),
        (
            "type: record.state",
            "type: record.statu",
            """\
13:70: no GraphQL operation of this mapping selects "statu" here (did you mean "state"?)
    - {each: "people[?kind == 'mail']", email: address, type: record.statu, status: record.state}
                                                                     ^""",
        ),
        (
            "lower(state)",
            "fullName",
            """\
15:45: no GraphQL operation of this mapping selects "fullName" here; selected here: id, state
    - {each: loaded.orders, id: id, status: fullName}
                                            ^""",
        ),
        (
            '"!contacts"',
            '"!contracts"',
            """\
1:48: no GraphQL operation of this mapping selects "contracts" here (did you mean "contacts"?)
    list: {endpoint: customers.list, is_partial: "!contracts"}
                                                   ^""",
        ),
        (
            "where: state, id: id",
            "where: state, id: key",
            """\
5:53: no GraphQL operation of this mapping selects "key" here; selected here: id, fullName, state, company, contacts, \
custom, taxNumber
    orders: {endpoint: orders.list, where: state, id: key}
                                                      ^""",
        ),
        (
            "people: contacts || [company]",
            "people: contract || contakts",
            """\
7:11: no GraphQL operation of this mapping selects "contract" here (did you mean "contacts"?)
    people: contract || contakts
            ^
acme/mappings/ecommerce/customers/globex.yaml:7:23: no GraphQL operation of this mapping selects "contakts" here \
(did you mean "contacts"?)
    people: contract || contakts
                        ^""",
        ),
    ],
)
def test_a_field_that_no_operation_selects_is_a_problem(folder: Path, old: str, new: str, problem: str) -> None:
    problems = problems_of(folder, mapping=replaced(MAPPING, old, new))

    assert problems == f"acme/mappings/ecommerce/customers/globex.yaml:{problem}"


@pytest.mark.parametrize(
    "expression",
    [
        "custom.any.thing",  # a scalar may hold JSON
        "first_text([vat, fullName])",  # one of the alternatives is selected
        "query.vat || context.vat",
        "values(company)[0].vat",  # what a function gives is unknown
        "when(state, contacts[*].{a: address})[0].a",
        "length(sort_by(contacts, &vat))",
    ],
)
def test_an_unknown_type_is_not_a_problem(folder: Path, expression: str) -> None:
    assert problems_of(folder, mapping=replaced(MAPPING, "custom.tax || taxNumber || vat", expression)) == ""


def test_an_object_that_an_expression_makes_has_the_fields_it_is_made_of(folder: Path) -> None:
    mapping = replaced(MAPPING, "custom.tax || taxNumber || vat", "contacts[*].{a: address} | [0].b")

    assert problems_of(folder, mapping=mapping) == (
        "acme/mappings/ecommerce/customers/globex.yaml:16:47: "
        'no GraphQL operation of this mapping selects "b" here; selected here: a\n'
        '    tax: {expr: "contacts[*].{a: address} | [0].b", type: text}\n'
        "                                                ^"
    )


def test_of_a_document_that_is_not_understood_only_the_document_is_reported(folder: Path) -> None:
    mapping = replaced(MAPPING, "name: fullName", "name: nickname")

    assert problems_of(folder, mapping=mapping, document=DOCUMENT + "type Customer { id: ID }\n") == (
        'acme/providers/globex.graphql:6:1: not GraphQL: unexpected "type"; here a query or a fragment begins\n'
        "    type Customer { id: ID }\n"
        "    ^"
    )


def test_nothing_is_reported_if_one_endpoint_of_the_record_is_no_graphql(folder: Path) -> None:
    mapping = replaced(MAPPING, "name: fullName", "name: nickname")
    provider = replaced(PROVIDER, "      graphql: {document: globex.graphql, operation: Get}\n", "")

    assert problems_of(folder, mapping=mapping, provider=provider) == ""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "list_path: data.customers.nodes",
            "list_path: [data.customer.nodes, data.people]",
            "11:18: the GraphQL operation does not select data.customer.nodes or data.people",
        ),
        (
            "record_path: data.customer",
            "record_path: data.customers",
            "24:20: the GraphQL operation does not select data.customers",
        ),
        (
            "connection_path: data.customers",
            "connection_path: data.clients",
            "14:26: the GraphQL operation does not select data.clients",
        ),
    ],
)
def test_a_place_that_the_operation_does_not_select_is_a_problem(
    folder: Path, old: str, new: str, problem: str
) -> None:
    assert problems_of(folder, provider=replaced(PROVIDER, f"{old}\n", f"{new}\n")) == (
        f"acme/providers/globex.yaml:{problem}"
    )


def test_paging_by_a_connection_needs_its_page_info(folder: Path) -> None:
    document = replaced(DOCUMENT, "pageInfo { hasNextPage endCursor }", "pageInfo { hasNextPage }")

    assert problems_of(folder, document=document) == (
        "acme/providers/globex.yaml:14:26: the GraphQL operation does not select data.customers.pageInfo.endCursor"
    )
