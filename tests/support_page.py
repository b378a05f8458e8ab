"""Writes what each store supports: a page with every field and filter, and a summary for the README."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests import store_pages
from tests.drawings import draw_grid, draw_terminal
from tests.page_sections import markdown_table, write_sections
from truto_unify.capabilities import describe_provider, quality_table, support_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from truto_unify import Registry

DEMO = "truto-unify demo --limit 2"
_HEAD = """\
# What each store supports

Written by `make evidence`; do not edit. `truto-unify capabilities` prints the same.

The tables are computed from the tests, never typed by hand. For a field, they show the evidence that the store has it:

* *recorded*: a real server returned it;
* *docs-example*: an example in the vendor's documentation has it;
* *synthetic*: our own pretend store returned it;
* *declared*: only the mapping says so.

`get` and `side load` mean that the list alone does not have the field. For a filter or sort, the tables show who does
it: the store (*native*), the store and again the engine (*checked*), the store in a way that *may miss* matching
records, or the engine (*emulated*). [quality.md](quality.md) defines bronze, silver and gold.
"""


def describe_all(registry: Registry) -> list[dict[str, Any]]:
    """The capabilities of every provider."""
    return [describe_provider(registry, slug) for slug in registry.providers]


def support_page(described: list[dict[str, Any]], resource: str) -> str:
    """The page."""
    tables = {
        "Fields": support_table(described, resource, "fields"),
        "Filters and sorts": support_table(described, resource, "query"),
        "Quality": quality_table(described, resource),
    }
    sections = [f"## {title} of `{resource}`\n\n{markdown_table(*table)}" for title, table in tables.items()]
    picture = f"![{resource} by provider](support.svg)"
    return "\n".join([_HEAD, picture, "", *sections])


def summary(described: list[dict[str, Any]], resource: str) -> str:
    """A line for each provider: tier, and how many fields and filters have which evidence."""
    columns = [
        "provider",
        "tier",
        "API",
        "fields: recorded, documented, synthetic",
        "filters and sorts: native, emulated",
    ]
    rows = []
    for provider in described:
        support = provider["resources"][resource]
        fields = Counter(cell.get("evidence") for cell in support["fields"].values())
        served = Counter(cell["support"] == "emulated" for cell in support["query"].values())
        counts = [fields["recorded"], fields["docs-example"], fields["synthetic"] + fields["declared"]]
        rows.append(
            [
                provider["provider"],
                support["quality"]["tier"] or "none",
                provider["api_version"] or "",
                ", ".join(map(str, counts)),
                f"{served[False]}, {served[True]}",
            ]
        )
    return markdown_table(columns, rows)


def demo_capture() -> str:
    """The output of the demo on a terminal of 80 columns, as SVG."""
    _, *arguments = DEMO.split()
    command = [sys.executable, "-m", "truto_unify.cli.main", *arguments]
    environment = {**os.environ, "COLUMNS": "80"}
    shown = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout
    return draw_terminal(DEMO, shown.rstrip().splitlines())


def pages(registry: Registry, resource: str) -> Mapping[str, str]:
    """The content of each generated file in docs/."""
    described = describe_all(registry)
    return {
        "support.md": support_page(described, resource),
        "support.svg": draw_grid(described, resource),
        "demo.svg": demo_capture(),
    }


def write_pages(root: Path, registry: Registry, resource: str) -> None:
    """Writes the files, the summary of the README, and the tables of the stores' pages."""
    for name, content in pages(registry, resource).items():
        (root / "docs" / name).write_text(content, encoding="utf-8")
    write_sections(root / "README.md", {"support": summary(describe_all(registry), resource)})
    store_pages.write_pages(root, registry)
