"""``python -m benchmarks.load``: runs the measurements and prints must, figure and verdict."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchmarks.load.answers import measure_answers
from benchmarks.load.fairness import measure_fairness
from benchmarks.load.neighbours import measure_neighbours
from benchmarks.load.soak import measure_soak
from benchmarks.report import describe_machine, goals_table, write_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.goals import Row

DOCS = Path(__file__).resolve().parents[2] / "docs" / "load.md"
MINUTES = 4.0
MEASURES: dict[str, Callable[[float], Iterator[Row]]] = {
    "fairness": lambda _: measure_fairness(),
    "neighbours": lambda _: measure_neighbours(),
    "answers": lambda _: measure_answers(),
    "soak": measure_soak,
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", type=click.Choice(tuple(MEASURES)), multiple=True, help="Runs only this one; repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0.2), default=MINUTES, show_default=True, help="Of the soak.")
@click.option("--write-docs", is_flag=True, help="Writes the tables to docs/load.md.")
def main(*, only: tuple[str, ...], minutes: float, write_docs: bool) -> None:
    """Measures the service and the library under load.

    Exits with 1 if a must is missed.
    """
    has_missed = False
    for name in only or MEASURES:
        click.echo(f"{name} ...", err=True)
        load = os.getloadavg()[0]
        rows = []
        for row in MEASURES[name](minutes):
            rows.append(row)
            click.echo(f"  {row.goal.name}, {row.workload}: {row.measured}", err=True)
        has_missed |= any(row.verdict == "MUST MISSED" for row in rows)
        # On a busy machine every time is too long, and the reader must know.
        busy = f"{load:.1f} processes wanted its {os.cpu_count()} processors when the measurement began"
        text = f"{describe_machine()}; {busy}.\n\n{goals_table(rows)}"
        click.echo(f"{text}\n")
        if write_docs:
            write_between(DOCS, f"<!-- results: {name} -->", f"<!-- end of {name} -->", text)
    sys.exit(1 if has_missed else 0)


if __name__ == "__main__":
    main()
