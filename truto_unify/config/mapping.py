"""The schema of ``mappings/<model>/<resource>/<provider>.yaml``: how records and queries are translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.field_rules import FieldRule
from truto_unify.config.filters import FilterRule, SearchText
from truto_unify.config.schema import Expr, Strict
from truto_unify.config.sorts import SortRules


def _sort_form(value: Any) -> Any:
    keys = value if isinstance(value, dict) else {}
    for name, form in keys.items():
        if name not in SortRules.model_fields and isinstance(form, dict) and form.keys() & {"asc", "desc"}:
            raise PydanticCustomError(
                "form_error", 'a sort key belongs below "fields" now: fields: {k}', {"k": f"{{{name}: …}}"}
            )
    return value


class ListMethod(Strict):
    """The unified ``list``."""

    renamed: ClassVar[Mapping[str, str]] = {"partial": "is_partial"}

    endpoint: str = Field(description="Native resource.method of the provider file.", examples=["customers.list"])
    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters of every list.", examples=[{"include": "addresses"}]
    )
    body: dict[str, Any] = Field(
        default_factory=dict, description="Parts of the JSON body of every list.", examples=[{"fieldsets": ["FULL"]}]
    )
    search: SearchText | None = Field(
        default=None, description="Place of the joined search terms.", examples=[{"param": "query", "join": " AND "}]
    )
    filters: dict[str, FilterRule] = Field(
        default_factory=dict,
        description="Unified filters that the provider serves, by name; the engine emulates others. A filter on email "
        "serves emails.email too.",
        examples=[{"email": {"eq": "email"}}],
    )
    sort: Annotated[SortRules, BeforeValidator(_sort_form)] = Field(
        default=SortRules(),
        description="How the provider sorts, and the order without a sort.",
        examples=[{"query": {"sort": "{field}:{direction}"}, "fields": {"created_at": "created"}}],
    )
    is_partial: Expr | None = Field(
        default=None,
        description="True for a native record if get gives more of it than list does.",
        examples=["!billing_address"],
    )


def _endpoint_form(value: Any) -> Any:
    """A text is the endpoint."""
    return {"endpoint": value} if isinstance(value, str) else value


class GetMethod(Strict):
    """The unified ``get``."""

    endpoint: str = Field(description="Native resource.method of the provider file.", examples=["customers.get"])


class Batch(Strict):
    """One extra request for several records."""

    renamed: ClassVar[Mapping[str, str]] = {"belongs_to": "key"}

    size: int = Field(
        ge=1,
        description="Records at a time; their ids fill {id}, joined by commas. In a list of the body, the element {id} "
        "stands for one element for each id.",
        examples=[25],
    )
    key: Expr = Field(
        description="The id of the record that an item of the answer belongs to.", examples=["customer_id"]
    )


class Inline(Strict):
    """What the list and the get send along if the side load is asked for, so that records hold its items."""

    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters of the list and the get.", examples=[{"include": "orders"}]
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body of the list and the get.",
        examples=[{"variables": {"withOrders": True}}],
    )
    items: Expr = Field(description="The items that a native record holds.", examples=["orders.nodes"])
    has_more: Expr | None = Field(
        default=None,
        description="True for a native record that holds a part of its items: it needs the request.",
        examples=["orders.pageInfo.hasNextPage"],
    )


class Whole(Strict):
    """The list of the items of all records, which is read in place of a request for each record if that is cheaper."""

    endpoint: str = Field(
        description="Native resource.method, whose paging states the total.", examples=["orders.of_all_customers"]
    )
    key: Expr = Field(
        description="The id of the record that an item belongs to; null if it belongs to none.",
        examples=["customer_id"],
    )


class SideLoad(Strict):
    """An extra request that completes a record; expressions see its result as ``loaded.<name>``."""

    renamed: ClassVar[Mapping[str, str]] = {"when": "where"}

    endpoint: str = Field(
        description="Native resource.method; {id} in it is the record's id.", examples=["addresses.list"]
    )
    methods: tuple[Literal["list", "get"], ...] = Field(
        default=(), description="Methods that always make this request.", examples=[("get",)]
    )
    where: Expr | None = Field(
        default=None,
        description="Only for native records for which this is true.",
        examples=["length(not_null(addresses, `[]`)) >= `10`"],
    )
    id: Expr | None = Field(
        default=None,
        description="The value of {id}; if left out, the native id, or the unified one if the record has none.",
        examples=["contact_id"],
    )
    batch: Batch | None = Field(
        default=None,
        description="One request for several records, if the provider takes several ids.",
        examples=[{"size": 25, "key": "customer_id"}],
    )
    inline: Inline | None = Field(
        default=None,
        description="How the list and the get give the items, or the first of them, without a request more.",
        examples=[{"query": {"include": "orders"}, "items": "orders"}],
    )
    whole: Whole | None = Field(
        default=None,
        description="The list that takes the place of many requests if it has few pages.",
        examples=[{"endpoint": "orders.of_all_customers", "key": "customer_id"}],
    )
    order_by: Expr | None = Field(
        default=None,
        description="The order of the items, smallest first: numbers, and texts that are numbers, before other texts; "
        "as they come if left out.",
        examples=["id"],
    )
    count: Expr | None = Field(
        default=None,
        description="How many items there are, as the native record says; if fewer come, the page is partial and says "
        "why.",
        examples=["numberOfOrders"],
    )
    must_hold: Expr | None = Field(
        default=None,
        description="True for an answer that is the record which was asked for; any other answer raises an error.",
        examples=["currency"],
    )
    once: bool = Field(
        default=False,
        description="Whether one request serves all records of a page, because its answer is a fact of the shop.",
        examples=[True],
    )
    replaces_record: bool = Field(
        default=False,
        description="Whether the answer is the whole record and replaces the listed one.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        named = [name for name in ("inline", "whole", "batch") if getattr(self, name) is not None]
        named += [name for name in ("once", "replaces_record") if getattr(self, name)]
        if len(named) > 1 and {"inline", "whole"} & {*named}:
            message = "{first} and {second} exclude each other"
            raise PydanticCustomError("form_error", message, {"first": named[0], "second": named[1]})
        return self


class NotYet(Strict):
    """A field that is not mapped yet."""

    not_yet: str = Field(description="What is left to do.", examples=["Acme has them; the mapping is missing."])


Reason = str | NotYet
"""Why a unified field is not filled: the provider lacks it (text), or it is not mapped yet."""


def _reason_form(value: Any) -> Any:
    if isinstance(value, dict) and "never" in value:
        raise PydanticCustomError("form_error", 'the reason stands alone now, without "never"')
    if not isinstance(value, str | dict):
        raise PydanticCustomError("form_error", "must be the reason (text) or {form}", {"form": "{not_yet: …}"})
    return value


class MappingConfig(Strict):
    """How one unified resource is translated to and from one provider."""

    renamed: ClassVar[Mapping[str, str]] = {"keep": "where"}

    list: ListMethod | None = Field(
        default=None, description="The unified list.", examples=[{"endpoint": "customers.list"}]
    )
    get: Annotated[GetMethod, BeforeValidator(_endpoint_form, json_schema_input_type=str | GetMethod)] | None = Field(
        default=None,
        description="The unified get: a native resource.method, or a table.",
        examples=["customers.get"],
    )
    where: Expr | None = Field(
        default=None,
        description="Keeps only native records for which this is true.",
        examples=["contact_type != 'vendor'"],
    )
    side_loads: dict[
        str, Annotated[SideLoad, BeforeValidator(_endpoint_form, json_schema_input_type=str | SideLoad)]
    ] = Field(
        default_factory=dict,
        description="Extra requests by name: a native resource.method, or a table. Expressions see the result as "
        "loaded.<name>.",
        examples=[{"orders": "orders.list"}],
    )
    define: dict[str, Expr] = Field(
        default_factory=dict,
        description="Expressions of the native record by a name that every expression sees; each sees those above it.",
        examples=[{"all_addresses": "(loaded.addresses || addresses)[]"}],
    )
    response_mapping: dict[str, FieldRule] = Field(
        description="One entry for each unified field: an expression, a table of rules, the parts of an object, or the "
        "sources of a list.",
        examples=[
            {"id": "id", "created_at": {"expr": "created", "zone": "utc"}, "emails": ({"email": "email"},)},
        ],
    )
    editions: dict[str, dict[str, dict[str, Any]]] = Field(
        default_factory=dict,
        description="What differs for accounts whose context field has a certain value: a field of the context, its "
        "values, and for each a layer that is merged into this file, where null removes a key.",
        examples=[{"api": {"v3": {"list": {"endpoint": "customers.list_v3"}}}}],
    )
    unsupported: dict[str, Annotated[Reason, BeforeValidator(_reason_form)]] = Field(
        default_factory=dict,
        description="Unified fields (parts as emails.type) that are not filled, each with its reason.",
        examples=[{"currency": "The currency belongs to the shop."}],
    )


def reason_text(reason: Reason) -> str:
    """Why a field is not filled, as text."""
    return reason if isinstance(reason, str) else reason.not_yet
