"""Generated sections of pages: each stands between two comments, which name it and the command that writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SECTION = re.compile(
    r"(?P<start><!-- (?P<name>[\w ]+): make \w+ -->\n)(?P<content>.*?)(?P<end><!-- end of (?P=name) -->)", re.DOTALL
)


def read_sections(page: str) -> dict[str, str]:
    """The content of each generated section of a page, by name."""
    return {match["name"]: match["content"] for match in _SECTION.finditer(page)}


def fill_sections(page: str, contents: Mapping[str, str]) -> str:
    """The page with these contents in its sections."""
    return _SECTION.sub(lambda match: f"{match['start']}{contents[match['name']]}{match['end']}", page)


def write_sections(file: Path, contents: Mapping[str, str]) -> None:
    """Writes the generated sections of a file again."""
    file.write_text(fill_sections(file.read_text(encoding="utf-8"), contents), encoding="utf-8")


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = (columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
