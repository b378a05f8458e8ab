"""The contract of reading: every record once whatever the pages look like, and no broken list passed off as whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.errors import MappingError, NotFoundError, ProviderError
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import serve
from truto_unify.testing.contract.requests import find_record_id
from truto_unify.testing.contract.scripted_server import ListScript, ScriptedProvider, json_response, record_body
from truto_unify.testing.provider_under_test import attempt, told
from truto_unify.testing.samples import invent_records, native_with_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.errors import UnifyError
    from truto_unify.testing.provider_under_test import Subject
    from truto_unify.testing.samples import Sample

_ASKED = 3
_MOST_REQUESTS = 10


class ListUnderTest:
    """One list of invented records behind the provider's own paging.

    Args:
        subject: the pair that is tried.
        samples: records of the list, where an id alone is none.
    """

    def __init__(self, subject: Subject, samples: Sequence[Sample] = ()) -> None:
        self.subject = subject
        self.samples = samples
        self.rules = subject.endpoint("list").pagination
        self.server = serve(self.rules) if self.rules is not None else None
        self.size = self._find_size()

    def _find_size(self) -> int:
        """The page size that a call with a small limit asks for; a list that is filtered here reads whole pages."""
        script = ListScript(self.subject.endpoint("list"), [])
        self.read(script, limit=_ASKED)
        return script.sizes[0] if self.rules is not None else _ASKED

    @property
    def spare(self) -> int:
        """Requests for three pages beyond one each: without a total, pages overlap and the end is looked at."""
        return 0 if self.server is None or self.server.has_cursor or self.server.tells_total else 3

    def records(self, count: int) -> list[Any]:
        """So many native records."""
        return invent_records(self.subject, count, self.samples) if count else []

    def ids(self, records: list[Any]) -> list[str]:
        """Their unified ids."""
        return [self.subject.mapper.map(one)["id"] for one in records]

    def script(self, count: int, **changes: Any) -> ListScript:
        """A list of so many records."""
        return ListScript(self.subject.endpoint("list"), self.records(count), **changes)

    def read(self, script: Callable[[httpx.Request], httpx.Response], limit: int | None = None) -> _Outcome:
        """Reads the list page by page to its end."""
        rules = self.subject.provider.config.errors

        def answer(request: httpx.Request) -> httpx.Response:
            response = script(request)
            if response.status_code != 200:
                return response
            headers = {name: value for name, value in response.headers.items() if name not in _OF_CONTENT}
            return json_response(good_body(rules, response.json()), headers)

        name = self.subject.endpoint_name("list")
        provider = ScriptedProvider(self.subject, {name: answer})
        with self.subject.client(provider) as client:
            pages: list[Any] = []

            def read_all() -> None:
                for page in client.pages(self.subject.resource_name, self.subject.account, limit=limit):
                    pages.append(page)
                    if provider.counts[name] > _MOST_REQUESTS:
                        raise AssertionError(f"still reading after {provider.counts[name]} requests")

            error = attempt(read_all)[1]
        return _Outcome([one.id for page in pages for one in page.result], provider.counts[name], error)


_OF_CONTENT = {"content-length", "content-type"}


class _Outcome:
    """What came of reading a list."""

    def __init__(self, ids: list[str], requests: int, error: Exception | None) -> None:
        self.ids = ids
        self.requests = requests
        self.error = error


def _check_whole(
    under: ListUnderTest, script: ListScript, most_requests: int, records: list[Any] | None = None
) -> str | None:
    """What is wrong unless every record came once, in order, in so many requests."""
    outcome = under.read(script, limit=under.size)
    wanted = under.ids(script.records if records is None else records)
    if outcome.error is not None:
        return told(outcome.error)
    if outcome.ids != wanted:
        return f"{len(wanted)} records were there, and {len(outcome.ids)} came ({len(set(outcome.ids))} different ones)"
    if outcome.requests > most_requests:
        return f"{outcome.requests} requests for what {most_requests} can read"
    return None


def _short_last_page(under: ListUnderTest) -> str | None:
    if under.rules is None:
        return _check_whole(under, under.script(2), 1)
    for number in range(len(under.subject.endpoint("list").records_path or ())):
        found = _check_whole(under, under.script(2 * under.size + 1, path_number=number), 3 + under.spare)
        if found:
            return found
    return None


def _exact_multiple(under: ListUnderTest) -> str | None:
    if under.server is None:
        return None
    return _check_whole(under, under.script(2 * under.size), 2 + under.spare)


def _empty_first_page(under: ListUnderTest) -> str | None:
    found = _check_whole(under, under.script(0), 1)
    for status in under.subject.endpoint("list").empty_statuses:
        outcome = under.read(lambda _request, status=status: httpx.Response(status))  # type: ignore[misc]
        found = found or (f"HTTP {status}: {told(outcome.error)}" if outcome.error else None)
    return found


def _empty_page_with_cursor(under: ListUnderTest) -> str | None:
    if under.server is None or not under.server.has_cursor:
        return None
    return _check_whole(under, under.script(under.size + 1, begins_empty=True), 4)


def _repeated_cursor(under: ListUnderTest) -> str | None:
    if under.rules is None:
        return None
    most = under.rules.max_page_size
    outcome = under.read(under.script(most, is_stuck=True), limit=2 * most)
    if isinstance(outcome.error, ProviderError) and outcome.error.code == "pagination_loop":
        return None
    return f"the same page again and again must end as a pagination_loop: {told(outcome.error, outcome.ids[:5])}"


def _lost_cursor(under: ListUnderTest) -> str | None:
    if under.server is None or not under.server.says_whether_more:
        return None
    outcome = under.read(under.script(under.size, breaks="lost_cursor"), limit=under.size)
    if isinstance(outcome.error, ProviderError) and outcome.error.code == "page_lost":
        return None
    return f"more follows and nobody says where; it must end as page_lost: {told(outcome.error, outcome.ids[:5])}"


def _missing_records_path(under: ListUnderTest) -> str | None:
    return _must_break(under, under.script(1, breaks="missing_path"))


def _null_records_path(under: ListUnderTest) -> str | None:
    return _must_break(under, under.script(1, breaks="null_path"))


def _must_break(under: ListUnderTest, script: ListScript) -> str | None:
    outcome = under.read(script)
    subject = under.subject
    if not isinstance(outcome.error, MappingError):
        return f"no list of records in the answer must be a MappingError: {told(outcome.error, outcome.ids[:5])}"
    if subject.slug not in str(outcome.error) or subject.resource not in str(outcome.error):
        return f"the error names neither provider nor resource: {outcome.error}"
    return None


def _totals_missing(under: ListUnderTest) -> str | None:
    if under.server is None or under.server.has_cursor:
        return None
    return _check_whole(under, under.script(2 * under.size + 1, tells_totals=False), 6)


def _own_path_only(under: ListUnderTest) -> str | None:
    """A records path that nobody declared must not be found by guessing."""
    name = "contract_records"
    other = replace(
        under.script(1), endpoint=under.subject.endpoint("list").model_copy(update={"records_path": ((name,),)})
    )
    return _must_break(under, other)


SCENARIOS: dict[str, Callable[[ListUnderTest], str | None]] = {
    "short last page": _short_last_page,
    "exact multiple": _exact_multiple,
    "empty first page": _empty_first_page,
    "empty page with a cursor": _empty_page_with_cursor,
    "repeated cursor": _repeated_cursor,
    "lost cursor": _lost_cursor,
    "missing records path": _missing_records_path,
    "null records path": _null_records_path,
    "records at another path": _own_path_only,
    "totals missing": _totals_missing,
}
"""What a list may look like: each says what is wrong, or None."""


def check_paging(subject: Subject, scenario: str, samples: Sequence[Sample] = ()) -> list[str]:
    """One scenario of ``SCENARIOS`` against a server built from the provider's own declarations."""
    found = SCENARIOS[scenario](ListUnderTest(subject, samples))
    kind = getattr(subject.endpoint("list").pagination, "type", "no")
    return [subject.problem(f"list ({kind} pagination), {scenario}", found)] if found else []


def check_single_record(subject: Subject, samples: Sequence[Sample] = ()) -> list[str]:
    """``get``: the record comes back by its id; what is no record is an error and never a blank one."""
    record_id = find_record_id(subject, samples)
    endpoint = subject.endpoint("get")
    native = native_with_id(subject, record_id, samples)
    is_lenient = endpoint.null_record == "not_found" or endpoint.record_path is None
    problems = []
    record, error = _get(subject, record_id, record_body(endpoint, native))
    if error is not None or record.id != record_id:
        problems.append(f"the record {record_id} does not come back: {told(error, getattr(record, 'id', None))}")
    cases: list[tuple[str, Any, tuple[type[UnifyError], ...]]] = [
        ("a missing record path", {"contract": "renamed"}, (MappingError,)),
        ("a null record", record_body(endpoint, None), (NotFoundError,) if is_lenient else (MappingError,)),
    ]
    if endpoint.record_path is None:
        cases[0] = ("a missing records path", {"contract": "renamed"}, (MappingError, NotFoundError))
    elif endpoint.record_path == ((),):
        del cases[0]  # the whole body is the record, whatever it holds
    for label, body, wanted in cases:
        record, error = _get(subject, record_id, body)
        if not isinstance(error, wanted):
            names = " or ".join(one.__name__ for one in wanted)
            problems.append(f"{label} must be a {names}: {told(error, record)}")
    return [subject.problem("get", one) for one in problems]


def _get(subject: Subject, record_id: str, body: Any) -> tuple[Any, Exception | None]:
    answer = json_response(good_body(subject.provider.config.errors, body))
    provider = ScriptedProvider(subject, {subject.endpoint_name("get"): lambda _request: answer})
    with subject.client(provider) as client:
        return attempt(lambda: client.get(subject.resource_name, subject.account, record_id))
