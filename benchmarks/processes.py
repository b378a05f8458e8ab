"""Spreads the rounds of a race over processes, each with a memory of its own.

Where objects come to lie differs from process to process, and moves a ratio by a fifth: one process is one throw of
the dice. https://pyperf.readthedocs.io/en/latest/run_benchmark.html
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from benchmarks.rounds import Race

if TYPE_CHECKING:
    from collections.abc import Callable

PROCESSES = 5


def race_in_processes(
    race: Callable[..., Race], *arguments: Any, rounds: int, tick: Callable[[int], None], processes: int = PROCESSES
) -> Race:
    """The rounds of ``race(*arguments, rounds)``, run in one fresh process after the other, as one race.

    Args:
        race: a function of a module, which processes find by its name.
        *arguments: plain values.
        rounds: of all processes together; each takes its share.
        tick: called with the number of rounds after each process.
        processes: at most so many.
    """
    seconds: dict[str, list[float]] = {}
    records = 1
    context = multiprocessing.get_context("spawn")
    for share in _shares(rounds, processes):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            part: Race = pool.submit(race, *arguments, share).result()
        records = part.records
        for name, times in part.seconds.items():
            seconds.setdefault(name, []).extend(times)
        tick(share)
    return Race(seconds, records)


def _shares(rounds: int, processes: int) -> list[int]:
    """The rounds of each process, as even as they go.

    >>> _shares(25, 5), _shares(7, 3), _shares(3, 5)
    ([5, 5, 5, 5, 5], [3, 2, 2], [1, 1, 1])
    """
    count = min(rounds, processes)
    return [rounds // count + (number < rounds % count) for number in range(count)]
