"""The progress line of a list that is read to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Task

    from truto_unify.types import Page


class _Records(ProgressColumn):
    """How many records came, of how many if the store says so, and how many come in a second."""

    def render(self, task: Task) -> Text:
        """The text of the column."""
        return Text(progress_text(int(task.completed), None if task.total is None else int(task.total), task.elapsed))


def progress_text(count: int, total: int | None, seconds: float | None) -> str:
    """The progress in words.

    >>> progress_text(1200, 4000, 10.0)
    '1,200 of 4,000 records, 120/s, 23 s left'
    >>> progress_text(1200, None, 10.0)
    '1,200 records, 120/s'
    """
    is_whole = total is None or total < count
    parts = [f"{count:,} records" if is_whole else f"{count:,} of {total:,} records"]
    rate = count / seconds if seconds else 0.0
    if rate:
        parts.append(f"{rate:,.0f}/s")
        if total is not None and total > count:
            parts.append(f"{(total - count) / rate:,.0f} s left")
    return ", ".join(parts)


def with_progress(pages: Iterator[Page[Any]]) -> Iterator[Page[Any]]:
    """The pages, with a progress line if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from pages
        return
    columns = (SpinnerColumn(), _Records(), TextColumn("{task.fields[requests]} requests"), TimeElapsedColumn())
    # redirect_stdout=False keeps the result out of standard error, where the progress goes.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("", total=None, requests=0)
        requests = 0
        for page in pages:
            requests += page.request_count
            progress.update(task, advance=page.result_count, requests=requests, total=page.total)
            yield page
