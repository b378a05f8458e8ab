"""What the YAML files send is compared with what the GraphQL operations declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.test_selection_lint import DOCUMENT, MAPPING, PROVIDER
from truto_unify.config.configuration import Configuration

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.errors import Problem


def problems_of(folder: Path, *changes: tuple[str, str]) -> list[Problem]:
    files = {
        "providers/globex.yaml": PROVIDER,
        "providers/globex.graphql": DOCUMENT,
        "mappings/ecommerce/customers/globex.yaml": MAPPING,
    }
    for old, new in changes:
        (name,) = (name for name, text in files.items() if old in text)
        files[name] = files[name].replace(old, new)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    findings = Configuration(overlay=folder).findings()
    return [finding for finding in findings if finding.rule.startswith("graphql-")]


REQUIRED = ("$after: String) { customers(", "$after: String, $kind: Kind!) { customers(kind: $kind, ")


def test_a_required_variable_that_nothing_always_sends_is_a_problem(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, REQUIRED)

    assert (problem.line, problem.column, problem.is_warning) == (1, 18, False)
    assert problem.message == (
        'a list does not always send $kind, which "List" requires (Kind!); '
        "send it in the body, below variables, or give it a default in the document"
    )


@pytest.mark.parametrize(
    "change",
    [
        ("operation: List}\n", "operation: List}\n      body: {variables: {kind: {}}}\n"),
        ("customers.list, ", "customers.list, body: {variables: {kind: [A]}}, "),
        ("customers.list, ", "customers.list, sort: {default: {body: {variables: {kind: A}}}}, "),
        (
            "customers.list, ",
            "customers.list, sort: {default: created_at, directions: {asc: A, desc: D}, "
            'fields: {created_at: C}, body: {variables: {kind: "{field}:{direction}"}}}, ',
        ),
        ("$kind: Kind!", "$kind: Kind! = A"),
        ("$kind: Kind!", "$kind: Kind"),
    ],
    ids=["endpoint", "list", "default order", "order of every list", "default", "nullable"],
)
def test_a_required_variable_that_every_list_sends_is_none(tmp_path: Path, change: tuple[str, str]) -> None:
    assert problems_of(tmp_path, REQUIRED, change) == []


@pytest.mark.parametrize(
    "change",
    [
        ("customers.list, ", "customers.list, filters: {email: {eq: {path: variables.kind}}}, "),
        (
            "customers.list, ",
            "customers.list, sort: {default: {body: {variables: {kind: A}}}, fields: {created_at: "
            "{asc: {body: {variables: {first: 1}}}, desc: {body: {variables: {kind: B}}}}}}, ",
        ),
    ],
    ids=["filter", "not every order"],
)
def test_what_only_some_lists_send_is_not_always_sent(tmp_path: Path, change: tuple[str, str]) -> None:
    problems = problems_of(tmp_path, REQUIRED, change)

    assert [problem.message[:34] for problem in problems] == ["a list does not always send $kind,"]


def test_the_first_page_has_no_cursor(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, ("$after: String)", "$after: String!)"))

    assert problem.message.startswith("a list does not always send $after")


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("filters: {email: {eq: search}}", 'a filter on email fills "search"'),
        ('search: {param: search}, filters: {email: {eq: "{value}"}}', 'the search text fills "search"'),
        (
            "sort: {fields: {created_at: {asc: {query: {search: a}}, desc: {query: {search: d}}}}}",
            'a sort by created_at fills "search"',
        ),
    ],
)
def test_a_query_parameter_of_a_graphql_operation_is_a_warning(tmp_path: Path, key: str, label: str) -> None:
    problems = problems_of(tmp_path, ("customers.list, ", f"customers.list, query: {{channel: x}}, {key}, "))

    assert {(problem.message, problem.is_warning) for problem in problems} == {
        (f"{label}, and a GraphQL operation sees variables alone; write the path of one, as variables.search", True)
    }


def test_paging_beside_the_variables_is_a_warning(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path, ("cursor_body_path: variables.after", "cursor_body_path: paging.after"), ("variables.first", "first")
    )

    assert [(problem.message, problem.is_warning) for problem in problems] == [
        (f"pagination.{key} fills {place}, and a GraphQL operation sees variables alone; {advice}", True)
        for key, place, advice in (
            ("page_size_body_path", '"first"', "write the path of one, as variables.first"),
            ("cursor_body_path", '"paging.after"', "write the path of one, as variables.after"),
        )
    ]
