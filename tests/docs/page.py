"""Reads the pages of docs/: their tables and their fenced examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^(?P<marks>`+) ?(?P<code>.*?) ?(?P=marks)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced block: the words after its mark, its content, and its line in the file."""

    info: str
    text: str
    line: int


def read_page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def read_fences(page: str) -> list[Fence]:
    found = _FENCE.finditer(page)
    return [Fence(one["info"].strip(), one["text"], page.count("\n", 0, one.start()) + 1) for one in found]


def read_tables(page: str, heading: str) -> list[list[str]]:
    """The rows of every table with this heading line, code marks taken off."""
    lines = page.split("\n")
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if line == heading:
            end = lines.index("", number)
            rows += [read_row(one) for one in lines[number + 2 : end]]
    return rows


def read_row(line: str) -> list[str]:
    """The cells of a row; an escaped bar is a bar."""
    return [read_code(cell.strip().replace("\\|", "|")) for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def read_code(cell: str) -> str:
    """The code of a cell that is code and nothing else; any other cell as it is."""
    found = _CODE.match(cell)
    return found["code"] if found and found["marks"] not in found["code"] else cell
