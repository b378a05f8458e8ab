"""``python -m benchmarks``: runs the measurements and prints goal, must, aim, figure and verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.baselines.careful import CAREFUL
from benchmarks.baselines.careful_goods import CAREFUL_GOODS
from benchmarks.client import race_lists
from benchmarks.compiling import measure_compiling
from benchmarks.compliance import measure_compliance
from benchmarks.concurrency import measure_concurrency
from benchmarks.goods import make_goods_workload
from benchmarks.mapping import LONG_PAGE, race_goods, race_page_sizes, race_pages, race_records
from benchmarks.report import Report
from benchmarks.service import STREAMS, measure_service
from benchmarks.streaming import measure_streaming
from benchmarks.workload import PROVIDERS, make_workloads

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import TaskID

    from benchmarks.goals import Row
    from benchmarks.rounds import Race

MEASURES = (
    "compliance",
    "records",
    "pages",
    "goods",
    "page-sizes",
    "client",
    "stream",
    "compile",
    "concurrency",
    "service",
)
ROUNDS, QUICK_ROUNDS = 25, 5


class Run:
    """A run of the chosen measurements, with a progress bar on standard error."""

    def __init__(self, report: Report, progress: Progress) -> None:
        self.report = report
        self._progress = progress

    def _begin(self, what: str, steps: int) -> tuple[Callable[[], None], TaskID]:
        task = self._progress.add_task(what, total=steps)
        return (lambda: self._progress.advance(task)), task

    def compliance(self) -> None:
        """The official JMESPath cases."""
        tick, task = self._begin("compliance", 1)
        self.report.rows.append(measure_compliance())
        tick()
        self._progress.remove_task(task)

    def records(self) -> None:
        """Records to records."""
        for workload in make_workloads(tuple(CAREFUL)):
            tick, task = self._begin(f"records: {workload.name}", self.report.rounds)
            race, rows = race_records(workload, self.report.rounds, tick)
            self._end(f"records: {workload.name}, {workload.bytes_per_record} bytes", race, rows, task)

    def pages(self) -> None:
        """Pages to pages."""
        for workload in make_workloads(PROVIDERS):
            tick, task = self._begin(f"pages: {workload.name}", self.report.rounds)
            race, rows = race_pages(workload, self.report.rounds, tick)
            self._end(f"pages: {workload.name}, {workload.bytes_per_record} bytes", race, rows, task)

    def goods(self) -> None:
        """Pages of orders and products."""
        for provider, resource in CAREFUL_GOODS:
            workload = make_goods_workload(provider, resource)
            tick, task = self._begin(f"goods: {workload.name}", self.report.rounds)
            race, rows = race_goods(workload, self.report.rounds, tick)
            self._end(f"goods: {workload.name}, {workload.bytes_per_record} bytes", race, rows, task)

    def page_sizes(self) -> None:
        """Long pages against short pages."""
        rounds = max(self.report.rounds // 2, 3) if self.report.is_quick else self.report.rounds
        for provider in ("shopify", "woocommerce"):
            tick, task = self._begin(f"page sizes: {provider}", rounds)
            race, rows = race_page_sizes(provider, rounds, tick, LONG_PAGE)
            self._end(f"page sizes: {provider}", race, rows, task)

    def client(self) -> None:
        """A page as models, through the client."""
        for workload in make_workloads(("shopify",)):
            tick, task = self._begin(f"client: {workload.name}", self.report.rounds)
            race, rows = race_lists(workload, self.report.rounds, tick)
            self._end(f"client: {workload.name}, {workload.bytes_per_record} bytes", race, rows, task)

    def stream(self) -> None:
        """A million customers."""
        tick, task = self._begin("stream: 1,000,000 customers, no bar until done", 1)
        self.report.rows += measure_streaming(50_000 if self.report.is_quick else 1_000_000)
        tick()
        self._progress.remove_task(task)

    def compile(self) -> None:
        """From mapping to function."""
        tick, task = self._begin("compile", self.report.rounds * len(PROVIDERS))
        self.report.rows += measure_compiling(self.report.rounds, tick)
        self._progress.remove_task(task)

    def concurrency(self) -> None:
        """Many calls at once."""
        rounds = max(self.report.rounds // 5, 3)
        tick, task = self._begin("concurrency", 2 * (rounds + 1))
        self.report.rows += measure_concurrency(rounds, tick)
        self._progress.remove_task(task)

    def service(self) -> None:
        """The whole service over HTTP."""
        tick, task = self._begin("service", self.report.rounds)
        self.report.rows += measure_service(self.report.rounds, tick, 20 if self.report.is_quick else STREAMS)
        self._progress.remove_task(task)

    def _end(self, name: str, race: Race, rows: list[Row], task: TaskID) -> None:
        self.report.races[name] = race
        self.report.rows += rows
        self._progress.remove_task(task)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="A few rounds: a hint, not a result.")
@click.option("--only", type=click.Choice(MEASURES), multiple=True, help="Runs only this measurement; repeatable.")
@click.option("--rounds", type=click.IntRange(min=3), help="Rounds of each race.")
@click.option(
    "--json", "json_path", type=click.Path(dir_okay=False, path_type=Path), help="Also writes JSON to this file."
)
@click.option("--write-docs", is_flag=True, help="Writes the tables to docs/performance.md.")
def main(*, quick: bool, only: tuple[str, ...], rounds: int | None, json_path: Path | None, write_docs: bool) -> None:
    """Measures the mapping engine against hand-written code, jmespath and bare JSON.

    Exits with 1 if a must is missed.
    """
    if write_docs and (quick or only):
        raise click.UsageError("--write-docs needs a whole run: leave out --quick and --only")
    report = Report(rounds or (QUICK_ROUNDS if quick else ROUNDS), quick)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        run = Run(report, progress)
        for name in only or MEASURES:
            getattr(run, name.replace("-", "_"))()
    click.echo(report.text())
    if json_path is not None:
        json_path.write_text(report.json() + "\n", encoding="utf-8")
    if write_docs:
        report.write_docs()
    sys.exit(1 if report.has_missed else 0)


if __name__ == "__main__":
    main()
