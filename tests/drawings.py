"""Draws pictures of the docs: a terminal, the support matrix as a coloured grid, and figures as bars."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FONT = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"'
_LETTER, _LINE = 7.8, 18
_CELL_TEXT = re.compile(r"\S+(?: \S+)*")
_CELL, _ROW, _HEAD, _NAMES = 92, 20, 34, 172
_BAR_NAMES, _BARS = 190, 480
_COLOURS = {
    "recorded": ("#1a7f37", "#fff"),
    "docs-example": ("#0969da", "#fff"),
    "synthetic": ("#d4a72c", "#1f2328"),
    "declared": ("#cf222e", "#fff"),
    "emulated": ("#d0d7de", "#1f2328"),
    "never": ("#f6f8fa", "#59636e"),
    "not yet": ("#f6f8fa", "#59636e"),
}
_LEGEND = ("recorded", "docs-example", "synthetic", "declared", "emulated", "never")


def draw_terminal(command: str, lines: Sequence[str]) -> str:
    """A terminal of 80 columns, as SVG."""
    shown = [f"$ {command}", *lines]
    height = _LINE * (len(shown) + 2)
    texts: list[str] = []
    for number, line in enumerate(shown):
        colour, top = "#7ee787" if number == 0 else "#e6edf3", _LINE * (number + 1.7)
        # Each cell has a place of its own: a font may lack letters, and take wider ones from another font.
        for cell in _CELL_TEXT.finditer(line):
            left = 14 + _LETTER * cell_len(line[: cell.start()])
            texts.append(f'<text x="{left:.1f}" y="{top:.1f}" fill="{colour}">{escape(cell[0])}</text>')
    width = round(80 * _LETTER + 28)
    return _svg(width, height, [f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>', *texts], size=13)


def draw_grid(described: Sequence[Mapping[str, Any]], resource: str) -> str:
    """Fields, filters and sorts of a resource by provider, each in the colour of its evidence, as SVG."""
    providers = [provider for provider in described if resource in provider["resources"]]
    parts: list[str] = []
    for number, provider in enumerate(providers):
        middle = _NAMES + _CELL * number + _CELL / 2
        parts.append(f'<text x="{middle}" y="22" text-anchor="middle" font-weight="bold">{provider["provider"]}</text>')
    top = float(_HEAD)
    for part in ("fields", "query"):
        columns = [provider["resources"][resource][part] for provider in providers]
        for name in dict.fromkeys(name for column in columns for name in column):
            parts.append(f'<text x="8" y="{top + 14}">{escape(name)}</text>')
            parts += _draw_row(top, (column.get(name) for column in columns))
            top += _ROW
        top += _ROW / 2
    for number, evidence in enumerate(_LEGEND):
        parts += _draw_cell(_NAMES + number * (_CELL + 8), top + 4, evidence, evidence)
    width, height = _NAMES + _CELL * len(providers) + 8, int(top + 32)
    return _svg(width, height, [f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts], size=11)


def _draw_row(top: float, cells: Iterable[Mapping[str, Any] | None]) -> Iterable[str]:
    for number, cell in enumerate(cells):
        if cell is not None:
            support = str(cell["support"])
            text = support.partition(" with ")[0]
            evidence = str(cell.get("evidence") or support)
            yield from _draw_cell(_NAMES + _CELL * number, top, evidence, evidence if text == "yes" else text)


def _draw_cell(left: float, top: float, evidence: str, text: str) -> Iterable[str]:
    fill, ink = _COLOURS.get(evidence, ("#f6f8fa", "#59636e"))
    yield f'<rect x="{left + 1}" y="{top + 1}" width="{_CELL - 2}" height="{_ROW - 2}" rx="3" fill="{fill}"/>'
    yield f'<text x="{left + _CELL / 2}" y="{top + 14}" text-anchor="middle" fill="{ink}">{escape(text)}</text>'


def draw_bars(groups: Mapping[str, Mapping[str, float]], unit: str, ours: str) -> str:
    """Figures as bars, shortest first, a group for each race, as SVG; all groups have one scale.

    Args:
        groups: the figures of each group by name.
        unit: of the figures.
        ours: the name whose bars have a colour of their own.
    """
    largest = max(figure for figures in groups.values() for figure in figures.values())
    parts: list[str] = []
    top = 8.0
    for title, figures in groups.items():
        parts.append(f'<text x="8" y="{top + 14}" fill="#1f2328" font-weight="bold">{escape(title)}</text>')
        top += _ROW
        for name, figure in sorted(figures.items(), key=lambda pair: pair[1]):
            fill = "#1a7f37" if name == ours else "#8c959f"
            width = max(_BARS * figure / largest, 1)
            bar = f'x="{_BAR_NAMES}" y="{top + 3}" width="{width:.1f}" height="{_ROW - 6}" rx="2" fill="{fill}"'
            parts.append(
                f'<text x="{_BAR_NAMES - 8}" y="{top + 14}" fill="#1f2328" text-anchor="end">{escape(name)}</text>'
            )
            parts.append(f"<rect {bar}/>")
            parts.append(
                f'<text x="{_BAR_NAMES + width + 6:.1f}" y="{top + 14}" fill="#1f2328">{figure:.1f} {unit}</text>'
            )
            top += _ROW
        top += _ROW / 2
    width, height = _BAR_NAMES + _BARS + 80, int(top)
    return _svg(width, height, [f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts], size=11)


def _svg(width: float, height: float, parts: Sequence[str], *, size: int) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT} font-size="{size}">'
    return "\n".join([head, *parts, "</svg>", ""])
