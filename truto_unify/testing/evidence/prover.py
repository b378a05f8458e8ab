"""Compares what a mapping claims with what a live account does: filters, sorts, pages, single records, side loads.

It uses the public client and the query plan, and reads the native requests and answers that the transport keeps.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.call_arguments import read_list_call
from truto_unify.config.schema import read_first
from truto_unify.config.yaml import nodes_from
from truto_unify.engine.local_query import matches
from truto_unify.engine.plan import declared_parameters
from truto_unify.engine.side_loads import inline_items
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
from truto_unify.testing.evidence.recording_transport import BudgetExhausted
from truto_unify.testing.exchanges import is_call_of, requested_size, store_total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from truto_unify.client import Client
    from truto_unify.config.mapping import SideLoad
    from truto_unify.config.provider import Endpoint
    from truto_unify.registry import Registry
    from truto_unify.testing.answer_checks import Fields
    from truto_unify.testing.evidence.recording_transport import RecordingTransport
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.types import Account, Filter, PlanEntry, Request

Verdict = Literal["ok", "differs", "untried"]
_SMALL_PAGES = 3
_SIDE_LOADED_RECORDS = 5


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """The result for one claim of a mapping.

    Attributes:
        claim: ``pages``, ``email[like]``, ``sort_by[created_at]=desc``, ``side load orders``.
        verdict: ``ok``, ``differs``, or ``untried`` if the records or the budget do not allow a comparison.
        text: what the store did, in prose.
    """

    claim: str
    verdict: Verdict
    text: str


@dataclass
class Prover:
    """A run on one resource of an account.

    Args:
        under_test: provider and resource.
        account: the account whose store is asked.
        transport: keeps the exchanges and bounds their number.
        open_client: opens a client that sends through ``transport``; ``run`` closes it.

    Attributes:
        sample: the unified records of the unfiltered list, in the store's order.
        is_whole: whether the sample holds every record.
        total: the store's own count; None if it does not say.
    """

    under_test: ProviderUnderTest
    account: Account
    transport: RecordingTransport
    open_client: Callable[[Registry], Client]
    sample: list[Fields] = field(default_factory=list)
    is_whole: bool = False
    total: int | None = None
    _clients: ExitStack = field(init=False, repr=False)
    _client: Client = field(init=False, repr=False)

    def run(self) -> Iterator[ClaimResult]:
        """Yields each result as soon as it is known; a claim that the budget does not allow is untried."""
        with ExitStack() as clients:
            self._clients = clients
            self._client = clients.enter_context(self.open_client(self.under_test.registry))
            yield from self._results()

    def _results(self) -> Iterator[ClaimResult]:
        yield from self._prove_all([("pages", self._prove_pages)])
        if self.sample and "get" in self.under_test.methods:
            yield from self._prove_all([("get", self._prove_get)])
        yield from self._prove_all(self._query_claims())
        loads = self.under_test.config.side_loads if self.sample else ()
        yield from self._prove_all((f"side load {name}", partial(self._prove_side_load, name)) for name in loads)

    def _prove_all(self, claims: Iterable[tuple[str, Callable[[], tuple[Verdict, str]]]]) -> Iterator[ClaimResult]:
        for claim, prove in claims:
            try:
                yield ClaimResult(claim, *prove())
            except BudgetExhausted:
                yield ClaimResult(claim, "untried", f"the budget of {self.transport.budget} requests is used up")
            except UnifyError as error:
                message = error.message.splitlines()[0].removeprefix(f"{self.under_test}: ")
                yield ClaimResult(claim, "differs", f"{type(error).__name__}: {message}")

    def _read(
        self, arguments: Mapping[str, Any], max_requests: int, client: Client | None = None, *, min_pages: int = 1
    ) -> _Read:
        """Reads a list, ``min_pages`` at least; then it stops after the page that uses up ``max_requests``."""
        start = len(self.transport.exchanges)
        records: list[Fields] = []
        is_whole = True
        pages = (client or self._client).pages(self.under_test.schema, self.account, **arguments)
        for number, page in enumerate(pages, start=1):
            records += [record.model_dump(mode="json") for record in page.result]
            is_enough = number >= min_pages and len(self.transport.exchanges) - start >= max_requests
            if page.next_cursor is not None and is_enough:
                is_whole = False
                break
        exchanges = self.transport.exchanges[start:]
        return _Read(records, is_whole, exchanges, listed_pages(self.under_test, self.account, exchanges))

    def _list_calls(self, read: _Read) -> list[Exchange]:
        """The exchanges of the list itself, without those of its side loads."""
        return [exchange for exchange in read.exchanges if is_call_of(exchange, self.under_test.endpoint("list"))]

    def _stated_total(self, read: _Read) -> int | None:
        """The store's own count in the last answer of the list."""
        calls = self._list_calls(read)
        return store_total(self.under_test.endpoint("list").pagination, calls[-1]) if calls else None

    # ------------------------------------------------------------------------------------------ pages

    def _prove_pages(self) -> tuple[Verdict, str]:
        """Reads the list with pages of two sizes, and compares both with each other and with the store's count."""
        read = self._read({}, max(2, self.transport.budget // 4))
        self.sample, self.is_whole = read.records, read.is_whole
        pagination = self.under_test.endpoint("list").pagination
        size = -(-len(self.sample) // _SMALL_PAGES)
        again = self._read_small_pages(size) if pagination is not None and size else read
        calls = self._list_calls(read)
        self.total = self._stated_total(read)
        fault = next(self._page_faults(read, again, requested_size(pagination, calls[0]) if calls else None), None)
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

    def _read_small_pages(self, size: int) -> _Read:
        """Reads the first pages with a smaller ``max_page_size``: not every list sends ``limit`` as the page size."""
        client = self._clients.enter_context(self.open_client(_with_page_size(self.under_test, size)))
        # A page may need requests for its side loads.
        return self._read({"limit": size}, _SMALL_PAGES + 1, client, min_pages=_SMALL_PAGES)

    def _page_faults(self, read: _Read, again: _Read, requested: int | None) -> Iterator[str]:
        total = self.total
        ids, small_page_ids = ([record["id"] for record in reading.records] for reading in (read, again))
        first_size = len(read.pages[0]) if read.pages else 0
        has_more = len(ids) > first_size or (total or 0) > first_size or not {*small_page_ids} <= {*ids}
        if requested and first_size < requested and has_more:
            yield f"asked for {requested} a page and got {first_size}: declare max_page_size: {first_size}"
        if fault := _repeats(read):
            yield fault
        if self.is_whole and total is not None and total != len(ids):
            yield f"{_count(len(ids), 'record')} came, and the store counts {total}"
        if fault := _repeats(again):
            yield f"with small pages, {fault}"
        if self.is_whole and not {*small_page_ids} <= {*ids}:
            yield "small pages hold records that the whole list lacks"

    def _prove_get(self) -> tuple[Verdict, str]:
        wanted = self.sample[0]["id"]
        record = self._client.get(self.under_test.schema, self.account, wanted)
        return ("ok", "the record that was asked for") if record.id == wanted else ("differs", "another record")

    # ------------------------------------------------------------------------------------------ filters and sorts

    def _query_claims(self) -> Iterator[tuple[str, Callable[[], tuple[Verdict, str]]]]:
        """The checks of each declared filter and sort, in the order of the mapping; untried without an example."""
        method, schema = self.under_test.config.list, self.under_test.mapping.schema
        declared = declared_parameters(method) if method is not None else ()
        examples: dict[str, dict[str, tuple[Example, PlanEntry]]] = {}
        for example in (*example_filters(schema, self.sample), *map(Example, example_sorts(schema))):
            explained = self._client.explain(self.under_test.schema, self.account, **example.arguments)
            entry = explained.query_plan[0]
            for name in declared_as(entry.parameter, declared) if entry.how == "native" else ():
                # Two examples with the same request need one request.
                examples.setdefault(name, {}).setdefault(_request_text(explained.request), (example, entry))
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
        may_miss = any(entry.match == "may_miss" for _, entry in examples)
        verdict = "some may be missing" if may_miss else "as emulated"
        return "ok", f"{_count(len(examples), 'query')}, {_count(count, 'record')}, {verdict}"

    def _filter_fault(self, arguments: Mapping[str, Any], entry: PlanEntry) -> tuple[str | None, int]:
        """The fault of a filter, or None, and the number of records in its answer."""
        read = self._read(arguments, max(3, len(self.sample) // 50))
        return next(self._filter_faults(arguments, entry, read), None), len(read.records)

    def _filter_faults(self, arguments: Mapping[str, Any], entry: PlanEntry, read: _Read) -> Iterator[str]:
        schema = self.under_test.mapping.schema
        asked = read_list_call(schema, arguments).filters
        natives = [record for page in read.pages for record in page]
        answered = list(dict.fromkeys(record["id"] for record in natives))  # pages overlap
        listed = [record["id"] for record in self.sample]
        expected = {record["id"] for record in self.sample if matches(record, asked, schema)}
        filtered = {record["id"] for record in read.records}
        total = self._stated_total(read)
        is_all = answered == listed if read.is_whole else answered == listed[: len(answered)] and total == self.total
        if is_all and self.is_whole and len(expected) < len(listed) and not self._have_one_word(asked[0]):
            yield "the answer is that of the list without it"
        if fault := filter_fault(asked[0], entry, natives, schema):
            yield fault.partition(": ")[2]
        if read.is_whole and expected - filtered and entry.match != "may_miss":
            yield f"misses {len(expected - filtered)} of {_count(len(expected), 'record')} that match"
        if surplus := (filtered & {*listed}) - expected:
            yield f"gives {_count(len(surplus), 'record')} that do not match"
        if read.is_whole and total is not None and total != len({*answered}):
            yield f"{_count(len({*answered}), 'record')} came, and the store counts {total}"

    def _have_one_word(self, asked: Filter) -> bool:
        """Whether this filter has the same native word for all records, so that the store leaves out none."""
        method = self.under_test.config.list
        rule = method.filters.get(asked.field) if method is not None else None
        form = rule.native(asked.op) if rule is not None else None
        native_words = {form.words.get(str(record.get(asked.field))) if form else None for record in self.sample}
        return len(native_words) == 1 and None not in native_words

    def _prove_sort(self, arguments: Mapping[str, Any]) -> tuple[Verdict, str]:
        sort = read_list_call(self.under_test.mapping.schema, arguments).sort
        assert sort is not None
        read = self._read(arguments, 3)
        # Pages overlap, so that only the records of one page, or those that the client returns, stand in order.
        faults = (order_fault(sort, page) for page in read.pages)
        if fault := next(filter(None, faults), None) or repeat_fault(read.pages):
            return "differs", fault.rpartition(": ")[2]
        moments = sort_moments(sort, read.records)
        first = sorted(sort_moments(sort, self.sample), reverse=sort.direction == "desc")[: len(moments)]
        if self.is_whole and moments != first:
            end = "oldest" if sort.direction == "asc" else "newest"
            return "differs", f"the first {len(moments)} records are not the {end}"
        if len({*moments}) < 2:
            return "untried", "fewer than two records differ in it"
        return "ok", f"{_count(len(moments), 'record')} in order{', as emulated' if self.is_whole else ''}"

    # ------------------------------------------------------------------------------------------ side loads

    def _prove_side_load(self, name: str) -> tuple[Verdict, str]:
        """Reads records with a side load. It must be called, and its results must differ unless it runs ``once``."""
        load = self.under_test.config.side_loads[name]
        if load.inline is not None and (count := self._count_inline(name, load)):
            return "ok", f"held by {_count(count, 'record')}"
        endpoint = self.under_test.provider.endpoint(load.endpoint)
        fitting = [record for record in self.sample if load.where is None or load.where.search(record["remote_data"])]
        if not fitting:
            return "untried", f"its condition holds for none of {_count(len(self.sample), 'record')}"
        calls_by_record: list[list[Exchange]] = []
        for calls in self._side_load_calls(name, endpoint, _scattered(fitting)):
            if refused := [exchange for exchange in calls if exchange.status >= 400]:
                return "differs", f"refused with HTTP {refused[0].status}"
            calls_by_record += [calls] if calls else []
            requests = {exchange.key for calls in calls_by_record for exchange in calls}
            # Products of one brand send the same request, and few orders have refunds: more of them are tried.
            is_filled = any(_records_text(endpoint, calls) for calls in calls_by_record)
            enough = _SIDE_LOADED_RECORDS * (1 if is_filled and (load.once or len(requests) != 1) else 2)
            if len(calls_by_record) >= enough:
                break
        return _side_load_verdict(endpoint, calls_by_record, may_be_same=load.once)

    def _count_inline(self, name: str, load: SideLoad) -> int:
        """The number of records in a list that come with items of a side load."""
        page = self._client.list(self.under_test.schema, self.account, limit=len(self.sample), side_load=[name])
        return sum(1 for record in page.result if inline_items(load, record.remote_data))

    def _side_load_calls(self, name: str, endpoint: Endpoint, records: Sequence[Fields]) -> Iterator[list[Exchange]]:
        """The exchanges of a side load for each record, which is read again with it."""
        # A get holds what a side load of the list alone would add.
        is_listed = self.under_test.config.side_loads[name].methods == ("list",) or "get" not in self.under_test.methods
        reads = self._listed_again(name) if is_listed else self._read_singly(name, records)
        while True:
            start = len(self.transport.exchanges)
            if next(reads, None) is None:
                return
            yield [exchange for exchange in self.transport.exchanges[start:] if is_call_of(exchange, endpoint)]

    def _read_singly(self, name: str, records: Sequence[Fields]) -> Iterator[str]:
        """Reads each record with a side load, and yields its id."""
        for record in records[: 2 * _SIDE_LOADED_RECORDS]:
            self._client.get(self.under_test.schema, self.account, record["id"], side_load=[name])
            yield record["id"]

    def _listed_again(self, name: str) -> Iterator[str]:
        """Lists record after record with a side load, and yields its id."""
        pages = self._client.pages(self.under_test.schema, self.account, limit=1, side_load=[name])
        for page in islice(pages, 2 * _SIDE_LOADED_RECORDS):
            yield from (record.id for record in page.result)


@dataclass(frozen=True, slots=True)
class _Read:
    """A list that the client has read, with its native exchanges and pages."""

    records: list[Fields]
    is_whole: bool
    exchanges: list[Exchange]
    pages: list[list[Fields]]


def _side_load_verdict(
    endpoint: Endpoint, calls_by_record: Sequence[Sequence[Exchange]], *, may_be_same: bool
) -> tuple[Verdict, str]:
    """What the exchanges of a side load prove; each record has at least one exchange."""
    answers = [_records_text(endpoint, calls) for calls in calls_by_record]
    filled = [text for text in answers if text]
    if not answers:
        return "differs", "is never called"
    if not filled:
        return "untried", f"called, and empty for {_count(len(answers), 'record')}"
    if len(filled) == len(answers) > 1 and len({*filled}) == 1 and not may_be_same:
        if len({exchange.key for calls in calls_by_record for exchange in calls}) == 1:
            return "untried", f"all {len(filled)} records that were tried send the same request"
        return "differs", f"gives the same for {len(filled)} different records"
    return "ok", f"called for {_count(len(answers), 'record')}, filled for {len(filled)}"


def _scattered(records: Sequence[Fields]) -> list[Fields]:
    """The records in an order that depends on their ids alone: every tenth record of a list may be of one brand."""
    return sorted(records, key=lambda record: sha256(str(record["id"]).encode()).digest())


def _repeats(read: _Read) -> str | None:
    """What a list repeats: a native page that repeats earlier pages, or a record that the client returns twice."""
    repeated = len(read.records) - len({record["id"] for record in read.records})
    return repeat_fault(read.pages) or (f"{repeated} records come twice" if repeated else None)


def _with_page_size(under_test: ProviderUnderTest, size: int) -> Registry:
    """A registry in which the list has pages of this size at most."""
    method = under_test.config.list
    assert method is not None
    document = under_test.provider.node.plain()
    resource, _, name = method.endpoint.partition(".")
    document["resources"][resource][name]["pagination"]["max_page_size"] = size
    file = f"providers/{under_test.slug}.yaml"
    return under_test.registry.with_file(file, nodes_from(document, file))


def _request_text(request: Request) -> str:
    return f"{request.url} {request.query} {request.body!r}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _records_text(endpoint: Endpoint, calls: Sequence[Exchange]) -> str:
    """The records of a side load as text; empty if there are none."""
    parts = []
    for exchange in calls:
        _, value = read_first(exchange.answer, endpoint.list_path or endpoint.record_path or ())
        parts += [json.dumps(value, sort_keys=True)] if value else []
    return "".join(parts)
