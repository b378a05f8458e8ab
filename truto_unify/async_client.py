"""The asynchronous client: the calls of the synchronous one, and pages as ready JSON for services."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self, Unpack, overload

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.calls import Calls
from truto_unify.mapping.record import json_line
from truto_unify.transport import AsyncTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from truto_unify.calls import NativeParameters, Resource
    from truto_unify.engine.send import Settings
    from truto_unify.engine.verify_call import Verification
    from truto_unify.lanes import Lanes
    from truto_unify.models.ecommerce import Customer
    from truto_unify.models.orders import Order
    from truto_unify.models.products import Product
    from truto_unify.models.queries import (
        CustomerDictQuery,
        CustomerField,
        CustomerGetDictOptions,
        CustomerGetOptions,
        CustomerQuery,
        Customers,
        OrderDictQuery,
        OrderField,
        OrderGetDictOptions,
        OrderGetOptions,
        OrderQuery,
        Orders,
        ProductDictQuery,
        ProductField,
        ProductGetDictOptions,
        ProductGetOptions,
        ProductQuery,
        Products,
    )
    from truto_unify.models.query_values import DictFormat, ModelFormat
    from truto_unify.models.resource import RecordModel, ResourceSchema
    from truto_unify.registry import Registry
    from truto_unify.steps import Flow
    from truto_unify.transport import AsyncHttpTransport
    from truto_unify.types import Account, JsonPage, Limits, NativeAnswer, Page, Result, TokenStore


class AsyncClient(Calls):
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
        self._transport = AsyncTransport(
            limits, transport, sleep, tokens=tokens or MemoryTokenStore(), budgets=self.settings.budgets
        )

    @property
    def lanes(self) -> Lanes:
        """The native requests in flight, and those that wait for their account or host."""
        return self._transport.lanes

    @overload
    async def list(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> Page[Customer]: ...
    @overload
    async def list(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> Page[dict[str, Any]]: ...
    @overload
    async def list(self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]) -> Page[Order]: ...
    @overload
    async def list(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> Page[dict[str, Any]]: ...
    @overload
    async def list(self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]) -> Page[Product]: ...
    @overload
    async def list(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> Page[dict[str, Any]]: ...
    @overload
    async def list(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> Page[RecordModel]: ...
    @overload
    async def list(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> Page[dict[str, Any]]: ...
    async def list(self, resource: Resource, account: Account, /, **query: Any) -> Page[Any]:
        """One page of unified records; see ``Client.list``."""
        return await self._run(account, self._list(resource, account, query))

    @overload
    async def get(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetOptions]
    ) -> Customer: ...
    @overload
    async def get(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    async def get(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetOptions]
    ) -> Order: ...
    @overload
    async def get(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    async def get(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetOptions]
    ) -> Product: ...
    @overload
    async def get(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    async def get(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        record_id: str,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> RecordModel: ...
    @overload
    async def get(
        self,
        resource: ResourceSchema[Any],
        account: Account,
        record_id: str,
        /,
        *,
        response_format: DictFormat,
        **query: Any,
    ) -> dict[str, Any]: ...
    async def get(self, resource: Resource, account: Account, record_id: str, /, **query: Any) -> Any:
        """One unified record by its id; see ``Client.get``."""
        return await self._run(account, self._get(resource, account, record_id, query))

    @overload
    def pages(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> AsyncIterator[Page[Customer]]: ...
    @overload
    def pages(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> AsyncIterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]
    ) -> AsyncIterator[Page[Order]]: ...
    @overload
    def pages(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> AsyncIterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(
        self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]
    ) -> AsyncIterator[Page[Product]]: ...
    @overload
    def pages(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> AsyncIterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> AsyncIterator[Page[RecordModel]]: ...
    @overload
    def pages(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> AsyncIterator[Page[dict[str, Any]]]: ...
    def pages(self, resource: Resource, account: Account, /, **query: Any) -> AsyncIterator[Page[Any]]:
        """Every page of a list; see ``Client.pages``."""
        return self._read_pages(resource, account, query)

    @overload
    def iterate(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> AsyncIterator[Customer]: ...
    @overload
    def iterate(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> AsyncIterator[dict[str, Any]]: ...
    @overload
    def iterate(self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]) -> AsyncIterator[Order]: ...
    @overload
    def iterate(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> AsyncIterator[dict[str, Any]]: ...
    @overload
    def iterate(
        self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]
    ) -> AsyncIterator[Product]: ...
    @overload
    def iterate(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> AsyncIterator[dict[str, Any]]: ...
    @overload
    def iterate(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> AsyncIterator[RecordModel]: ...
    @overload
    def iterate(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> AsyncIterator[dict[str, Any]]: ...
    async def iterate(self, resource: Resource, account: Account, /, **query: Any) -> AsyncIterator[Any]:
        """Every record of a list; see ``Client.iterate``."""
        async for page in self._read_pages(resource, account, self._whole_pages(resource, account, query)):
            self._speak_for(resource, account, page)
            for record in page.result:
                yield record

    @overload
    async def list_json(
        self,
        resource: Customers,
        account: Account,
        /,
        *,
        key_by: CustomerField | None = None,
        **query: Unpack[CustomerQuery],
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self,
        resource: Customers,
        account: Account,
        /,
        *,
        key_by: CustomerField | None = None,
        **query: Unpack[CustomerDictQuery],
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self, resource: Orders, account: Account, /, *, key_by: OrderField | None = None, **query: Unpack[OrderQuery]
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self,
        resource: Orders,
        account: Account,
        /,
        *,
        key_by: OrderField | None = None,
        **query: Unpack[OrderDictQuery],
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self,
        resource: Products,
        account: Account,
        /,
        *,
        key_by: ProductField | None = None,
        **query: Unpack[ProductQuery],
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self,
        resource: Products,
        account: Account,
        /,
        *,
        key_by: ProductField | None = None,
        **query: Unpack[ProductDictQuery],
    ) -> JsonPage: ...
    @overload
    async def list_json(
        self, resource: ResourceSchema[Any], account: Account, /, *, key_by: str | None = None, **query: Any
    ) -> JsonPage: ...
    async def list_json(
        self, resource: Resource, account: Account, /, *, key_by: str | None = None, **query: Any
    ) -> JsonPage:
        """One page as the JSON text of its envelope; arguments as for ``list``.

        Args:
            resource: ``model/resource``; one of your own as its schema, ``registry.schema(name)``.
            account: of the store.
            key_by: makes ``result`` an object keyed by this field of each record.
            **query: as for ``Client.list``.
        """
        return await self._run(account, self._list_json(resource, account, key_by, query))

    @overload
    async def get_json(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetDictOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetDictOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetDictOptions]
    ) -> bytes: ...
    @overload
    async def get_json(
        self, resource: ResourceSchema[Any], account: Account, record_id: str, /, **query: Any
    ) -> bytes: ...
    async def get_json(self, resource: Resource, account: Account, record_id: str, /, **query: Any) -> bytes:
        """One unified record by its id as JSON text; see ``Client.get``."""
        return await self._run(account, self._get_json(resource, account, record_id, query))

    @overload
    def iterate_json(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> AsyncIterator[bytes]: ...
    @overload
    def iterate_json(
        self, resource: ResourceSchema[Any], account: Account, /, **query: Any
    ) -> AsyncIterator[bytes]: ...
    async def iterate_json(self, resource: Resource, account: Account, /, **query: Any) -> AsyncIterator[bytes]:
        """Every record of a list, each one line of JSON with its line end (NDJSON); arguments as for ``iterate``."""
        query = self._whole_pages(resource, account, query)
        while True:
            page = await self._run(account, self._list_texts(resource, account, query))
            self._speak_for(resource, account, page)
            for record in page.result:
                yield json_line(record)
            if page.next_cursor is None:
                return
            query["next_cursor"] = page.next_cursor

    async def proxy_list(
        self,
        resource: str,
        account: Account,
        /,
        query: NativeParameters = (),
        *,
        method: str = "list",
        id: str | None = None,
        limit: int | None = None,
        next_cursor: str | None = None,
    ) -> Page[Any]:
        """One page of native records; see ``Client.proxy_list``."""
        flow = self._list_native(resource, account, method, query, id=id, limit=limit, next_cursor=next_cursor)
        return await self._transport.run(flow)

    async def proxy_get(
        self, resource: str, account: Account, record_id: str | None = None, /, query: NativeParameters = ()
    ) -> NativeAnswer:
        """One native record, as the provider answers it; see ``Client.proxy_get``."""
        return await self._transport.run(self._call_native(resource, account, "get", query, id=record_id))

    async def proxy_call(
        self,
        resource: str,
        method: str,
        account: Account,
        /,
        query: NativeParameters = (),
        *,
        id: str | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> NativeAnswer:
        """Any native call of the provider's file; see ``Client.proxy_call``."""
        return await self._transport.run(self._call_native(resource, account, method, query, id=id, body=body))

    async def custom(
        self,
        method: str,
        path: str,
        account: Account,
        /,
        query: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        content_type: str | None = None,
    ) -> NativeAnswer:
        """Any path below the provider's API root; see ``Client.custom``."""
        flow = self._call_custom(method, path, account, query=query, body=body, content_type=content_type)
        return await self._transport.run(flow)

    async def verify(self, account: Account) -> Verification:
        """Proves an account; see ``Client.verify``."""
        return await self._transport.run(self._verify(account))

    async def refresh_token(self, account: Account) -> bool:
        """Renews the account's access token now; see ``Client.refresh_token``."""
        return await self._transport.run(self._renew_token(account))

    async def _read_pages(
        self, resource: Resource, account: Account, query: dict[str, Any]
    ) -> AsyncIterator[Page[Any]]:
        while True:
            page = await self._run(account, self._list(resource, account, query))
            yield page
            if page.next_cursor is None:
                return
            query = {**query, "next_cursor": page.next_cursor}

    async def _run(self, account: Account, flow: Flow[Result]) -> Result:
        # What tenants wrote is bounded, and may still take longer than other calls of the loop can wait.
        return await self._transport.run(flow, is_costly=bool(getattr(account, "overrides", None)))

    async def aclose(self, max_seconds: float | None = None) -> None:
        """Closes the connections, after the token renewals that are under way.

        Args:
            max_seconds: how long renewals may go on, which are then cancelled; None: until they end. A cancelled one
                may lose the refresh token that the provider has rotated.
        """
        await self._transport.aclose(max_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.aclose()
