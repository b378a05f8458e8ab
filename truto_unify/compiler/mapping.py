"""Writes one Python function for the whole field table of a mapping: read, evaluate, clean and assemble.

The function gives the unified record. Where a field fails, it asks the interpreting mapper for that field, which
says exactly what is wrong; so the common case carries no bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from truto_unify.compiler.emit import Emitter, Tree
from truto_unify.compiler.runtime import NAMES

FILE = "<compiled mapping>"
CALL_NAMES = ("query", "context", "loaded")
Slow = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Part:
    """How one value is made.

    Attributes:
        tree: the syntax tree of its expression.
        kind: what it must look like when it leaves; None for a value that passes raw.
        finish: enum, default and cleaning, as ``finish(value, unmapped)``.
        is_plain: whether it is only cleaned: no enum, no default, no time.
    """

    tree: Tree
    kind: str | None
    finish: Callable[[Any, Any], Any]
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One unified field: a value, or the elements of a list; one that ``is_slow`` is interpreted."""

    name: str
    value: Part | None = None
    each: Tree | None = None
    parts: Mapping[str, Part | None] = field(default_factory=dict)
    keep: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] | None = None
    is_slow: bool = False


class MappingEmitter(Emitter):
    """Emits the function of a field table.

    Names of the call and of an element are bound to variables, and what several expressions read below the
    native record is read once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.constants: dict[str, Any] = {}
        self._bound: dict[str, dict[str, str]] = {}
        self._known: dict[tuple[str, str], str] = {}

    def mapping(self, fields: list[Field]) -> str:
        """Writes the function ``map_record(native, query, context, loaded, faults, unmapped)``."""
        self._bound["native"] = {name: name for name in CALL_NAMES}
        self._types["native"] = "object"
        for path in sorted(_shared_reads(fields)):
            self._read_path(path)
        results = [(one.name, self._field(one)) for one in fields]
        pairs = ", ".join(f"{name!r}: {result}" for name, result in results)
        head = "def map_record(native, query, context, loaded, faults, unmapped):"
        tail = [f"    return {{{pairs}, 'remote_data': native}}"]
        self.functions.append([head, *self._lines, *tail])
        return "map_record"

    def constant(self, value: Any) -> str:
        """The name by which generated code knows a value that no source can say."""
        self._count += 1
        name = f"c{self._count}"
        self.constants[name] = value
        return name

    def _may_split(self, value: str) -> bool:
        """Names of the call and of an element are variables of this function, which another one would not see."""
        return value not in self._bound

    def _read_path(self, path: tuple[str, ...]) -> None:
        """Reads a path below the native record once, before any field; reading never fails."""
        value = "native"
        for step in path:
            value = self._read(value, step)

    def _read(self, value: str, key: str) -> str:
        known = self._known.get((value, key))
        if known is None:
            test = "" if value == "native" else f" if {value}.__class__ is dict else None"
            known = self._known[value, key] = self._assign(f"{value}.get({key!r}){test}")
        return known

    def _emit_field(self, tree: Tree, value: str) -> str:
        bound = self._bound.get(value)
        if bound is not None and tree["value"] in bound:
            return bound[tree["value"]]
        if (value, tree["value"]) in self._known:
            return self._known[value, tree["value"]]
        if value.startswith("scope"):
            return self._assign("None")
        return super()._emit_field(tree, value)

    def _field(self, one: Field) -> str:
        """Writes one field inside a ``try``; gives the variable of its result."""
        if one.is_slow:
            return self._assign(f"slow({one.name!r}, native, query, context, loaded, faults, unmapped)")
        if one.value is None and one.each is None:
            return "None" if one.keep is None else "[]"
        result = self._fresh()
        self._write("try:")
        self._depth += 1
        if one.value is not None:
            made = self._finish(self.emit(one.value.tree, "native"), one.value)
        else:
            made = self._list(one)
        self._write(f"{result} = {made}")
        self._depth -= 1
        self._write("except Exception:")
        self._write(f"    {result} = slow({one.name!r}, native, query, context, loaded, faults, unmapped)")
        return result

    def _finish(self, value: str, part: Part) -> str:
        """Cleans a value in place where that is a line or two, else by the rule itself."""
        known = self._types.get(value)
        if part.is_plain and part.kind in {"text", "status", "id"} and known in {"trimmed", "word"}:
            return value
        if part.is_plain and part.kind == "boolean" and known == "boolean":
            return value
        if part.is_plain and part.kind in {"text", "status", "id"}:
            result = self._assign(value)
            clean = self.constant(part.finish)
            self._write(f"if {result}.__class__ is str: {result} = {result}.strip() or None")
            self._write(f"elif {result} is not None: {result} = {clean}({result}, unmapped)")
            return result
        if part.is_plain and part.kind == "boolean":
            result = self._assign(value)
            clean = self.constant(part.finish)
            self._write(
                f"if {result} is not None and {result}.__class__ is not bool: {result} = {clean}({result}, unmapped)"
            )
            return result
        if part.kind is None and part.is_plain:
            return value
        return self._assign(f"{self.constant(part.finish)}({value}, unmapped)")

    def _list(self, one: Field) -> str:
        assert one.each is not None  # noqa: S101 - the caller looked
        native = self.emit(one.each, "native")
        result, item = self._assign("[]"), self._fresh()
        self._write(f"if {native} is not None:")
        self._depth += 1
        self._write(f"if {native}.__class__ is not list: raise Fault")
        self._write(f"for {item} in {native}:")
        self._depth += 1
        self._count += 1
        scope = f"scope{self._count}"
        self._types[scope] = "object"
        self._bound[scope] = {"item": item, "parent": "native", **{name: name for name in CALL_NAMES}}
        pairs = []
        for name, part in one.parts.items():
            made = "None" if part is None else self._finish(self.emit(part.tree, scope), part)
            pairs.append(f"{name!r}: {made}")
        self._write(f"{result}.append({{{', '.join(pairs)}}})")
        self._depth -= 2
        return self._assign(f"{self.constant(one.keep)}({result})") if one.keep else result


def compile_mapping(fields: list[Field], slow: Slow) -> tuple[Callable[..., dict[str, Any]], str]:
    """The function of a field table, and its source.

    Args:
        fields: the table, in the order of the unified model.
        slow: ``slow(name, native, query, context, loaded, faults, unmapped)`` makes one field by interpretation.
    """
    emitter = MappingEmitter()
    name = emitter.mapping(fields)
    source = emitter.source()
    scope = {**NAMES, **emitter.constants, "slow": slow, "Exception": Exception, "Fault": ValueError}
    scope |= {"bool": bool, "__builtins__": {}}
    exec(compile(source, FILE, "exec"), scope)  # noqa: S102 - the source is ours: input stands in it only as repr
    return scope[name], source


def is_compilable(tree: Tree, *, is_element: bool) -> bool:
    """Whether names can be bound to variables: the whole scope must not be asked for as a value."""
    reads = list(_root_uses(tree))
    if not is_element and not any(name in CALL_NAMES for name in reads):
        return True
    return "@" not in reads


def _root_uses(tree: Tree, *, at_root: bool = True) -> Iterator[str]:
    """What an expression takes from the root: names, or ``@`` for the whole."""
    kind = tree["type"]
    children = [child for child in tree.get("children", ()) if isinstance(child, dict) and "type" in child]
    if kind == "field":
        if at_root:
            yield tree["value"]
    elif kind in {"current", "identity", "index", "slice"}:
        if at_root:
            yield "@"
    elif kind in {"subexpression", "pipe", "index_expression"}:
        first = children[0] if children else None
        stays = at_root and first is not None and first["type"] in {"current", "identity"}
        for index, child in enumerate(children):
            yield from _root_uses(child, at_root=at_root if index == 0 else stays)
    elif kind in {"projection", "value_projection", "filter_projection", "flatten"}:
        yield from _root_uses(children[0], at_root=at_root)
    elif kind == "expref":
        return
    else:
        for child in children:
            yield from _root_uses(child, at_root=at_root)


def _shared_reads(fields: list[Field]) -> set[tuple[str, ...]]:
    """Paths below the native record that are read before the fields: every chain of names from the root."""
    found: set[tuple[str, ...]] = set()
    for one in fields:
        trees = [one.value.tree] if one.value else []
        trees += [one.each] if one.each else []
        for tree in trees:
            found |= set(_paths(tree, prefix=()))
        for part in one.parts.values():
            if part is not None:
                found |= {
                    path[1:] for path in _paths(part.tree, prefix=()) if path[:1] == ("parent",) and len(path) > 1
                }
    return {path for path in found if path[0] not in CALL_NAMES}


def _paths(tree: Tree, prefix: tuple[str, ...] | None) -> Iterator[tuple[str, ...]]:
    """Chains of field names that begin at the root."""
    if prefix is None:
        return
    kind = tree["type"]
    children = [child for child in tree.get("children", ()) if isinstance(child, dict) and "type" in child]
    if kind == "field":
        yield (*prefix, tree["value"])
    elif kind in {"subexpression", "index_expression", "pipe"} and children:
        yield from _paths(children[0], prefix)
        chain = _chain(children[0], prefix)
        for child in children[1:]:
            if chain is not None:
                yield from _paths(child, chain)
                chain = _chain(child, chain)
    elif kind in {"projection", "value_projection", "filter_projection", "flatten"}:
        yield from _paths(children[0], prefix)
    elif kind != "expref":
        for child in children:
            yield from _paths(child, prefix)


def _chain(tree: Tree, prefix: tuple[str, ...]) -> tuple[str, ...] | None:
    """The path that a chain of names ends at; None where it is more than names."""
    if tree["type"] == "field":
        return (*prefix, tree["value"])
    if tree["type"] == "subexpression":
        path: tuple[str, ...] | None = prefix
        for child in tree["children"]:
            path = _chain(child, path) if path is not None else None
        return path
    return None
