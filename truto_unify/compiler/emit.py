"""Turns syntax trees into values and the statements that compute them, one method for each kind of node.

Every value stands in a numbered variable, so that no name ever comes from input; keys and literals are written
by ``repr``. What the compiler knows (constants, types, the members of objects that an expression makes) costs
nothing when the code runs.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from truto_unify.compiler import calls, lists
from truto_unify.compiler.result import result_type
from truto_unify.compiler.value import ANY, NOTHING, NULL, Value
from truto_unify.compiler.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.compiler.reading import Reading

Tree = dict[str, Any]
_DEEPEST = 8  # blocks inside each other; CPython takes 20 loops, people fewer


class Emitter:
    """Writes functions over records.

    Args:
        is_decoded: records are the structs of ``decode`` and not dicts: keys that are read are attributes.
        may_fail: the caller evaluates what failed again by interpretation, so that code may fail where the
            specification has an answer, as a cleaning rule does that stands in for ``join_text``.
        attributes: the slot of each key in a decoded record.

    Attributes:
        names: what the names mean that were bound in expressions; one that is missing is null.
    """

    def __init__(
        self,
        *,
        is_decoded: bool = False,
        may_fail: bool = False,
        attributes: dict[str, str] | None = None,
    ):
        self.is_decoded = is_decoded
        self.may_fail = may_fail
        self.attributes: dict[str, str] = {} if attributes is None else attributes
        self.constants: dict[str, Any] = {}
        self.functions: list[list[str]] = []
        self.out = Writer()
        self.names: Mapping[str, Value] = {}
        self._shapes: dict[tuple[str, ...], str | None] = {}

    # -- functions ------------------------------------------------------------------------------------------------

    def function(self, tree: Tree) -> str:
        """Writes a function of one plain argument that evaluates the tree, and gives its name."""
        kept = self.out
        self.out = Writer(_count=kept._count)
        was_decoded, self.is_decoded = self.is_decoded, False
        name, argument = self.out.fresh("f"), self.out.fresh()
        result = self.code(self.emit(tree, Value(argument)))
        self.out.write(f"return {result}")
        self.functions.append([f"def {name}({argument}):", *self.out.lines])
        kept._count = self.out._count
        kept.risks += self.out.risks
        self.out, self.is_decoded = kept, was_decoded
        return name

    def constant(self, value: Any) -> str:
        """The name by which generated code knows a value that no source can say."""
        name = self.out.fresh("c")
        self.constants[name] = value
        return name

    def record(self, parts: Mapping[str, str]) -> str:
        """Python that makes a unified record, or an element of one, of these parts: a struct of decoded records."""
        kind = self._shape(tuple(parts)) if self.is_decoded else None
        if kind is None:
            return f"{{{', '.join(f'{name!r}: {code}' for name, code in parts.items())}}}"
        return f"{kind}({', '.join(parts.values())})"

    def _shape(self, names: tuple[str, ...]) -> str | None:
        if names not in self._shapes:
            kind = result_type(names)
            self._shapes[names] = self.constant(kind) if kind is not None else None
        return self._shapes[names]

    # -- values ---------------------------------------------------------------------------------------------------

    def assign(self, expression: str, **facts: Any) -> Value:
        """Writes ``name = expression``; gives the value with what is known of it."""
        return Value(self.out.assign(expression), **facts)

    def code(self, value: Value) -> str:
        """Python that gives the whole value, as something outside may look at it."""
        if value.place is not None and value.may_be("object", "array"):
            value.place.want_whole()
        if value.members is not None:
            return f"{{{', '.join(f'{key!r}: {self.code(one)}' for key, one in value.members.items())}}}"
        if value.elements is not None:
            return f"[{', '.join(self.code(one) for one in value.elements)}]"
        return value.code

    def text_code(self, value: Value) -> str:
        """Python that gives the value to something that takes a text, and refuses anything else or does without."""
        if value.place is None:
            return self.code(value)
        value.place.want_text()
        return value.code

    def put(self, value: Value, place: Reading | None) -> str:
        """Python that gives the value where other values may stand too, whose common place this is."""
        if place is None:
            return self.code(value)
        if value.members is None and value.elements is not None:
            return f"[{', '.join(self.put(one, place.element()) for one in value.elements)}]"
        return self.code(value) if value.members is not None else value.code

    def common_place(self, values: Iterable[Value]) -> Reading | None:
        """The one place of values that meet in a variable; none where none of them has one."""
        found: Reading | None = None
        plain = []
        for value in values:
            if not value.may_be("object", "array"):
                continue
            if value.place is not None:
                if found is not None:
                    found.unite(value.place)
                found = value.place.find()
            else:
                plain.append(value)
        if found is None:
            return None
        for value in plain:
            if value.elements is None:
                found.want_whole()
            else:
                self.common_place([Value("", place=found.element()), *value.elements])
        return found.find()

    def types_of(self, place: Reading | None) -> frozenset[str]:
        """What a value of this place may be: a decoder has checked it, or nobody has."""
        if not self.is_decoded or place is None:
            return ANY
        if place.kind == "any":
            return frozenset({"string", "null"}) if place.is_text else ANY
        return frozenset({"object", "null"} if place.kind == "object" else {"array", "null"})

    def at(self, code: str, place: Reading | None) -> Value:
        """A value of the native record."""
        is_plain = self.is_decoded and place is not None and place.kind == "any"
        return Value(code, self.types_of(place), place=None if is_plain else place)

    def read(self, value: Value, key: str) -> Value:
        """The value under a key; null where there is no such key, or no object."""
        if value.members is not None:
            return value.members.get(key, NULL)
        if not value.may_be("object"):
            return NULL
        known = self.out.known(("read", value.code, key))
        if known is not None:
            return known
        place = value.place.key(key) if value.place is not None else None
        source = self._object(value)
        if self.is_decoded and value.place is not None:
            code = f"{source}.{self.attribute(key)}"
        else:
            code = f"{source}.get({key!r})"
        return self.out.remember(("read", value.code, key), self.at(self.out.assign(code), place))

    def attribute(self, key: str) -> str:
        """The name under which a decoded record has a key."""
        return self.attributes.setdefault(key, f"k{len(self.attributes)}")

    def _object(self, value: Value) -> str:
        """A variable that can be read from whatever the value is: keys are looked up after one test, not one each."""
        if value.is_only("object"):
            return value.code
        known = self.out.known(("object", value.code))
        if known is None:
            if self.is_decoded and value.place is not None:
                assert value.place.kind == "object"  # noqa: S101 - only such a place has keys in a decoded record
                code = f"{value.code} or NOTHING_READ"
            else:
                code = f"{value.code} if {value.code}.__class__ is dict else EMPTY"
            known = self.out.remember(("object", value.code), Value(self.out.assign(code)))
        return known.code

    def truth(self, value: Value) -> str:
        """A Python condition that holds where the value is true in JMESPath, where zero is.

        ``True`` and ``False`` stand for what is known before.
        """
        if value.members is not None or value.elements is not None:
            return str(bool(value.members or value.elements))
        if value.constant is not NOTHING:
            return str(value.constant not in (None, False, "", [], {}) or value.constant.__class__ in {int, float})
        if value.is_null:
            return "False"
        if value.place is not None and value.may_be("object"):
            value.place.want_truth()
        if value.is_only("number") or (value.is_clean and value.is_only("string")):
            return "True"
        if not value.may_be("number"):
            return value.code
        code = value.code
        return f"({code} or ({code} is not None and {code} == 0 and {code} is not False))"

    # -- nodes ----------------------------------------------------------------------------------------------------

    def emit(self, tree: Tree, current: Value) -> Value:
        """The value of a node where ``current`` is the current one."""
        if self.out.depth > _DEEPEST and tree["type"] in _NESTING and self._may_split(tree, current):
            return self.assign(f"{self.function(tree)}({self.code(current)})")
        write: Callable[[Tree, Value], Value] = getattr(self, f"_emit_{tree['type']}")
        if tree["type"] not in _REPEATED or not current.code:
            return write(tree, current)
        key = ("tree", repr(tree), current.code)
        known, risks, borrowed = self.out.known(key), self.out.risks, self.out.borrowed
        if known is not None:
            return known
        made = write(tree, current)
        may_fail = self.out.risks > risks
        is_borrowed = self.out.borrowed > borrowed and not self.is_decoded  # a decoded record fails as a whole
        if is_borrowed and self.out.is_shared and not may_fail and _is_variable(made):
            # An earlier field that failed leaves this one half done: under the last name others see all of it or none.
            made = replace(made, code=self.out.assign(made.code))
        return self.out.remember(key, made, may_fail=may_fail)

    def _may_split(self, tree: Tree, current: Value) -> bool:
        """Whether a node may go into a function of its own, which sees nothing but this one plain variable."""
        is_plain = current.members is None and current.elements is None
        return is_plain and (current.place is None or current.place.kind == "any") and not _has_names(tree)

    def _emit_identity(self, _tree: Tree, current: Value) -> Value:
        return current

    _emit_current = _emit_identity

    def _emit_field(self, tree: Tree, current: Value) -> Value:
        return self.read(current, tree["value"])

    def _emit_variable(self, tree: Tree, _current: Value) -> Value:
        return self.names.get(tree["value"], NULL)

    def _emit_of_record(self, tree: Tree, _current: Value) -> Value:
        return self.emit(tree["children"][0], self.names["record"])

    def _emit_chain(self, tree: Tree, current: Value) -> Value:
        for child in tree["children"]:
            current = self.emit(child, current)
        return current

    _emit_subexpression = _emit_pipe = _emit_index_expression = _emit_chain

    def _emit_index(self, tree: Tree, current: Value) -> Value:
        index = int(tree["value"])
        if current.elements is not None:
            count = len(current.elements)
            return current.elements[index] if -count <= index < count else NULL
        if not current.may_be("array"):
            return NULL
        bound = f"{-index - 1}" if index < 0 else f"{index}"
        test = self._is_list(current)
        long_enough = f"len({current.code}) > {bound}"
        condition = long_enough if test is None else f"{test} and {long_enough}"
        place = current.place.element() if current.place is not None else None
        return self.at(self.out.assign(f"{current.code}[{index}] if {condition} else None"), place)

    def _is_list(self, value: Value) -> str | None:
        """The test that a value is a list; None where it is known to be."""
        if value.is_only("array"):
            return None
        return f"{value.code} is not None" if value.is_only("array", "null") else f"{value.code}.__class__ is list"

    def _emit_slice(self, tree: Tree, current: Value) -> Value:
        start, stop, step = ([*tree["children"], None, None, None])[:3]
        place = current.place if current.elements is None else None
        source = current.code if place is not None else self.code(current)
        if place is not None:
            place.element()
        types = frozenset({"array", "null"})
        self.out.risks += step == 0
        return self.assign(f"take_slice({source}, {start!r}, {stop!r}, {step!r})", types=types, place=place)

    def _emit_key_val_pair(self, tree: Tree, current: Value) -> Value:
        return self.emit(tree["children"][0], current)

    def _emit_literal(self, tree: Tree, _current: Value) -> Value:
        literal = tree["value"]
        types = frozenset({_TYPES.get(literal.__class__, "null")})
        if literal == [] and literal.__class__ is list:
            return Value("", types, elements=())
        if literal.__class__ in {list, dict}:
            # A display makes a fresh list or object each time: nobody may change what the tree holds.
            return self.assign(_literal(literal), types=types)
        is_clean = isinstance(literal, str) and literal.strip() == literal != ""
        return Value(_literal(literal), types, is_clean=is_clean, constant=literal)

    # -- making ---------------------------------------------------------------------------------------------------

    def _emit_multi_select_list(self, tree: Tree, current: Value) -> Value:
        def make() -> Value:
            made = tuple(self.emit(child, current) for child in tree["children"])
            return Value("", frozenset({"array"}), elements=made)

        return self._select(current, make)

    def _emit_multi_select_dict(self, tree: Tree, current: Value) -> Value:
        def make() -> Value:
            made = {child["value"]: self.emit(child, current) for child in tree["children"]}
            return Value("", frozenset({"object"}), members=made)

        return self._select(current, make)

    def _select(self, current: Value, make: Callable[[], Value]) -> Value:
        """A list or object of several results; null where there is nothing to select from."""
        if current.is_null:
            return NULL
        if not current.may_be_null:
            return make()
        result = self.out.assign("None")
        with self.out.block(f"if {current.code} is not None:"):
            made = make()
            self.out.write(f"{result} = {self.code(made)}")
        return Value(result, made.types | {"null"})

    # -- logic ----------------------------------------------------------------------------------------------------

    def _emit_or_expression(self, tree: Tree, current: Value) -> Value:
        left = self.emit(tree["children"][0], current)
        truth = self.truth(left)
        if truth == "True":
            return left
        if truth == "False":
            return self.emit(tree["children"][1], current)
        known = left.when_true or left
        kept = replace(left, types=known.types - {"null"}, is_clean=known.is_clean)
        return self._choose(f"if not {truth}:", kept, tree["children"][1], current)[0]

    def _emit_and_expression(self, tree: Tree, current: Value) -> Value:
        left = self.emit(tree["children"][0], current)
        truth = self.truth(left)
        if truth == "False":
            return left
        if truth == "True":
            return self.emit(tree["children"][1], current)
        kept = left.types - ({"number", "string"} if left.is_clean else {"number"})
        chosen, right = self._choose(f"if {truth}:", replace(left, types=kept), tree["children"][1], current)
        return replace(chosen, when_true=right.when_true or right)

    def _choose(self, head: str, left: Value, other: Tree, current: Value) -> tuple[Value, Value]:
        """The left value, or the other one where the condition holds; and the other one alone."""
        result = self.out.assign(left.code)
        with self.out.block(head):
            right = self.emit(other, current)
            place = self.common_place([left, right])
            self.out.write(f"{result} = {self.put(right, place)}")
        is_clean = (left.is_clean or not left.may_be("string")) and (right.is_clean or not right.may_be("string"))
        return Value(result, left.types | right.types, is_clean=is_clean, place=place), right

    def _emit_not_expression(self, tree: Tree, current: Value) -> Value:
        truth = self.truth(self.emit(tree["children"][0], current))
        return self.assign(f"not {truth}", types=frozenset({"boolean"}))

    def _emit_comparator(self, tree: Tree, current: Value) -> Value:
        left, right = (self.emit(child, current) for child in tree["children"])
        name = tree["value"]
        if name in _ORDERS and left.is_only("number") and right.is_only("number"):
            return self.assign(f"{left.code} {_ORDERS[name]} {right.code}", types=frozenset({"boolean"}))
        if name not in {"eq", "ne"}:
            types = frozenset({"boolean", "null"})
            return self.assign(_COMPARATORS[name].format(self.code(left), self.code(right)), types=types)
        return self.assign(self._equality(left, right, is_equal=name == "eq"), types=frozenset({"boolean"}))

    def _equality(self, left: Value, right: Value, *, is_equal: bool) -> str:
        for one, other in ((left, right), (right, left)):
            if one.is_null and other.constant is NOTHING and other.members is None and other.elements is None:
                return f"{other.code} is {'' if is_equal else 'not '}None"
            # A text equals nothing but a text; of numbers and truth values Python thinks otherwise than JSON.
            if one.is_only("string", "null"):
                return f"{one.code} {'==' if is_equal else '!='} {self.code(other)}"
        mine, theirs = self.code(left), self.code(right)
        negated = "" if is_equal else "not "
        general = f"{negated}equals({mine}, {theirs})"
        if left.constant is not NOTHING or left.members is not None or left.elements is not None:
            return general
        return f"{mine} {'==' if is_equal else '!='} {theirs} if {mine}.__class__ is str else {general}"

    # -- lists and functions --------------------------------------------------------------------------------------

    def _emit_projection(self, tree: Tree, current: Value) -> Value:
        return lists.emit_projection(self, tree, current)

    _emit_value_projection = _emit_filter_projection = _emit_projection

    def _emit_flatten(self, tree: Tree, current: Value) -> Value:
        return self.assign(
            f"flatten({self.code(self.emit(tree['children'][0], current))})", types=frozenset({"array", "null"})
        )

    def _emit_function_expression(self, tree: Tree, current: Value) -> Value:
        if tree["value"] == "first_text" and tree["children"][0]["type"] in lists.PROJECTIONS:
            return calls.emit_first_text(self, tree["children"][0], current)
        return calls.emit_call(self, tree["value"], [self.emit(child, current) for child in tree["children"]])

    def _emit_expref(self, tree: Tree, _current: Value) -> Value:
        function = self.function(tree["children"][0])
        name = self.out.fresh("e")
        self.functions.append([f"{name} = make_reference({function})"])  # once, not for each record
        return Value(name)


_TYPES = {str: "string", list: "array", dict: "object", bool: "boolean", int: "number", float: "number"}
_ORDERS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_COMPARATORS = {
    "lt": "less({0}, {1})",
    "lte": "less_or_equal({0}, {1})",
    "gt": "less({1}, {0})",
    "gte": "less_or_equal({1}, {0})",
}
_NESTING = frozenset(
    {
        "projection",
        "value_projection",
        "filter_projection",
        "multi_select_list",
        "multi_select_dict",
        "or_expression",
        "and_expression",
    }
)
_REPEATED = frozenset(
    {"projection", "value_projection", "filter_projection", "or_expression", "and_expression", "function_expression"}
)
"""Nodes that cost something: one that stands in several fields is computed once."""


def _has_names(tree: Tree) -> bool:
    """Whether the tree holds a name that was bound."""
    children = (child for child in tree.get("children", ()) if isinstance(child, dict))
    return tree["type"] in {"variable", "of_record"} or any(_has_names(child) for child in children)


def _is_variable(value: Value) -> bool:
    return value.constant is NOTHING and value.members is None and value.elements is None


def _literal(value: Any) -> str:
    """A JSON value as a Python display.

    >>> _literal({"a": [1, None]})
    "{'a': [1, None]}"
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and not isfinite(value):
        return "1e999" if value > 0 else "-1e999" if value < 0 else "(1e999 - 1e999)"
    return repr(value)
