"""What a flow asks of its driver: to send, to wait, to read and write tokens, to change budgets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from truto_unify.types import BudgetChange, Lane, Request, Token

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ChangeBudget:
    """The flow asks to change the budget of this key, never two changes at a time, and for the reply of the change.

    Attributes:
        key: of the budget.
        change: the change.
        on_lost: the change that takes a reply back, if the caller is cancelled before the reply reaches it.
    """

    key: str
    change: BudgetChange
    on_lost: Callable[[Any], ChangeBudget | None] | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """The flow asks its driver for the response to this request.

    Attributes:
        request: the request.
        seconds: how long it may take, the wait in its lane included.
        on_lost: the change of a budget if no response arrives.
        lane: the limits of requests in flight that it counts towards; None: no limit.
        on_written: called when the request is written to the network; a transport of the caller's may not call it.
    """

    request: Request
    seconds: float | None = None
    on_lost: ChangeBudget | None = None
    lane: Lane | None = None
    on_written: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of a request among those of its process that wait for the same budget.

    Attributes:
        key: of the budget.
        number: of the ticket; smaller ones go first.
        max_seconds: how long the request waits for its turn.
    """

    key: str
    number: int
    max_seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """The flow asks its driver to wait.

    Attributes:
        seconds: how long.
        reason: why, for people.
        turn: the turn to wait for after that; a driver that runs one flow at a time needs none.
        on_lost: the change of a budget if the wait is cancelled.
    """

    seconds: float
    reason: str
    turn: Turn | None = None
    on_lost: ChangeBudget | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """The flow asks to run another flow while its ticket is in the queue of a budget, and for its result."""

    key: str
    number: int
    flow: Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class ReadToken:
    """The flow asks for the stored token of this key, or None."""

    key: str


@dataclass(frozen=True, slots=True)
class WriteToken:
    """The flow asks to store a token."""

    key: str
    token: Token


@dataclass(frozen=True, slots=True)
class Exclusive:
    """The flow asks to run another flow, never two of the same key at a time, and for its result."""

    key: str
    flow: Generator[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Gather:
    """The flow asks to run several flows, so many at a time, and for their results in order."""

    flows: tuple[Generator[Any, Any, Any], ...]
    at_once: int


Step = Send | Wait | Queued | ReadToken | WriteToken | Exclusive | Gather | ChangeBudget
"""What a flow may ask of its driver."""
Flow = Generator[Step, Any, Result]
"""A call, or a part of a call, as a generator: it yields steps and returns its result."""
