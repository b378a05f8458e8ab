"""The goals: the limit that each figure must reach, and the limit that it should reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["aim reached", "must kept", "MUST MISSED", "aim missed", "for information", "not measured"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a figure.

    >>> str(Bound(20, "x", at_least=True)), str(Bound(1.2, "x")), Bound(1.2, "x").holds(1.1)
    ('>= 20x', '<= 1.2x', True)
    """

    value: float
    unit: str
    at_least: bool = False

    def holds(self, figure: float) -> bool:
        """Whether the figure keeps to the limit."""
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.value:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table of goals, before it is measured.

    Attributes:
        name: what is compared.
        must: the limit that a change must keep to be merged.
        aim: the limit to reach.
        unit: the unit of the figure.
    """

    name: str
    must: Bound | None = None
    aim: Bound | None = None
    unit: str = "x"


@dataclass(frozen=True, slots=True)
class Row:
    """A goal and the figure of one workload.

    Attributes:
        goal: the goal.
        workload: the measured records.
        figure: the result; None if it was not measured, with the reason in ``note``.
        note: an explanation for the reader.
    """

    goal: Goal
    workload: str
    figure: float | None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        """The result of the figure against the goal."""
        if self.figure is None:
            return "not measured"
        must, aim = self.goal.must, self.goal.aim
        if must is not None and not must.holds(self.figure):
            return "MUST MISSED"
        if aim is not None and aim.holds(self.figure):
            return "aim reached"
        if must is not None:
            return "must kept"
        return "aim missed" if aim is not None else "for information"

    @property
    def measured(self) -> str:
        """The figure with its unit; a dash if it was not measured."""
        if self.figure is None:
            return "-"
        return f"{self.figure:.2f}{self.goal.unit}" if self.goal.unit else f"{self.figure:g}"


def at_least(must: float | None, aim: float | None, name: str) -> Goal:
    """A goal whose figure, a ratio, should be large."""
    return Goal(
        name,
        Bound(must, "x", at_least=True) if must is not None else None,
        Bound(aim, "x", at_least=True) if aim is not None else None,
    )


def at_most(must: float | None, aim: float | None, name: str, unit: str = "x") -> Goal:
    """A goal whose figure should be small."""
    return Goal(
        name, Bound(must, unit) if must is not None else None, Bound(aim, unit) if aim is not None else None, unit
    )


_PER_FIELD = "dict -> dict, faster than jmespath 1.1.0 per field"
PER_FIELD = {
    "shopify": at_least(20, 30, _PER_FIELD),
    "shopify_rest": at_least(None, 30, _PER_FIELD),  # no must: the goals are set for the two others
    "woocommerce": at_least(28, 40, _PER_FIELD),
}
COMPLIANCE = Goal("official JMESPath cases that pass", Bound(908, "", at_least=True), unit="")
CAREFUL = at_least(1.0, None, "dict -> dict, against careful hand-written Python")
TUNED = at_least(None, 0.9, "dict -> dict, against speed-tuned hand-written Python")
BYTES = at_least(1.5, 2.2, "bytes -> bytes, faster than orjson + careful + orjson")
_FREE = "bytes -> bytes, cost against loads + dumps without mapping"
FREE = {
    "shopify dense": at_most(1.2, 1.0, _FREE),
    # Guessing by a text search where a record ends made this row cheaper by a tenth and no other one by as much; calls
    # never did it, for they read the envelope and cut exactly.
    "shopify sparse": at_most(1.3, 1.0, _FREE),
    "woocommerce dense": at_most(1.6, 1.0, _FREE),
    "woocommerce sparse": at_most(1.6, 1.0, _FREE),
}
FREE_ELSEWHERE = at_most(None, 1.0, _FREE)
FREE_OTHERWISE = at_most(None, None, _FREE)
"""For other states of the process than the goals assume: many pages one after another, or a long page."""
GOODS = at_least(1.0, 2.0, "orders and products, bytes -> bytes, faster than orjson + careful + orjson")
GOODS_FREE = at_most(None, 1.0, "orders and products, bytes -> bytes, cost against loads + dumps without mapping")
LIST = at_least(1.0, 1.5, "client.list, faster than json.loads + map + model_validate")
FLAT = at_most(1.15, 1.05, "cost of a record, 5,000 a page against 250")
STREAM = at_most(5, 1, "memory growth while 1,000,000 customers stream", " MiB")
SERVICE = at_least(10, 20, "service over HTTP, faster than FastAPI + httpx + jmespath")
SERVICE_CPU = at_least(None, None, SERVICE.name)
SERVICE_BOUND = at_least(None, None, "a service that maps nothing, faster than FastAPI + httpx + jmespath")
SERVICE_STREAMS = at_most(None, None, "memory growth of the service under 200 streams", " MiB")
CONCURRENCY = at_least(0.9, 1.0, "rate of 1,000 calls at once against 100 at once")
CONCURRENCY_CPU = at_least(None, None, CONCURRENCY.name)
COMPILE = at_most(15, None, "compile one mapping", " ms")
COMPILE_CACHED = at_most(None, 1, "compile one mapping, from the cache", " ms")
