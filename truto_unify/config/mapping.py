"""The schema of ``mappings/<model>/<resource>/<provider>.yaml``: the translation, both ways."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import ElementExpr, Expr, Path, Strict, TemplateText

FieldType = Literal["id", "text", "time", "country", "status", "money", "boolean", "raw"]
TimeFormat = Literal["iso", "rfc2822", "epoch_seconds", "epoch_milliseconds"]
_TimeFormats = TimeFormat | tuple[TimeFormat, ...]


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _short_form(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise PydanticCustomError("form_error", "must be an expression (text; quote it) or a mapping")
    return {"expr": value} if isinstance(value, str) else value


class _Rule(Strict):
    enum: dict[str, str] | None = Field(
        default=None,
        description="Native to unified value, whatever the case.",
        examples=[{"enabled": "active", "disabled": "inactive"}],
    )
    default: str | int | float | bool | None = Field(
        default=None, description="Taken where nothing is left: null, or a blank text.", examples=["USD"]
    )
    type: FieldType | None = Field(
        default=None, description="For a field that the model lacks; raw if left out.", examples=["text"]
    )
    zone: str | None = Field(
        default=None,
        description="Of a time: utc, in_value (it carries its offset), an IANA zone, or {context.name} that holds one.",
        examples=["utc", "in_value", "{context.time_zone}"],
    )
    format: Annotated[tuple[TimeFormat, ...], BeforeValidator(_one_or_many, json_schema_input_type=_TimeFormats)] = (
        Field(
            default=("iso",),
            description="How a time is written; of several the first that fits counts.",
            examples=["epoch_seconds", ("iso", "rfc2822")],
        )
    )


class ElementRule(_Rule):
    """How one part of a list's element is made."""

    expr: ElementExpr = Field(
        description="What makes it, of the element (item) and its record (parent).", examples=["item.email"]
    )


class FieldRule(_Rule):
    """How one unified field is made: from an expression, or from each element of a native list."""

    expr: Expr | None = Field(
        default=None,
        description="What makes it, of the native record.",
        examples=["join_text(' ', [first_name, last_name])"],
    )
    each: Expr | None = Field(
        default=None, description="The native list, one element for each unified one.", examples=["addresses"]
    )
    map: dict[str, Annotated[ElementRule, BeforeValidator(_short_form)]] | None = Field(
        default=None,
        description="The parts of each element; they see item and parent.",
        examples=[{"city": "item.city", "country": "item.country_code"}],
    )

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.expr is None) == (self.each is None):
            raise PydanticCustomError("form_error", 'a field needs either "expr" or "each" with "map"')
        if (self.each is None) != (self.map is None):
            raise PydanticCustomError("form_error", '"each" and "map" go together')
        return self


class NativeFilter(Strict):
    """How a filter is sent, and what the provider's answer to it is worth.

    Exactly one of ``param``, ``body_path`` and ``search`` says where the value goes.
    """

    param: str | None = Field(default=None, description="Query parameter.", examples=["email"])
    body_path: Path | None = Field(
        default=None, description="Place in the JSON body.", examples=["filter.email", ("filter", "info.email")]
    )
    search: TemplateText | None = Field(
        default=None, description="A term of the search text, holding {value}.", examples=["email:{value}"]
    )
    value: TemplateText | None = Field(
        default=None, description='Form of the value; "{value}" if left out.', examples=["gte:{value}"]
    )
    encode: Literal["plain", "quoted", "words", "list_item"] = Field(
        default="plain", description="How the value is kept from being read as syntax.", examples=["quoted"]
    )
    join: str | None = Field(
        default=None, description='For the operator "in": what stands between the values.', examples=[","]
    )
    match: Literal["exact", "wider"] = Field(
        description="exact: the answer holds just the matching records. wider: others too; they are checked again.",
        examples=["wider"],
    )
    requires: dict[str, str | bool] = Field(
        default_factory=dict,
        description="Only right when the caller also asks for these parts of the same element.",
        examples=[{"is_primary": True}],
    )
    accepts: str | None = Field(
        default=None, description="A pattern the whole value must match to be sent.", examples=["[^:]+"]
    )

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if sum(one is not None for one in (self.param, self.body_path, self.search)) != 1:
            raise PydanticCustomError("form_error", 'a native filter needs one of "param", "body_path", "search"')
        for template in (self.search, self.value):
            if template is not None and "value" not in template.placeholders:
                raise PydanticCustomError("form_error", "the text must hold {value}")
        return self


class NativeRange(Strict):
    """How both ends of a range are sent as one value, inclusive at both ends."""

    param: str | None = Field(default=None, description="Query parameter.", examples=["createdAt"])
    body_path: Path | None = Field(default=None, description="Place in the JSON body.", examples=["filter.created"])
    value: TemplateText = Field(description="Form of the value; holds {gte} and {lte}.", examples=["btw:{gte}|{lte}"])
    match: Literal["exact", "wider"] = Field(
        description="exact: the answer holds just the matching records. wider: others too; they are checked again.",
        examples=["wider"],
    )

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.param is None) == (self.body_path is None):
            raise PydanticCustomError("form_error", 'a range needs one of "param", "body_path"')
        if not {"gte", "lte"} <= set(self.value.placeholders):
            raise PydanticCustomError("form_error", "the value must hold {gte} and {lte}")
        return self


class FilterRule(Strict):
    """A unified filter: one native form for each operator that the provider serves."""

    format: Literal["rfc3339", "rfc3339_milliseconds", "rfc3339_offset", "date", "epoch_seconds"] = Field(
        default="rfc3339", description="How an instant is written, in UTC.", examples=["rfc3339_milliseconds"]
    )
    eq: NativeFilter | None = Field(
        default=None, description="For a bare value.", examples=[{"param": "email", "match": "wider"}]
    )
    in_: NativeFilter | None = Field(
        default=None,
        alias="in",
        description="For one of several values.",
        examples=[{"param": "email:in", "encode": "list_item", "join": ",", "match": "wider"}],
    )
    like: NativeFilter | None = Field(
        default=None, description="For a part of the text.", examples=[{"param": "name_contains", "match": "wider"}]
    )
    gt: NativeFilter | None = Field(
        default=None, description="For later than.", examples=[{"param": "created_after", "match": "exact"}]
    )
    gte: NativeFilter | None = Field(
        default=None, description="For no earlier than.", examples=[{"param": "created_at_min", "match": "exact"}]
    )
    lt: NativeFilter | None = Field(
        default=None, description="For earlier than.", examples=[{"param": "created_before", "match": "exact"}]
    )
    lte: NativeFilter | None = Field(
        default=None, description="For no later than.", examples=[{"param": "created_at_max", "match": "exact"}]
    )
    range: NativeRange | None = Field(
        default=None,
        description="For a call that gives both ends.",
        examples=[{"param": "createdAt", "value": "btw:{gte}|{lte}", "match": "wider"}],
    )

    def native(self, op: str) -> NativeFilter | None:
        """The native form of this operator."""
        form: NativeFilter | None = getattr(self, "in_" if op == "in" else op)
        return form


class SortForm(Strict):
    """What is sent to sort one way."""

    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters.", examples=[{"orderby": "id", "order": "asc"}]
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body.",
        examples=[{"sort": [{"field": "created", "order": "ASC"}]}],
    )


class SortRule(Strict):
    """A unified sort key that the provider serves."""

    asc: SortForm = Field(description="Smallest or oldest first.", examples=[{"query": {"sort": "created:asc"}}])
    desc: SortForm = Field(description="Largest or newest first.", examples=[{"query": {"sort": "created:desc"}}])


class SearchText(Strict):
    """Where search terms go, joined."""

    param: str | None = Field(default=None, description="Query parameter.", examples=["query"])
    body_path: Path | None = Field(default=None, description="Place in the JSON body.", examples=["variables.query"])
    join: str = Field(default=" ", description="What stands between the terms.", examples=[" AND "])

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.param is None) == (self.body_path is None):
            raise PydanticCustomError("form_error", 'search text needs one of "param", "body_path"')
        return self


class ListMethod(Strict):
    """The unified ``list``."""

    endpoint: str = Field(description="Native resource.method of the provider file.", examples=["customers.list"])
    query: dict[str, str] = Field(
        default_factory=dict,
        description="Query parameters for every list, unless a sort sets them.",
        examples=[{"orderby": "id", "order": "asc"}],
    )
    body: dict[str, Any] = Field(
        default_factory=dict,
        description="Parts of the JSON body for every list, unless a sort sets them.",
        examples=[{"sort": [{"field": "created", "order": "ASC"}]}],
    )
    search: SearchText | None = Field(
        default=None, description="Where search terms go, joined.", examples=[{"param": "query", "join": " AND "}]
    )
    filters: dict[str, FilterRule] = Field(
        default_factory=dict,
        description="Unified filters that the provider serves, by name; the engine does the others.",
        examples=[{"email": {"eq": {"param": "email", "match": "wider"}}}],
    )
    sort: dict[str, SortRule] = Field(
        default_factory=dict,
        description="Unified sort keys that the provider serves, by name.",
        examples=[
            {"created_at": {"asc": {"query": {"sort": "created"}}, "desc": {"query": {"sort": "-created"}}}},
        ],
    )
    partial: Expr | None = Field(
        default=None,
        description="True for a native record of which get would give more than the list does.",
        examples=["!billing_address"],
    )


class GetMethod(Strict):
    """The unified ``get``."""

    endpoint: str = Field(description="Native resource.method of the provider file.", examples=["customers.get"])


class Batch(Strict):
    """One extra request for several records."""

    size: int = Field(ge=1, description="Records at a time; their ids fill {id}, joined by commas.", examples=[25])
    belongs_to: Expr = Field(description="Which record an answered item belongs to: its id.", examples=["customer_id"])


class SideLoad(Strict):
    """An extra request that completes a record; expressions see its result as ``loaded.<name>``."""

    endpoint: str = Field(
        description="Native resource.method; {id} in it is the record's id.", examples=["addresses.list"]
    )
    methods: tuple[Literal["list", "get"], ...] = Field(
        default=(), description="Methods that do it without being asked.", examples=[("get",)]
    )
    when: Expr | None = Field(
        default=None,
        description="Only for native records of which this is true.",
        examples=["length(addresses || `[]`) >= `10`"],
    )
    id: Expr | None = Field(
        default=None, description="What fills {id}; the native id if left out.", examples=["contact_id"]
    )
    batch: Batch | None = Field(
        default=None,
        description="One request for several records, where the provider takes several ids.",
        examples=[{"size": 25, "belongs_to": "customer_id"}],
    )
    replaces_record: bool = Field(
        default=False, description="The answer is the whole record in place of the listed.", examples=[True]
    )


class Unsupported(Strict):
    """Why a unified field is not filled: never (the store lacks it) or not_yet (we do not map it)."""

    never: str | None = Field(
        default=None, description="Why the provider cannot give it.", examples=["Acme keeps no account status."]
    )
    not_yet: str | None = Field(
        default=None, description="What is left to do.", examples=["Acme has them; nobody mapped them."]
    )

    @model_validator(mode="after")
    def _one_reason(self) -> Self:
        if (self.never is None) == (self.not_yet is None):
            raise PydanticCustomError("form_error", 'give one reason: "never" or "not_yet"')
        return self


class MappingConfig(Strict):
    """How one unified resource is translated to and from one provider."""

    list: ListMethod | None = Field(
        default=None, description="How the unified list is made.", examples=[{"endpoint": "customers.list"}]
    )
    get: GetMethod | None = Field(
        default=None, description="How the unified get is made.", examples=[{"endpoint": "customers.get"}]
    )
    keep: Expr | None = Field(
        default=None,
        description="Native records of which this is not true are none of this resource.",
        examples=["contact_type != 'vendor'"],
    )
    side_loads: dict[str, SideLoad] = Field(
        default_factory=dict,
        description="Extra requests by name; expressions see what they give as loaded.<name>.",
        examples=[{"orders": {"endpoint": "orders.list"}}],
    )
    response_mapping: dict[str, Annotated[FieldRule, BeforeValidator(_short_form)]] = Field(
        description="One entry for each unified field: an expression, or a table of rules.",
        examples=[{"id": "id", "created_at": {"expr": "created", "zone": "utc"}}],
    )
    unsupported: dict[str, Unsupported] = Field(
        default_factory=dict,
        description="Unified fields (parts of a list as emails.type) that are not filled, each with its reason.",
        examples=[{"currency": {"never": "The currency belongs to the shop."}}],
    )
