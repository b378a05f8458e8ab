"""The contract of paging: a list gives every record once, and a broken list ends with an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import httpx

from truto_unify.errors import MappingError, NotFoundError, ProviderError
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import serve
from truto_unify.testing.contract.requests import find_record_id
from truto_unify.testing.contract.scripted_server import (
    ListScript,
    ScriptedProvider,
    as_success,
    json_response,
    record_body,
)
from truto_unify.testing.contract.tied_list import TiedList, plant_ties
from truto_unify.testing.provider_under_test import attempt, outcome_text
from truto_unify.testing.samples import invent_records, native_with_id
from truto_unify.types import Direction, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.errors import UnifyError
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Sample

_LIMIT = 3
_MAX_REQUESTS = 10


class ListUnderTest:
    """A list of invented records behind the provider's own paging.

    Args:
        under_test: the pair to test.
        samples: samples of the list, for mappings that need more than an id.
    """

    def __init__(self, under_test: ProviderUnderTest, samples: Sequence[Sample] = ()) -> None:
        self.under_test = under_test
        self.samples = samples
        self.rules = under_test.endpoint("list").pagination
        self.server = serve(self.rules) if self.rules is not None else None
        self.size = self._find_size()

    def _find_size(self) -> int:
        """The page size of a call with a small limit; if the engine filters the records, it asks for whole pages."""
        script = ListScript(self.under_test.endpoint("list"), [])
        self.read(script, limit=_LIMIT)
        return script.sizes[0] if self.rules is not None and script.sizes else _LIMIT

    @property
    def spare_requests(self) -> int:
        """How many requests for three pages may exceed three.

        Without a total, the engine overlaps pages and looks for the end. With a total, it overlaps pages too, and reads
        on if a page lacks a record that the mapping leaves out.
        """
        if self.server is None or (self.server.has_cursor and not self.server.looks_behind):
            return 0
        if self.server.looks_behind:
            return 3
        return 1 if self.under_test.config.where is not None else 0

    def records(self, count: int) -> list[Any]:
        """This number of native records."""
        return invent_records(self.under_test, count, self.samples) if count else []

    def ids(self, records: list[Any]) -> list[str]:
        """Their unified ids."""
        return [self.under_test.mapper.map_record(record).fields["id"] for record in records]

    def script(self, count: int, **changes: Any) -> ListScript:
        """A script that serves this number of records."""
        return ListScript(self.under_test.endpoint("list"), self.records(count), **changes)

    def read(
        self, script: Callable[[httpx.Request], httpx.Response], limit: int | None = None, **query: Any
    ) -> _ListOutcome:
        """Reads the list page by page to its end; a list without an end is an error of the result.

        Args:
            script: answers the requests.
            limit: the limit of the list call.
            query: further arguments of the list call.
        """
        rules = self.under_test.provider.config.errors

        def answer(request: httpx.Request) -> httpx.Response:
            response = script(request)
            return as_success(rules, response) if response.status_code == 200 else response

        name = self.under_test.endpoint_name("list")
        provider = ScriptedProvider(self.under_test, {name: answer})
        with self.under_test.client(provider) as client:
            pages: list[Any] = []

            def read_all() -> None:
                for page in client.pages(self.under_test.schema, self.under_test.account, limit=limit, **query):
                    pages.append(page)
                    if provider.counts[name] > _MAX_REQUESTS:
                        raise AssertionError(f"still reading after {provider.counts[name]} requests")

            error = attempt(read_all)[1]
        ids = [record.id for page in pages for record in page.result]
        return _ListOutcome(ids, provider.counts[name], error)


class _ListOutcome:
    """The result of reading a list: its ids, the number of requests, the error."""

    def __init__(self, ids: list[str], requests: int, error: Exception | None) -> None:
        self.ids = ids
        self.requests = requests
        self.error = error


def _check_whole(
    tested_list: ListUnderTest, script: ListScript, max_requests: int, records: list[Any] | None = None
) -> str | None:
    """The problem of a list with missing, repeated or misplaced records, or with too many requests; else None."""
    outcome = tested_list.read(script, limit=tested_list.size)
    wanted = tested_list.ids(script.records if records is None else records)
    if outcome.error is not None:
        return outcome_text(outcome.error)
    if outcome.ids != wanted:
        return f"{len(wanted)} records expected, {len(outcome.ids)} read ({len(set(outcome.ids))} different)"
    if outcome.requests > max_requests:
        return f"{outcome.requests} requests, where {max_requests} are enough"
    return None


def _short_last_page(tested_list: ListUnderTest) -> str | None:
    if tested_list.rules is None:
        return _check_whole(tested_list, tested_list.script(2), 1)
    requests = 3 + tested_list.spare_requests
    for number in range(len(tested_list.under_test.endpoint("list").list_path or ())):
        problem = _check_whole(
            tested_list,
            tested_list.script(2 * tested_list.size + 1, path_number=number),
            requests,
        )
        if problem:
            return problem
    return None


def _exact_multiple(tested_list: ListUnderTest) -> str | None:
    if tested_list.server is None:
        return None
    return _check_whole(tested_list, tested_list.script(2 * tested_list.size), 2 + tested_list.spare_requests)


def _empty_first_page(tested_list: ListUnderTest) -> str | None:
    problem = _check_whole(tested_list, tested_list.script(0), 1)
    for status in tested_list.under_test.endpoint("list").empty_statuses:
        outcome = tested_list.read(lambda _request, status=status: httpx.Response(status))  # type: ignore[misc]  # mypy infers no lambda with a default
        problem = problem or (f"HTTP {status}: {outcome_text(outcome.error)}" if outcome.error else None)
    return problem


def _empty_page_with_cursor(tested_list: ListUnderTest) -> str | None:
    if tested_list.server is None or not tested_list.server.skips_empty_pages:
        return None
    return _check_whole(tested_list, tested_list.script(tested_list.size + 1, begins_empty=True), 4)


def _repeated_cursor(tested_list: ListUnderTest) -> str | None:
    if tested_list.rules is None:
        return None
    max_size = tested_list.rules.max_page_size
    outcome = tested_list.read(tested_list.script(max_size, is_stuck=True), limit=2 * max_size)
    if isinstance(outcome.error, ProviderError) and outcome.error.code == "pagination_loop":
        return None
    return f"a repeated page must end as a pagination_loop: {outcome_text(outcome.error, outcome.ids[:5])}"


def _lost_cursor(tested_list: ListUnderTest) -> str | None:
    if tested_list.server is None or not tested_list.server.has_more_flag:
        return None
    outcome = tested_list.read(tested_list.script(tested_list.size, breaks="lost_cursor"), limit=tested_list.size)
    if isinstance(outcome.error, ProviderError) and outcome.error.code == "page_lost":
        return None
    return (
        f"an answer that hides where more follows must end as page_lost: {outcome_text(outcome.error, outcome.ids[:5])}"
    )


def _missing_list_path(tested_list: ListUnderTest) -> str | None:
    return _must_break(tested_list, tested_list.script(1, breaks="missing_path"))


def _null_list_path(tested_list: ListUnderTest) -> str | None:
    return _must_break(tested_list, tested_list.script(1, breaks="null_path"))


def _must_break(tested_list: ListUnderTest, script: ListScript) -> str | None:
    outcome = tested_list.read(script)
    under_test = tested_list.under_test
    if under_test.endpoint("list").missing_list == "empty":
        is_empty = outcome.error is None and not outcome.ids
        return None if is_empty else f"a missing list is declared empty: {outcome_text(outcome.error, outcome.ids[:5])}"
    if not isinstance(outcome.error, MappingError):
        return f"an answer without records must be a MappingError: {outcome_text(outcome.error, outcome.ids[:5])}"
    if under_test.slug not in str(outcome.error) or under_test.resource not in str(outcome.error):
        return f"the error names neither provider nor resource: {outcome.error}"
    return None


def _totals_missing(tested_list: ListUnderTest) -> str | None:
    if tested_list.server is None or tested_list.server.has_cursor:
        return None
    # Three pages and the end. Each edge between two may be read twice, since nothing else shows that the list changed.
    return _check_whole(tested_list, tested_list.script(2 * tested_list.size + 1, has_totals=False), 2 * 4 - 1)


def _ties(tested_list: ListUnderTest) -> str | None:
    """Reads lists in which the records at both sides of a page edge have the same sort key.

    In numbered pages, their order changes with each request, unless the sort is declared unique.
    """
    method = tested_list.under_test.config.list
    if method is None or tested_list.rules is None:
        return None
    sorts = [Sort(name, direction) for name in method.sort.fields if name != "id" for direction in get_args(Direction)]
    queries: list[tuple[Sort, dict[str, Any]]] = [(sort, {"sort_by": {sort.field: sort.direction}}) for sort in sorts]
    if isinstance(method.sort.default, str):
        queries.append((Sort(method.sort.default, "asc"), {}))
    is_steady = method.sort.unique is True or (tested_list.server is not None and tested_list.server.has_cursor)
    for sort, query in queries:
        script = tested_list.script(2 * tested_list.size + 1)
        records = plant_ties(tested_list.under_test, script.records, tested_list.size, sort)
        if records is None:
            continue
        script.records = [*records]
        server = TiedList(script, tested_list.size, is_steady=is_steady)
        outcome = tested_list.read(server, limit=tested_list.size, **query)
        label = f"sorted by {sort.field} {sort.direction}" if query else "in the default order"
        if outcome.error is not None:
            return f"{label}: {outcome_text(outcome.error)}"
        if sorted(outcome.ids) != sorted(tested_list.ids(records)):
            problem = f"{len(records)} records expected, {len(outcome.ids)} read ({len({*outcome.ids})} different)"
            return f"{label}, with equal keys at page edges: {problem}"
    return None


def _own_path_only(tested_list: ListUnderTest) -> str | None:
    """The engine must not guess a list path that the provider does not declare."""
    name = "contract_records"
    # A total would show that a record is missing.
    other = replace(
        tested_list.script(1, has_totals=False),
        endpoint=tested_list.under_test.endpoint("list").model_copy(update={"list_path": ((name,),)}),
    )
    return _must_break(tested_list, other)


SCENARIOS: dict[str, Callable[[ListUnderTest], str | None]] = {
    "short last page": _short_last_page,
    "exact multiple": _exact_multiple,
    "empty first page": _empty_first_page,
    "empty page with a cursor": _empty_page_with_cursor,
    "repeated cursor": _repeated_cursor,
    "lost cursor": _lost_cursor,
    "missing list path": _missing_list_path,
    "null list path": _null_list_path,
    "records at another path": _own_path_only,
    "totals missing": _totals_missing,
    "ties at page edges": _ties,
}
"""The forms of a list; each scenario returns its problem, or None."""


def check_paging(under_test: ProviderUnderTest, scenario: str, samples: Sequence[Sample] = ()) -> list[str]:
    """Checks one of ``SCENARIOS`` against a server that the provider's own declarations describe."""
    problem = SCENARIOS[scenario](ListUnderTest(under_test, samples))
    kind = getattr(under_test.endpoint("list").pagination, "type", "no")
    return [under_test.problem(f"list ({kind} pagination), {scenario}", problem)] if problem else []


def check_single_record(under_test: ProviderUnderTest, samples: Sequence[Sample] = ()) -> list[str]:
    """Checks get: the record comes back by its id, and an answer without a record is an error, never a blank record."""
    record_id = find_record_id(under_test, samples)
    endpoint = under_test.endpoint("get")
    native = native_with_id(under_test, record_id, samples)
    is_lenient = endpoint.null_record == "not_found" or endpoint.record_path is None
    problems = []
    record, error = _get(under_test, record_id, record_body(endpoint, native))
    if error is not None or record.id != record_id:
        problems.append(
            f"the record {record_id} does not come back: {outcome_text(error, getattr(record, 'id', None))}"
        )
    cases: list[tuple[str, Any, tuple[type[UnifyError], ...]]] = [
        ("a missing record path", {"contract": "renamed"}, (MappingError,)),
        ("a null record", record_body(endpoint, None), (NotFoundError,) if is_lenient else (MappingError,)),
    ]
    if endpoint.record_path is None:
        cases[0] = ("a missing list path", {"contract": "renamed"}, (MappingError, NotFoundError))
    elif endpoint.record_path == ((),):
        del cases[0]  # the whole body is the record, whatever its content
    for label, body, wanted in cases:
        record, error = _get(under_test, record_id, body)
        if not isinstance(error, wanted):
            names = " or ".join(kind.__name__ for kind in wanted)
            problems.append(f"{label} must be a {names}: {outcome_text(error, record)}")
    return [under_test.problem("get", problem) for problem in problems]


def _get(under_test: ProviderUnderTest, record_id: str, body: Any) -> tuple[Any, Exception | None]:
    answer = json_response(good_body(under_test.provider.config.errors, body))
    provider = ScriptedProvider(under_test, {under_test.endpoint_name("get"): lambda _request: answer})
    with under_test.client(provider) as client:
        return attempt(lambda: client.get(under_test.schema, under_test.account, record_id))
