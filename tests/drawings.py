"""Draws pictures of the docs: a terminal, and figures as bars."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FONT = 'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"'
_LETTER, _LINE = 7.8, 18
_CELL_TEXT = re.compile(r"\S+(?: \S+)*")
_ROW = 20
_BAR_NAMES, _BARS = 190, 480


def draw_terminal(command: str, lines: Sequence[str]) -> str:
    """A terminal of 80 columns, as SVG."""
    shown = [f"$ {command}", *lines]
    height = _LINE * (len(shown) + 2)
    texts: list[str] = []
    for number, line in enumerate(shown):
        colour, top = "#7ee787" if line.startswith("$ ") else "#e6edf3", _LINE * (number + 1.7)
        # Each cell has a place of its own: a font may lack letters, and take wider ones from another font.
        for cell in _CELL_TEXT.finditer(line):
            left = 14 + _LETTER * cell_len(line[: cell.start()])
            texts.append(f'<text x="{left:.1f}" y="{top:.1f}" fill="{colour}">{escape(cell[0])}</text>')
    width = round(80 * _LETTER + 28)
    return svg(width, height, [f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>', *texts], size=13)


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
    return svg(width, height, [f'<rect width="{width}" height="{height}" fill="#fff"/>', *parts], size=11)


def svg(width: float, height: float, parts: Sequence[str], *, size: int) -> str:
    """A whole picture.

    Args:
        width: of the picture.
        height: of the picture.
        parts: its elements, the lowest first.
        size: of its letters.
    """
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_FONT} font-size="{size}">'
    return "\n".join([head, *parts, "</svg>", ""])
