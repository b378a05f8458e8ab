"""Drafts the GraphQL operations and calls of a provider whose sample is a GraphQL connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.envelope import write_path
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.yaml_text import Noted

if TYPE_CHECKING:
    from truto_unify.scaffold.envelope import Records
    from truto_unify.scaffold.sources import Findings
    from truto_unify.scaffold.vocabulary import Vocabulary


GRAPHQL_ERRORS = Guess(
    {
        "error_when": "errors",
        "message": ["errors[0].message"],
        "code": ["errors[0].extensions.code"],
        "rules": [{"status": 200, "when": "errors", "error": "rejected_input"}],
    },
    "GraphQL says no with HTTP 200; codes for a wrong key and for the rate limit need rules of their own",
)


def is_graphql(findings: Findings) -> bool:
    """Whether the list is a GraphQL connection."""
    return isinstance(findings.paging, Guess) and findings.paging.value.get("type") == "graphql_connection"


def endpoint_of(slug: str, findings: Findings) -> dict[str, Any]:
    """The two calls: both are a POST to one address that changes nothing."""
    assert findings.listed is not None  # noqa: S101 - narrows the type; a connection holds a list
    path = Noted("/graphql", ("ask: the path of the one address",))
    document = f"{slug}.graphql"
    prefix = id_prefix(findings)
    return {
        "list": {
            "method": "POST",
            "path": path,
            "read_only": True,
            "graphql": {"document": document, "operation": "List"},
            "list_path": write_path(findings.listed.path),
            "pagination": Noted(findings.paging.value, (f"guess: {findings.paging.reason}",)),
        },
        "get": {
            "method": "POST",
            "path": path.value,
            "read_only": True,
            "graphql": {"document": document, "operation": "Get"},
            "body": Noted({"variables": {"id": f"{prefix}{{id}}"}}, ("guess: an id is sent as the list gives it",)),
            "record_path": Noted("data.record", ("ask: the operation Get names it so",)),
            "null_record": "not_found",
        },
    }


def id_prefix(findings: Findings) -> str:
    """What stands before the id in a global id such as ``gid://shop/Customer/17``."""
    rule = findings.mapped.rules.get("id")
    if rule is None or findings.listed is None or not rule.value["expr"].startswith("after_last("):
        return ""
    ids = [one.get("id") for one in findings.listed.items]
    return next((f"{one.rpartition('/')[0]}/" for one in ids if isinstance(one, str)), "")


def draft_document(findings: Findings, words: Vocabulary) -> str:
    """The GraphQL file: a list as in the sample, and a get that asks for the same fields."""
    assert findings.listed is not None  # noqa: S101 - narrows the type; a connection holds a list
    steps = [one for one in findings.listed.path if one != "data"]
    cut = next(index for index, one in enumerate(steps) if one in {"nodes", "edges[]"})
    fields = _selection(findings.listed)
    holder = ["edges {", "node {", *fields, "}", "}"] if steps[cut] == "edges[]" else ["nodes {", *fields, "}"]
    inner = [*holder, "pageInfo {", "hasNextPage", "endCursor", "}"]
    calls = [*steps[: cut - 1], f"{steps[cut - 1]}(first: $first, after: $after)"]
    listed = [f"{one} {{" for one in calls] + inner + ["}"] * len(calls)
    got = [f"record: {words.singular}(id: $id) {{", *fields, "}"]
    head = ["# Made by truto-unify scaffold from a sample: what the sample lacks is not asked for."]
    texts = _indented(
        [*head, "query List($first: Int!, $after: String) {", *listed, "}", "", "query Get($id: ID!) {", *got, "}"]
    )
    return "".join(f"{line}\n" for line in texts)


def _selection(records: Records) -> list[str]:
    merged: dict[str, Any] = {}
    for one in records.items:
        _merge(merged, one)
    return list(_lines(merged))


def _merge(into: dict[str, Any], record: dict[str, Any]) -> None:
    for key, value in record.items():
        inner = value if isinstance(value, list) else [value]
        objects = [one for one in inner if isinstance(one, dict)]
        known = into.setdefault(key, {})
        for one in objects:
            _merge(known, one)


def _lines(fields: dict[str, Any]) -> list[str]:
    found = []
    for name, inner in fields.items():
        found += [f"{name} {{", *_lines(inner), "}"] if inner else [name]
    return found


def _indented(lines: list[str]) -> list[str]:
    found, depth = [], 0
    for line in lines:
        depth -= line == "}"
        found.append(f"{'  ' * depth}{line}".rstrip())
        depth += line.endswith("{")
    return found
