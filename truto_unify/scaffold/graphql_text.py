"""Drafts the GraphQL operations and calls of a provider from a schema, or from a sample that looks like GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.document_lines import indent_lines
from truto_unify.scaffold.envelope import write_path
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.yaml_text import Commented

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
    "GraphQL reports errors with HTTP 200; a wrong key and the rate limit need rules for their codes",
)


def is_graphql(findings: Findings) -> bool:
    """Whether the list is that of a GraphQL call."""
    if findings.graphql is not None:
        return True
    rule = findings.paging.value if isinstance(findings.paging, Guess) else {}
    return rule.get("type") == "graphql_connection" or str(rule.get("offset_body_path")).startswith("variables.")


def draft_calls(slug: str, findings: Findings, context: dict[str, Any]) -> dict[str, Any]:
    """The list call and the get call: each is a POST to the same address, and changes nothing.

    Args:
        slug: the provider's name.
        findings: the conclusions from the sample or the schema.
        context: the context fields of the provider file, which gets those that the calls need.
    """
    if findings.graphql is not None:
        return findings.graphql.endpoints(slug, id_prefix(findings), context)
    assert findings.listed is not None  # noqa: S101 - narrows the type; the list is that of a GraphQL call
    path = Commented("/graphql", ("ask: the path of the GraphQL endpoint",))
    document = f"{slug}.graphql"
    prefix = id_prefix(findings)
    return {
        "list": {
            "method": "POST",
            "path": path,
            "read_only": True,
            "graphql": {"document": document, "operation": "List"},
            "list_path": write_path(findings.listed.path),
            "pagination": Commented(findings.paging.value, (f"guess: {findings.paging.reason}",)),
        },
        "get": {
            "method": "POST",
            "path": path.value,
            "read_only": True,
            "graphql": {"document": document, "operation": "Get"},
            "body": Commented(
                {"variables": {"id": f"{prefix}{{id}}"}},
                ("guess: the get call sends the id in the form that the list gives",),
            ),
            "record_path": Commented("data.record", ("ask: the operation Get gives this name",)),
            "null_record": "not_found",
        },
    }


def id_prefix(findings: Findings) -> str:
    """The part before the id in a global id such as ``gid://shop/Customer/17``."""
    rule = findings.mapped.rules.get("id")
    if rule is None or findings.listed is None or not rule.value["expr"].startswith("after_last("):
        return ""
    ids = [record.get("id") for record in findings.listed.items]
    return next((f"{native_id.rpartition('/')[0]}/" for native_id in ids if isinstance(native_id, str)), "")


def draft_document(findings: Findings, words: Vocabulary) -> str:
    """The GraphQL file: a list call, and a get call that reads the same fields."""
    if findings.graphql is not None:
        return findings.graphql.document()
    assert findings.listed is not None  # noqa: S101 - narrows the type; the list is that of a GraphQL call
    steps = [step for step in findings.listed.path if step != "data"]
    fields = _selection(findings.listed)
    if findings.paging.value["type"] == "graphql_connection":
        cut = next(index for index, step in enumerate(steps) if step in {"nodes", "edges[]"})
        holder = ["edges {", "node {", *fields, "}", "}"] if steps[cut] == "edges[]" else ["nodes {", *fields, "}"]
        inner = [*holder, "pageInfo {", "hasNextPage", "endCursor", "}"]
        declared, arguments = "$first: Int!, $after: String", "first: $first, after: $after"
    else:
        cut = len(steps) - 1
        inner = [f"{steps[cut]} {{", *fields, "}", findings.paging.value["total_path"].rpartition(".")[2]]
        declared, arguments = "$skip: Int, $take: Int", "skip: $skip, take: $take"
    calls = [*steps[: cut - 1], f"{steps[cut - 1]}({arguments})"]
    listed = [f"{call} {{" for call in calls] + inner + ["}"] * len(calls)
    single = [f"record: {words.singular}(id: $id) {{", *fields, "}"]
    header = ["# Drafted by truto-unify scaffold from a sample: the operations read only the sample's fields."]
    texts = indent_lines(
        [*header, f"query List({declared}) {{", *listed, "}", "", "query Get($id: ID!) {", *single, "}"]
    )
    return "".join(f"{line}\n" for line in texts)


def _selection(records: Records) -> list[str]:
    """The lines of a selection of every field that a record has."""
    merged: dict[str, Any] = {}
    for record in records.items:
        _merge(merged, record)
    return list(_lines(merged))


def _merge(into: dict[str, Any], record: dict[str, Any]) -> None:
    for key, value in record.items():
        items = value if isinstance(value, list) else [value]
        merged = into.setdefault(key, {})
        for item in items:
            if isinstance(item, dict):
                _merge(merged, item)


def _lines(fields: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, inner in fields.items():
        lines += [f"{name} {{", *_lines(inner), "}"] if inner else [name]
    return lines
