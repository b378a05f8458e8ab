"""The form of a fault: a name, and a function from the store's answer to a faulty one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from truto_unify.chaos.answer import Answer, SeenRequest


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a fault knows of the exchange that it strikes.

    Attributes:
        request: of the client.
        answer: of the store; blank if the store is not asked.
        previous: the answer before this one in the same list; None on the first page.
        random: chooses; seeded.
    """

    request: SeenRequest
    answer: Answer
    previous: Answer | None
    random: Random


Alter = Callable[[Exchange], "Answer | None"]
"""Gives the faulty answer; None if the fault does not fit: a list without a total cannot state a wrong one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: as on the command line.
        group: time, connection, status, body, list, token or clock.
        summary: what the client sees, in a few words.
        alter: makes the faulty answer.
        length: the number of requests in a row that it strikes, once it has begun.
        needs_store: whether the store is asked, although its answer is lost.
        needs_transport: whether no proxy can plant it, since it strikes before a connection is open.
    """

    name: str
    group: str
    summary: str
    alter: Alter
    length: int = 1
    needs_store: bool = True
    needs_transport: bool = False
