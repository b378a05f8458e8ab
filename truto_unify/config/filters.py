"""The schema of ``list.filters``: how a unified filter is sent, and whether the answer needs a check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from truto_unify.config.schema import Path, Strict, Template, TemplateText
from truto_unify.config.spread import Spread, SpreadKeys

Operator = Literal["eq", "in", "like", "gt", "gte", "lt", "lte"]
OPERATORS: tuple[Operator, ...] = ("eq", "in", "like", "gt", "gte", "lt", "lte")
Encode = Literal["plain", "quoted", "words", "list_item"]
Match = Literal["exact", "wider", "may_miss"]
NamedFormat = Literal[
    "rfc3339",
    "rfc3339_seconds",
    "rfc3339_milliseconds",
    "rfc3339_offset",
    "date",
    "local_date",
    "epoch_seconds",
    "epoch_milliseconds",
]
_DIRECTIVES = "YmdHMSfz"
_DIRECTIVE = re.compile("%(.?)", re.DOTALL)
_MATCH = (
    "What the answer is worth. exact: it holds the matching records only. wider: it may hold others too. may_miss: it "
    "may also lack records that match, because the provider searches words or raw texts, or its index lags."
)
_OLD_KEYS = {"accepts": "pattern", "body_path": "path"}
_TARGETS = ("param", "path", "search")
_NEEDS_TARGET = 'a native filter needs one of "param", "path", "search", or {v} in its "query", "body" or "append"'


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeFilter:
    """How one operator of a filter is sent.

    Exactly one of ``param``, ``path`` and ``search`` is not None, unless ``spread`` holds the value.
    """

    param: str | None = None
    path: tuple[str, ...] | None = None
    search: Template | None = None
    value: Template | None = None
    encode: Encode = "plain"
    join: str | None = None
    match: Match = "wider"
    requires: Mapping[str, str | bool] = field(default_factory=dict)
    pattern: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    spread: Spread = field(default_factory=Spread)
    replaces: bool = False

    @property
    def has_target(self) -> bool:
        """Whether one place takes the value."""
        return self.param is not None or self.path is not None or self.search is not None

    @property
    def takes_list(self) -> bool:
        """Whether several values are sent as a list; a text otherwise holds them all."""
        return self.path is not None and self.join is None

    @property
    def value_place(self) -> tuple[str | None, tuple[str, ...] | None, str]:
        """Where the value is written, outside of the search text: query parameter or path, and the form there."""
        if self.has_target:
            return self.param, self.path, self.value.text if self.value is not None else "{value}"
        return self.spread.place_of("value")


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeRange:
    """How both ends of a range are sent together, as one value or in ``spread``.

    Exactly one of ``param`` and ``path`` is not None if there is a value.
    """

    value: Template | None = None
    param: str | None = None
    path: tuple[str, ...] | None = None
    match: Match = "wider"
    spread: Spread = field(default_factory=Spread)


def _form(value: Any) -> Any:
    """A text is a parameter; a text with {value} is a search term."""
    if isinstance(value, str):
        return {"search": value} if "{value}" in value else {"param": value}
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "form_error", "must be a parameter (text), a search term with {v} or a mapping", {"v": "{value}"}
        )
    return value


def _range_form(value: Any) -> Any:
    return {"value": value} if isinstance(value, str) else value


def _check_format(value: Any) -> Any:
    """A name of a format, or a text with directives of strftime that name a day, an hour, a minute or a second."""
    if not isinstance(value, str) or value in get_args(NamedFormat):
        return value
    used = _DIRECTIVE.findall(value)
    if not used:
        names = ", ".join(get_args(NamedFormat))
        message = '"{value}" is not known here; one of {names}, or a text such as %Y-%m-%d %H:%M:%S'
        raise PydanticCustomError("form_error", message, {"value": value, "names": names})
    unknown = [letter for letter in used if letter not in _DIRECTIVES]
    if unknown:
        known = " ".join(f"%{letter}" for letter in _DIRECTIVES)
        raise PydanticCustomError(
            "form_error", "%{letter} is not known here; a format holds {known}", {"letter": unknown[0], "known": known}
        )
    if "".join(letter for letter in "YmdHMSf" if letter in used) not in {"Ymd", "YmdH", "YmdHM", "YmdHMS", "YmdHMSf"}:
        raise PydanticCustomError(
            "form_error", "a format holds %Y, %m and %d, and %H, %M, %S, %f only after each other"
        )
    return value


InstantFormat = Annotated[
    str, BeforeValidator(_check_format, json_schema_input_type=NamedFormat | Annotated[str, Field(pattern="%Y")])
]
"""A named format, or a text in the directives of strftime."""


def _check_zone(value: Any) -> Any:
    if isinstance(value, str) and value != "utc":
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = '"{value}" is no time zone; one is utc, or a name such as Europe/Paris'
            raise PydanticCustomError("form_error", message, {"value": value}) from None
    return value


ZoneName = Annotated[str, AfterValidator(_check_zone)]
"""``utc``, or the IANA name of a time zone."""


def _check_placeholders(template: Template | None, needed: set[str], known: set[str]) -> None:
    names = set(template.placeholders) if template is not None else needed
    if not needed <= names:
        words = " and ".join(f"{{{name}}}" for name in sorted(needed))
        raise PydanticCustomError("form_error", "the text must hold {words}", {"words": words})
    if not names <= known:
        words = " and ".join(f"{{{name}}}" for name in sorted(known))
        raise PydanticCustomError("form_error", "the text may hold {words} and no other placeholder", {"words": words})


class FilterForm(SpreadKeys):
    """One operator of a filter. A key that it leaves out is that of the filter."""

    renamed: ClassVar[Mapping[str, str]] = _OLD_KEYS

    param: str | None = Field(default=None, description="Query parameter.", examples=["email"])
    path: Path | None = Field(
        default=None, description="Place in the JSON body.", examples=["filter.email", ("filter", "info.email")]
    )
    search: TemplateText | None = Field(
        default=None, description="A term of the search text, holding {value}.", examples=["email:{value}"]
    )
    value: TemplateText | None = Field(
        default=None, description='Form of the value; "{value}" if left out.', examples=["gte:{value}"]
    )
    encode: Encode | None = Field(
        default=None,
        description="How the value is escaped, so that the provider does not read it as syntax.",
        examples=["quoted"],
    )
    join: str | None = Field(
        default=None,
        description='For the operator "in": the text between the values. Without it, path takes a list of them.',
        examples=[","],
    )
    match: Match | None = Field(
        default=None,
        description=_MATCH,
        examples=["exact"],
    )
    requires: dict[str, str | bool] | None = Field(
        default=None,
        description="Used only if the caller also asks for these parts of the same element.",
        examples=[{"is_primary": True}],
    )
    pattern: str | None = Field(
        default=None,
        description="A regular expression that the whole value must match; another value is not sent.",
        examples=["[^:]+"],
    )
    words: dict[str, str] | None = Field(
        default=None,
        description="The provider's word for each unified word, as the enum of the field maps it; another value is not "
        "sent.",
        examples=[{"active": "processing", "cancelled": "cancelled"}],
    )

    replaces: bool = Field(
        default=False,
        description="Whether it takes the place of what every list sends there.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        is_spread = "value" in self.spread.words
        if sum(target is not None for target in (self.param, self.path, self.search)) + is_spread != 1:
            raise PydanticCustomError("form_error", _NEEDS_TARGET, {"v": "{value}"})
        for template in (self.search, self.value):
            _check_placeholders(template, {"value"}, {"value"})
        return self


class RangeForm(SpreadKeys):
    """Both ends of a range as one value, or each at a place of its own; both are inclusive."""

    renamed: ClassVar[Mapping[str, str]] = _OLD_KEYS

    param: str | None = Field(
        default=None, description="Query parameter; that of the filter if left out.", examples=["createdAt"]
    )
    path: Path | None = Field(
        default=None, description="Place in the JSON body; that of the filter if left out.", examples=["filter.created"]
    )
    value: TemplateText | None = Field(
        default=None,
        description="Form of the value; holds {gte} and {lte}, unless query, body or append hold them.",
        examples=["btw:{gte}|{lte}"],
    )
    match: Match | None = Field(
        default=None, description="As of the filter; that of the filter if left out.", examples=["exact"]
    )

    @property
    def has_place(self) -> bool:
        """Whether it names a parameter or path of its own."""
        return self.param is not None or self.path is not None

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if self.param is not None and self.path is not None:
            raise PydanticCustomError("form_error", 'a range goes to one of "param", "path"')
        ends = {"gte", "lte"}
        if self.value is None and not ends <= self.spread.words:
            what = 'a range needs "value", or {gte} and {lte} in its "query", "body" or "append"'
            raise PydanticCustomError("form_error", what, {"gte": "{gte}", "lte": "{lte}"})
        _check_placeholders(self.value, ends, ends)
        return self


_Form = Annotated[FilterForm, BeforeValidator(_form, json_schema_input_type=str | FilterForm)]


class FilterRule(Strict):
    """A unified filter: a native form for each operator that the provider serves.

    The form of an operator is a text (a parameter, or a search term with ``{value}``) or a table. Keys beside the
    operators hold for all of them. ``operators`` is for forms that differ in the provider's word alone.
    """

    renamed: ClassVar[Mapping[str, str]] = _OLD_KEYS

    eq: _Form | None = Field(default=None, description="For a bare value.", examples=["email", "email:{value}"])
    in_: _Form | None = Field(default=None, alias="in", description="For one of several values.", examples=["email:in"])
    like: _Form | None = Field(default=None, description="For a part of the text.", examples=["name_contains"])
    gt: _Form | None = Field(default=None, description="For later than.", examples=["created_after"])
    gte: _Form | None = Field(default=None, description="For no earlier than.", examples=["created_at_min"])
    lt: _Form | None = Field(default=None, description="For earlier than.", examples=["created_before"])
    lte: _Form | None = Field(default=None, description="For no later than.", examples=["created_at_max"])
    range: Annotated[RangeForm, BeforeValidator(_range_form, json_schema_input_type=str | RangeForm)] | None = Field(
        default=None, description="For a call with both ends.", examples=["btw:{gte}|{lte}"]
    )
    operators: dict[Operator, str] = Field(
        default_factory=dict,
        description="The provider's word for each operator: the last step of path, or the value of {operator}.",
        examples=[{"gt": "$gt", "gte": "$gte"}],
    )
    param: str | None = Field(
        default=None,
        description="Query parameter of all operators; may hold {operator}.",
        examples=["createdAt", "created_at[{operator}]"],
    )
    path: Path | None = Field(
        default=None, description="Place in the JSON body, above the operators.", examples=["filter.created"]
    )
    search: TemplateText | None = Field(
        default=None,
        description="A term of the search text; holds {value}, and may hold {operator}.",
        examples=["created:{operator}{value}"],
    )
    value: TemplateText | None = Field(
        default=None,
        description="Form of the value for operators; may hold {operator}.",
        examples=["{operator}:{value}"],
    )
    match: Match = Field(
        default="wider",
        description=_MATCH,
        examples=["exact"],
    )
    encode: Encode = Field(
        default="plain",
        description="How the value is escaped, so that the provider does not read it as syntax.",
        examples=["quoted"],
    )
    join: str | None = Field(
        default=None,
        description='For the operator "in": the text between the values. Without it, path takes a list of them.',
        examples=[","],
    )
    pattern: str | None = Field(
        default=None,
        description="A regular expression that the whole value must match; another value is not sent.",
        examples=["[^:]+"],
    )
    requires: dict[str, str | bool] = Field(
        default_factory=dict,
        description="Used only if the caller also asks for these parts of the same element.",
        examples=[{"is_primary": True}],
    )
    words: dict[str, str] = Field(
        default_factory=dict,
        description="The provider's word for each unified word, as the enum of the field maps it; another value is not "
        "sent.",
        examples=[{"active": "processing", "cancelled": "cancelled"}],
    )
    exclusive: bool = Field(
        default=False,
        description="Of a time: whether the provider leaves out records of the very instant of gte and lte, so that a "
        "step further is sent.",
        examples=[True],
    )
    format: InstantFormat = Field(
        default="rfc3339",
        description="The format of an instant: a name, or a text with %Y %m %d %H %M %S %f %z. local_date: a day of "
        "the store's own zone, whichever it is; the bounds are moved outwards to suit every zone.",
        examples=["rfc3339_milliseconds", "%Y-%m-%d %H:%M:%S"],
    )
    zone: ZoneName = Field(
        default="utc", description="The zone in which a format with % is written.", examples=["America/New_York"]
    )

    _forms: dict[str, NativeFilter] = PrivateAttr(default_factory=dict)
    _range: NativeRange | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        targets = [name for name in _TARGETS if getattr(self, name) is not None]
        has_range = self.range is not None and self.range.value is not None and not self.range.has_place
        if self.operators and len(targets) != 1:
            raise PydanticCustomError("form_error", '"operators" needs one of "param", "path", "search" beside it')
        if has_range and (targets not in (["param"], ["path"])):
            raise PydanticCustomError("form_error", 'a range needs one of "param", "path"')
        if targets and not self.operators and not has_range:
            what = 'a filter names its operators: "eq: {target}", or "operators" beside "{target}"'
            raise PydanticCustomError("form_error", what, {"target": targets[0]})
        if self.value is not None and not self.operators:
            raise PydanticCustomError("form_error", '"value" beside the operators is for "operators"')
        for template in (self.search, self.value):
            _check_placeholders(template, {"value"}, {"value", "operator"})
        own = {op: form for op in OPERATORS if (form := self._own(op)) is not None}
        if not own and not self.operators and self.range is None:
            raise PydanticCustomError("form_error", "a filter names at least one operator, as eq: email")
        for op in own.keys() & self.operators.keys():
            raise PydanticCustomError("form_error", '"{op}" is declared twice, once in "operators"', {"op": op})
        if len(self.operators) > 1 and self.path is None and not self._holds_operator():
            raise PydanticCustomError(
                "form_error", "nothing holds {word}: all operators would send the same", {"word": "{operator}"}
            )
        self._forms = {op: self._inherit(form) for op, form in own.items()}
        self._forms |= {op: self._from_word(word) for op, word in self.operators.items()}
        self._range = self._native_range()
        native_forms = (*self._forms.values(), self._range)
        if self.zone != "utc" and "%" not in self.format:
            raise PydanticCustomError("form_error", '"zone" is for a format with %; the named ones are in UTC')
        if self.format == "local_date" and any(form is not None and form.match == "exact" for form in native_forms):
            what = "the days of a local_date hold more than what was asked: none of its operators is exact"
            raise PydanticCustomError("form_error", what)
        return self

    def native(self, op: str) -> NativeFilter | None:
        """The native form of this operator."""
        return self._forms.get(op)

    @property
    def native_forms(self) -> tuple[NativeFilter, ...]:
        """The native forms of all operators."""
        return tuple(self._forms.values())

    def only_equal(self) -> FilterRule:
        """The same filter without its other operators."""
        rule = self.model_copy()
        rule._forms, rule._range = {"eq": self._forms["eq"]}, None
        return rule

    @property
    def native_range(self) -> NativeRange | None:
        """The native form of both ends together."""
        return self._range

    def _own(self, op: str) -> FilterForm | None:
        form: FilterForm | None = getattr(self, "in_" if op == "in" else op)
        return form

    def _holds_operator(self) -> bool:
        texts = (self.param, *(template.text for template in (self.search, self.value) if template is not None))
        return any("{operator}" in text for text in texts if text is not None)

    def _inherit(self, form: FilterForm) -> NativeFilter:
        return NativeFilter(
            param=form.param,
            path=form.path,
            search=form.search,
            value=form.value,
            encode=form.encode if form.encode is not None else self.encode,
            join=form.join if form.join is not None else self.join,
            match=form.match if form.match is not None else self.match,
            requires=form.requires if form.requires is not None else self.requires,
            pattern=form.pattern if form.pattern is not None else self.pattern,
            words=form.words if form.words is not None else self.words,
            spread=form.spread,
            replaces=form.replaces,
        )

    def _from_word(self, word: str) -> NativeFilter:
        def filled(text: str) -> str:
            return text.replace("{operator}", word)

        return NativeFilter(
            param=filled(self.param) if self.param is not None else None,
            path=(*self.path, word) if self.path is not None else None,
            search=Template(filled(self.search.text)) if self.search is not None else None,
            value=Template(filled(self.value.text)) if self.value is not None else None,
            encode=self.encode,
            join=self.join,
            match=self.match,
            requires=self.requires,
            pattern=self.pattern,
            words=self.words,
        )

    def _native_range(self) -> NativeRange | None:
        form = self.range
        if form is None:
            return None
        is_own = form.has_place or form.value is None
        return NativeRange(
            param=form.param if is_own else self.param,
            path=form.path if is_own else self.path,
            value=form.value,
            match=form.match if form.match is not None else self.match,
            spread=form.spread,
        )


class SearchText(Strict):
    """The place of the joined search terms."""

    renamed: ClassVar[Mapping[str, str]] = _OLD_KEYS

    param: str | None = Field(default=None, description="Query parameter.", examples=["query"])
    path: Path | None = Field(default=None, description="Place in the JSON body.", examples=["variables.query"])
    join: str = Field(
        default=" ",
        description="The text between the terms, and behind a fixed text in list.query or list.body.",
        examples=[" AND "],
    )

    @model_validator(mode="after")
    def _check_form(self) -> Self:
        if (self.param is None) == (self.path is None):
            raise PydanticCustomError("form_error", 'search text needs one of "param", "path"')
        return self
