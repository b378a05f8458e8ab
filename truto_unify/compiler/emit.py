"""Turns syntax trees into values and the statements that compute them; ``nodes`` knows each kind of node.

Every value stands in a numbered variable, so that no name ever comes from input; keys and literals are written
by ``repr``. What the compiler knows (constants, types, the members of objects that an expression makes) costs
nothing when the code runs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from truto_unify.compiler.result import result_type
from truto_unify.compiler.value import ANY, NOTHING, NULL, Value
from truto_unify.compiler.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.compiler.reading import Reading

Tree = dict[str, Any]
WriteNode: TypeAlias = "Callable[[Emitter, Tree, Value], Value]"
_DEEPEST = 8  # blocks inside each other; CPython takes 20 loops, people fewer


class Emitter:
    """Writes functions over records.

    Args:
        nodes: by the type of a node, the function that writes it and gives its value. A table, because these
            functions need the emitter.
        is_decoded: records are the structs of ``decode`` and not dicts: keys that are read are attributes.
        attributes: the slot of each key in a decoded record.

    Attributes:
        names: what the names mean that were bound in expressions; one that is missing is null.
    """

    def __init__(
        self,
        nodes: Mapping[str, WriteNode],
        *,
        is_decoded: bool = False,
        attributes: dict[str, str] | None = None,
    ):
        self._nodes = nodes
        self.is_decoded = is_decoded
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
        write = self._nodes[tree["type"]]
        if tree["type"] not in _REPEATED or not current.code:
            return write(self, tree, current)
        key = ("tree", repr(tree), current.code)
        known, risks, borrowed = self.out.known(key), self.out.risks, self.out.borrowed
        if known is not None:
            return known
        made = write(self, tree, current)
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
