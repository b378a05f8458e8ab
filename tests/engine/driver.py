"""Drives a flow with plain values: no network, no sleeping, and a clock that only a wait moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.engine.stores import RESOURCE
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.get_call import get_record
from truto_unify.engine.list_call import list_records, list_request
from truto_unify.engine.list_read import begin_list
from truto_unify.engine.send import Settings
from truto_unify.engine.shaping import shape_of
from truto_unify.errors import TransportError, UnifyError
from truto_unify.steps import ChangeBudget, Exclusive, Gather, Queued, ReadToken, Wait, WriteToken
from truto_unify.types import Account, Call, Page, Request, Response, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from truto_unify.registry import Registry

START = datetime(2026, 1, 1, tzinfo=UTC)
Outcome = Response | TransportError


class Clock:
    """Says what time it is; only ``wait`` moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def timer(self) -> float:
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Driver:
    """Runs flows against a provider that is a function, or a list of outcomes in order."""

    registry: Registry
    provider: Callable[[Request], Outcome]
    options: dict[str, Any] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    sent: list[Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chosen: dict[str, Any] = {"now": self.clock, "timer": self.clock.timer, "random": lambda: 0.0}
        chosen["budgets"] = MemoryBudgetStore(self.clock.timer)
        self.settings = Settings(**{"cursor_key": b"driver", **chosen, **self.options})

    def page(self, account: Account, **call: Any) -> Page[dict[str, Any]]:
        mapper = self.registry.mapper(RESOURCE, account.provider)
        asked = Call(resource=RESOURCE, method="list", **call)
        page = self.run(list_records(mapper, account, asked, self.settings))
        shaped: Page[dict[str, Any]] = replace(page, result=[shape_of(asked).value(record) for record in page.result])
        return shaped

    def walk(self, account: Account, **call: Any) -> list[Page[dict[str, Any]]]:
        """Every page, by following ``next_cursor``."""
        pages = [self.page(account, **call)]
        while pages[-1].next_cursor is not None:
            pages.append(self.page(account, **call | {"next_cursor": pages[-1].next_cursor}))
        return pages

    def get(self, account: Account, record_id: str | None, **call: Any) -> Any:
        mapper = self.registry.mapper(RESOURCE, account.provider)
        asked = Call(resource=RESOURCE, method="get", id=record_id, **call)
        return shape_of(asked).value(self.run(get_record(mapper, account, asked, self.settings)))

    def first_request(self, account: Account, **call: Any) -> Request:
        """The request that a list call would send first, unsent."""
        return list_request(self.begin(account, **call))

    def binding(self, account: Account, **call: Any) -> str:
        return str(self.begin(account, **call).fingerprint)

    def begin(self, account: Account, **call: Any) -> Any:
        mapper = self.registry.mapper(RESOURCE, account.provider)
        asked = Call(resource=RESOURCE, method="list", **call)
        return begin_list(mapper, account, asked, self.settings)

    def run(self, flow: Any) -> Any:
        reply: Any = None
        fault: Exception | None = None
        while True:
            try:
                step = flow.throw(fault) if fault is not None else flow.send(reply)
            except StopIteration as end:
                return end.value
            reply, fault = None, None
            try:
                reply = self.do(step)
            except UnifyError as lost:
                fault = lost

    def use_tokens(self, step: ReadToken | WriteToken) -> Token | None:
        if isinstance(step, WriteToken):
            self.tokens[step.key] = step.token
            return None
        return self.tokens.get(step.key)

    def do(self, step: Any) -> Any:
        if isinstance(step, Wait):
            self.waits.append(step.seconds)
            return self.clock.wait(step.seconds)
        if isinstance(step, ReadToken | WriteToken):
            return self.use_tokens(step)
        if isinstance(step, Exclusive | Queued):
            return self.run(step.flow)
        if isinstance(step, Gather):
            return [self.run(flow) for flow in step.flows]
        if isinstance(step, ChangeBudget):
            return self.settings.budgets.change(step.key, step.change)
        step.lane.check()
        step.lane.enter(0.0)
        self.sent.append(step.request)
        self.left.append(step.seconds)
        outcome = self.provider(step.request)
        if isinstance(outcome, TransportError):
            if step.on_lost is not None:
                self.do(step.on_lost)
            raise outcome
        return outcome


def play(*outcomes: Outcome) -> Callable[[Request], Outcome]:
    """A provider that gives these outcomes, one for each request."""
    left = iter(outcomes)
    return lambda _request: next(left)


def ids(pages: Iterable[Page[dict[str, Any]]]) -> list[int]:
    """The ids of all records of these pages, in order."""
    return [int(record["id"]) for page in pages for record in page.result]
