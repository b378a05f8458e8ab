"""Writes the functions of a whole field table, which read, evaluate, clean and assemble a record in one.

``map_record`` maps a dict to a dict. If a field fails, it calls the interpreter for that field, which reports the exact
fault; the common case needs no bookkeeping. With ``diagnostics`` it never raises for the contents of a record; without
them it raises for the first fault. ``map_decoded`` maps a record of the decoder to a struct; it raises for any problem,
and the caller then maps the record as a dict.
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

    from truto_unify.compiler.access_path import AccessPath
    from truto_unify.compiler.emit import Tree

CALL_NAMES = ("query", "context", "loaded")
ElementKind = Literal["emails", "phones", "addresses", "all"]
_HEADS = {
    "map_record": "native, query=None, context=None, loaded=None, diagnostics=None",
    "map_decoded": "native, remote_data, query, context, diagnostics",
}
_OBJECT = frozenset({"object"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How one unified value is computed.

    Attributes:
        tree: the syntax tree of its expression.
        kind: the kind of the unified value, which decides how it is cleaned; None for a value that stays as it is.
        finish: the interpreter's enum, default and cleaning, as ``finish(value, diagnostics, context)``.
        enum: unified words by native ones.
        has_default: whether a default replaces null.
        read_time: the rule of a time; if ``needs_context``, it takes the account's context as a second argument.
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
        each: the tree of the native elements; None for a source of one element, computed from the record itself.
        parts: how each part of an element is computed; None for a part that is not mapped.
    """

    each: Tree | None
    parts: Mapping[str, Part | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One unified field: a value, or the elements of a list.

    Attributes:
        name: the name of the field.
        value: how the value is computed; None for a list.
        sources: the sources of a list, in order.
        element_kind: which elements the list keeps.
        needs_id: whether each element must have an id.
        is_list: whether the field is ``[]`` if it is not mapped.
        needs_interpreter: whether the field cannot be compiled.
        place: file, line and column of its rule.
    """

    name: str
    value: Part | None = None
    sources: Sequence[Elements] = ()
    element_kind: ElementKind = "all"
    needs_id: bool = False
    is_list: bool = False
    needs_interpreter: bool = False
    place: str = ""


class MappingWriter:
    """Writes the functions of one field table.

    Args:
        root: the access path of the record; both passes over a mapping share it.
        attributes: the slot of each key in a decoded record.
        is_decoded: whether to write ``map_decoded``.
        has_loads: whether there may be results of side loads; the byte path maps only records without them.
    """

    def __init__(
        self,
        root: AccessPath,
        attributes: dict[str, str],
        *,
        is_decoded: bool = False,
        has_loads: bool = True,
    ) -> None:
        self.emitter = Emitter(NODES, is_decoded=is_decoded, attributes=attributes)
        self.out = self.emitter.out
        self._is_decoded = is_decoded
        self._root = root
        self._native = Value("native", _OBJECT, path=root)
        call = {name: Value(name) for name in CALL_NAMES}
        if not has_loads:
            call["loaded"] = NULL
        self._call: Mapping[str, Value] = call
        self.emitter.names = call

    def mapping(self, fields: list[Field]) -> str:
        """Writes the function of the table; returns its name."""
        parts = {}
        for unified in fields:
            with self.out.field():
                parts[unified.name] = self._field(unified)
        lines = self.out.lines
        name, remote_data = "map_decoded", "remote_data"
        if not self._is_decoded:
            name, remote_data = "map_record", "native"
            arguments = "native, query, context, loaded, diagnostics"
            first = f"    if native.__class__ is not dict: return interpret_record({arguments})"
            last = f"    if {parts.get('id')} is None: refuse(native, diagnostics)"
            lines = [first, *lines, last]
        record = self.emitter.record_code({**parts, "remote_data": remote_data})
        self.emitter.functions.append([f"def {name}({_HEADS[name]}):", *lines, f"    return {record}"])
        return name

    def condition(self, trees: Iterable[Tree], name: str) -> str:
        """Writes a function that returns whether one of these expressions is true of a record; returns its name."""
        emitter = Emitter(NODES, is_decoded=self._is_decoded, attributes=self.emitter.attributes)
        native = Value("native", _OBJECT if self._is_decoded else ANY, path=self._root)
        for tree in trees:
            truth = emitter.truth(emitter.emit(tree, native))
            emitter.out.write(f"if {truth}: return True")
        full_name = f"{name}_decoded" if self._is_decoded else name
        head = f"def {full_name}(native):"
        self.emitter.functions += [*emitter.functions, [head, *emitter.out.lines, "    return False"]]
        return full_name

    def _field(self, field: Field) -> str:
        """Writes one field; returns the code for its value."""
        if not field.needs_interpreter and field.value is None and not field.sources:
            return "[]" if field.is_list else "None"
        self.out.write(f"# {ascii(field.place)[1:-1]}")
        interpreted = f"interpret_field({field.name!r}, native, query, context, loaded, diagnostics)"
        if self._is_decoded:
            return self._field_code(field)
        result = self.out.new_name("r")
        try:
            if field.needs_interpreter:
                raise TooDeep
            with self.out.attempt():
                with self.out.transparent_block("try:"):
                    self.out.write(f"{result} = {self._field_code(field)}")
                self.out.write("except Exception:")
                self.out.write(f"    {result} = {interpreted}")
        except (TooDeep, RecursionError):
            self.out.write(f"{result} = {interpreted}")
        return result

    def _field_code(self, field: Field) -> str:
        """Writes the compiled code of a field; returns the code for its value."""
        if field.needs_interpreter:
            raise TooDeep
        if field.value is None:
            return self._list(field)
        return self.emitter.code(self._finish(self.emitter.emit(field.value.tree, self._native), field.value))

    def _finish(self, value: Value, part: Part) -> Value:
        """Applies the enum and the cleaning rule of the part's kind."""
        emitter = self.emitter
        if part.has_default or (part.enum and part.kind not in {"text", "status"}):
            finish = emitter.add_constant(part.finish)
            return emitter.assign(f"{finish}({emitter.code(value)}, diagnostics, context)")
        if part.enum:
            return cleaning.map_enum(emitter, value, part.enum, part.finish)
        if part.kind == "time":
            return self._time(value, part)
        if part.kind == "money":
            return cleaning.call_rule(emitter, value, "clean_money")
        clean = _CLEAN.get(part.kind or "")
        return clean(emitter, value) if clean is not None else value

    def _time(self, value: Value, part: Part) -> Value:
        emitter = self.emitter
        rule = emitter.add_constant(part.read_time)
        if part.is_iso and not part.needs_context:
            return cleaning.clean_time(emitter, value, rule, is_utc=part.is_utc)
        return cleaning.call_rule(emitter, value, rule, *(("context",) if part.needs_context else ()))

    def _list(self, field: Field) -> str:
        """Writes the loops over the native elements; returns the variable of the list."""
        counts = [1 if source.each is None else lists.written_count(source.each) for source in field.sources]
        known = [count for count in counts if count is not None]
        count = sum(known) if len(known) == len(counts) else None
        elements = ElementWriter(self.emitter, field.element_kind, count)
        for source in field.sources:
            self._source(source, elements, needs_id=field.needs_id)
        elements.finish()
        return elements.result

    def _source(self, source: Elements, elements: ElementWriter, *, needs_id: bool) -> None:
        """Writes the code that adds the elements of one source."""

        def add(root: Value) -> None:
            parts = {name: self._part(part, root) for name, part in source.parts.items()}
            if needs_id:
                self.out.write(f"if {parts['id'].code} is None: raise ValueError")
            elements.add(parts)

        if source.each is None:
            add(self._native)
            return

        def add_item(item: Value) -> None:
            self.emitter.names = {**self._call, "record": self._native}
            try:
                add(item)
            finally:
                self.emitter.names = self._call

        lists.visit_elements(self.emitter, source.each, self._native, add_item)

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
