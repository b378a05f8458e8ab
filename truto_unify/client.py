"""The synchronous client: unified and native calls over one pool of connections."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self, Unpack, overload

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.calls import Calls
from truto_unify.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
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
        CustomerGetDictOptions,
        CustomerGetOptions,
        CustomerQuery,
        Customers,
        OrderDictQuery,
        OrderGetDictOptions,
        OrderGetOptions,
        OrderQuery,
        Orders,
        ProductDictQuery,
        ProductGetDictOptions,
        ProductGetOptions,
        ProductQuery,
        Products,
    )
    from truto_unify.models.query_values import DictFormat, ModelFormat
    from truto_unify.models.resource import RecordModel, ResourceSchema
    from truto_unify.registry import Registry
    from truto_unify.transport import HttpTransport
    from truto_unify.types import Account, Limits, NativeAnswer, Page, TokenStore


class Client(Calls):
    """Unified calls, synchronously.

    Args:
        registry: providers and mappings; by default those that are installed.
        settings: retries, budget, cursor key.
        limits: time-outs, sizes and certificates.
        transport: an httpx transport that replaces the network.
        sleep: waits so many seconds before a retry.
        tokens: stores access tokens between calls; clients that share it renew a token once.
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
        self._transport = Transport(
            limits, transport, sleep, tokens=tokens or MemoryTokenStore(), budgets=self.settings.budgets
        )

    @property
    def lanes(self) -> Lanes:
        """The native requests in flight, and those that wait for their account or host."""
        return self._transport.lanes

    @overload
    def list(self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]) -> Page[Customer]: ...
    @overload
    def list(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> Page[dict[str, Any]]: ...
    @overload
    def list(self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]) -> Page[Order]: ...
    @overload
    def list(self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]) -> Page[dict[str, Any]]: ...
    @overload
    def list(self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]) -> Page[Product]: ...
    @overload
    def list(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> Page[dict[str, Any]]: ...
    @overload
    def list(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> Page[RecordModel]: ...
    @overload
    def list(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> Page[dict[str, Any]]: ...
    def list(self, resource: Resource, account: Account, /, **query: Any) -> Page[Any]:
        """One page of unified records.

        Args:
            resource: ``model/resource``; one of your own as its schema, ``registry.schema(name)``.
            account: of the store.
            **query: filters by name (``email="ana@example.test"``, ``created_at={"gte": "2024-01-01T00:00:00Z"}``,
                ``emails=[{"type": "work"}]``), and ``limit``, ``next_cursor``, ``sort_by``, ``unsupported``,
                ``response_format``, ``exclude_fields``, ``ignore_remote_data``, ``ignore_limit``, ``remote_query``,
                ``side_load``, ``on_record_error``.

        Raises:
            CallError: the call is impossible, or its budget is used up.
            ProviderError, TransportError, MappingError: see ``truto_unify.errors``.
        """
        return self._transport.run(self._list(resource, account, query))

    @overload
    def get(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetOptions]
    ) -> Customer: ...
    @overload
    def get(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    def get(self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetOptions]) -> Order: ...
    @overload
    def get(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    def get(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetOptions]
    ) -> Product: ...
    @overload
    def get(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetDictOptions]
    ) -> dict[str, Any]: ...
    @overload
    def get(
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
    def get(
        self,
        resource: ResourceSchema[Any],
        account: Account,
        record_id: str,
        /,
        *,
        response_format: DictFormat,
        **query: Any,
    ) -> dict[str, Any]: ...
    def get(self, resource: Resource, account: Account, record_id: str, /, **query: Any) -> Any:
        """One unified record by its id.

        Raises:
            NotFoundError: the store has no such record.
            CallError, ProviderError, TransportError, MappingError: see ``truto_unify.errors``.
        """
        return self._transport.run(self._get(resource, account, record_id, query))

    @overload
    def pages(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> Iterator[Page[Customer]]: ...
    @overload
    def pages(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> Iterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]) -> Iterator[Page[Order]]: ...
    @overload
    def pages(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> Iterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(
        self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]
    ) -> Iterator[Page[Product]]: ...
    @overload
    def pages(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> Iterator[Page[dict[str, Any]]]: ...
    @overload
    def pages(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> Iterator[Page[RecordModel]]: ...
    @overload
    def pages(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> Iterator[Page[dict[str, Any]]]: ...
    def pages(self, resource: Resource, account: Account, /, **query: Any) -> Iterator[Page[Any]]:
        """Every page of a list, one after the other; arguments as for ``list``."""
        return self._read_pages(resource, account, query)

    @overload
    def iterate(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerQuery]
    ) -> Iterator[Customer]: ...
    @overload
    def iterate(
        self, resource: Customers, account: Account, /, **query: Unpack[CustomerDictQuery]
    ) -> Iterator[dict[str, Any]]: ...
    @overload
    def iterate(self, resource: Orders, account: Account, /, **query: Unpack[OrderQuery]) -> Iterator[Order]: ...
    @overload
    def iterate(
        self, resource: Orders, account: Account, /, **query: Unpack[OrderDictQuery]
    ) -> Iterator[dict[str, Any]]: ...
    @overload
    def iterate(self, resource: Products, account: Account, /, **query: Unpack[ProductQuery]) -> Iterator[Product]: ...
    @overload
    def iterate(
        self, resource: Products, account: Account, /, **query: Unpack[ProductDictQuery]
    ) -> Iterator[dict[str, Any]]: ...
    @overload
    def iterate(
        self,
        resource: ResourceSchema[RecordModel],
        account: Account,
        /,
        *,
        response_format: ModelFormat = "unified",
        **query: Any,
    ) -> Iterator[RecordModel]: ...
    @overload
    def iterate(
        self, resource: ResourceSchema[Any], account: Account, /, *, response_format: DictFormat, **query: Any
    ) -> Iterator[dict[str, Any]]: ...
    def iterate(self, resource: Resource, account: Account, /, **query: Any) -> Iterator[Any]:
        """Every record of a list; arguments as for ``list``, ``limit`` being the size of a page at most."""
        for page in self._read_pages(resource, account, self._whole_pages(resource, account, query)):
            self._speak_for(resource, account, page)
            yield from page.result

    def proxy_list(
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
        """One page of native records: our authorization, paging, retries and errors, and no mapping.

        Args:
            resource: native resource, as in the provider's file.
            account: of the store.
            query: native parameters, by name or in pairs as in a URL.
            method: native method, if the resource has several lists.
            id: of the record that the list belongs to, if it belongs to a record.
            limit: records on the page at most.
            next_cursor: from the page before.

        Raises:
            CallError, ProviderError, TransportError: see ``truto_unify.errors``.
        """
        flow = self._list_native(resource, account, method, query, id=id, limit=limit, next_cursor=next_cursor)
        return self._transport.run(flow)

    def proxy_get(
        self, resource: str, account: Account, record_id: str | None = None, /, query: NativeParameters = ()
    ) -> NativeAnswer:
        """One native record, as the provider answers it."""
        return self._transport.run(self._call_native(resource, account, "get", query, id=record_id))

    def proxy_call(
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
        """Any native call of the provider's file, also one that writes, as the provider answers it.

        Args:
            resource: native resource, as in the provider's file.
            method: native method of it: ``create``, ``update``, ``delete``, …
            account: of the store.
            query: native parameters, by name or in pairs as in a URL.
            id: of the record, if the call needs one.
            body: a JSON object, for a call that writes.

        Raises:
            CallError, ProviderError, TransportError: see ``truto_unify.errors``.
        """
        return self._transport.run(self._call_native(resource, account, method, query, id=id, body=body))

    def custom(
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
        """Any path below the provider's API root.

        Args:
            method: HTTP method.
            path: below the API root, with a slash at its head, not percent-encoded.
            account: of the store.
            query: native parameters in pairs, in order.
            body: sent as it is.
            content_type: of the body.

        Raises:
            CallError, ProviderError, TransportError: see ``truto_unify.errors``.
        """
        flow = self._call_custom(method, path, account, query=query, body=body, content_type=content_type)
        return self._transport.run(flow)

    def verify(self, account: Account) -> Verification:
        """Proves an account with the cheap read that its provider's file names (``verify``).

        Raises:
            AuthenticationError, PermissionDeniedError: the provider refuses the credentials, or they lack a right.
            CallError, ProviderError, TransportError: see ``truto_unify.errors``; nothing is proven.
        """
        return self._transport.run(self._verify(account))

    def refresh_token(self, account: Account) -> bool:
        """Renews the account's access token now; False if its credentials are not exchanged for a token."""
        return self._transport.run(self._renew_token(account))

    def _read_pages(self, resource: Resource, account: Account, query: dict[str, Any]) -> Iterator[Page[Any]]:
        while True:
            page = self._transport.run(self._list(resource, account, query))
            yield page
            if page.next_cursor is None:
                return
            query = {**query, "next_cursor": page.next_cursor}

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()
