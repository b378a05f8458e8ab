"""The calls that both clients share, each as a flow from its arguments to its result."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack, get_args, overload

from truto_unify.argument_checks import check_body, check_bytes, check_text
from truto_unify.call_arguments import check_choice, check_limit, read_get_call, read_list_call
from truto_unify.engine.get_call import get_record
from truto_unify.engine.list_call import list_records
from truto_unify.engine.proxy_call import (
    CustomCall,
    HttpMethod,
    NativeCall,
    call_custom,
    call_native,
    find_endpoint,
    list_native,
)
from truto_unify.engine.route import find_native_route
from truto_unify.engine.send import Settings, open_session, refresh_token
from truto_unify.engine.shaping import dump_page, key_records, shape_of
from truto_unify.engine.verify_call import verify_account
from truto_unify.errors import InvalidInput, ProviderError, UnknownResource
from truto_unify.explanation import Explanation, explain_get, explain_list
from truto_unify.expressions import suggest
from truto_unify.models.resource import ResourceSchema
from truto_unify.query_string import read_query
from truto_unify.record_models import model_page, model_record
from truto_unify.registry import Registry
from truto_unify.types import Account, JsonPage

if TYPE_CHECKING:
    from truto_unify.config.configuration import Provider
    from truto_unify.engine.verify_call import Verification
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.models.queries import (
        CustomerGetOptions,
        CustomerQuery,
        Customers,
        OrderGetOptions,
        OrderQuery,
        Orders,
        ProductGetOptions,
        ProductQuery,
        Products,
    )
    from truto_unify.steps import Flow
    from truto_unify.types import Call, NativeAnswer, Page

_LOGGER = logging.getLogger("truto_unify")
NativeParameters = Mapping[str, Any] | Sequence[tuple[str, str]]
"""Native parameters by name, or in pairs as in a URL."""
Resource = str | ResourceSchema[Any]
"""A unified resource: its name, or its schema, which also says the type of its records."""
_HTTP_METHODS: tuple[str, ...] = get_args(HttpMethod)


class Calls:
    """Each call as a flow that a transport runs; nothing here does I/O."""

    def __init__(self, registry: Registry | None, settings: Settings | None) -> None:
        self.registry = registry or Registry()
        self.settings = settings or Settings()

    @overload
    def explain(
        self, resource: Customers, account: Account, record_id: None = None, /, **query: Unpack[CustomerQuery]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: Customers, account: Account, record_id: str, /, **query: Unpack[CustomerGetOptions]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: Orders, account: Account, record_id: None = None, /, **query: Unpack[OrderQuery]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: Orders, account: Account, record_id: str, /, **query: Unpack[OrderGetOptions]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: Products, account: Account, record_id: None = None, /, **query: Unpack[ProductQuery]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: Products, account: Account, record_id: str, /, **query: Unpack[ProductGetOptions]
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: ResourceSchema[Any], account: Account, record_id: None = None, /, **query: Any
    ) -> Explanation: ...
    @overload
    def explain(
        self, resource: ResourceSchema[Any], account: Account, record_id: str, /, **query: Any
    ) -> Explanation: ...
    def explain(
        self, resource: Resource, account: Account, record_id: str | None = None, /, **query: Any
    ) -> Explanation:
        """What ``list`` (or ``get``, with an id) would send, without sending it and without credentials.

        Args:
            resource: ``model/resource``, or its schema.
            account: of the store.
            record_id: explains ``get`` instead.
            **query: as for ``list``.

        Raises:
            CallError: the call is impossible.
        """
        if record_id is None:
            call = read_list_call(self._schema(resource), query)
            return explain_list(self._mapper(call, account), account, call, self.settings)
        call = read_get_call(self._schema(resource), record_id, query)
        return explain_get(self._mapper(call, account), account, call, self.settings)

    def _list(self, resource: Resource, account: Account, query: Mapping[str, Any]) -> Flow[Page[Any]]:
        call = read_list_call(self._schema(resource), query)
        mapper = self._mapper(call, account)
        page: Page[Any] = yield from list_records(mapper, account, call, self.settings)
        return model_page(page, call, mapper)

    def _get(self, resource: Resource, account: Account, record_id: str, query: Mapping[str, Any]) -> Flow[Any]:
        call = read_get_call(self._schema(resource), record_id, query)
        mapper = self._mapper(call, account)
        record = yield from get_record(mapper, account, call, self.settings)
        return model_record(record, call, mapper)

    def _list_json(
        self, resource: Resource, account: Account, key_by: str | None, query: Mapping[str, Any]
    ) -> Flow[JsonPage]:
        page = yield from self._list_texts(resource, account, query)
        keyed = None if key_by is None else key_records(page.result, key_by)
        return JsonPage(body=dump_page(page, keyed), page=replace(page, result=[]))

    def _list_texts(self, resource: Resource, account: Account, query: Mapping[str, Any]) -> Flow[Page[bytes]]:
        """A page of records as JSON."""
        call = read_list_call(self._schema(resource), query)
        page: Page[Any] = yield from list_records(
            self._mapper(call, account), account, call, self.settings, as_json=True
        )
        return replace(page, result=list(map(shape_of(call).json, page.result)))

    def _get_json(self, resource: Resource, account: Account, record_id: str, query: Mapping[str, Any]) -> Flow[bytes]:
        call = read_get_call(self._schema(resource), record_id, query)
        record = yield from get_record(self._mapper(call, account), account, call, self.settings)
        return shape_of(call).json(record)

    def _list_native(
        self, resource: str, account: Account, method: str, query: NativeParameters, **options: Any
    ) -> Flow[Page[Any]]:
        check_limit(options["limit"])
        call = self._native(resource, account, method, query, options)
        page: Page[Any] = yield from list_native(self._provider(account), account, call, self.settings)
        return page

    def _call_native(
        self, resource: str, account: Account, method: str, query: NativeParameters, **options: Any
    ) -> Flow[NativeAnswer]:
        call = self._native(resource, account, method, query, options)
        answer: NativeAnswer = yield from call_native(self._provider(account), account, call, self.settings)
        return answer

    def _call_custom(self, method: str, path: str, account: Account, **options: Any) -> Flow[NativeAnswer]:
        check_text("the path", path, example="/customers")
        check_bytes(options.get("body"))
        call = CustomCall(method=check_choice("method", method, _HTTP_METHODS), path=path, **options)
        answer: NativeAnswer = yield from call_custom(self._provider(account), account, call, self.settings)
        return answer

    def _verify(self, account: Account) -> Flow[Verification]:
        return (yield from verify_account(self._provider(account), account, self.settings))

    def _renew_token(self, account: Account) -> Flow[bool]:
        provider = self._provider(account)
        endpoint = next(endpoint for methods in provider.config.resources.values() for endpoint in methods.values())
        route = find_native_route(provider, account, endpoint)
        return (yield from refresh_token(open_session(route, self.settings)))

    def _whole_pages(self, resource: Resource, account: Account, query: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for reading a list to its end, in whole native pages if a limit would cut them."""
        call = read_list_call(self._schema(resource), query)
        if call.limit is None:
            return dict(query)
        mapping = self._mapper(call, account).mapping
        method = mapping.config.list
        is_sorted_here = method is not None and call.sort is not None and call.sort.field not in method.sort.fields
        pages = mapping.provider.endpoint(method.endpoint).pagination if method else None
        is_cut = bool(call.filters) or is_sorted_here or pages is None or call.limit > pages.max_page_size
        return {**query, "limit": None} if is_cut else dict(query)

    def _speak_for(self, resource: Resource, account: Account, page: Page[Any]) -> None:
        """Says what a page says beside its records, in a walk over records: faults are logged, a doubt ends the walk.

        The log names fields alone, because the reason of a fault may quote the record.

        Raises:
            ProviderError: the page says ``may_have_changed``.
        """
        name = f"{account.provider} {self._schema(resource).name}"
        if page.record_errors:
            count = len({error.index for error in page.record_errors})
            fields = ", ".join(dict.fromkeys(error.field for error in page.record_errors))
            _LOGGER.warning(
                "%s: records of a page that break the mapping: %d, in %s; list() says why in record_errors",
                *(name, count, fields),
            )
        if page.may_have_changed:
            message = (
                f"{name}: records came, went or moved while the list was read, and the store "
                f"leaves no means to tell which; read pages (list, pages), which say may_have_changed, and go on"
            )
            raise ProviderError(message, status_code=200, code="incomplete_list")

    def _schema(self, resource: Resource) -> ResourceSchema[Any]:
        """The schema of a resource, as the registry has it.

        Raises:
            InvalidInput: it is no name.
            UnknownResource: the registry does not know the resource.
            ConfigError: its model file is wrong.
        """
        if not isinstance(resource, ResourceSchema):
            check_text("the resource", resource, example="ecommerce/customers")
            return self.registry.schema(resource)
        if resource.name not in self.registry.resource_names:
            message = f'the registry does not know the resource "{resource.name}"; give it: Registry(models=[…])'
            raise UnknownResource(message)
        return self.registry.schema(resource.name)

    def _mapper(self, call: Call, account: Account) -> Mapper:
        _check_account(account)
        for name in account.overrides:
            if name not in self.registry.resource_names:
                known = self.registry.resource_names
                hint = suggest(name, known) or f"; there are {', '.join(known)}"
                raise InvalidInput(f'overrides of the account: no unified resource "{name[:80]}"{hint}')
        overrides = account.overrides.get(call.resource, ())
        return self.registry.mapper(call.resource, account.provider, overrides, account.context)

    def _provider(self, account: Account) -> Provider:
        _check_account(account)
        return self.registry.provider(account.provider)

    def _native(
        self, resource: str, account: Account, method: str, query: NativeParameters, options: Mapping[str, Any]
    ) -> NativeCall:
        provider = self._provider(account)
        check_text("the native resource", resource, example="customers")
        check_text("the native method", method, example="list")
        check_body(options.get("body"))
        endpoint = find_endpoint(provider, resource, method)
        if not isinstance(query, Mapping):
            # Parameters of a URL keep their spelling; those of a body form an object.
            is_flat = endpoint.graphql is None and endpoint.method == "GET"
            query = _values_by_name(query) if is_flat else read_query(query)
        return NativeCall(resource=resource, method=method, query=query, **options)


def _check_account(account: Any) -> None:
    """Refuses what is no account, often a slug or a dictionary of its fields.

    Raises:
        InvalidInput: it is none; it may hold secrets, so that only its type is shown.
    """
    if not isinstance(account, Account):
        hint = "Account(provider=..., credentials={...}, context={...})"
        raise InvalidInput(f"an account is {hint}, not a value of the type {type(account).__name__}")


def _values_by_name(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name; a name may have several."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values
