"""Reads the pages of docs/: their tables and their fenced examples, in the order of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$|^(?P<heading>\|[^\n]*)\n\|[-| ]+\n(?P<rows>(?:\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)
_CODE = re.compile(r"(?P<marks>`+) ?(?P<code>.*?) ?(?P=marks)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the words after its mark, and its content."""

    info: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its heading as it is written, and the cells of its rows without code marks."""

    heading: str
    rows: list[list[str]]
    line: int


def read_page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def read_blocks(page: str) -> Iterator[Fence | Table]:
    for match in _BLOCK.finditer(page):
        line = page.count("\n", 0, match.start()) + 1
        if match["heading"] is None:
            yield Fence(match["info"].strip(), match["text"], line)
        else:
            yield Table(match["heading"], [read_row(row) for row in match["rows"].splitlines()], line)


def read_rows(page: str, heading: str) -> list[list[str]]:
    """The rows of every table with this heading line."""
    tables = [block for block in read_blocks(page) if isinstance(block, Table) and block.heading == heading]
    return [row for table in tables for row in table.rows]


def read_row(line: str) -> list[str]:
    """The cells of a row; an escaped bar is a bar."""
    return [_read_code(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def _read_code(cell: str) -> str:
    """The code of a cell that is code and nothing else; any other cell as it is."""
    match = _CODE.fullmatch(cell)
    return match["code"] if match and match["marks"] not in match["code"] else cell
