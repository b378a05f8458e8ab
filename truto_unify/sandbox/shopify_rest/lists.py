"""The lists of Shopify's REST Admin API: filters, order, pages and their links.

https://shopify.dev/docs/api/usage/pagination-rest
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlencode

from truto_unify.sandbox.shopify_rest.records import SHOP_TIME_ZONE, Record
from truto_unify.sandbox.shopify_rest.refusals import ShopifyRestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

DEFAULT_LIMIT = 50
MAX_LIMIT = 250

_T = TypeVar("_T")

_SEE_PAGINATION = "See https://shopify.dev/api/usage/pagination-rest for more information."
_NO_ID = "expected String to be a id"
_INVALID = "Invalid value."
_ALLOWED_WITH_PAGE_INFO = frozenset(("page_info", "limit", "fields"))


@dataclass(frozen=True, slots=True)
class Kind(Generic[_T]):
    """The ids, dates, filters and rendering of the records of a list.

    Attributes:
        name: The key of the list in an answer.
        read_id: The id of a record.
        read_created_at: When it was created.
        read_updated_at: When it was changed.
        render: The record as the API writes it.
        words: For each further parameter the words of a record; a parameter matches if its value is one of them.
        defaults: The values of parameters that are not sent.
    """

    name: str
    read_id: Callable[[_T], int]
    read_created_at: Callable[[_T], datetime]
    read_updated_at: Callable[[_T], datetime]
    render: Callable[[_T], Record]
    words: Mapping[str, Callable[[_T], Iterable[str]]]
    defaults: Mapping[str, str]

    def matches(self, record: _T, sent: Mapping[str, str]) -> bool:
        """Whether the record has the words of all parameters."""
        asked = {**self.defaults, **sent}
        return all(not asked.get(name) or asked[name] in read(record) for name, read in self.words.items())


@dataclass(frozen=True, slots=True)
class _Filters:
    """The filters of a list's first request; the ``page_info`` of later pages repeats them."""

    sent: Mapping[str, str]

    def ids(self, name: str) -> list[int]:
        """The numbers of a parameter; empty if it is absent or blank."""
        parts = [part.strip() for part in self.sent.get(name, "").split(",") if part.strip()]
        return [read_id(name, part) for part in parts]

    def time(self, name: str) -> datetime | None:
        """A bound; a value without a zone is in the shop's zone, and a blank may replace the T, as in the real shop."""
        text = self.sent.get(name, "")
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            # The real message for a wrong time is not published. An unescaped plus sign arrives as a blank.
            raise ShopifyRestError(400, {name: _INVALID}) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_TIME_ZONE)

    def select(self, kind: Kind[_T], records: Iterable[_T]) -> list[_T]:
        """The matching records: newest id first, but ascending after a ``since_id``."""
        ids, since = self.ids("ids"), self.ids("since_id")
        spans = [
            (read, self.time(f"{name}_min"), self.time(f"{name}_max"))
            for name, read in (("created_at", kind.read_created_at), ("updated_at", kind.read_updated_at))
        ]
        matches = [
            record
            for record in records
            if (not ids or kind.read_id(record) in ids)
            and (not since or kind.read_id(record) > since[0])
            and all(
                (first is None or read(record) >= first) and (last is None or read(record) <= last)
                for read, first, last in spans
            )
            and kind.matches(record, self.sent)
        ]
        return sorted(matches, key=kind.read_id, reverse=not since)


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of a page: its beginning, or backwards its end; the content of ``page_info``."""

    filters: _Filters
    direction: str = "next"
    last_id: int | None = None

    @classmethod
    def read(cls, kind_name: str, query: Mapping[str, str]) -> _Place:
        if "page" in query:
            raise ShopifyRestError(400, {"page": f"page cannot be passed. {_SEE_PAGINATION}"})
        if "page_info" not in query:
            return cls(_Filters({name: value for name, value in query.items() if name not in _ALLOWED_WITH_PAGE_INFO}))
        for name in query:
            if name not in _ALLOWED_WITH_PAGE_INFO:
                message = f"{name} cannot be passed when page_info is present. {_SEE_PAGINATION}"
                raise ShopifyRestError(400, {name: message})
        try:
            content = json.loads(base64.b64decode(query["page_info"], altchars=b"-_", validate=True))
            filters, direction, last_id = content[kind_name], content["direction"], int(content["last_id"])
            return cls(_Filters(dict(filters)), direction, last_id)
        except (ValueError, TypeError, KeyError) as error:
            raise ShopifyRestError(400, {"page_info": _INVALID}) from error

    def write(self, kind_name: str) -> str:
        content = {"direction": self.direction, "last_id": self.last_id, kind_name: dict(self.filters.sent)}
        return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()

    def cut(self, ids: list[int], limit: int) -> tuple[int, int]:
        """The start and the end of the page; the record before it may be deleted."""
        if self.last_id is None:
            return 0, limit
        ascends = bool(self.filters.ids("since_id"))
        if self.direction == "next":
            start = sum(number <= self.last_id if ascends else number >= self.last_id for number in ids)
            return start, start + limit
        end = sum(number < self.last_id if ascends else number > self.last_id for number in ids)
        return max(0, end - limit), end


def list_records(request: Request, headers: dict[str, str], kind: Kind[_T], records: Iterable[_T]) -> Record:
    """A page, with a ``Link`` header for its neighbours if there are any.

    Args:
        request: The request.
        headers: The headers of the answer, to which the links are added.
        kind: What is listed.
        records: All of them, in any order.

    Returns:
        The body.

    Raises:
        ShopifyRestError: A parameter is wrong.
    """
    query = dict(request.query_params)
    limit = _read_limit(query.get("limit"))
    place = _Place.read(kind.name, query)
    matches = place.filters.select(kind, records)
    ids = [kind.read_id(record) for record in matches]
    start, end = place.cut(ids, limit)
    page = matches[start:end]
    links = []
    beside = (("previous", start > 0, 0), ("next", end < len(matches), -1))
    for relation, exists, edge in beside:
        if exists and page:
            page_info = _Place(place.filters, relation, kind.read_id(page[edge])).write(kind.name)
            extra_query = {"fields": query["fields"]} if "fields" in query else {}
            address = request.url.replace(query=urlencode({"limit": limit, "page_info": page_info} | extra_query))
            links.append(f'<{address}>; rel="{relation}"')
    if links:
        headers["link"] = ", ".join(links)
    return {kind.name: [narrow(kind.render(record), query.get("fields")) for record in page]}


def find_record(kind: Kind[_T], records: Iterable[_T], text: str) -> _T:
    """The record with an id.

    Raises:
        ShopifyRestError: The id is no number, or there is no such record.
    """
    number = read_id("id", text)
    for record in records:
        if kind.read_id(record) == number:
            return record
    raise ShopifyRestError(404, "Not Found")


def _read_limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        # The real message for this is not published either.
        raise ShopifyRestError(400, {"limit": _INVALID})
    return min(int(text), MAX_LIMIT)


def read_id(name: str, text: str) -> int:
    """The number of an id.

    Raises:
        ShopifyRestError: It is no number.
    """
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise ShopifyRestError(400, {name: _NO_ID})
    return int(text)


def narrow(record: Record, fields: str | None) -> Record:
    """Only the requested fields; unknown fields are ignored."""
    names = {name.strip() for name in (fields or "").split(",")} - {""}
    return {name: value for name, value in record.items() if name in names} if names else record
