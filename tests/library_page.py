"""Writes the tables of docs/library.md from the docstrings of public classes: ``make signatures``."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import TYPE_CHECKING, Any

from tests.page_sections import markdown_table, write_sections
from truto_unify import Account, Budget, Client, Limits, OutboundRule, Page, RetryPolicy, Settings

if TYPE_CHECKING:
    from pathlib import Path

CLASSES: dict[str, Any] = {
    "client": Client,
    "settings": Settings,
    "retry": RetryPolicy,
    "budget": Budget,
    "limits": Limits,
    "outbound": OutboundRule,
    "page": Page,
    "account": Account,
}
"""The class that each section describes."""


def sections() -> dict[str, str]:
    """The table of each section."""
    return {name: _table(kind) for name, kind in CLASSES.items()}


def write_page(root: Path) -> None:
    """Writes the tables of the page again."""
    write_sections(root / "docs/library.md", sections())


def _table(kind: Any) -> str:
    """The arguments or attributes of a class, with their defaults if these are plain values."""
    defaults = _defaults(kind)
    rows = [[f"`{name}`", defaults.get(name, ""), text] for name, text in read_entries(inspect.getdoc(kind) or "")]
    return markdown_table(["name", "default", ""], rows)


def read_entries(docstring: str) -> list[tuple[str, str]]:
    """Each name below ``Args:`` or ``Attributes:`` with its description, as Markdown on one line."""
    block = re.split(r"^(?:Args|Attributes):\n", docstring, flags=re.MULTILINE)[1]
    entries = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", re.split(r"\n\n(?=\S)", block)[0], re.MULTILINE)
    return [(name, " ".join(text.replace("``", "`").split())) for name, text in entries]


def _defaults(kind: Any) -> dict[str, str]:
    if not dataclasses.is_dataclass(kind):
        return {}
    return {
        field.name: f"`{field.default!r}`"
        for field in dataclasses.fields(kind)
        if isinstance(field.default, bool | int | float | str | tuple | None)
    }
