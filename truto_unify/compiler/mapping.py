"""Writes the functions of a whole field table: read, evaluate, clean and assemble, fused into one.

``map_record`` takes a record as a dict and gives a dict. Where a field fails, it asks the interpreter for that field,
which names the exact fault, so that the common case carries no bookkeeping. With ``diagnostics`` it never raises for
what the record holds; without, it raises for the first fault. ``map_decoded`` takes a record of the decoder and gives
a struct; it raises for any problem, and its caller then maps the record as a dict.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.compiler import cleaning, lists
from truto_unify.compiler.elements import ElementWriter
from truto_unify.compiler.emit import Emitter
from truto_unify.compiler.nodes import NODES
from truto_unify.compiler.value import ANY, NULL, Value
from truto_unify.compiler.writer import TooDeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from truto_unify.compiler.emit import Tree
    from truto_unify.compiler.reading import Reading

CALL_NAMES = ("query", "context", "loaded")
Keeps = Literal["emails", "phones", "addresses", "all"]
_HEADS = {
    "map_record": "native, query=None, context=None, loaded=None, diagnostics=None",
    "map_decoded": "native, remote_data, query, context, diagnostics",
}
_OBJECT = frozenset({"object"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one value is made.

    Attributes:
        tree: the syntax tree of its expression.
        kind: what it must look like when it leaves; None for a value that passes raw.
        finish: enum, default and cleaning by interpretation, as ``finish(value, diagnostics, context)``.
        enum: unified words by native ones.
        has_default: whether something stands in for null.
        read_time: for a time, the rule; it takes the account's context too where ``needs_context``.
        needs_context: whether the zone of a time comes from the context.
        is_iso: whether a time is read as ISO 8601 before any other form.
        is_utc: whether a time without a zone is in UTC.
    """

    tree: Tree
    kind: str | None
    finish: Callable[..., Any]
    enum: Mapping[str, str] = field(default_factory=dict)
    has_default: bool = False
    read_time: Callable[..., Any] | None = None
    needs_context: bool = False
    is_iso: bool = False
    is_utc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """One source of a list.

    Attributes:
        each: the tree of the native elements; None for one element that the record itself makes.
        parts: how each part of an element is made; None for one that is not mapped.
    """

    each: Tree | None
    parts: Mapping[str, Part | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One unified field: a value, or the elements of a list.

    Attributes:
        name: of the field.
        value: for a field with one expression.
        sources: for a list, where its elements come from, in order.
        keeps: which elements leave.
        needs_id: whether an element is none without an id.
        is_list: whether it is ``[]`` where it is not mapped.
        needs_interpreter: whether it cannot be compiled.
        place: file, line and column of its rule.
    """

    name: str
    value: Part | None = None
    sources: Sequence[Elements] = ()
    keeps: Keeps = "all"
    needs_id: bool = False
    is_list: bool = False
    needs_interpreter: bool = False
    place: str = ""


class MappingWriter:
    """Writes the functions of one field table.

    Args:
        root: what the record is read for; the same one for both functions.
        attributes: the slot of each key in a decoded record.
        is_decoded: writes ``map_decoded``.
        has_loads: whether there may be results of side loads; bytes are mapped only where there are none.
    """

    def __init__(
        self,
        root: Reading,
        attributes: dict[str, str],
        *,
        is_decoded: bool = False,
        has_loads: bool = True,
    ) -> None:
        self.emitter = Emitter(NODES, is_decoded=is_decoded, attributes=attributes)
        self.out = self.emitter.out
        self._is_decoded = is_decoded
        self._root = root
        self._native = Value("native", _OBJECT, place=root)
        call = {name: Value(name) for name in CALL_NAMES}
        if not has_loads:
            call["loaded"] = NULL
        self._call: Mapping[str, Value] = call
        self.emitter.names = call

    def mapping(self, fields: list[Field]) -> str:
        """Writes the function of the table, and gives its name."""
        results = []
        for one in fields:
            with self.out.field():
                results.append((one.name, self._field(one)))
        parts, lines = dict(results), self.out.lines
        name, remote_data = "map_decoded", "remote_data"
        if not self._is_decoded:
            name, remote_data = "map_record", "native"
            arguments = "native, query, context, loaded, diagnostics"
            first = f"    if native.__class__ is not dict: return interpret_record({arguments})"
            last = f"    if {parts.get('id')} is None: refuse(native, diagnostics)"
            lines = [first, *lines, last]
        made = self.emitter.record({**parts, "remote_data": remote_data})
        self.emitter.functions.append([f"def {name}({_HEADS[name]}):", *lines, f"    return {made}"])
        return name

    def condition(self, trees: Iterable[Tree], name: str) -> str:
        """Writes a function that tells whether one of these is true of a record, and gives its name."""
        emitter = Emitter(NODES, is_decoded=self._is_decoded, attributes=self.emitter.attributes)
        native = Value("native", _OBJECT if self._is_decoded else ANY, place=self._root)
        for tree in trees:
            truth = emitter.truth(emitter.emit(tree, native))
            emitter.out.write(f"if {truth}: return True")
        full_name = f"{name}_decoded" if self._is_decoded else name
        head = f"def {full_name}(native):"
        self.emitter.functions += [*emitter.functions, [head, *emitter.out.lines, "    return False"]]
        return full_name

    def _field(self, one: Field) -> str:
        """Writes one field; gives what stands for it in the record."""
        if not one.needs_interpreter and one.value is None and not one.sources:
            return "[]" if one.is_list else "None"
        self.out.write(f"# {ascii(one.place)[1:-1]}")
        interpreted = f"interpret_field({one.name!r}, native, query, context, loaded, diagnostics)"
        if self._is_decoded:
            return self._made(one)
        result = self.out.fresh("r")
        try:
            if one.needs_interpreter:
                raise TooDeep
            with self.out.attempt():
                with self.out.same_block("try:"):
                    self.out.write(f"{result} = {self._made(one)}")
                self.out.write("except Exception:")
                self.out.write(f"    {result} = {interpreted}")
        except (TooDeep, RecursionError):
            self.out.write(f"{result} = {interpreted}")
        return result

    def _made(self, one: Field) -> str:
        if one.needs_interpreter:
            raise TooDeep
        if one.value is None:
            return self._list(one)
        return self.emitter.code(self._finish(self.emitter.emit(one.value.tree, self._native), one.value))

    def _finish(self, value: Value, part: Part) -> Value:
        """Looks up, cleans or reads the time, as the kind of the part wants it."""
        emitter = self.emitter
        if part.has_default or (part.enum and part.kind not in {"text", "status"}):
            finish = emitter.constant(part.finish)
            return emitter.assign(f"{finish}({emitter.code(value)}, diagnostics, context)")
        if part.enum:
            return cleaning.look_up(emitter, value, part.enum, part.finish)
        if part.kind == "time":
            return self._time(value, part)
        if part.kind == "money":
            return cleaning.call_rule(emitter, value, "clean_money")
        clean = _CLEAN.get(part.kind or "")
        return clean(emitter, value) if clean is not None else value

    def _time(self, value: Value, part: Part) -> Value:
        emitter = self.emitter
        rule = emitter.constant(part.read_time)
        if part.is_iso and not part.needs_context:
            return cleaning.clean_time(emitter, value, rule, is_utc=part.is_utc)
        return cleaning.call_rule(emitter, value, rule, *(("context",) if part.needs_context else ()))

    def _list(self, one: Field) -> str:
        """Writes the loops over the native elements; gives the variable of the list."""
        counts = [1 if source.each is None else lists.count_of(source.each) for source in one.sources]
        known = [count for count in counts if count is not None]
        elements = ElementWriter(self.emitter, one.keeps, sum(known) if len(known) == len(counts) else None)
        for source in one.sources:
            self._source(source, elements, needs_id=one.needs_id)
        elements.finish()
        return elements.result

    def _source(self, source: Elements, elements: ElementWriter, *, needs_id: bool) -> None:
        """Writes what adds the elements of one source."""

        def add(root: Value) -> None:
            parts = {name: self._part(part, root) for name, part in source.parts.items()}
            if needs_id:
                self.out.write(f"if {parts['id'].code} is None: raise Fault")
            elements.add(parts)

        if source.each is None:
            add(self._native)
            return

        def add_item(item: Value) -> None:
            self.emitter.names = {**self._call, "parent": self._native, "record": self._native}
            try:
                add(item)
            finally:
                self.emitter.names = self._call

        lists.each_element(self.emitter, source.each, self._native, add_item)

    def _part(self, part: Part | None, root: Value) -> Value:
        if part is None:
            return NULL
        return self._finish(self.emitter.emit(part.tree, root), part)


_CLEAN: Mapping[str, Callable[[Emitter, Value], Value]] = {
    "text": cleaning.clean_text,
    "status": cleaning.clean_text,
    "id": cleaning.clean_id,
    "boolean": cleaning.clean_flag,
    "country": cleaning.clean_country,
}
