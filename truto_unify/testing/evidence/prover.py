"""Proves what a mapping claims on a live account: every native filter, sort and page against emulation and the store.

It needs nothing but the public client and the query plan, and looks at the native requests and answers as they pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import httpx

from truto_unify.call_arguments import read_list_call
from truto_unify.client import Client
from truto_unify.engine.local_query import matches
from truto_unify.errors import UnifyError
from truto_unify.sandbox.store import SERVER
from truto_unify.testing.answer_checks import (
    called_side_loads,
    declared_as,
    declared_parameters,
    filter_fault,
    listed_pages,
    order_fault,
    repeat_fault,
    sort_moments,
)
from truto_unify.testing.evidence.example_queries import example_filters, example_sorts
from truto_unify.testing.exchanges import Exchange, asked_size, is_call_of, parse_body, told_total
from truto_unify.testing.provider_under_test import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from truto_unify.engine.send import Settings
    from truto_unify.registry import Registry
    from truto_unify.testing.answer_checks import Fields
    from truto_unify.types import Account, PlanEntry

Verdict = Literal["ok", "differs", "untried"]
_RECORDS_FOR_A_SIDE_LOAD = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one claim of a mapping.

    Attributes:
        claim: ``pages``, ``email[like]``, ``sort_by[created_at]=desc``, ``side load orders``.
        verdict: whether the store bears it out.
        text: what was seen.
    """

    claim: str
    verdict: Verdict
    text: str


class OutOfRequests(Exception):
    """The budget of requests is used up."""


class Watch(httpx.BaseTransport):
    """Sends through another transport, counts the requests, and keeps what goes by.

    Args:
        budget: requests at most.
        inner: what sends; the network by default.
    """

    def __init__(self, budget: int, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self.budget = budget
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer.

        Raises:
            OutOfRequests: the budget is used up.
        """
        if len(self.exchanges) >= self.budget:
            raise OutOfRequests
        sent = request.read()
        response = self._inner.handle_request(request)
        response.read()
        headers = {name.lower(): value for name, value in response.headers.items()}
        level: Literal["recorded", "synthetic"] = "synthetic" if headers.get("server") == SERVER else "recorded"
        exchange = Exchange(
            uri=str(request.url),
            request=parse_body(sent),
            status=response.status_code,
            answer=parse_body(response.content),
            level=level,
            method=request.method,
            headers=headers,
        )
        self.exchanges.append(exchange)
        return response

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()


@dataclass
class Prover:
    """One run on one resource of an account.

    Args:
        subject: provider and resource.
        account: whose store is asked.
        client: sends through ``watch``.
        watch: counts and keeps.

    Attributes:
        sample: the unified records that were read without a filter, in the store's order.
        is_whole: whether these are all.
    """

    subject: Subject
    account: Account
    client: Client
    watch: Watch
    sample: list[Fields] = field(default_factory=list)
    is_whole: bool = False

    def run(self) -> Iterator[Finding]:
        """Every finding, as it is known; what the budget does not allow is untried."""
        claims: list[tuple[str, Callable[[], Finding]]] = [("pages", self._prove_pages)]
        yield from self._tried(claims)
        if "get" in self.subject.methods and self.sample:
            yield from self._tried([("get", self._prove_get)])
        yield from self._tried([*self._filter_claims(), *self._sort_claims()])
        loads = [(f"side load {name}", lambda name=name: self._prove_side_load(name)) for name in self.subject.config.side_loads]
        yield from self._tried(loads)

    def _tried(self, claims: Sequence[tuple[str, Callable[[], Finding]]]) -> Iterator[Finding]:
        for claim, prove in claims:
            try:
                yield prove()
            except OutOfRequests:
                yield Finding(claim, "untried", f"the budget of {self.watch.budget} requests is used up")
            except UnifyError as error:
                yield Finding(claim, "differs", f"{type(error).__name__}: {error.message.splitlines()[0]}")
