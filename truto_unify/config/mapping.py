"""The schema of ``mappings/<model>/<resource>/<provider>.yaml``: the translation, both ways."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import ElementExpr, Expr, Path, Strict, TemplateText

FieldType = Literal["id", "text", "time", "country", "status", "money", "boolean", "raw"]
TimeFormat = Literal["iso", "rfc2822", "epoch_seconds", "epoch_milliseconds"]


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _short_form(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise PydanticCustomError("form_error", "must be an expression (text; quote it) or a mapping")
    return {"expr": value} if isinstance(value, str) else value


class _Rule(Strict):
    enum: dict[str, str] | None = Field(default=None, description="Native to unified value, whatever the case.")
    default: str | int | float | bool | None = Field(default=None, description="Taken where the expression is null.")
    type: FieldType | None = Field(default=None, description="For a field that the model lacks; raw if left out.")
    zone: str | None = Field(
        default=None,
        description="Of a time: utc, in_value (it carries its offset), or {context.name} (an IANA zone).",
    )
    format: Annotated[tuple[TimeFormat, ...], BeforeValidator(_one_or_many)] = Field(
        default=("iso",), description="How a time is written; of several the first that fits counts."
    )


class ElementRule(_Rule):
    """How one part of a list's element is made."""

    expr: ElementExpr


class FieldRule(_Rule):
    """How one unified field is made: from an expression, or from each element of a native list."""

    expr: Expr | None = None
    each: Expr | None = Field(default=None, description="The native list.")
    map: dict[str, Annotated[ElementRule, BeforeValidator(_short_form)]] | None = None

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

    param: str | None = Field(default=None, description="Query parameter.")
    body_path: Path | None = Field(default=None, description="Place in the JSON body.")
    search: TemplateText | None = Field(default=None, description="A term of the search text, holding {value}.")
    value: TemplateText | None = Field(default=None, description='Form of the value; "{value}" if left out.')
    encode: Literal["plain", "quoted", "words", "list_item"] = Field(
        default="plain", description="How the value is kept from being read as syntax."
    )
    join: str | None = Field(default=None, description='For the operator "in": what stands between the values.')
    match: Literal["exact", "wider"] = Field(
        description="exact: the answer holds just the matching records. wider: others too; they are checked again."
    )
    requires: dict[str, str | bool] = Field(
        default_factory=dict,
        description="Only right when the caller also asks for these parts of the same element.",
    )
    accepts: str | None = Field(default=None, description="A pattern the whole value must match to be sent.")

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

    param: str | None = None
    body_path: Path | None = None
    value: TemplateText = Field(description="Form of the value; holds {gte} and {lte}.")
    match: Literal["exact", "wider"]

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
        default="rfc3339", description="How an instant is written, in UTC."
    )
    eq: NativeFilter | None = None
    in_: NativeFilter | None = Field(default=None, alias="in")
    like: NativeFilter | None = None
    gt: NativeFilter | None = None
    gte: NativeFilter | None = None
    lt: NativeFilter | None = None
    lte: NativeFilter | None = None
    range: NativeRange | None = Field(default=None, description="For a call that gives both ends.")

    def native(self, op: str) -> NativeFilter | None:
        """The native form of this operator."""
        form: NativeFilter | None = getattr(self, "in_" if op == "in" else op)
        return form


class SortForm(Strict):
    """What is sent to sort one way."""

    query: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)


class SortRule(Strict):
    """A unified sort key that the provider serves."""

    asc: SortForm
    desc: SortForm


class SearchText(Strict):
    """Where search terms go, joined."""

    param: str | None = None
    body_path: Path | None = None
    join: str = " "

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.param is None) == (self.body_path is None):
            raise PydanticCustomError("form_error", 'search text needs one of "param", "body_path"')
        return self


class ListMethod(Strict):
    """The unified ``list``."""

    endpoint: str = Field(description="Native resource.method of the provider file.")
    query: dict[str, str] = Field(
        default_factory=dict, description="Query parameters for every list, unless a sort sets them."
    )
    body: dict[str, Any] = Field(default_factory=dict)
    search: SearchText | None = None
    filters: dict[str, FilterRule] = Field(default_factory=dict)
    sort: dict[str, SortRule] = Field(default_factory=dict)
    partial: Expr | None = Field(
        default=None, description="True for a native record of which get would give more than the list does."
    )


class GetMethod(Strict):
    """The unified ``get``."""

    endpoint: str


class Batch(Strict):
    """One extra request for several records."""

    size: int = Field(ge=1, description="Records at a time; their ids fill {id}, joined by commas.")
    belongs_to: Expr = Field(description="Which record an answered item belongs to: its id.")


class SideLoad(Strict):
    """An extra request that completes a record; expressions see its result as ``loaded.<name>``."""

    endpoint: str = Field(description="Native resource.method; {id} in it is the record's id.")
    methods: tuple[Literal["list", "get"], ...] = Field(
        default=(), description="Methods that do it without being asked."
    )
    when: Expr | None = Field(default=None, description="Only for native records of which this is true.")
    id: Expr | None = Field(default=None, description="What fills {id}; the native id if left out.")
    batch: Batch | None = None
    replaces_record: bool = Field(default=False, description="The answer is the whole record in place of the listed.")


class Unsupported(Strict):
    """Why a unified field is not filled: never (the store lacks it) or not_yet (we do not map it)."""

    never: str | None = None
    not_yet: str | None = None

    @model_validator(mode="after")
    def _one_reason(self) -> Self:
        if (self.never is None) == (self.not_yet is None):
            raise PydanticCustomError("form_error", 'give one reason: "never" or "not_yet"')
        return self


class MappingConfig(Strict):
    """How one unified resource is translated to and from one provider."""

    list: ListMethod | None = None
    get: GetMethod | None = None
    keep: Expr | None = Field(
        default=None, description="Native records of which this is not true are none of this resource."
    )
    side_loads: dict[str, SideLoad] = Field(default_factory=dict)
    response_mapping: dict[str, Annotated[FieldRule, BeforeValidator(_short_form)]]
    unsupported: dict[str, Unsupported] = Field(default_factory=dict)
