"""A sample that looks like GraphQL becomes the operations and the calls of a provider."""

from __future__ import annotations

from tests.scaffold.drafts import SCHEMA, list_call
from tests.scaffold.graphql_answers import GRAPHQL_ANSWERS
from truto_unify.scaffold.project import draft_project


def test_a_graphql_sample_becomes_operations_that_read_its_fields() -> None:
    draft = draft_project("globex", SCHEMA, samples=[GRAPHQL_ANSWERS["graphql"]])

    assert draft.files["providers/globex.graphql"] == (
        "# Drafted by truto-unify scaffold from a sample: the operations read only the sample's fields.\n"
        "query List($first: Int!, $after: String) {\n"
        "  shop {\n"
        "    people(first: $first, after: $after) {\n"
        "      nodes {\n"
        "        id\n"
        "        email\n"
        "        homeAddress {\n"
        "          city\n"
        "          zip\n"
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
        "  record: customer(id: $id) {\n"
        "    id\n"
        "    email\n"
        "    homeAddress {\n"
        "      city\n"
        "      zip\n"
        "    }\n"
        "  }\n"
        "}\n"
    )
    assert 'body: {variables: {id: "gid://acme/Customer/{id}"}}' in draft.files["providers/globex.yaml"]


def test_a_graphql_sample_with_a_count_is_paged_by_skip_and_take() -> None:
    draft = draft_project("globex", SCHEMA, samples=[GRAPHQL_ANSWERS["graphql count"]])

    document = draft.files["providers/globex.graphql"]
    assert document.partition("\n\n")[0].splitlines()[1:] == [
        "query List($skip: Int, $take: Int) {",
        "  customers(skip: $skip, take: $take) {",
        "    items {",
        "      id",
        "      email",
        "      homeAddress {",
        "        city",
        "        zip",
        "      }",
        "    }",
        "    totalItems",
        "  }",
        "}",
    ]
    listed = list_call(draft)
    assert (listed["list_path"], listed["pagination"]) == (
        "data.customers.items",
        {
            "type": "offset",
            "offset_body_path": "variables.skip",
            "page_size_body_path": "variables.take",
            "max_page_size": 100,
            "total_path": "data.customers.totalItems",
        },
    )
