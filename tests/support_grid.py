"""Draws the support matrix as SVG: for each resource a grid, whose cells have the colour of their evidence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from tests.drawings import svg
from truto_unify.capabilities import support_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Cell = Mapping[str, Any] | None
    Row = tuple[str, list[Cell]]

_COLUMNS = 2
"""How many grids stand side by side."""
_NAMES, _CELL, _ROW = 184, 30, 16
_TITLE, _HEADS, _GAP, _LEGEND = 26, 84, 10, 64
_SIZE = 10
_COLOURS = {
    "recorded": ("#1a7f37", "#fff"),
    "docs-example": ("#0969da", "#fff"),
    "synthetic": ("#d4a72c", "#1f2328"),
    "declared": ("#cf222e", "#fff"),
    "emulated": ("#d0d7de", "#1f2328"),
    "never": ("#f6f8fa", "#59636e"),
}
_LETTERS = {
    "recorded": "R",
    "docs-example": "D",
    "synthetic": "S",
    "declared": "?",
    "native": "n",
    "checked": "c",
    "may miss": "m",
    "emulated": "e",
    "never": "–",
    "not yet": "…",
    "get": "g",
    "side load": "s",
}
_LEGENDS = (
    "R recorded, D example of the vendor, S pretend store, ? declared; g with get only, s with a side load; – never",
    "filters and sorts: n native, c native and checked again, m native and may miss records, e emulated",
)


@dataclass(frozen=True)
class _Grid:
    """The cells of a resource.

    Attributes:
        resource: ``model/resource``.
        providers: those that have it.
        parts: the rows of the fields, and those of the filters and sorts.
    """

    resource: str
    providers: Sequence[str]
    parts: Sequence[Sequence[Row]]

    @property
    def width(self) -> int:
        """The width, with room for the slanted name of the last provider."""
        return _NAMES + _CELL * len(self.providers) + 40

    @property
    def height(self) -> int:
        """The height, with a gap below each part."""
        return _TITLE + _HEADS + sum(len(rows) * _ROW + _GAP for rows in self.parts)


def draw_grids(described: Sequence[Mapping[str, Any]]) -> str:
    """Fields, filters and sorts of every resource by provider.

    Args:
        described: the result of ``describe_provider`` for each provider.
    """
    resources = dict.fromkeys(name for provider in described for name in provider["resources"])
    grids = [_grid_of(described, resource) for resource in resources]
    width = max(grid.width for grid in grids)
    tops = [0] * min(_COLUMNS, len(grids))
    drawn: list[str] = []
    for grid in grids:
        column = tops.index(min(tops))
        drawn += _draw_grid(grid, column * width, tops[column])
        tops[column] += grid.height
    whole = (len(tops) * width, max(tops) + _LEGEND)
    background = f'<rect width="{whole[0]}" height="{whole[1]}" fill="#fff"/>'
    return svg(*whole, [background, *drawn, *_draw_legend(max(tops))], size=_SIZE)


def _grid_of(described: Sequence[Mapping[str, Any]], resource: str) -> _Grid:
    columns = support_columns(described, resource)
    parts = []
    for part in ("fields", "query"):
        names = dict.fromkeys(name for column in columns.values() for name in column[part])
        parts.append([(name, [column[part].get(name) for column in columns.values()]) for name in names])
    return _Grid(resource, [*columns], parts)


def _draw_grid(grid: _Grid, left: int, top: int) -> Iterator[str]:
    yield f'<text x="{left + 8}" y="{top + 18}" font-size="13" font-weight="bold">{escape(grid.resource)}</text>'
    top += _TITLE + _HEADS
    for number, slug in enumerate(grid.providers):
        place = f"{left + _NAMES + _CELL * number + _CELL // 2} {top - 6}"
        yield f'<text transform="translate({place}) rotate(-55)">{escape(slug)}</text>'
    cells: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for rows in grid.parts:
        for name, row in rows:
            yield f'<text x="{left + 8}" y="{top + 12}">{escape(name)}</text>'
            for number, cell in enumerate(row):
                if cell is not None:
                    colour, letters = _look(cell)
                    cells[colour].append((left + _NAMES + _CELL * number, top, letters))
            top += _ROW
        top += _GAP
    for colour, places in cells.items():
        yield from _draw_cells(colour, places)


def _look(cell: Mapping[str, Any]) -> tuple[str, str]:
    """The colour of a cell by name, and its letters."""
    support, evidence = str(cell["support"]).partition(" with ")[0], cell.get("evidence")
    letters = [_LETTERS.get(support, "")] + [
        _LETTERS[name] for name in (evidence, cell.get("where")) if name in _LETTERS
    ]
    return str(evidence or ("emulated" if support == "emulated" else "never")), "".join(letters)


def _draw_cells(colour: str, places: Sequence[tuple[int, int, str]]) -> Iterator[str]:
    """Cells of a colour: a single path, and their letters."""
    fill, ink = _COLOURS[colour]
    steps = "".join(f"M{left + 1} {top + 1}h{_CELL - 2}v{_ROW - 2}h{2 - _CELL}z" for left, top, _ in places)
    yield f'<path fill="{fill}" d="{steps}"/>'
    texts = [f'<text x="{left + _CELL // 2}" y="{top + 12}">{letters}</text>' for left, top, letters in places]
    yield f'<g fill="{ink}" text-anchor="middle">{"".join(texts)}</g>'


def _draw_legend(top: int) -> Iterator[str]:
    for number, name in enumerate(_COLOURS):
        fill, ink = _COLOURS[name]
        left = 8 + number * 92
        yield f'<rect x="{left}" y="{top}" width="88" height="{_ROW}" rx="3" fill="{fill}"/>'
        yield f'<text x="{left + 44}" y="{top + 12}" text-anchor="middle" fill="{ink}">{name}</text>'
    for number, text in enumerate(_LEGENDS):
        yield f'<text x="8" y="{top + 32 + number * _ROW}">{text}</text>'
