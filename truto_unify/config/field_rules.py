"""The schema of ``response_mapping``: the expression of each unified field, and the rules for its value."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import Expr, Strict
from truto_unify.expressions import Expression, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FieldType = Literal["id", "text", "time", "country", "status", "money", "decimal", "integer", "boolean", "raw"]
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


RULE_KEYS = ("expr", "const", "enum", "default", "zone", "format")
"""The keys of a value; a part may be called ``type``."""


def _has_rules(value: Mapping[str, Any]) -> bool:
    """Whether a table holds the rules of one value, and not the parts of an object.

    A lone misspelt ``expr`` or ``const`` counts, so that the fault names it.
    """
    keys = [str(key) for key in value if key != "type"]
    if len(keys) == 1 and (keys[0].startswith("expr") or get_close_matches(keys[0], ("expr", "const"), cutoff=0.75)):
        return True
    return not keys or not set(RULE_KEYS).isdisjoint(keys)


class ObjectRule(Strict):
    """An object: the rule of each part, in the scope that holds the object."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"propertyNames": {"not": {"enum": list(RULE_KEYS)}}})
    extra_key: ClassVar[str] = "part"

    __pydantic_extra__: dict[str, FieldRule] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def parts(self) -> Mapping[str, Rule]:
        """The rule of each part."""
        return self.__pydantic_extra__


class Source(ObjectRule):
    """A source of elements of a unified list: each element of a native list, or one element from the record itself.

    All keys but ``each`` are parts of the element. With ``each`` the native element is the root of their expressions;
    ``record`` is the whole native record; in a list inside of an element, ``parent`` is that element.
    """

    each: Expr | None = Field(
        default=None, description="The native list; each of its elements makes one.", examples=["addresses"]
    )


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
    if isinstance(value, tuple):
        return "sources"
    return "object" if isinstance(value, dict) and not _has_rules(value) else "value"


Sources = tuple[Annotated[Source, BeforeValidator(_source_form)], ...]
FieldRule = Annotated[
    Annotated[PartRule, Tag("value")] | Annotated[ObjectRule, Tag("object")] | Annotated[Sources, Tag("sources")],
    Discriminator(_shape_of),
    BeforeValidator(_field_form),
]
"""The rule of a unified field, or of a part of one: a value, the parts of an object, or the sources of a list."""
Rule: TypeAlias = "ValueRule | ObjectRule | tuple[Source, ...]"

ObjectRule.model_rebuild()
Source.model_rebuild()


def tables_of(rule: Rule | None) -> tuple[ObjectRule, ...]:
    """The tables of parts in a rule: the object itself, or each source of a list; none for a value."""
    if rule is None or isinstance(rule, ValueRule):
        return ()
    return (rule,) if isinstance(rule, ObjectRule) else rule


def part_names(rule: Rule | None) -> tuple[str, ...]:
    """The parts of an object or a list that the rule fills, each once."""
    return tuple(dict.fromkeys(name for table in tables_of(rule) for name in table.parts))


def rules_at(rules: Mapping[str, Rule], label: str) -> tuple[Rule, ...]:
    """The rules of a field, or of a part such as ``customer.emails.email``: one for each source that has it."""
    name, *parts = label.split(".")
    found: tuple[Rule, ...] = (rules[name],) if name in rules else ()
    for part in parts:
        tables = [table for rule in found for table in tables_of(rule)]
        found = tuple(table.parts[part] for table in tables if part in table.parts)
    return found


def mapped_names(rules: Mapping[str, Rule]) -> Iterator[str]:
    """Every field that has a rule, and every part below it, as ``customer.emails.email``; some repeat."""
    for name, rule in rules.items():
        yield name
        for table in tables_of(rule):
            yield from (f"{name}.{part}" for part in mapped_names(table.parts))


def value_rules(rule: Rule) -> Iterator[ValueRule]:
    """Every rule of a value in a field."""
    if isinstance(rule, ValueRule):
        yield rule
        return
    for table in tables_of(rule):
        for part in table.parts.values():
            yield from value_rules(part)


def expressions_of(rule: Rule) -> Iterator[Expression]:
    """Every expression of a field, constants among them."""
    if isinstance(rule, ValueRule):
        yield rule.expression
        return
    for table in tables_of(rule):
        if isinstance(table, Source) and table.each is not None:
            yield table.each
        for part in table.parts.values():
            yield from expressions_of(part)


def source_at(sources: tuple[Source, ...], index: int) -> int | None:
    """The source of the element at this index; None if it depends on the record.

    Before the first native list, each source makes one element.
    """
    lists = [number for number, source in enumerate(sources) if source.each is not None]
    first = lists[0] if lists else len(sources)
    if index < first:
        return index
    return first if lists and first == len(sources) - 1 else None
