"""Makes random field tables in the ways that mappings are written, and native records and calls that meet them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.compiler.fuzz.grammar import Grammar
from tests.compiler.fuzz.shapes import NAMES, Shape, read
from truto_unify.config.field_rules import Source, ValueRule, tables_of
from truto_unify.models.fields import Kind, field_kinds, nested_kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from tests.compiler.fuzz.documents import DocumentMaker
    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import Rule

CALL_NAMES = ("query", "context", "loaded")
_NAMES = ("a", "b", "c", "d", "id", "context", "query")
_EXTRA = {
    "loyalty_tier": Kind("text"),
    "score": Kind("money"),
    "seats": Kind("integer"),
    "seen_at": Kind("time"),
    "odd": None,
}


class TableMaker:
    """Random field tables for one mapping.

    Args:
        random: source of every choice.
        base: the shipped mapping, which the table replaces.
    """

    def __init__(self, random: Random, base: LoadedMapping) -> None:
        self._random = random
        self._choose = random.choice
        self._kinds = field_kinds(base.schema.record)
        self._side_loads = tuple(base.config.side_loads)
        self._root = Grammar(random, (*_NAMES, "a", "b", "c"))
        self._inner = Grammar(random, ("a", "b", "c", "d"))
        # In a sober table most values fit, so that rounds also test records without faults.
        is_sober = bool(random.randrange(3))
        self._values = _SOBER if is_sober else _SOBER + _WILD
        self._elements = _SOBER_ELEMENTS if is_sober else _SOBER_ELEMENTS + _WILD_ELEMENTS
        self._constants = _CONSTANTS if is_sober else (*_CONSTANTS, "", " ", 0, 1.5, False)
        self._lists = _SOBER_LISTS if is_sober else ()

    def table(self) -> dict[str, Any]:
        """A ``response_mapping``: most fields of the model, and a few that it lacks."""
        every = {**self._kinds, **_EXTRA}
        kinds = {name: kind for name, kind in every.items() if name == "id" or self._random.randrange(4)}
        return {name: self._field(kind) for name, kind in kinds.items()}

    def _field(self, kind: Kind | None, *, in_element: int = 0) -> Any:
        if kind is not None and kind.item is not None:
            return self._list(kind, in_element) if kind.is_list else self._parts(kind, in_element=in_element)
        if kind is not None and kind.of is not None:
            each = self._list_expression(in_element)
            return {"expr": f"({each})[].{self._choose(_TEXT_WORDS)}" if self._random.randrange(5) else each}
        return self._rule(kind, in_element=in_element)

    def _list(self, kind: Kind, in_element: int) -> list[dict[str, Any]]:
        return [self._source(kind, in_element) for _ in range(self._choose((1, 1, 1, 2, 2, 3, 5)))]

    def _source(self, kind: Kind, in_element: int) -> dict[str, Any]:
        is_constructed = not self._random.randrange(3)
        parts = self._parts(kind, in_element=in_element + (not is_constructed))
        return parts if is_constructed else {"each": self._list_expression(in_element), **parts}

    def _parts(self, kind: Kind, *, in_element: int) -> dict[str, Any]:
        """Most parts of an object or an element; at least two, so that no part is taken for a rule."""
        parts = {name: self._field(part, in_element=in_element) for name, part in kind.parts.items()}
        if "id" in parts and self._lists:
            parts["id"] = {"expr": "id || 'one'"}
        chosen = {name: rule for name, rule in parts.items() if name == "id" or self._random.randrange(5)}
        return chosen if len(chosen) > 1 else parts

    def _list_expression(self, in_element: int) -> str:
        if in_element:
            return self._choose(_INNER_LISTS)
        return self._fill(self._choose(self._lists), self._root, None) if self._lists else self._root.selection(2)

    def _rule(self, kind: Kind | None, *, in_element: int = 0) -> dict[str, Any]:
        if kind is not None and not self._random.randrange(6 if in_element else 30):
            constant = self._choose(self._constants)
            return {"const": constant, **({"type": kind.name} if kind in _EXTRA.values() else {})}
        rule: dict[str, Any] = {
            "expr": self._element(kind, in_element) if in_element else self._value(self._root, kind)
        }
        name = kind.name if kind else self._choose(("raw", "raw", "boolean", "country"))
        if kind is None:
            rule["type"] = name
        elif kind in _EXTRA.values():
            rule["type"] = kind.name
        if name == "time":
            rule |= self._choose(({"zone": "utc"}, {}, {}, {"zone": "in_value"}, {"zone": "Europe/Paris"}))
            rule["format"] = self._choose(("iso", "iso", "iso", ["rfc2822", "iso"], ["iso", "epoch_milliseconds"]))
        elif name in {"status", "text"} and not self._random.randrange(3):
            rule["enum"] = {"enabled": "active", "X": "inactive", "true": "active", "1": "active"}
        if not self._random.randrange(6):
            rule["default"] = self._choose(("x", "", 1, True, "2024-05-06T07:08:09Z", 1.5))
        return rule

    def _element(self, kind: Kind | None, depth: int) -> str:
        """An expression in the scope of an element; only an element inside of an element has a parent."""
        template = self._choose(self._elements)
        for hole in ("<here>", "<other>"):
            template = template.replace(hole, self._choose(_PLACES))
        filled = self._fill(template.replace("<value>", self._value(self._inner, kind)), self._inner, kind)
        return filled if depth > 1 else filled.replace("parent", "record")

    def _value(self, grammar: Grammar, kind: Kind | None) -> str:
        is_text = kind is None or kind.name in {"text", "status", "country"}
        return self._fill(self._choose(self._values + _SOBER_TEXTS if is_text else self._values), grammar, kind)

    def _fill(self, template: str, grammar: Grammar, kind: Kind | None) -> str:
        words = _WORDS.get(kind.name if kind else "", _TEXT_WORDS)
        for hole, names in {"<word>": words, "<list>": ("addresses", "people", "loaded.<load>")}.items():
            while hole in template:
                template = template.replace(hole, self._choose(names), 1)
        while "<load>" in template:
            template = template.replace("loaded.<load>", self._load(), 1)
        return grammar.fill(template, 2)

    def _load(self) -> str:
        """A side load that the mapping declares, or a plain list where it declares none."""
        return f"loaded.{self._choose(self._side_loads)}" if self._side_loads else "people"


def definitions(base: LoadedMapping) -> dict[str, str]:
    """Names that every table may use."""
    loaded = next((f"loaded.{name}" for name in base.config.side_loads), "people")
    return {
        "defined": f"({loaded} || addresses || people)[]",
        "chosen": "at.first || context.a || first",
        "twice": "[chosen, defined[0].first, @.chosen]",
    }


_CONSTANTS = ("x", "active", True, "17", 7)
_PLACES = (
    *("@", "@", "@", "a", "record", "record.<name>.<name>", "record.a", "context.a", "query.b"),
    *("parent.<name>", "@.parent", "chosen", "defined[0].a", "twice[1]"),
)
_WORDS = {
    "time": ("created", "updated"),
    "money": ("amount", "amount", "id"),
    "decimal": ("amount", "amount", "id"),
    "integer": ("amount", "id"),
    "boolean": ("is",),
    "id": ("id", "gid"),
}
_TEXT_WORDS = ("first", "last", "mail", "phone", "code")
_SOBER_ELEMENTS = (
    *("<word>",) * 6,
    "<word> || <word>",
    "at.<word> || <word>",
    "when(<word> && id == record.at.id, <word>)",
    "<word> && code == <literal> && <word> || `null`",
    "record.<word> || <word>",
    "record.<word> || <word>",
    "not_null(<word>, record.at.<word>)",
    "context.<word> || at.<word>",
    "<word> || chosen",
    "first_text([<word>, defined[].<word>][])",
)
_WILD_ELEMENTS = (
    "<name> || <other>",
    "when(<other> && a, 'x')",
    "when(a && a == <other>, ' default ')",
    "lower(<name>)",
    "first_text([a, b, <other>])",
    "join_text(' ', [a, <other>])",
    "after_last(before_first(a, '?'), '/')",
    "<here> | <value>",
    "<here>.[<value>] | [0]",
    "when(<value>, <other>)",
    "<literal>",
)
_INNER_LISTS = (
    *("people", "people[]", "deep.nodes[]", "addresses[?is]", "other.addresses[].{first: first, id: id, at: @}"),
    *(
        "[at, other]",
        "[@]",
        "[{first: first, id: id}, parent.at, people[]][]",
        "parent.people",
        "record.people",
        "defined",
    ),
)
"""Lists inside of an element."""
_SOBER_LISTS = (
    "[{first: <word>, id: id, code: 'work'}]",
    "[{first: at.<word> || <word>, code: at.code, is: `true`, id: `7`}]",
    "[[{first: <word>, is: `true`}], <list>[].{first: <word>, is: is, id: id}][]",
    "[[{mail: <word>, code: 'x'}, {mail: <word>}], <list>[].{mail: mail, code: <text>}, <list>[].{at: @}][]",
    "[[{phone: <word>, code: 'x'}], (deep.nodes || deep.edges[].node || <list> || [at])[].{phone: phone, code: 'y'}][]",
    "[at, other, <list>[]][].{first: first, phone: phone, code: 'address'}",
    "[[{at: at, code: 'x'}, {at: other, code: 'y'}], <list>[].{at: @}][]",
    "(deep.nodes || deep.edges[].node || <list> || [at])[]",
    "(<list> || <list>)[]",
    "<list>[?code==<literal>].{first: first, id: id}",
    "<list>[?is]",
    "<list>[]",
    "<list>",
    "defined",
    "defined[?is]",
    "[{first: chosen, id: id}, defined[].{first: first, is: is}][]",
    "sort_by(<list> || `[]`, &not_null(to_number(id), `0`)) || <list>",
)
_SOBER = (
    *("<word>",) * 5,
    "<word> || <word>",
    "at.<word> || <word>",
    "not_null(at.<word>, other.<word>, <word>)",
    "<list>[?code==<literal>] | [0].<word>",
    "<list>[?code==<text>].<word> | [0]",
    "<list>[0].<word>",
    "deep.*.<word> | [0]",
    "context.<word> || <word>",
    "(<word> || at.<word>) && <word> || `null`",
    "when(<word> || at.<word>, <word>)",
    "chosen",
    "defined[0].<word>",
)
_SOBER_TEXTS = (
    "first_text([<word>, <word>, at.<word>])",
    "first_text([at.<word>, (<list>[].<word> || deep.nodes[].<word>)[]][])",
    "join_text(' ', [<word>, <word>])",
    "when(first_text([first, last]), mail || join_text(' ', [first, last]))",
    "<word> && type(<word>) == 'string' && length(<word>) > `3` && <word> || `null`",
    "shift_decimal(<word>, '2')",
    "when(length(<word> || '') > to_number('3'), <word>)",
    "<word> || before_first(after_last(to_string(<word>), '/'), '?')",
    "lower(to_string(<word>))",
    "decode_entities(<word>)",
    "join_text(' ', [decode_entities(<word>), <word>])",
)
_WILD = (
    "<name> && (<name> || join_text(' ', [<name>, <path>])) || `null`",
    "lower(<name>)",
    "trim(<path>)",
    "<name> || before_first(after_last(<name>, '/'), '?')",
    "<name>.*.<name> | [0]",
    "query.<name> || context.<name>.<name>",
    "when(<any>, <path>)",
    "twice",
    "<path>",
    "<any>",
    "<any>",
)


def overrides(table: dict[str, Any], base: LoadedMapping) -> list[dict[str, Any]]:
    """The two layers that replace the shipped table by this one."""
    removed = {
        "response_mapping": dict.fromkeys(base.config.response_mapping),
        "unsupported": dict.fromkeys(base.config.unsupported),
    }
    mapped = set(_mapped_names(table))
    missing = {name: "left out by chance" for name, _ in nested_kinds(base.schema.record) if name not in mapped}
    return [removed, {"define": definitions(base), "response_mapping": table, "unsupported": missing}]


def _mapped_names(table: Mapping[str, Any]) -> Iterator[str]:
    for name, rule in table.items():
        yield name
        for inner in rule if isinstance(rule, list) else (rule,):
            yield from (f"{name}.{part}" for part in _mapped_names(inner)) if isinstance(inner, dict) else ()


@dataclass(frozen=True, slots=True)
class Case:
    """One native record, and the names of its call."""

    native: Any
    call: dict[str, Any]


def native_shape(mapping: LoadedMapping) -> Shape:
    """The shape of the native records that a field table reads; the keys of ``CALL_NAMES`` hold that of the call."""
    native = Shape()
    call = {name: native.field(name) for name in CALL_NAMES}
    NAMES.clear()
    NAMES.update({**call, "parent": [native], "record": [native]})
    kinds = {**field_kinds(mapping.schema.record), **_EXTRA}
    for name, rule in mapping.config.response_mapping.items():
        _read_rule(rule, kinds.get(name), [native])
    return native


def _read_rule(rule: Rule, kind: Kind | None, roots: list[Shape]) -> None:
    if isinstance(rule, ValueRule):
        shapes = read(rule.expression.tree, roots)
        is_list = kind is not None and kind.of is not None
        _want(
            [item for shape in shapes for item in shape.items()] if is_list else shapes,
            kind.of or kind if kind else None,
        )
        return
    kinds = kind.parts if kind is not None else {}
    for table in tables_of(rule):
        outer, inner = NAMES["parent"], roots
        if isinstance(table, Source) and table.each is not None:
            inner = [item for shape in read(table.each.tree, roots) for item in shape.items()]
            NAMES["parent"] = roots
        for part, part_rule in table.parts.items():
            _read_rule(part_rule, kinds.get(part), inner)
        NAMES["parent"] = outer


_FITTING: dict[str, tuple[Any, ...]] = {
    "time": ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09.5+02:00", None),
    "money": ("12.5", 7, 0.1, 5.0, "1.500", None),
    "decimal": ("12.5", 7, 0.1, 5.0, "1.500", None),
    "integer": (7, "12", 5.0, 0, 10**18, "1.5", None),
    "boolean": (True, False, "true", 1, None),
    "id": ("17", "gid://shop/Customer/17?x=1", 10**18 + 7, 17),
}


def _want(places: list[Shape], kind: Kind | None) -> None:
    """Notes what a unified field of this kind takes, so that not every record is at fault."""
    for place in places:
        place.hints += _FITTING.get(
            kind.name if kind else "", ("Ana", " ana@example.com", "+1 555 0100 x12", "us", None)
        )


def make_case(maker: DocumentMaker, random: Random, shape: Shape) -> Case:
    """A record and a call for a field table."""
    native = maker.value(shape) if not random.randrange(20) else maker.object(shape)
    if isinstance(native, dict) and random.randrange(8):
        native.setdefault("id", 17)
    call = {name: maker.value(shape.keys[name]) if name in shape.keys else None for name in CALL_NAMES}
    if not isinstance(call["context"], dict):
        call["context"] = {"a": "gold"}
    return Case(native, call)
