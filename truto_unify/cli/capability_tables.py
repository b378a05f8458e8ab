"""Shows what providers support: all of them as a matrix of short codes, or a single one in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from rich.text import Text

from truto_unify.capabilities import quality_table, support_columns
from truto_unify.cli import output
from truto_unify.cli.tables import output_width, print_matrix, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXT_WIDTH = 100
_EVIDENCE = {"recorded": "re", "docs-example": "do", "synthetic": "sy", "declared": "de"}
_STYLES = {"recorded": "green", "docs-example": "cyan", "synthetic": "yellow", "declared": "red"}
_SUPPORT = {
    "native": "na",
    "checked": "ch",
    "may miss": "mm",
    "emulated": "em",
    "never": "-",
    "not yet": "..",
    "no": "",
}
_PLACES = {"get": "g", "side load": "s"}
_EVIDENCE_LEGEND = (
    "re: recorded on a real server; do: from the vendor's docs;",
    "sy: from our pretend store; de: declared.",
)
_FIELD_LEGEND = (
    *_EVIDENCE_LEGEND,
    "g: with get only; s: with a side load; -: not in the store; ..: not mapped yet.",
)
_QUERY_LEGEND = (
    "na: native; ch: native, and checked again here; em: emulated here;",
    "mm: native, and may miss records; +: only together with another filter.",
    *_EVIDENCE_LEGEND,
)


def print_matrices(described: list[dict[str, Any]], resource: str) -> None:
    """The fields, the filters and sorts, and the quality of all providers of a resource."""
    for part, title, legend in (
        ("fields", "fields", _FIELD_LEGEND),
        ("query", "filters and sorts", _QUERY_LEGEND),
    ):
        cells = {name: support[part] for name, support in support_columns(described, resource).items()}
        names = dict.fromkeys(name for column in cells.values() for name in column)
        rows = [[name, *(_code(column.get(name)) for column in cells.values())] for name in names]
        print_matrix(["", *cells], rows, f"{resource}: {title}")
        output.print_lines("\n".join((*legend, "")))
    columns, tiers = quality_table(described, resource)
    print_table(columns, tiers, f"{resource}: quality")


def print_provider(described: Mapping[str, Any]) -> None:
    """Everything about a single provider, in words."""
    output.print_lines(f"{described['label']} ({described['provider']}), {described['documentation']}\n")
    setup = described["setup"]
    if setup is not None:
        rights = [f"  {right}" for right in setup["rights"]]
        keys = [
            textwrap.fill(f"Keys: {setup['where']}", min(output_width(), _TEXT_WIDTH)),
            *rights,
            setup["documentation"],
            "",
        ]
        output.print_lines("\n".join(keys))
    for resource, support in _with_editions(described["resources"]).items():
        fields = [[name, *_words(cell), str(cell.get("where") or "")] for name, cell in support["fields"].items()]
        print_table(["field", "", "evidence", "day", "read with"], fields, f"{resource}: fields")
        query = [[name, *_words(cell)] for name, cell in support["query"].items()]
        print_table(["parameter", "served", "evidence", "day"], query, f"{resource}: filters and sorts")
        if resource in described["resources"]:
            print_table(*quality_table([dict(described)], resource), f"{resource}: quality")
        for name, values in (("methods", support["methods"]), ("side loads", support["side_loads"])):
            output.print_lines(f"{name}: {', '.join(values) or 'none'}")


def _with_editions(resources: Mapping[str, Any]) -> dict[str, Any]:
    """The resources, each with the editions of its mapping behind it."""
    pairs: dict[str, Any] = {}
    for resource, support in resources.items():
        editions = {f"{resource} ({name})": cells for name, cells in support["editions"].items()}
        pairs |= {resource: support, **editions}
    return pairs


def _words(cell: Mapping[str, Any]) -> list[str | Text]:
    evidence = str(cell.get("evidence") or "")
    return [str(cell["support"]), Text(evidence, style=_STYLES.get(evidence, "")), str(cell.get("day") or "")]


def _code(cell: Mapping[str, Any] | None) -> Text:
    """The code of a cell: the evidence of a field; who serves a filter, and the evidence of it."""
    if cell is None:
        return Text()
    served, _, needs = str(cell["support"]).partition(" with ")
    evidence = str(cell.get("evidence") or "")
    words = [] if served == "yes" else [_SUPPORT[served] + ("+" if needs else "")]
    words += [_EVIDENCE[evidence]] if evidence else []
    words += [_PLACES[cell["where"]]] if cell.get("where") in _PLACES else []
    return Text(" ".join(words), style=_STYLES.get(evidence, "dim"))
