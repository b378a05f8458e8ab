"""Writes the functions of a whole field table, which read, evaluate, clean and assemble a record in one.

``map_record`` maps a dict to a dict. If a field fails, it calls the interpreter for that field, which reports the exact
fault; the common case needs no bookkeeping. With ``diagnostics`` it never raises for the contents of a record; without
them it raises for the first fault. ``map_decoded`` maps a record of the decoder to a struct; it raises for any problem,
and the caller then maps the record as a dict.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from truto_unify.compiler import cleaning, lists
from truto_unify.compiler.content import Composed, Listed, Part, Values
from truto_unify.compiler.elements import ElementWriter
from truto_unify.compiler.emit import Emitter
from truto_unify.compiler.nodes import NODES
from truto_unify.compiler.value import ANY, NULL, Value
from truto_unify.compiler.writer import TooDeep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from truto_unify.compiler.access_path import AccessPath
    from truto_unify.compiler.content import Content, Elements, Field
    from truto_unify.compiler.emit import Tree

CALL_NAMES = ("query", "context", "loaded")
_HEADS = {
    "map_record": "native, query=None, context=None, loaded=None, diagnostics=None",
    "map_decoded": "native, remote_data, query, context, diagnostics",
}
_OBJECT = frozenset({"object"})
_EMPTY_LIST = Value("", frozenset({"array"}), elements=())


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
        self.emitter = Emitter(NODES, is_decoded=is_decoded, attributes=attributes, joins_lists=has_loads)
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
        outer = self.emitter
        emitter = Emitter(
            NODES, is_decoded=outer.is_decoded, attributes=outer.attributes, joins_lists=outer.joins_lists
        )
        native = Value("native", _OBJECT if self._is_decoded else ANY, path=self._root)
        for tree in trees:
            self._return_if_true(emitter, tree, native)
        full_name = f"{name}_decoded" if self._is_decoded else name
        head = f"def {full_name}(native):"
        self.emitter.functions += [*emitter.functions, [head, *emitter.out.lines, "    return False"]]
        return full_name

    def _return_if_true(self, emitter: Emitter, tree: Tree, native: Value) -> None:
        """Writes that the function returns True if the tree is true.

        The parts of ``a && b`` stay apart here: in one variable, both would be decoded alike.
        """
        if tree["type"] != "and_expression":
            emitter.out.write(f"if {emitter.truth(emitter.emit(tree, native))}: return True")
            return
        left, right = tree["children"]
        with emitter.out.block(f"if {emitter.truth(emitter.emit(left, native))}:"):
            self._return_if_true(emitter, right, native)

    def _field(self, field: Field) -> str:
        """Writes one field; returns the code for its value."""
        if not field.is_mapped:
            return "None" if field.content is None else "[]"
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
        return self.emitter.code(self._content(field.content, self._native))

    def _content(self, content: Content, root: Value) -> Value:
        """Writes a field or a part, whose expressions are evaluated in ``root``."""
        if content is None:
            return NULL
        if isinstance(content, Part):
            return self._finish(self.emitter.emit(content.tree, root), content)
        if isinstance(content, Values):
            return self._values(content, root)
        return self._object(content, root) if isinstance(content, Composed) else self._list(content, root)

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
        if part.kind in {"money", "decimal"}:
            return cleaning.call_rule(emitter, value, f"clean_{part.kind}")
        clean = _CLEAN.get(part.kind or "")
        return clean(emitter, value) if clean is not None else value

    def _time(self, value: Value, part: Part) -> Value:
        emitter = self.emitter
        rule = emitter.add_constant(part.read_time)
        if part.is_iso and not part.needs_context:
            return cleaning.clean_time(emitter, value, rule, is_utc=part.is_utc)
        return cleaning.call_rule(emitter, value, rule, *(("context",) if part.needs_context else ()))

    def _values(self, content: Values, root: Value) -> Value:
        """Writes the loop over a list of values."""
        out, result = self.out, self.out.new_name("r")
        out.write(f"{result} = []")

        def add(item: Value) -> None:
            value = self._finish(item, content.part)
            if value.is_null:
                return
            append = f"{result}.append({self.emitter.code(value)})"
            out.write(f"if {value.code} is not None: {append}" if value.may_be_null else append)

        lists.visit_elements(self.emitter, content.part.tree, root, add)
        if content.keep is not None:
            keep = self.emitter.add_constant(content.keep)
            out.write(f"if len({result}) > 1: {result} = {keep}({result})")
        return Value(result, frozenset({"array"}))

    def _object(self, content: Composed, root: Value) -> Value:
        """Writes the parts of an object, and the test that one of those that count has a value."""
        parts = {name: self._stored(self._content(part, root)) for name, part in content.parts.items()}
        counting = [parts[name] for name in content.counting]
        counting = [value for value in counting if not (value.is_null or value is _EMPTY_LIST)]
        if not counting:
            return NULL
        code = self.emitter.record_code({name: self.emitter.code(value) for name, value in parts.items()})
        if any(not value.may_be_null and not value.may_be("array") for value in counting):
            return self.emitter.assign(code, types=_OBJECT)
        tests = (value.code if value.is_only("array") else f"{value.code} is not None" for value in counting)
        return self.emitter.assign(f"{code} if {' or '.join(tests)} else None", types=_OBJECT | {"null"})

    def _stored(self, value: Value) -> Value:
        """The value in a variable, so that code may test it."""
        is_constructed = value.is_constructed and value is not _EMPTY_LIST
        return self.emitter.assign(self.emitter.code(value)) if is_constructed else value

    def _list(self, content: Listed, root: Value) -> Value:
        """Writes the loops over the native elements."""
        if not content.sources:
            return _EMPTY_LIST
        counts = [1 if source.each is None else lists.written_count(source.each) for source in content.sources]
        known = [count for count in counts if count is not None]
        count = sum(known) if len(known) == len(counts) else None
        elements = ElementWriter(self.emitter, content.rule, count)
        for source in content.sources:
            self._source(source, root, elements, needs_id=content.needs_id)
        elements.finish()
        return Value(elements.result, frozenset({"array"}))

    def _source(self, source: Elements, root: Value, elements: ElementWriter, *, needs_id: bool) -> None:
        """Writes the code that adds the elements of one source."""

        def add(item: Value) -> None:
            parts = {name: self._content(part, item) for name, part in source.parts.items()}
            if needs_id:
                self.out.write(f"if {parts['id'].code} is None: raise ValueError")
            elements.add(parts)

        def add_item(item: Value) -> None:
            if root is not self._native and item.code:
                # A variable of its own: what is known of another one may depend on what encloses that.
                item = item.with_facts(code=self.out.assign(item.code))
            with self._inside(root):
                add(item)

        if source.each is None:
            add(root)
        else:
            lists.visit_elements(self.emitter, source.each, root, add_item)

    @contextmanager
    def _inside(self, parent: Value) -> Iterator[None]:
        """Names what encloses an element, for the expressions of its parts."""
        outer = self.emitter.names
        self.emitter.names = {**outer, "parent": parent, "record": self._native}
        try:
            yield
        finally:
            self.emitter.names = outer


_CLEAN: Mapping[str, Callable[[Emitter, Value], Value]] = {
    "text": cleaning.clean_text,
    "phone": cleaning.clean_text,
    "status": cleaning.clean_text,
    "id": cleaning.clean_id,
    "integer": cleaning.clean_integer,
    "boolean": cleaning.clean_flag,
    "country": cleaning.clean_country,
}
