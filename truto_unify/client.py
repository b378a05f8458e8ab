"""The clients that applications use: unified list, get and iterate over one pooled connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.engine.arguments import read_filters, read_sort
from truto_unify.engine.auth import authorize
from truto_unify.engine.get_call import get_record, get_request
from truto_unify.engine.list_call import list_records, list_request
from truto_unify.engine.list_read import begin_list
from truto_unify.engine.proxy_call import CustomCall, NativeCall, call_custom, call_native, find_endpoint, list_native
from truto_unify.engine.route import find_native_route, find_route
from truto_unify.engine.send import Settings, open_session, refresh_token
from truto_unify.engine.shaping import key_records
from truto_unify.errors import InvalidInput, UnknownResource, UnsupportedParameter
from truto_unify.expressions import suggest
from truto_unify.mapping.json_text import dump_page, dump_record
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds
from truto_unify.query_string import read_query
from truto_unify.redaction import MASK
from truto_unify.registry import Registry
from truto_unify.transport import AsyncHttpTransport, AsyncTransport, HttpTransport, Limits, Transport
from truto_unify.types import (
    Account,
    Call,
    JsonPage,
    NativeAnswer,
    OnRecordError,
    Page,
    PlanEntry,
    Request,
    ResponseFormat,
    Unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

    from truto_unify.config.registry import Provider
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import TokenStore

_UNSUPPORTED = ("emulate", "error", "ignore")
_ON_RECORD_ERROR = ("raise", "skip", "keep_raw")
_FORMATS = ("unified", "raw", "normalized", "stream")
_HTTP_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NativeQuery = Mapping[str, Any] | Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a call would do, without doing it.

    Attributes:
        query_plan: who serves each filter and sort.
        request: the first native request, secrets redacted.
        max_requests: how many native pages the call reads at most; past that it ends with a cursor or an error.
    """

    query_plan: tuple[PlanEntry, ...]
    request: Request
    max_requests: int = 1


class _Calls:
    """What both clients share: reading arguments and shaping results."""

    def __init__(self, registry: Registry | None, settings: Settings | None) -> None:
        self.registry = registry or Registry()
        self.settings = settings or Settings()

    def _list_call(self, resource: str, arguments: Mapping[str, Any]) -> Call:
        return _read_call(resource, "list", dict(arguments))

    def _get_call(self, resource: str, record_id: str, arguments: Mapping[str, Any]) -> Call:
        return replace(_read_call(resource, "get", dict(arguments)), id=str(record_id))

    def _whole_pages(self, resource: str, account: Account, query: dict[str, Any]) -> dict[str, Any]:
        """The arguments for reading a list to its end: page edges do not matter, so no native page is cut."""
        call = self._list_call(resource, query)
        if call.limit is None:
            return query
        method = self._mapper(call, account).mapping.config.list
        pages = self._mapper(call, account).mapping.provider.endpoint(method.endpoint).pagination if method else None
        is_cut = bool(call.filters) or pages is None or call.limit > pages.max_page_size
        return {**query, "limit": None} if is_cut else query

    def _mapper(self, call: Call, account: Account) -> Mapper:
        return self.registry.mapper(call.resource, account.provider, account.overrides.get(call.resource, ()))

    def _provider(self, account: Account) -> Provider:
        return self.registry.provider(account.provider)

    def _renewal(self, account: Account) -> Generator[Any, Any, bool]:
        provider = self._provider(account)
        endpoint = next(one for methods in provider.config.resources.values() for one in methods.values())
        return refresh_token(open_session(find_native_route(provider, account, endpoint), self.settings))

    def _page(self, page: Page[dict[str, Any]], call: Call, mapper: Mapper) -> Page[Any]:
        if call.response_format in {"raw", "normalized"}:
            return page
        broken = {one.index for one in page.record_errors}
        return replace(page, result=[_model(record, mapper, bool(broken)) for record in page.result])

    def _record(self, record: dict[str, Any], call: Call, mapper: Mapper) -> Any:
        return record if call.response_format in {"raw", "normalized"} else _model(record, mapper, may_be_broken=False)

    def _native_call(
        self, account: Account, resource: str, method: str, query: NativeQuery, more: Mapping[str, Any]
    ) -> NativeCall:
        endpoint = find_endpoint(self._provider(account), resource, method)
        if not isinstance(query, Mapping):
            # Parameters of a URL keep their spelling; those that go into a body are an object there.
            is_flat = endpoint.graphql is None and endpoint.method == "GET"
            query = _flat(query) if is_flat else read_query(query)
        if more.get("limit") is not None:
            _limit(more["limit"])
        return NativeCall(resource=resource, method=method, query=query, **more)

    def explain(self, resource: str, account: Account, record_id: str | None = None, /, **query: Any) -> Explanation:
        """What ``list`` (or ``get``, with an id) would send, without sending it and without credentials.

        Args:
            resource: ``model/resource``.
            account: whose store would be asked.
            record_id: explains ``get`` instead.
            **query: as for ``list``.

        Raises:
            CallError: the call is impossible.
        """
        if record_id is not None:
            call = self._get_call(resource, record_id, query)
            mapper = self._mapper(call, account)
            route = find_route(mapper.mapping, account, "get", needs_credentials=False)
            session, request = open_session(route, self.settings), get_request(route, call)
            plan: tuple[PlanEntry, ...] = ()
            most = 1
        else:
            call = self._list_call(resource, query)
            mapper = self._mapper(call, account)
            read = begin_list(mapper, account, call, self.settings, needs_credentials=False)
            session, request, plan = read.session, list_request(read), read.plan.entries
            most = self.settings.budget.max_requests
        entry = session.entry
        hidden = {name: MASK for name in entry.values if name.startswith("credentials.")}
        shown = authorize(request, replace(entry, values={**entry.values, **hidden}), MASK)
        known = {**dict(request.headers), **{name: one for name, one in shown.headers if MASK in one}}
        hide = session.route.redactor.text
        headers = tuple((name, hide(one) if known.get(name) == one else MASK) for name, one in shown.headers)
        return Explanation(plan, replace(shown, url=hide(shown.url), query=hide(shown.query), headers=headers), most)


class Client(_Calls):
    """Unified calls, synchronously.

    Args:
        registry: providers and mappings; by default those that are installed.
        settings: patience, budget, cursor key.
        limits: time-outs and sizes.
        transport: an httpx transport that stands in for the network.
        sleep: waits so many seconds, between the tries of a request.
        tokens: where access tokens are kept between calls; clients that share it renew a token once.
    """

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        settings: Settings | None = None,
        limits: Limits | None = None,
        transport: HttpTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tokens: TokenStore | None = None,
    ) -> None:
        super().__init__(registry, settings)
        self._transport = Transport(limits, transport, sleep, tokens=tokens or MemoryTokenStore())

    def list(self, resource: str, account: Account, /, **query: Any) -> Page[Any]:
        """One page of unified records.

        Args:
            resource: ``model/resource``.
            account: whose store is asked.
            **query: filters by name (``email="ana@example.test"``, ``created_at={"gte": "2024-01-01T00:00:00Z"}``,
                ``emails=[{"type": "work"}]``), and ``limit``, ``next_cursor``, ``sort_by``, ``unsupported``,
                ``response_format``, ``exclude_fields``, ``ignore_remote_data``, ``ignore_limit``, ``remote_query``,
                ``side_load``, ``on_record_error``.

        Raises:
            CallError: the call is impossible; nothing was sent, or the budget is used up.
            ProviderError, TransportError, MappingError: see ``truto_unify.errors``.
        """
        call = self._list_call(resource, query)
        mapper = self._mapper(call, account)
        flow = list_records(mapper, account, call, self.settings)
        return self._page(self._transport.run(flow), call, mapper)

    def get(self, resource: str, account: Account, record_id: str, /, **query: Any) -> Any:
        """One unified record by its id.

        Raises:
            NotFoundError: there is no such record.
            CallError, ProviderError, TransportError, MappingError: see ``truto_unify.errors``.
        """
        call = self._get_call(resource, record_id, query)
        mapper = self._mapper(call, account)
        flow = get_record(mapper, account, call, self.settings)
        return self._record(self._transport.run(flow), call, mapper)

    def pages(self, resource: str, account: Account, /, **query: Any) -> Iterator[Page[Any]]:
        """Every page of a list, one after the other; arguments as for ``list``."""
        while True:
            page = self.list(resource, account, **query)
            yield page
            if page.next_cursor is None:
                return
            query["next_cursor"] = page.next_cursor

    def iterate(self, resource: str, account: Account, /, **query: Any) -> Iterator[Any]:
        """Every record of a list; arguments as for ``list``, ``limit`` being the size of a page at most."""
        for page in self.pages(resource, account, **self._whole_pages(resource, account, query)):
            yield from page.result

    def proxy_list(self, resource: str, account: Account, /, query: NativeQuery = (), **more: Any) -> Page[Any]:
        """One page of native records: our authorization, paging, retries and errors, and no mapping.

        Args:
            resource: native resource, as in the provider's file.
            account: whose store is asked.
            query: native parameters, by name or in pairs as they stand in a URL.
            **more: ``limit``, ``next_cursor``, ``id`` for lists that belong to one record, ``method``.

        Raises:
            CallError, ProviderError, TransportError: see ``truto_unify.errors``.
        """
        call = self._native_call(account, resource, more.pop("method", "list"), query, more)
        return self._transport.run(list_native(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    def proxy_get(
        self, resource: str, account: Account, record_id: str | None, /, query: NativeQuery = (), **more: Any
    ) -> NativeAnswer:
        """One native record, as the provider answers it; ``method`` and ``body`` make it any other declared call."""
        call = self._native_call(account, resource, more.pop("method", "get"), query, {**more, "id": record_id})
        return self._transport.run(call_native(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    def custom(self, method: str, path: str, account: Account, /, **more: Any) -> NativeAnswer:
        """Any path below the provider's API root; ``query`` in pairs, ``body`` in bytes with its ``content_type``."""
        call = CustomCall(method=_one_of("method", method, _HTTP_METHODS), path=path, **more)
        return self._transport.run(call_custom(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    def refresh_token(self, account: Account) -> bool:
        """Renews the account's access token now; False where its credentials are not exchanged for one."""
        return self._transport.run(self._renewal(account))  # type: ignore[no-any-return]

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class AsyncClient(_Calls):
    """Unified calls, asynchronously; arguments as for ``Client``."""

    def __init__(
        self,
        registry: Registry | None = None,
        *,
        settings: Settings | None = None,
        limits: Limits | None = None,
        transport: AsyncHttpTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tokens: TokenStore | None = None,
    ) -> None:
        super().__init__(registry, settings)
        self._transport = AsyncTransport(limits, transport, sleep, tokens=tokens or MemoryTokenStore())

    async def list(self, resource: str, account: Account, /, **query: Any) -> Page[Any]:
        """One page of unified records; see ``Client.list``."""
        call = self._list_call(resource, query)
        mapper = self._mapper(call, account)
        flow = list_records(mapper, account, call, self.settings)
        return self._page(await self._transport.run(flow), call, mapper)

    async def get(self, resource: str, account: Account, record_id: str, /, **query: Any) -> Any:
        """One unified record by its id; see ``Client.get``."""
        call = self._get_call(resource, record_id, query)
        mapper = self._mapper(call, account)
        flow = get_record(mapper, account, call, self.settings)
        return self._record(await self._transport.run(flow), call, mapper)

    async def list_json(
        self, resource: str, account: Account, /, *, key_by: str | None = None, **query: Any
    ) -> JsonPage:
        """One page as the JSON text of its envelope; arguments as for ``list``.

        Args:
            resource: ``model/resource``.
            account: whose store is asked.
            key_by: makes ``result`` an object keyed by this field of each record.
            **query: as for ``Client.list``.
        """
        page = await self._text_page(resource, account, query, is_written=key_by is None)
        keyed = None if key_by is None else key_records(page.result, key_by)
        return JsonPage(body=dump_page(page, keyed), page=replace(page, result=[]))

    async def _text_page(self, resource: str, account: Account, query: dict[str, Any], is_written: bool) -> Page[Any]:
        """A page whose records hold ``remote_data`` as the bytes that they came in, or are bytes themselves."""
        call = self._list_call(resource, query)
        mapper = self._mapper(call, account)
        flow = list_records(mapper, account, call, self.settings, as_text=True, is_written=is_written)
        page: Page[Any] = await self._transport.run(flow)
        return page

    async def get_json(self, resource: str, account: Account, record_id: str, /, **query: Any) -> bytes:
        """One unified record by its id as JSON text; see ``Client.get``."""
        call = self._get_call(resource, record_id, query)
        mapper = self._mapper(call, account)
        return dump_record(await self._transport.run(get_record(mapper, account, call, self.settings, as_text=True)))

    async def iterate_json(self, resource: str, account: Account, /, **query: Any) -> AsyncIterator[bytes]:
        """Every record of a list, each one line of JSON with its line end (NDJSON); arguments as for ``iterate``."""
        query = self._whole_pages(resource, account, query)
        while True:
            page = await self._text_page(resource, account, query, is_written=True)
            for record in page.result:
                yield dump_record(record) + b"\n"
            if page.next_cursor is None:
                return
            query = {**query, "next_cursor": page.next_cursor}

    async def pages(self, resource: str, account: Account, /, **query: Any) -> AsyncIterator[Page[Any]]:
        """Every page of a list; see ``Client.pages``."""
        while True:
            page = await self.list(resource, account, **query)
            yield page
            if page.next_cursor is None:
                return
            query["next_cursor"] = page.next_cursor

    async def iterate(self, resource: str, account: Account, /, **query: Any) -> AsyncIterator[Any]:
        """Every record of a list; see ``Client.iterate``."""
        async for page in self.pages(resource, account, **self._whole_pages(resource, account, query)):
            for record in page.result:
                yield record

    async def proxy_list(self, resource: str, account: Account, /, query: NativeQuery = (), **more: Any) -> Page[Any]:
        """One page of native records; see ``Client.proxy_list``."""
        call = self._native_call(account, resource, more.pop("method", "list"), query, more)
        return await self._transport.run(list_native(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    async def proxy_get(
        self, resource: str, account: Account, record_id: str | None, /, query: NativeQuery = (), **more: Any
    ) -> NativeAnswer:
        """One native record, as the provider answers it; see ``Client.proxy_get``."""
        call = self._native_call(account, resource, more.pop("method", "get"), query, {**more, "id": record_id})
        return await self._transport.run(call_native(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    async def custom(self, method: str, path: str, account: Account, /, **more: Any) -> NativeAnswer:
        """Any path below the provider's API root; see ``Client.custom``."""
        call = CustomCall(method=_one_of("method", method, _HTTP_METHODS), path=path, **more)
        return await self._transport.run(call_custom(self._provider(account), account, call, self.settings))  # type: ignore[no-any-return]

    async def refresh_token(self, account: Account) -> bool:
        """Renews the account's access token now; see ``Client.refresh_token``."""
        return await self._transport.run(self._renewal(account))  # type: ignore[no-any-return]

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.aclose()


def _read_call(resource: str, method: str, arguments: dict[str, Any]) -> Call:
    """The call that these keyword arguments mean."""
    schema = RESOURCES.get(resource)
    if schema is None:
        hint = suggest(resource, RESOURCES) or f"; known: {', '.join(RESOURCES)}"
        raise UnknownResource(f'unknown unified resource "{resource}"{hint}')
    shaping: dict[str, Any] = {
        "response_format": _one_of("response_format", arguments.pop("response_format", "unified"), _FORMATS),
        "exclude_fields": _field_names(schema, arguments.pop("exclude_fields", ())),
        "ignore_remote_data": bool(arguments.pop("ignore_remote_data", False)),
        "remote_query": _mapping("remote_query", arguments.pop("remote_query", None)),
        "side_load": _side_loads(arguments.pop("side_load", ())),
    }
    if method == "get":
        if arguments:
            name = next(iter(arguments))
            raise UnsupportedParameter(f'get takes no "{name}"', parameter=name, supported=tuple(shaping))
        return Call(resource=resource, method=method, **shaping)
    unsupported: Unsupported = _one_of("unsupported", arguments.pop("unsupported", "emulate"), _UNSUPPORTED)
    policy: OnRecordError = _one_of("on_record_error", arguments.pop("on_record_error", "keep_raw"), _ON_RECORD_ERROR)
    limit, cursor = _limit(arguments.pop("limit", None)), arguments.pop("next_cursor", None)
    if arguments.pop("ignore_limit", False):
        limit = None
    if cursor is not None and not isinstance(cursor, str):
        raise InvalidInput("next_cursor must be the text that the page before gave")
    sort = read_sort(schema, arguments.pop("sort_by", None))
    return Call(
        resource=resource,
        method=method,
        filters=read_filters(schema, arguments),
        sort=sort,
        limit=limit,
        next_cursor=cursor or None,
        unsupported=unsupported,
        on_record_error=policy,
        **shaping,
    )


def _flat(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name; a name may have several."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _limit(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"limit must be a whole number from 1, not {value!r}"[:120])
    return value


def _one_of(name: str, value: Any, known: tuple[str, ...]) -> Any:
    if value not in known:
        hint = suggest(str(value), known) or f"; one of {', '.join(known)}"
        raise InvalidInput(f"{name}={value!r} is not known{hint}"[:200])
    return value


def _mapping(name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise InvalidInput(f"{name} must be a mapping of native names to values")
    return value or {}


def _side_loads(value: Any) -> tuple[str, ...]:
    names = tuple(value.split(",")) if isinstance(value, str) else tuple(value or ())
    if not all(isinstance(name, str) for name in names):
        raise InvalidInput("side_load must be names of side loads")
    return names


def _field_names(schema: ResourceSchema, value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, Collection):
        raise InvalidInput(f"exclude_fields must be field names, not {type(value).__name__}")
    known = {*field_kinds(schema.record), "remote_data"}
    for name in names:
        if not isinstance(name, str):
            raise InvalidInput(f"exclude_fields must be field names, not {type(name).__name__}")
        if name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(sorted(known))}"
            raise UnsupportedParameter(
                f'exclude_fields: no field "{name}"{hint}',
                parameter="exclude_fields",
                supported=tuple(sorted(known)),
            )
    return tuple(names)


def _model(record: dict[str, Any], mapper: Mapper, may_be_broken: bool) -> Any:
    """The pydantic model of a record; one that ``keep_raw`` kept may lack what the model requires."""
    model: Any = mapper.mapping.schema.record
    try:
        return model.model_validate(record)
    except ValidationError as error:
        if may_be_broken or "id" not in record:
            return model.model_construct(**record)
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in fault["loc"])
        raise mapper.error(record.get("remote_data"), name, fault["msg"]) from None


__all__ = ["AsyncClient", "Client", "Explanation", "ResponseFormat"]
