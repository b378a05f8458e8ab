"""Writes what each store supports: a page with a picture, a page for each resource, and a summary for the README."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests import store_pages
from tests.curl_capture import curl_capture
from tests.drawings import draw_terminal
from tests.page_sections import markdown_table, write_sections
from tests.support_grid import draw_grids
from truto_unify.capabilities import describe_provider, quality_table, support_columns, support_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from truto_unify import Registry

DEMO = "truto-unify demo"
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
A column with a name in brackets is an [edition](mapping.md#editions) of the mapping, for accounts with that value in
their context.

Each resource has a page of its own with every field, filter and sort, and with what each store needs for the next tier:
"""


def describe_all(registry: Registry) -> list[dict[str, Any]]:
    """The capabilities of every provider."""
    return [describe_provider(registry, slug) for slug in registry.providers]


def support_page(described: list[dict[str, Any]]) -> str:
    """The page that compares all resources."""
    links = "".join(f"* [`{name}`](support/{_page_name(name)})\n" for name in _resources(described))
    tables = [f"## `{name}`\n\n{_counts(described, name)}" for name in _resources(described)]
    return "\n".join([_HEAD, links, "![every field, filter and sort by provider](support.svg)", "", *tables])


def resource_page(described: list[dict[str, Any]], resource: str) -> str:
    """The page of a resource."""
    head = (
        f"# What each store supports of `{resource}`\n\n"
        "Written by `make evidence`; do not edit. [support.md](../support.md) explains the words.\n"
    )
    tables = {
        "Fields": support_table(described, resource, "fields"),
        "Filters and sorts": support_table(described, resource, "query"),
        "Quality": quality_table(described, resource),
    }
    return "\n".join([head, *(f"## {title}\n\n{markdown_table(*table)}" for title, table in tables.items())])


def summary(described: list[dict[str, Any]]) -> str:
    """A line for each provider: of each resource the tier, and how many of its fields a real server returned."""
    names = _resources(described)
    rows = []
    for provider in described:
        cells = [_summary_cell(provider["resources"].get(name)) for name in names]
        rows.append([provider["provider"], provider["api_version"] or "", *cells])
    return markdown_table(["provider", "API", *(f"`{name}`" for name in names)], rows)


def _summary_cell(support: Mapping[str, Any] | None) -> str:
    if support is None:
        return ""
    fields = _evidence_counts(support)
    return f"{support['quality']['tier'] or 'no tier'}, {fields['recorded']} of {fields.total()} fields"


def _counts(described: list[dict[str, Any]], resource: str) -> str:
    """A line for each provider: tier, and how many fields and filters have which evidence."""
    columns = ["provider", "tier", "fields: recorded, documented, synthetic", "filters and sorts: native, emulated"]
    rows = []
    for name, support in support_columns(described, resource).items():
        fields = _evidence_counts(support)
        served = Counter(cell["support"] == "emulated" for cell in support["query"].values())
        counts = [fields["recorded"], fields["docs-example"], fields["synthetic"] + fields["declared"]]
        cells = [", ".join(map(str, counts)), f"{served[False]}, {served[True]}"]
        rows.append([name, support["quality"]["tier"] or "none", *cells])
    return markdown_table(columns, rows)


def _evidence_counts(support: Mapping[str, Any]) -> Counter[str]:
    """How many of the mapped fields have which evidence."""
    return Counter(cell["evidence"] for cell in support["fields"].values() if "evidence" in cell)


def _resources(described: list[dict[str, Any]]) -> list[str]:
    return sorted({name for provider in described for name in provider["resources"]})


def _page_name(resource: str) -> str:
    return f"{resource.replace('/', '-')}.md"


def demo_capture() -> str:
    """The output of the demo on a terminal of 80 columns, as SVG."""
    _, *arguments = DEMO.split()
    command = [sys.executable, "-m", "truto_unify.cli.main", *arguments]
    environment = {**os.environ, "COLUMNS": "80"}
    shown = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=environment).stdout
    return draw_terminal(DEMO, shown.rstrip().splitlines())


def pages(registry: Registry) -> Mapping[str, str]:
    """The content of each generated file in docs/."""
    described = describe_all(registry)
    return {
        "support.md": support_page(described),
        "support.svg": draw_grids(described),
        "demo.svg": demo_capture(),
        "from-curl.svg": curl_capture(),
        **{f"support/{_page_name(name)}": resource_page(described, name) for name in _resources(described)},
    }


def write_pages(root: Path, registry: Registry) -> None:
    """Writes the files, the summary of the README, and the tables of the stores' pages."""
    for name, content in pages(registry).items():
        file = root / "docs" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    write_sections(root / "README.md", {"support": summary(describe_all(registry))})
    store_pages.write_pages(root, registry)
