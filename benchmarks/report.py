"""The table of goals as text, as JSON, and inside ``docs/performance.md``."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.drawings import draw_bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.goals import Row
    from benchmarks.rounds import Race

DOCS = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- results: make bench -->", "<!-- end of results -->"
PICTURED = ("records", "pages")
"""The races that pictures show."""
LIBRARIES = ("jmespath", "orjson", "msgspec", "pydantic", "fastapi", "httpx", "uvicorn")


@dataclass(slots=True)
class Report:
    """The results of a run.

    Attributes:
        rounds: the rounds of each race.
        is_quick: whether it was a short run, whose figures are only a hint.
        rows: goals with figures.
        races: the times behind them, by the name of the race.
    """

    rounds: int
    is_quick: bool
    rows: list[Row] = field(default_factory=list)
    races: dict[str, Race] = field(default_factory=dict)

    @property
    def has_missed(self) -> bool:
        """Whether a must was missed."""
        return any(row.verdict == "MUST MISSED" for row in self.rows)

    def text(self) -> str:
        """The tables and the machine, in Markdown that reads well in a terminal."""
        run = "a quick run: a hint, not a result" if self.is_quick else f"{self.rounds} rounds"
        parts = [f"{describe_machine()}; {run}.", goals_table(self.rows)]
        if self.races:
            parts += ["Microseconds of CPU per record; only ratios inside one line mean anything.", _times(self.races)]
        return "\n\n".join(parts)

    def json(self) -> str:
        """The same for programs."""
        rows = [
            {
                "goal": row.goal.name,
                "workload": row.workload,
                "must": str(row.goal.must or ""),
                "aim": str(row.goal.aim or ""),
                "measured": row.figure,
                "unit": row.goal.unit.strip(),
                "verdict": row.verdict,
                "note": row.note,
            }
            for row in self.rows
        ]
        times = {
            name: {second: race.microseconds(second) for second in race.seconds} for name, race in self.races.items()
        }
        document: dict[str, Any] = {
            "machine": describe_machine(),
            "rounds": self.rounds,
            "quick": self.is_quick,
            "rows": rows,
            "microseconds_per_record": times,
        }
        return json.dumps(document, indent=2)

    def pictures(self) -> dict[str, str]:
        """The times of the large races as bars: SVG by file name."""
        pictures: dict[str, str] = {}
        for kind in PICTURED:
            races = {
                name.removeprefix(f"{kind}: "): race
                for name, race in self.races.items()
                if name.startswith(f"{kind}: ")
            }
            if races:
                times = {
                    name: {second: race.microseconds(second) for second in race.seconds} for name, race in races.items()
                }
                pictures[f"performance-{kind}.svg"] = draw_bars(times, "µs", "compiled")
        return pictures

    def write_docs(self, path: Path = DOCS) -> None:
        """Puts the pictures and the text between the marks in the documentation, and writes the pictures beside it.

        Raises:
            ValueError: the marks are missing.
        """
        pictures = self.pictures()
        shown = "".join(f"![microseconds of CPU per record]({name})\n\n" for name in pictures)
        write_between(path, BEGIN, END, shown + self.text())
        for name, content in pictures.items():
            path.with_name(name).write_text(content, encoding="utf-8")


def write_between(path: Path, begin: str, end: str, text: str) -> None:
    """Puts a text between two marks of a page.

    Raises:
        ValueError: the marks are missing.
    """
    before, first, rest = path.read_text(encoding="utf-8").partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise ValueError(f"{path.name} has no place for results: {begin} and {end}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def describe_machine() -> str:
    """Date, processor, Python and libraries, in one line."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {platform.system()}, {python}, {libraries}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or platform.machine()
    fields = [line.partition(":") for line in cpuinfo.read_text(encoding="utf-8").splitlines()]
    names = [value.strip() for key, _, value in fields if key.strip() == "model name"]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


def goals_table(rows: list[Row]) -> str:
    """The table of goals with their figures, in Markdown."""
    head = ("goal", "workload", "must", "aim", "measured", "verdict")
    lines = [
        (
            row.goal.name,
            f"{row.workload} ({row.note})" if row.note else row.workload,
            str(row.goal.must or ""),
            str(row.goal.aim or ""),
            row.measured,
            row.verdict,
        )
        for row in sorted(rows, key=lambda row: row.goal.name)
    ]
    return _table(head, lines)


def _times(races: dict[str, Race]) -> str:
    lines = [
        (name, ", ".join(f"{second} {race.microseconds(second):.1f}" for second in race.seconds))
        for name, race in races.items()
    ]
    return _table(("race", "microseconds"), lines)


def _table(head: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(line[place]) for line in [head, *lines]) for place in range(len(head))]
    rows = [head, tuple("-" * width for width in widths), *lines]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows
    )
