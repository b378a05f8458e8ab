"""Prints tables that fit the terminal: what names a row is never cut, and what is left out is said.

A terminal has its own width, ``COLUMNS`` sets another one, and a pipe or a file has none.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Cell = str | Text
    Row = Sequence[Cell]

_UNLIMITED = 10_000
_GAP = 3
"""Blanks between two columns."""
_LEAST_FOLDED = 12
"""A folded column is at least so wide."""


def output_width() -> int:
    """The width of a line of standard output, in letters."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return max(int(os.environ["COLUMNS"]), 1)
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNLIMITED


def print_table(columns: Sequence[str], rows: Iterable[Row], title: str | None = None) -> None:
    """Prints a table whose first column names the rows.

    Columns without a value are left out. If a line is too short for the rest, the later columns are folded; if it is
    too short even then, each row becomes a block of lines.
    """
    columns, rows = _without_empty(columns, [list(row) for row in rows])
    widths, width = _widths(columns, rows), output_width()
    folded = [number for number in range(1, len(columns)) if widths[number] > _LEAST_FOLDED]
    needed = sum(_LEAST_FOLDED if number in folded else size for number, size in enumerate(widths))
    if needed + _GAP * len(widths) > width:
        _print_blocks(columns, rows, title)
        return
    is_whole = sum(widths) + _GAP * len(widths) <= width
    _print(_table(columns, rows, title, folded=() if is_whole else folded), width)


def print_chosen(columns: Sequence[str], rows: Iterable[Row], title: str | None = None, *, least: int) -> list[str]:
    """Prints as many columns as fit, each of them whole, and returns the names of those that do not fit.

    Args:
        columns: from the most to the least important.
        rows: the rows.
        title: stands above.
        least: how many of the first columns are shown even if they have to be folded.
    """
    columns, rows = _without_empty(columns, [list(row) for row in rows])
    widths, width = _widths(columns, rows), output_width()
    chosen: list[int] = []
    for number, size in enumerate(widths):
        if number < least or sum(widths[other] for other in chosen) + size + _GAP * (len(chosen) + 1) <= width:
            chosen.append(number)
    shown = [columns[number] for number in chosen]
    picked = [[row[number] for number in chosen] for row in rows]
    is_whole = sum(widths[number] for number in chosen) + _GAP * len(chosen) <= width
    _print(_table(shown, picked, title, folded=() if is_whole else range(1, len(shown))), width)
    return [name for number, name in enumerate(columns) if number not in chosen]


def print_matrix(columns: Sequence[str], rows: Sequence[Row], title: str) -> None:
    """Prints a table of many columns as tables below each other; each begins with the column that names the rows."""
    widths, width = _widths(columns, rows), output_width()
    parts: list[list[int]] = [[]]
    for number in range(1, len(columns)):
        used = sum(widths[other] for other in (0, *parts[-1])) + _GAP * (len(parts[-1]) + 1)
        if parts[-1] and used + widths[number] + _GAP > width:
            parts.append([])
        parts[-1].append(number)
    for index, part in enumerate(parts):
        picked = [[row[number] for number in (0, *part)] for row in rows]
        heading = f"{title} ({index + 1} of {len(parts)})" if len(parts) > 1 else title
        _print(_table([columns[number] for number in (0, *part)], picked, heading), width)


def print_heading(text: str) -> None:
    """A heading above a table."""
    _print(Text(text, style="bold"), output_width())


def _without_empty(columns: Sequence[str], rows: list[list[Cell]]) -> tuple[list[str], list[list[Cell]]]:
    used = [number for number in range(len(columns)) if number == 0 or any(str(row[number]) for row in rows)]
    return [columns[number] for number in used], [[row[number] for number in used] for row in rows]


def _widths(columns: Sequence[str], rows: Iterable[Row]) -> list[int]:
    cells = [columns, *([str(cell) for cell in row] for row in rows)]
    return [max(cell_len(row[number]) for row in cells) for number in range(len(columns))]


def _table(columns: Sequence[str], rows: Iterable[Row], title: str | None, folded: Iterable[int] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, overflow="fold", no_wrap=number not in folded)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row))
    return table


def _print_blocks(columns: Sequence[str], rows: Iterable[Row], title: str | None) -> None:
    if title:
        print_heading(title)
    size = max(cell_len(name) for name in columns)
    for row in rows:
        block = Table.grid(padding=(0, 1))
        block.add_column(width=size, no_wrap=True)
        block.add_column(overflow="fold")
        for name, cell in zip(columns, row, strict=True):
            if str(cell):
                block.add_row(Text(name, style="dim"), cell if isinstance(cell, Text) else Text(printable(cell)))
        _print(block, output_width())
        _print(Text(), output_width())


def _print(content: Table | Text, width: int) -> None:
    console = Console(width=width, highlight=False)
    if sys.stdout.isatty():
        console.print(content)
        return
    with console.capture() as capture:
        console.print(content)
    for line in capture.get().splitlines():
        sys.stdout.write(f"{line.rstrip()}\n")


def printable(cell: str) -> str:
    """The text without control characters: a record must not control the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in cell)
