"""Turns syntax trees into values and the statements that compute them; ``nodes`` knows each kind of node.

Each value stands in a numbered variable, so no name comes from input; keys and literals are written by ``repr``. What
the compiler knows (constants, types, the members of objects that an expression constructs) costs nothing at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from truto_unify.compiler.result import result_type
from truto_unify.compiler.value import ANY, NULL, Value
from truto_unify.compiler.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.compiler.access_path import AccessPath

Tree = dict[str, Any]
WriteNode: TypeAlias = "Callable[[Emitter, Tree, Value], Value]"
_MAX_DEPTH = 8  # nested blocks before a node becomes a function of its own; CPython allows 20 nested loops


class Emitter:
    """Writes functions over records.

    Args:
        nodes: by the type of a node, the function that writes it and returns its value. A table, because these
            functions need the emitter.
        is_decoded: whether records are the structs of ``decode``, which have attributes for keys, and not dicts.
        attributes: the slot of each key in a decoded record.
        joins_lists: whether one loop visits all of ``[a, b][]``, which is less code than a loop for each. It needs the
            lists as a whole, where a decoder reads only some of their keys.

    Attributes:
        names: the value of each name that an expression may use; an absent name is null.
    """

    def __init__(
        self,
        nodes: Mapping[str, WriteNode],
        *,
        is_decoded: bool = False,
        attributes: dict[str, str] | None = None,
        joins_lists: bool = True,
    ):
        self._nodes = nodes
        self.joins_lists = joins_lists
        self.is_decoded = is_decoded
        self.attributes: dict[str, str] = {} if attributes is None else attributes
        self.constants: dict[str, Any] = {}
        self.functions: list[list[str]] = []
        self.out = Writer()
        self.names: Mapping[str, Value] = {}
        self._record_types: dict[tuple[str, ...], str | None] = {}
        self._texts: dict[int, tuple[Tree, str]] = {}

    # -- functions ------------------------------------------------------------------------------------------------

    def write_function(self, tree: Tree) -> str:
        """Writes a function of one argument, not decoded, that evaluates the tree; returns its name."""
        outer, was_decoded = self.out, self.is_decoded
        self.out, self.is_decoded = Writer(_count=outer._count), False
        name, argument = self.out.new_name("f"), self.out.new_name()
        result = self.code(self.emit(tree, Value(argument)))
        self.out.write(f"return {result}")
        self.functions.append([f"def {name}({argument}):", *self.out.lines])
        outer._count = self.out._count
        outer.risks += self.out.risks
        self.out, self.is_decoded = outer, was_decoded
        return name

    def add_constant(self, value: Any) -> str:
        """Adds a value that no source can express; returns its name in the generated code."""
        name = self.out.new_name("c")
        self.constants[name] = value
        return name

    def record_code(self, parts: Mapping[str, str]) -> str:
        """Code that creates a unified record or an element: a struct if records are decoded, else a dict.

        Args:
            parts: the code of each part by its name.
        """
        record_type = self._record_type(tuple(parts)) if self.is_decoded else None
        if record_type is None:
            return f"{{{', '.join(f'{name!r}: {code}' for name, code in parts.items())}}}"
        return f"{record_type}({', '.join(parts.values())})"

    def _record_type(self, names: tuple[str, ...]) -> str | None:
        """The constant that holds the struct with these fields; None if no struct can have them."""
        if names not in self._record_types:
            struct = result_type(names)
            self._record_types[names] = self.add_constant(struct) if struct is not None else None
        return self._record_types[names]

    # -- values ---------------------------------------------------------------------------------------------------

    def assign(self, expression: str, **facts: Any) -> Value:
        """Writes ``name = expression``; returns the value with what is known of it."""
        return Value(self.out.assign(expression), **facts)

    def code(self, value: Value) -> str:
        """Code for the whole value, for code that may read any part of it."""
        if value.path is not None and value.may_be("object", "array"):
            value.path.require_whole()
        if value.members is not None:
            return f"{{{', '.join(f'{key!r}: {self.code(member)}' for key, member in value.members.items())}}}"
        if value.elements is not None:
            return f"[{', '.join(self.code(element) for element in value.elements)}]"
        return value.code

    def text_code(self, value: Value) -> str:
        """Code for a value where a text is expected, so that any other value is refused or ignored."""
        if value.path is None:
            return self.code(value)
        value.path.require_text()
        return value.code

    def shared_code(self, value: Value, path: AccessPath | None) -> str:
        """Code for a value that shares a variable with others; *path* is their merged access path."""
        if path is None:
            return self.code(value)
        if value.members is None and value.elements is not None:
            return f"[{', '.join(self.shared_code(element, path.element()) for element in value.elements)}]"
        return self.code(value) if value.members is not None else value.code

    def merge_paths(self, values: Iterable[Value]) -> AccessPath | None:
        """The merged access path of values that share a variable; None if none of them has a path."""
        merged: AccessPath | None = None
        without_path = []
        for value in values:
            if not value.may_be("object", "array"):
                continue
            if value.path is not None:
                if merged is not None:
                    merged.merge(value.path)
                merged = value.path.resolve()
            else:
                without_path.append(value)
        if merged is None:
            return None
        for value in without_path:
            if value.elements is None:
                merged.require_whole()
            else:
                self.merge_paths([Value("", path=merged.element()), *value.elements])
        return merged.resolve()

    def types_at(self, path: AccessPath | None) -> frozenset[str]:
        """The types that a value at this path may have; only a decoder checks them."""
        if not self.is_decoded or path is None:
            return ANY
        if path.kind == "any":
            return frozenset({"string", "null"}) if path.is_text else ANY
        return frozenset({"object", "null"} if path.kind == "object" else {"array", "null"})

    def native_value(self, code: str, path: AccessPath | None) -> Value:
        """A value of the native record."""
        is_plain = self.is_decoded and path is not None and path.kind == "any"
        return Value(code, self.types_at(path), path=None if is_plain else path)

    def read(self, value: Value, key: str) -> Value:
        """The value under a key; null if the key is absent or the value is not an object."""
        if value.members is not None:
            return value.members.get(key, NULL)
        if not value.may_be("object"):
            return NULL
        known = self.out.recall(("read", value.code, key))
        if known is not None:
            return known
        path = value.path.key(key) if value.path is not None else None
        source = self._object_code(value)
        if self.is_decoded and value.path is not None:
            code = f"{source}.{self.attribute(key)}"
        else:
            code = f"{source}.get({key!r})"
        return self.out.remember(("read", value.code, key), self.native_value(self.out.assign(code), path))

    def attribute(self, key: str) -> str:
        """The slot of a key in a decoded record."""
        return self.attributes.setdefault(key, f"k{len(self.attributes)}")

    def _object_code(self, value: Value) -> str:
        """A variable that holds the value if it is an object, else an empty object: one test for all keys."""
        if value.is_only("object"):
            return value.code
        known = self.out.recall(("object", value.code))
        if known is None:
            if self.is_decoded and value.path is not None:
                assert value.path.kind == "object"  # noqa: S101 - only such a path has keys in a decoded record
                code = f"{value.code} or NOTHING_READ"
            else:
                # The usual case stands last: it needs no jump over the other.
                code = f"EMPTY if {value.code}.__class__ is not dict else {value.code}"
            known = self.out.remember(("object", value.code), Value(self.out.assign(code)))
        return known.code

    def truth(self, value: Value) -> str:
        """A Python condition for the truth of the value in JMESPath, where zero is true.

        It is the text ``True`` or ``False`` if the compiler knows the truth.
        """
        if value.is_constructed:
            return str(bool(value.members or value.elements))
        if value.is_constant:
            return str(value.constant not in (None, False, "", [], {}) or value.constant.__class__ in {int, float})
        if value.is_null:
            return "False"
        if self.is_decoded and value.path is not None and value.path.kind == "object":
            return f"({value.code} is not None and is_filled({value.code}))"
        if value.is_only("number") or (value.is_clean and value.is_only("string")):
            return "True"
        code = value.code
        return (
            f"({code} or ({code} is not None and {code} == 0 and {code} is not False))"
            if value.may_be("number")
            else code
        )

    # -- nodes ----------------------------------------------------------------------------------------------------

    def emit(self, tree: Tree, current: Value) -> Value:
        """The value of a node, evaluated in the ``current`` value."""
        if self.out.depth > _MAX_DEPTH and tree["type"] in _NESTING and self._may_split(tree, current):
            return self.assign(f"{self.write_function(tree)}({self.code(current)})")
        write = self._nodes[tree["type"]]
        if tree["type"] not in _REPEATED or not current.code:
            return write(self, tree, current)
        key = ("tree", self._text(tree), current.code)
        known, risks, reuses = self.out.recall(key), self.out.risks, self.out.reuses
        if known is not None:
            return known
        value = write(self, tree, current)
        may_fail = self.out.risks > risks
        reuses_fields = self.out.reuses > reuses and not self.is_decoded  # a decoded record fails as a whole
        if reuses_fields and self.out.is_shared and not may_fail and _is_variable(value):
            # If an earlier field failed, this value may stop half-way. The extra variable is assigned last, so later
            # fields read the complete value or fail.
            value = value.with_facts(code=self.out.assign(value.code))
        return self.out.remember(key, value, may_fail=may_fail)

    def _text(self, tree: Tree) -> str:
        """A text that equal trees share; the loops over a list that is written out meet a tree several times."""
        if id(tree) not in self._texts:
            self._texts[id(tree)] = (tree, repr(tree))  # holds the tree, so that no other one gets its id
        return self._texts[id(tree)][1]

    def _may_split(self, tree: Tree, current: Value) -> bool:
        """Whether a node may become a function of its own, whose one argument is the current value."""
        has_plain_path = current.path is None or current.path.kind == "any"
        return not current.is_constructed and has_plain_path and not _has_names(tree)


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
"""Nodes that write nested blocks."""
_REPEATED = frozenset(
    {"projection", "value_projection", "filter_projection", "or_expression", "and_expression", "function_expression"}
)
"""Nodes that cost time: a node that stands in several fields is computed once."""


def _has_names(tree: Tree) -> bool:
    """Whether the tree reads a name other than the current value."""
    children = (child for child in tree.get("children", ()) if isinstance(child, dict))
    return tree["type"] in {"variable", "of_record"} or any(_has_names(child) for child in children)


def _is_variable(value: Value) -> bool:
    return not value.is_constant and not value.is_constructed
