"""Races contenders in interleaved rounds: all of them in each round, in rotating order, under the same conditions."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Race:
    """The times of a race.

    Attributes:
        seconds: CPU seconds of each contender in each round.
        records: the number of records of one turn.
    """

    seconds: Mapping[str, list[float]]
    records: int = 1

    def ratio(self, first_name: str, second_name: str) -> float:
        """The time of ``first_name`` divided by that of ``second_name``: the median of the ratios of each round."""
        pairs = zip(self.seconds[first_name], self.seconds[second_name], strict=True)
        return statistics.median(first / second for first, second in pairs)

    def microseconds(self, name: str) -> float:
        """The median time of one record."""
        return statistics.median(self.seconds[name]) / self.records * 1e6


@dataclass(slots=True)
class Contenders:
    """The contenders: a name and a turn of work each."""

    turns: Mapping[str, Callable[[], object]]
    records: int = 1

    def race(self, rounds: int, tick: Callable[[], None]) -> Race:
        """Runs each contender once untimed, then ``rounds`` rounds.

        Each turn starts after a garbage collection, with the live objects frozen (``gc.freeze``), and runs with the
        collector on, as in a service. Time is CPU time of the thread, so that other processes matter less.

        Args:
            rounds: the number of rounds.
            tick: called after each round.
        """
        seconds: dict[str, list[float]] = {name: [] for name in self.turns}
        for turn in self.turns.values():
            turn()
        names = list(self.turns)
        for number in range(rounds):
            shift = number % len(names)
            for name in names[shift:] + names[:shift]:
                seconds[name].append(time_turn(self.turns[name]))
            tick()
        return Race(seconds, self.records)


def time_turn(turn: Callable[[], object]) -> float:
    """CPU seconds of one turn."""
    gc.collect()
    gc.freeze()
    try:
        started = time.thread_time()
        turn()
        return time.thread_time() - started
    finally:
        gc.unfreeze()
