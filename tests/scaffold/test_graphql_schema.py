"""A GraphQL schema becomes a document that the schema accepts, the calls of a provider and a mapping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, introspection_from_schema, parse, validate

from tests.contract.test_outside_author import run_pytest
from tests.scaffold.drafts import SCHEMA, WORDS, list_call, write_files
from truto_unify import Registry
from truto_unify.errors import InvalidInput
from truto_unify.models import RESOURCES
from truto_unify.sandbox import shopify
from truto_unify.scaffold.graphql_calls import read_graphql
from truto_unify.scaffold.graphql_schema import native_lists
from truto_unify.scaffold.openapi import Api
from truto_unify.scaffold.project import Draft, draft_project
from truto_unify.scaffold.vocabulary import read_vocabulary

MARKET = (Path(__file__).parent / "market.graphql").read_text()
COUNTED = """
type Query { %s }
input ListOptions { skip: Int, take: Int, filter: String }
type People { items: [Person!]!, totalItems: Int! }
type Person { id: Int!, email: String, name: String }
"""


def draft(text: str, field: str | None = None, samples: tuple[Any, ...] = ()) -> Draft:
    calls = read_graphql(text, "market.graphql", WORDS, field)
    api = Api(None, None, None, None, origin="a GraphQL schema", graphql=calls)
    return draft_project("market", SCHEMA, api=api, samples=samples)


def faults(text: str, drafted: Draft) -> list[str]:
    """What the schema says against the drafted document."""
    document = parse(drafted.files["providers/market.graphql"])
    return [error.message for error in validate(build_schema(text), document)]


def test_a_connection_becomes_a_document_with_the_fields_that_the_mapping_reads() -> None:
    drafted = draft(MARKET)

    assert faults(MARKET, drafted) == []
    assert drafted.files["providers/market.graphql"] == (
        "# Drafted by truto-unify scaffold from a GraphQL schema.\n"
        "# No rule reads these fields, which are left out: lastOrder, avatar.\n"
        "fragment Record on Customer {\n"
        "  id\n"
        "  firstName\n"
        "  lastName\n"
        "  state\n"
        "  createdAt\n"
        "  updatedAt\n"
        "  defaultEmail {\n"
        "    emailAddress\n"
        "    marketingState\n"
        "    validatedAt\n"
        "  }\n"
        "  postalAddresses(first: 50) {\n"
        "    nodes {\n"
        "      id\n"
        "      address1\n"
        "      city\n"
        "      zip\n"
        "      country {\n"
        "        code\n"
        "      }\n"
        "      phone\n"
        "    }\n"
        "  }\n"
        "}\n"
        "\n"
        "query List($first: Int!, $after: String, $region: Region!, $search: String) {\n"
        "  admin {\n"
        "    customers(first: $first, after: $after, region: $region, search: $search) {\n"
        "      edges {\n"
        "        node {\n"
        "          ...Record\n"
        "        }\n"
        "      }\n"
        "      pageInfo {\n"
        "        hasNextPage\n"
        "        endCursor\n"
        "      }\n"
        "    }\n"
        "  }\n"
        "}\n"
        "\n"
        "query Get($id: ID!) {\n"
        "  admin {\n"
        "    customer(id: $id) {\n"
        "      ...Record\n"
        "    }\n"
        "  }\n"
        "}\n"
    )


def test_the_provider_file_has_paging_and_what_the_schema_requires() -> None:
    drafted = draft(MARKET)

    assert list_call(drafted) == {
        "method": "POST",
        "path": "/graphql",
        "read_only": True,
        "graphql": {"document": "market.graphql", "operation": "List"},
        "body": {"variables": {"region": "EU"}},
        "list_path": "data.admin.customers.edges[].node",
        "pagination": {
            "type": "graphql_connection",
            "connection_path": "data.admin.customers",
            "cursor_body_path": "variables.after",
            "page_size_body_path": "variables.first",
            "max_page_size": 50,
        },
    }
    assert {
        "resources.customers.list.body: the schema requires region; which values are right?",
        "resources.customers.list.graphql: the document asks for 50 elements of postalAddresses; may a record have "
        "more of them?",
    } <= {f"{remark.path}: {remark.reason}" for remark in drafted.questions}


def test_the_draft_lints_and_passes_its_contract_suite_at_once(tmp_path: Path) -> None:
    write_files(draft(MARKET), tmp_path)

    assert Registry(overlay=[tmp_path]).problems() == []
    assert run_pytest(tmp_path, "--update-golden")[0] == 0


def test_an_introspection_result_says_the_same_as_its_sdl() -> None:
    result = {"data": introspection_from_schema(build_schema(MARKET))}

    assert draft(json.dumps(result)).files == draft(MARKET).files


@pytest.mark.parametrize(
    ("fields", "list_path", "paging"),
    [
        (
            "allCustomers(options: ListOptions): People!, person(id: Int!): Person",
            "data.allCustomers.items",
            {
                "type": "offset",
                "offset_body_path": "variables.options.skip",
                "page_size_body_path": "variables.options.take",
                "max_page_size": 100,
                "total_path": "data.allCustomers.totalItems",
            },
        ),
        (
            "customerList(page: Int, perPage: Int): [Person!]!",
            "data.customerList",
            {
                "type": "page_number",
                "page_body_path": "variables.page",
                "page_size_body_path": "variables.perPage",
                "max_page_size": 100,
            },
        ),
        ("customers: [Person!]!", "data.customers", None),
    ],
)
def test_other_lists_are_paged_by_their_arguments(
    fields: str, list_path: str, paging: dict[str, Any] | None, tmp_path: Path
) -> None:
    text = COUNTED % fields
    drafted = draft(text)

    assert (list_call(drafted)["list_path"], list_call(drafted).get("pagination")) == (list_path, paging)
    assert faults(text, drafted) == []
    assert Registry(overlay=[write_files(drafted, tmp_path)]).problems() == []


def test_the_author_names_the_list_and_a_record_of_any_type_is_read_by_the_node_interface() -> None:
    text = """
    interface Node { id: ID! }
    type Query { node(id: ID!): Node, crm: Crm! }
    type Crm { leads: [Lead!]! }
    type Lead implements Node { id: ID!, email: String }
    """
    drafted = draft(text, "crm.leads")

    assert faults(text, drafted) == []
    assert drafted.files["providers/market.graphql"].endswith(
        "query Get($id: ID!) {\n  node(id: $id) {\n    ...Record\n  }\n}\n"
    )


def test_a_sample_gives_the_values_of_what_the_schema_has(tmp_path: Path) -> None:
    customer = {"id": "gid://market/Customer/17", "state": "ENABLED", "alias": "Ana"}
    sample = {"data": {"admin": {"customers": {"edges": [{"node": customer}]}}}}
    drafted = draft(MARKET, samples=(sample,))

    assert Registry(overlay=[write_files(drafted, tmp_path)]).problems() == []
    assert 'body: {variables: {id: "gid://market/Customer/{id}"}}' in drafted.files["providers/market.yaml"]
    assert faults(MARKET, drafted) == []


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("type Query {", None, "market.graphql is neither a GraphQL schema in SDL nor the JSON of an introspection"),
        ("{}", None, "market.graphql is neither a GraphQL schema in SDL nor the JSON of an introspection"),
        ("type Thing { id: ID }", None, "market.graphql has no type Query, so that nothing can be read"),
        (
            "type Query { a: Int }",
            None,
            "no list in market.graphql has a name of customers; choose a list with --field: ",
        ),
        ("type Query { staff: [Worker!]! } type Worker { id: ID! }", None, "choose a list with --field: staff"),
        (
            COUNTED % "staff: [Person!]!",
            "stuff",
            '"stuff" is no list of objects in market.graphql (did you mean "staff',
        ),
        ("type Query { customers: [Person!]! } type Person { age: Int }", None, "Person has no id (id, _id, customer"),
    ],
)
def test_a_schema_without_the_list_is_refused(text: str, field: str | None, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        draft(text, field)

    assert message in error.value.message


def test_arguments_that_paging_cannot_use_leave_the_document_valid() -> None:
    text = """
    type Query { customers(first: Int @deprecated, after: String, last: Int!): People }
    type People { nodes: [Customer!]!, pageInfo: Info! }
    type Info { hasNextPage: Boolean!, endCursor: String }
    type Customer { id: ID!, email: String, name: String, orders(options: Options): [Order] }
    type Order { id: ID!, total: Float }
    input Options { take: Int, sort: String! }
    """

    drafted = draft(text)

    assert faults(text, drafted) == []
    assert "pagination" not in list_call(drafted)
    assert list_call(drafted)["body"] == {"variables": {"last": 1}}


def test_types_that_no_value_satisfies_are_drafted_as_far_as_they_go() -> None:
    text = """
    type Query { customers(where: Where!, kind: Kind!): [Customer] }
    input Where { and: Where!, name: String! }
    enum Kind
    type Customer { id: ID!, email: String, name: String, kind: Kind }
    """

    assert list_call(draft(text))["body"] == {
        "variables": {"where": {"and": {}, "name": "{context.name}"}, "kind": None}
    }


def test_a_subgraph_that_extends_query_is_a_schema() -> None:
    text = """
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
    type Customer @key(fields: "id") { id: ID!, email: String, name: String }
    extend type Query { customers: [Customer] }
    """

    assert list_call(draft(text))["list_path"] == "data.customers"


def test_objects_that_group_fields_are_searched_once_each() -> None:
    count = 120
    fields = " ".join(f"g{number}: G{number}" for number in range(count))
    groups = "\n".join(f"type G{number} {{ {fields} }}" for number in range(count - 1))
    people = "type Customer { id: ID!, email: String, name: String }"
    last = f"type G{count - 1} {{ customers: [Customer], customer(id: ID!): Customer }}"
    text = f"type Query {{ {fields} }}\n{groups}\n{last}\n{people}"

    calls = read_graphql(text, "market.graphql", WORDS, f"g0.g{count - 1}.customers")

    assert sum(1 for _ in native_lists(build_schema(text))) == 1
    assert calls.getting is not None
    assert calls.getting.path == ("g0", f"g{count - 1}", "customer")


@pytest.mark.parametrize("resource", ["ecommerce/customers", "ecommerce/orders", "ecommerce/products"])
def test_a_large_schema_accepts_the_document_of_each_resource(resource: str, tmp_path: Path) -> None:
    text = (Path(shopify.__file__).parent / "schema.graphql").read_text("utf-8")
    calls = read_graphql(text, "schema.graphql", read_vocabulary(resource), None)
    api = Api(None, None, None, None, origin="a GraphQL schema", graphql=calls)
    drafted = draft_project("market", RESOURCES[resource], api=api)

    assert faults(text, drafted) == []
    assert Registry(overlay=[write_files(drafted, tmp_path)]).problems() == []
