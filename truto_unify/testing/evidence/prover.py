"""Proves what a mapping claims on a live account: every native filter, sort and page against emulation and the store.

It needs nothing but the public client and the query plan, and looks at the native requests and answers as they pass.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.call_arguments import read_list_call
from truto_unify.config.schema import read_first
from truto_unify.engine.local_query import matches
from truto_unify.engine.plan import declared_parameters
from truto_unify.errors import UnifyError
from truto_unify.testing.answer_checks import (
    declared_as,
    filter_fault,
    listed_pages,
    order_fault,
    repeat_fault,
    sort_moments,
)
from truto_unify.testing.evidence.example_queries import Example, example_filters, example_sorts
from truto_unify.testing.evidence.watch import OutOfRequests
from truto_unify.testing.exchanges import asked_size, is_call_of, told_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from truto_unify.client import Client
    from truto_unify.config.provider import Endpoint
    from truto_unify.testing.answer_checks import Fields
    from truto_unify.testing.evidence.watch import Watch
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import Subject
    from truto_unify.types import Account, PlanEntry, Request

Verdict = Literal["ok", "differs", "untried"]
_SMALL_PAGES = 3
_LOADED_RECORDS = 5


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
        total: how many the store counts; None if it does not say.
    """

    subject: Subject
    account: Account
    client: Client
    watch: Watch
    sample: list[Fields] = field(default_factory=list)
    is_whole: bool = False
    total: int | None = None

    def run(self) -> Iterator[Finding]:
        """Every finding as soon as it is known; what the budget does not allow is untried."""
        yield from self._prove_all([("pages", self._prove_pages)])
        if self.sample and "get" in self.subject.methods:
            yield from self._prove_all([("get", self._prove_get)])
        yield from self._prove_all(self._query_claims())
        loads = self.subject.config.side_loads if self.sample else ()
        yield from self._prove_all((f"side load {name}", partial(self._prove_side_load, name)) for name in loads)

    def _prove_all(self, claims: Iterable[tuple[str, Callable[[], tuple[Verdict, str]]]]) -> Iterator[Finding]:
        for claim, prove in claims:
            try:
                yield Finding(claim, *prove())
            except OutOfRequests:
                yield Finding(claim, "untried", f"the budget of {self.watch.budget} requests is used up")
            except UnifyError as error:
                message = error.message.splitlines()[0].removeprefix(f"{self.subject}: ")
                yield Finding(claim, "differs", f"{type(error).__name__}: {message}")

    def _read(self, arguments: Mapping[str, Any], most: int) -> _Read:
        """The records of a list, and the native requests that were made for it; of about so many requests at most."""
        start = len(self.watch.exchanges)
        records: list[Fields] = []
        is_whole = True
        for page in self.client.pages(self.subject.resource_name, self.account, **arguments):
            records += [record.model_dump(mode="json") for record in page.result]
            if page.next_cursor is not None and len(self.watch.exchanges) - start >= most:
                is_whole = False
                break
        exchanges = self.watch.exchanges[start:]
        return _Read(records, is_whole, exchanges, listed_pages(self.subject, self.account, exchanges))

    # ------------------------------------------------------------------------------------------ pages

    def _prove_pages(self) -> tuple[Verdict, str]:
        """Reads the list twice, with pages of two sizes, and compares it with the store's count."""
        read = self._read({}, max(2, self.watch.budget // 4))
        self.sample, self.is_whole = read.records, read.is_whole
        pagination = self.subject.endpoint("list").pagination
        size = -(-len(self.sample) // _SMALL_PAGES)
        again = self._read({"limit": size}, _SMALL_PAGES + 1) if pagination is not None and size else read
        calls = [exchange for exchange in read.exchanges if is_call_of(exchange, self.subject.endpoint("list"))]
        self.total = told_total(pagination, calls[-1]) if calls else None
        fault = next(self._page_faults(read, again, asked_size(pagination, calls[0]) if calls else None), None)
        if fault is not None:
            return "differs", fault
        if pagination is not None and len(again.pages) < 2:
            return "untried", f"{_count(len(self.sample), 'record')}: too few for a second page"
        counted = "; total agrees" if self.is_whole and self.total is not None else ""
        first = "" if self.is_whole else "the first "
        return (
            "ok",
            f"{first}{_count(len(self.sample), 'record')} in {len(read.pages)} or {len(again.pages)} pages{counted}",
        )

    def _page_faults(self, read: _Read, again: _Read, asked: int | None) -> Iterator[str]:
        total = self.total
        ids, others = ([record["id"] for record in each.records] for each in (read, again))
        given = len(read.pages[0]) if read.pages else 0
        if asked and given < asked and (len(ids) > given or (total or 0) > given or not {*others} <= {*ids}):
            yield f"asked for {asked} a page and got {given}: declare max_page_size: {given}"
        for each, name in ((read, ""), (again, "with small pages, ")):
            repeated = len(each.records) - len({record["id"] for record in each.records})
            if fault := repeat_fault(each.pages) or (repeated and f"{repeated} records come twice"):
                yield f"{name}{fault}"
        if self.is_whole and not {*others} <= {*ids}:
            yield "small pages hold records that the whole list lacks"
        if self.is_whole and total is not None and total != len(ids):
            yield f"{_count(len(ids), 'record')} came, and the store counts {total}"

    def _prove_get(self) -> tuple[Verdict, str]:
        wanted = self.sample[0]["id"]
        record = self.client.get(self.subject.resource_name, self.account, wanted)
        return ("ok", "the record that was asked for") if record.id == wanted else ("differs", "another record")

    # ------------------------------------------------------------------------------------------ filters and sorts

    def _query_claims(self) -> Iterator[tuple[str, Callable[[], tuple[Verdict, str]]]]:
        """Each declared filter and sort, in the order of the mapping; without an example it is untried."""
        method, schema = self.subject.config.list, self.subject.mapping.schema
        declared = declared_parameters(method) if method is not None else ()
        examples: dict[str, dict[str, tuple[Example, PlanEntry]]] = {}
        for example in (*example_filters(schema, self.sample), *map(Example, example_sorts(schema))):
            explained = self.client.explain(self.subject.resource_name, self.account, **example.arguments)
            entry = explained.query_plan[0]
            for name in declared_as(entry.parameter, declared) if entry.how == "native" else ():
                # What is sent in the same words need not be sent twice.
                examples.setdefault(name, {}).setdefault(_words(explained.request), (example, entry))
        for name in declared:
            if name not in examples:
                yield name, lambda: ("untried", "no record that was read has a value for it")
            elif name.startswith("sort_by"):
                yield from (
                    (f"{name}={example.arguments['sort_by'][name[8:-1]]}", partial(self._prove_sort, example.arguments))
                    for example, _ in examples[name].values()
                )
            else:
                yield name, partial(self._prove_filter, [*examples[name].values()])

    def _prove_filter(self, examples: Sequence[tuple[Example, PlanEntry]]) -> tuple[Verdict, str]:
        count = 0
        for example, entry in examples:
            fault, size = self._filter_fault(example.arguments, entry)
            if fault is not None:
                return "differs", f"{fault}{f' ({example.note})' if example.note else ''}"
            count += size
        return "ok", f"{_count(len(examples), 'query')}, {_count(count, 'record')}, as emulated"

    def _filter_fault(self, arguments: Mapping[str, Any], entry: PlanEntry) -> tuple[str | None, int]:
        """What is wrong with the answer to one filter, and how many records it holds."""
        read = self._read(arguments, max(3, len(self.sample) // 50))
        return next(self._filter_faults(arguments, entry, read), None), len(read.records)

    def _filter_faults(self, arguments: Mapping[str, Any], entry: PlanEntry, read: _Read) -> Iterator[str]:
        schema = self.subject.mapping.schema
        asked = read_list_call(schema, arguments).filters
        natives = [record for page in read.pages for record in page]
        answered, listed = [record["id"] for record in natives], [record["id"] for record in self.sample]
        expected = {record["id"] for record in self.sample if matches(record, asked, schema)}
        found = {record["id"] for record in read.records}
        total = told_total(self.subject.endpoint("list").pagination, read.exchanges[-1]) if read.exchanges else None
        is_all = answered == listed if read.is_whole else answered == listed[: len(answered)] and total == self.total
        if is_all and self.is_whole and len(expected) < len(listed):
            yield "the answer is that of the list without it"
        if fault := filter_fault(asked[0], entry, natives, schema):
            yield fault.partition(": ")[2]
        if read.is_whole and expected - found:
            yield f"misses {len(expected - found)} of {_count(len(expected), 'record')} that match"
        if surplus := (found & {*listed}) - expected:
            yield f"gives {_count(len(surplus), 'record')} that do not match"
        if read.is_whole and total is not None and total != len({*answered}):
            yield f"{_count(len({*answered}), 'record')} came, and the store counts {total}"

    def _prove_sort(self, arguments: Mapping[str, Any]) -> tuple[Verdict, str]:
        sort = read_list_call(self.subject.mapping.schema, arguments).sort
        assert sort is not None
        read = self._read(arguments, 3)
        natives = [record for page in read.pages for record in page]
        if fault := order_fault(sort, natives) or repeat_fault(read.pages):
            return "differs", fault.rpartition(": ")[2]
        moments = sort_moments(sort, natives)
        first = sorted(sort_moments(sort, self.sample), reverse=sort.direction == "desc")[: len(moments)]
        if self.is_whole and moments != first:
            end = "oldest" if sort.direction == "asc" else "newest"
            return "differs", f"the first {len(moments)} records are not the {end}"
        if len({*moments}) < 2:
            return "untried", "fewer than two records differ in it"
        return "ok", f"{_count(len(moments), 'record')} in order{', as emulated' if self.is_whole else ''}"

    # ------------------------------------------------------------------------------------------ side loads

    def _prove_side_load(self, name: str) -> tuple[Verdict, str]:
        """Asks for it with several records: it is called, gives something, and not the same for all."""
        load = self.subject.config.side_loads[name]
        endpoint = self.subject.provider.endpoint(load.endpoint)
        fitting = [record for record in self.sample if load.where is None or load.where.search(record["remote_data"])]
        if not fitting:
            return "untried", f"its condition holds for none of {_count(len(self.sample), 'record')}"
        answers: list[str] = []
        for record in fitting[:: max(1, len(fitting) // _LOADED_RECORDS)][:_LOADED_RECORDS]:
            start = len(self.watch.exchanges)
            if "get" in self.subject.methods:
                self.client.get(self.subject.resource_name, self.account, record["id"], side_load=[name])
            else:
                self.client.list(self.subject.resource_name, self.account, limit=1, side_load=[name])
            calls = [exchange for exchange in self.watch.exchanges[start:] if is_call_of(exchange, endpoint)]
            refused = [exchange for exchange in calls if exchange.status >= 400]
            if refused:
                return "differs", f"refused with HTTP {refused[0].status}"
            answers += [_records_text(endpoint, calls)] if calls else []
        filled = [text for text in answers if text]
        if not answers:
            return "differs", "is never called"
        if not filled:
            return "untried", f"called, and empty for {_count(len(answers), 'record')}"
        if len(filled) > 1 and len({*filled}) == 1 and len(filled) == len(answers):
            return "differs", f"gives the same for {len(filled)} different records"
        return "ok", f"called for {_count(len(answers), 'record')}, filled for {len(filled)}"


@dataclass(frozen=True, slots=True)
class _Read:
    """A list as the client gave it and as it passed by."""

    records: list[Fields]
    is_whole: bool
    exchanges: list[Exchange]
    pages: list[list[Fields]]


def _words(request: Request) -> str:
    return f"{request.url} {request.query} {request.body!r}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _records_text(endpoint: Endpoint, calls: Sequence[Exchange]) -> str:
    """What a side load gave, as text; empty if it gave no records."""
    parts = []
    for exchange in calls:
        _, value = read_first(exchange.answer, endpoint.records_path or endpoint.record_path or ())
        parts += [json.dumps(value, sort_keys=True)] if value else []
    return "".join(parts)
