"""Compiles a field table: the functions over dicts, and those over records that a decoder reads from JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.compiler.access_path import AccessPath, InconsistentAccess
from truto_unify.compiler.build import load_functions
from truto_unify.compiler.decode import record_type
from truto_unify.compiler.mapping import MappingWriter
from truto_unify.compiler.writer import TooDeep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from typing_extensions import Buffer

    from truto_unify.compiler.content import Field
    from truto_unify.compiler.emit import Tree

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecodedTable:
    """The functions of a table for records that come as JSON.

    Attributes:
        decode: reads what the mapping needs of a record; raises ``msgspec.DecodeError`` if the record does not fit.
        map: ``map(decoded, remote_data, query, context, diagnostics)`` maps a decoded record to a ``Result``; raises
            for any problem.
        conditions: by name, a function that returns whether one of the expressions of this name is true of a record.
    """

    decode: Callable[[Buffer], Any]
    map: Callable[..., Any]
    conditions: Mapping[str, Callable[[Any], bool]]


class Table:
    """A compiled field table; Python compiles the functions over dicts, and those over JSON, when first needed.

    Args:
        fields: the fields of the table, in the order of the unified model.
        rules: the functions that generated code calls:
            ``interpret_field(name, native, query, context, loaded, diagnostics)``,
            ``interpret_record(native, query, context, loaded, diagnostics)`` for a record that is not a dict, and
            ``refuse(native, diagnostics)`` for a record without an id.
        conditions: lists of expressions by a name; of each list, the functions return whether one is true.
        name: the name of the mapping, for tracebacks.
    """

    def __init__(
        self,
        fields: list[Field],
        rules: Mapping[str, Callable[..., Any]],
        *,
        conditions: Mapping[str, list[Tree]],
        name: str,
    ) -> None:
        self._fields, self._rules, self._trees, self._name = fields, rules, conditions, name
        self._is_strict = True
        self._writer = self._fill(MappingWriter(AccessPath(), {}))

    def _fill(self, writer: MappingWriter) -> MappingWriter:
        writer.mapping(self._fields)
        for number, trees in enumerate(self._trees.values()):
            writer.condition(trees, f"condition{number}")
        return writer

    def _load(self, writer: MappingWriter, constants: dict[str, Any]) -> tuple[dict[str, Any], str]:
        return load_functions(self, writer.emitter.functions, {**writer.emitter.constants, **constants}, self._name)

    @cached_property
    def _plain(self) -> tuple[dict[str, Any], str]:
        return self._load(self._writer, dict(self._rules))

    @cached_property
    def map(self) -> Callable[..., Record]:
        """``map(native, query, context, loaded, diagnostics)`` maps a record given as a dict."""
        function: Callable[..., Record] = self._plain[0]["map_record"]
        return function

    @cached_property
    def conditions(self) -> Mapping[str, Callable[[Any], bool]]:
        """By name, a function that returns whether one of the expressions of this name is true of a record."""
        return {name: self._plain[0][f"condition{number}"] for number, name in enumerate(self._trees)}

    @cached_property
    def _strict(self) -> tuple[DecodedTable, str] | None:
        return self._decoder(is_strict=True)

    @cached_property
    def _loose(self) -> tuple[DecodedTable, str] | None:
        return self._decoder(is_strict=False)

    def _decoder(self, *, is_strict: bool) -> tuple[DecodedTable, str] | None:
        root, attributes = AccessPath(), dict[str, str]()
        try:
            self._fill(MappingWriter(root, attributes, has_loads=False))  # the first pass notes what is read
            root.freeze()
            if not is_strict:
                root.allow_any_for_text()
            writer = self._fill(MappingWriter(root, attributes, is_decoded=True, has_loads=False))
            struct = record_type(root, attributes)
        except (InconsistentAccess, TooDeep, RecursionError):
            return None
        nothing = type("NothingRead", (), dict.fromkeys(attributes.values()))()
        scope, source = self._load(writer, {"NOTHING_READ": nothing})
        conditions = {name: scope[f"condition{number}_decoded"] for number, name in enumerate(self._trees)}
        decode = msgspec.json.Decoder(struct).decode
        return DecodedTable(decode, scope["map_decoded"], conditions), source

    @property
    def _active(self) -> tuple[DecodedTable, str] | None:
        return self._strict if self._is_strict else self._loose

    @property
    def decoded(self) -> DecodedTable | None:
        """The functions over JSON; None if the mapping reads records as a whole."""
        return self._active[0] if self._active is not None else None

    def relax(self) -> DecodedTable | None:
        """Lets the decoder accept any value where it accepted only text, because this store has other values there.

        Returns:
            The functions to use from now on.
        """
        self._is_strict = False
        return self.decoded

    @property
    def source(self) -> str:
        """The Python source of all functions."""
        return "\n\n".join([self._plain[1], *([self._active[1]] if self._active is not None else [])])
