"""Bounds what an expression may cost while it is evaluated, and what a value may weigh before it is written out.

Both count and never look at a clock, so that the same record always has the same result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_OPERATIONS = 20_000
"""Steps of one evaluation; a step takes about a microsecond."""
_LETTERS_PER_STEP = 64


class TooCostlyError(ValueError):
    """A limit was reached."""


@dataclass(slots=True)
class Meter:
    """Counts the steps of one evaluation.

    Attributes:
        left: the steps that remain.
    """

    left: int = MAX_OPERATIONS

    def charge(self, steps: int = 1) -> None:
        """Takes away steps.

        Raises:
            TooCostlyError: more than remained.
        """
        self.left -= steps
        if self.left < 0:
            raise TooCostlyError(f"the expression takes more than {MAX_OPERATIONS} steps")

    def charge_reading(self, values: Iterable[Any]) -> None:
        """Takes away what it costs to read values whole.

        Raises:
            TooCostlyError: more than remained.
        """
        most = max(self.left, 0) * _LETTERS_PER_STEP
        for value in values:
            self.charge(-(-weigh(value, most) // _LETTERS_PER_STEP))


def weigh(value: Any, most: int) -> int:
    """Roughly the bytes of a value as JSON; a part that occurs twice counts twice, as in JSON.

    Args:
        value: a JSON value.
        most: the search stops once the weight is larger.

    >>> weigh(["abc", 1, None], 100)
    35
    """
    weight, waiting = 0, [value]
    while waiting and weight <= most:
        part = waiting.pop()
        weight += 8 + (len(part) if isinstance(part, str) else 0)
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            weight += sum(map(len, part))
            waiting += part.values()
    return weight
