"""Reads a native list page after page: builds the request, sends it, finds the records and the page after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_list, show_paths
from truto_unify.engine.api_root import ApiRoot, show_origin
from truto_unify.engine.json_body import merge_objects, set_path
from truto_unify.engine.native_query import NativeQuery
from truto_unify.engine.paging import Facts, PageAnswer, PageRequest, Paging, paging_of
from truto_unify.engine.request import build_request, follow_link
from truto_unify.engine.send import exchange
from truto_unify.errors import InvalidCursor, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from truto_unify.config.provider import Endpoint
    from truto_unify.engine.answers import Answer
    from truto_unify.engine.send import Session
    from truto_unify.errors import UnifyError
    from truto_unify.types import Request

_MAX_NEXT_PAGE_CHARS = 4096


@dataclass(frozen=True, slots=True)
class NativePage:
    """One page of native records.

    Attributes:
        page: what asked for it.
        records: native records; views of their bytes if ``is_text``.
        facts: what the answer says about its list; None for a declared empty status.
        is_text: whether the records are bytes.
        is_unicode: whether all text in the answer is known to be Unicode.
        status: HTTP status of the answer.
    """

    page: Mapping[str, Any]
    records: Sequence[Any]
    facts: Facts | None
    is_text: bool
    is_unicode: bool
    status: int


def _is_missing(body: Any, path: tuple[str, ...]) -> bool:
    """Whether a body that is an object has nothing, or null, where a path leads first to a list."""
    if not isinstance(body, dict):
        return False
    for step in path:
        body = body.get(step.removesuffix("[]"))
        if body is None or not isinstance(body, dict):
            return body is None
    return False


@dataclass(slots=True)
class NativePages:
    """One native list.

    Attributes:
        session: whose store is asked.
        endpoint: the native list call.
        label: names the list in messages.
        no_records: the error for an answer in which the records are missing: (body, message, HTTP status).
        query: the native query without its page.
        record_id: fills ``{id}`` of the endpoint; several ids are those of a batch.
        list_path: where the bytes of the records are wanted; None for parsed records.
        requests: how many pages were asked for.
        records: how many records came.
        total: how many records the list holds, as the last answer that says so states it.
        extras: what makes its records larger than those of other calls, such as side loads.
    """

    session: Session
    endpoint: Endpoint
    label: str
    no_records: Callable[[Any, str, int], UnifyError]
    query: NativeQuery = field(default_factory=NativeQuery)
    record_id: str | tuple[str, ...] | None = None
    list_path: tuple[str, ...] | None = None
    requests: int = 0
    records: int = 0
    total: int | None = None
    extras: str = ""
    paging: Paging[Any] = field(init=False)
    root: ApiRoot = field(init=False)

    def __post_init__(self) -> None:
        self.paging = paging_of(self.endpoint.pagination)
        self.root = self.session.route.root_of(self.endpoint)

    def request(self, page: Mapping[str, Any], size: int | None) -> Request:
        """The native request of a page, without authorization.

        Raises:
            InvalidCursor: the page lies outside the provider's API root.
        """
        asked: PageRequest = self.paging.request(page, self.fitting_size(size))
        route = self.session.route
        url = self.root.locate(asked.url) if asked.url is not None else None  # a cursor may come from anywhere
        if asked.url is not None and url is None:
            raise InvalidCursor(f"the next page lies at {show_origin(asked.url)}, outside the provider's API root")
        place: dict[str, Any] = {}
        for path, value in asked.body:
            set_path(place, path, value)
        query = NativeQuery() if asked.is_alone else self.query
        request = build_request(
            route.provider.config,
            self.endpoint,
            route.base_of(self.endpoint),
            route.values,
            params=[*(pair for pair in query.pairs if pair[0] not in asked.without), *asked.params],
            body=merge_objects(query.body, place),
            document=route.provider.document(self.endpoint),
            record_id=self.record_id,
        )
        return follow_link(request, url) if url is not None else request

    @property
    def may_shrink(self) -> bool:
        """Whether a page may hold fewer records than wanted: the answer itself names the page after it."""
        return self.paging.has_free_size and not self.paging.counts_places

    def fitting_size(self, size: int | None) -> int | None:
        """The size to ask for: the wanted one, or a smaller one if the store refused so many as too costly."""
        settings = self.session.settings
        return settings.page_sizes.limit(self._size_key, size, settings.timer()) if self.may_shrink else size

    @property
    def _size_key(self) -> tuple[str, str, str]:
        return self.session.account_key, self.label, self.extras

    def read(self, page: Mapping[str, Any], size: int | None) -> Generator[Any, Any, NativePage]:
        """Reads one page; if so many records are too costly, a smaller one.

        Raises:
            ProviderError: the provider refuses, or does not say where the list goes on.
            TransportError: no answer arrives.
            UnifyError: ``no_records``.
        """
        size = self.fitting_size(size)
        request = self.request(page, size)
        self.requests += 1
        try:
            answer: Answer = yield from exchange(self.session, self.endpoint, request, list_path=self.list_path)
        except ProviderError as refusal:
            if not (refusal.is_page_too_costly and self.may_shrink and size is not None and size > 1):
                raise
            settings = self.session.settings
            size = settings.page_sizes.halve(self._size_key, size, settings.timer())
            return (yield from self.read(page, size))
        status = answer.response.status
        if answer.body is None and status in self.endpoint.empty_statuses:  # the list ends here
            return NativePage(page, (), None, is_text=False, is_unicode=True, status=status)
        is_text = answer.records is not None
        records = answer.records if answer.records is not None else self._find_records(answer)
        limit = self.session.settings.budget.max_page_records
        if len(records) > limit:
            message = f"a page holds {len(records)} records, and Budget.max_page_records allows {limit}"
            raise self.refuse(message, "page_too_large", status)
        read = PageAnswer(page, size, answer.response, answer.body, records, request.url, self.root)
        facts = self.paging.read(read)
        chars = sum(len(text) for text in (facts.next_page or {}).values() if isinstance(text, str))
        if chars > _MAX_NEXT_PAGE_CHARS:  # it would become a cursor of ours, which callers send in a URL
            message = f"the answer names its next page with {chars} characters; {_MAX_NEXT_PAGE_CHARS} are allowed"
            raise self.refuse(message, "cursor_too_long", status)
        self.records += len(records)
        self.total = facts.total if facts.total is not None else self.total
        return NativePage(page, records, facts, is_text=is_text, is_unicode=answer.is_unicode, status=status)

    def _find_records(self, answer: Answer) -> list[Any]:
        paths = self.endpoint.list_path or ((),)
        records = read_list(answer.body, paths)
        if records is not None:
            return records
        if self.endpoint.missing_list == "empty" and all(_is_missing(answer.body, path) for path in paths):
            return []
        raise self.no_records(answer.body, f"no list of records at {show_paths(paths)}", answer.response.status)

    def error(self, message: str, code: str, status: int) -> ProviderError:
        """The error of a list that cannot be read whole."""
        return ProviderError(f"{self.label}: {message}", status_code=status, code=code)

    def refuse(self, message: str, code: str, status: int) -> ProviderError:
        """The error of an answer that exceeds a limit."""
        error = self.error(message, code, status)
        error.security_event = "answer_refused"
        return error

    def loop(self, message: str, status: int) -> ProviderError:
        """The error of a list that does not move on."""
        return self.error(f"{message}; stopped so as not to loop", "pagination_loop", status)
