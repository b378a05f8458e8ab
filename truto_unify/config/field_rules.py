"""The schema of ``response_mapping``: the expression of each unified field, and the rules for its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import Expr, Strict
from truto_unify.expressions import Expression, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FieldType = Literal["id", "text", "time", "country", "status", "money", "boolean", "raw"]
TimeFormat = Literal["iso", "rfc2822", "epoch_seconds", "epoch_milliseconds"]
Constant = str | int | float | bool
_TimeFormats = TimeFormat | tuple[TimeFormat, ...]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class ValueRule(Strict):
    """One value: an expression or a constant, and rules for the result."""

    expr: Expr | None = Field(
        default=None,
        description="The value, read from the native record; in a list, from the element.",
        examples=["join_text(' ', [first_name, last_name])"],
    )
    const: Constant | None = Field(
        default=None, description="The value itself, in place of an expression.", examples=["primary", True]
    )
    enum: dict[str, str] | None = Field(
        default=None,
        description="Native to unified value; case does not matter.",
        examples=[{"enabled": "active", "disabled": "inactive"}],
    )
    default: Constant | None = Field(
        default=None, description="The value if the result is null or a blank text.", examples=["USD"]
    )
    type: FieldType | None = Field(
        default=None,
        description="The type of a field that the model lacks, which marks it as intended; raw if left out.",
        examples=["text"],
    )
    zone: str | None = Field(
        default=None,
        description="Of a time: in_value (it carries its offset), utc, an IANA zone, or {context.name} for the name of "
        "a zone; in_value if left out.",
        examples=["utc", "America/New_York", "{context.time_zone}"],
    )
    format: Annotated[tuple[TimeFormat, ...], BeforeValidator(_as_tuple, json_schema_input_type=_TimeFormats)] = Field(
        default=("iso",),
        description="The format of a time; of several, the first that fits.",
        examples=["epoch_seconds", ("iso", "rfc2822")],
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if (self.expr is None) == (self.const is None):
            raise PydanticCustomError("form_error", 'a value needs either "expr" or "const"')
        if self.const is not None and (self.enum is not None or self.default is not None):
            raise PydanticCustomError("form_error", '"const" needs neither "enum" nor "default"')
        return self

    @property
    def expression(self) -> Expression:
        """The expression of the value, also for a constant."""
        if self.expr is not None:
            return self.expr
        assert self.const is not None  # noqa: S101 - the schema lets only one of the two forms through
        return literal(self.const)


def _value_form(value: Any) -> Any:
    if isinstance(value, str):
        return {"expr": value}
    if isinstance(value, dict):
        return value
    if isinstance(value, bool | int | float):
        raise PydanticCustomError(
            "form_error", "must be an expression (text; quote it); a constant is {form}", {"form": "{const: …}"}
        )
    raise PydanticCustomError("form_error", "must be an expression (text; quote it) or a mapping")


PartRule = Annotated[ValueRule, BeforeValidator(_value_form)]


class Source(Strict):
    """A source of elements of a unified list: each element of a native list, or one element from the record itself.

    All keys but ``each`` are parts of the element. With ``each`` the native element is the root of their expressions;
    ``record`` is the whole native record.
    """

    model_config = ConfigDict(extra="allow")
    extra_key: ClassVar[str] = "part"

    __pydantic_extra__: dict[str, PartRule] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    each: Expr | None = Field(
        default=None, description="The native list; each of its elements makes one.", examples=["addresses"]
    )

    @property
    def parts(self) -> Mapping[str, ValueRule]:
        """The rule of each part of an element."""
        return self.__pydantic_extra__


def _source_form(value: Any) -> Any:
    if not isinstance(value, dict):
        raise PydanticCustomError("form_error", 'a source is a mapping of the parts, with "each" where it is a list')
    if "map" in value:
        raise PydanticCustomError("form_error", 'the parts stand beside "each" now, without "map"')
    if not value.keys() - {"each"}:
        raise PydanticCustomError("form_error", "a source names at least one part")
    return value


def _field_form(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() & {"each", "map"}:
        raise PydanticCustomError(
            "form_error", "a list is a list of sources now: {form}", {"form": "[{each: …, part: …}]"}
        )
    return value


def _shape_of(value: Any) -> str:
    return "sources" if isinstance(value, tuple) else "value"


Sources = tuple[Annotated[Source, BeforeValidator(_source_form)], ...]
FieldRule = Annotated[
    Annotated[PartRule, Tag("value")] | Annotated[Sources, Tag("sources")],
    Discriminator(_shape_of),
    BeforeValidator(_field_form),
]
"""The rule of a unified field: a value, or the sources of a list in order."""
Rule = ValueRule | tuple[Source, ...]


def part_names(rule: Rule | None) -> tuple[str, ...]:
    """The parts of a list that its sources fill, each once."""
    if rule is None or isinstance(rule, ValueRule):
        return ()
    return tuple(dict.fromkeys(name for source in rule for name in source.parts))


def rules_of_part(rule: Rule | None, part: str) -> tuple[ValueRule, ...]:
    """The rules of a part of a list, one for each source that has it."""
    if rule is None or isinstance(rule, ValueRule):
        return ()
    return tuple(source.parts[part] for source in rule if part in source.parts)


def value_rules(rule: Rule) -> Iterator[ValueRule]:
    """Every rule of a value in a field."""
    if isinstance(rule, ValueRule):
        yield rule
        return
    for source in rule:
        yield from source.parts.values()


def expressions_of(rule: Rule) -> Iterator[Expression]:
    """Every expression of a field, constants among them."""
    if not isinstance(rule, ValueRule):
        yield from (source.each for source in rule if source.each is not None)
    yield from (value.expression for value in value_rules(rule))


def source_at(sources: tuple[Source, ...], index: int) -> int | None:
    """The source of the element at this index; None if it depends on the record.

    Before the first native list, each source makes one element.
    """
    lists = [number for number, source in enumerate(sources) if source.each is not None]
    first = lists[0] if lists else len(sources)
    if index < first:
        return index
    return first if lists and first == len(sources) - 1 else None
