"""Compiles a field table: the functions over dicts, and over what a decoder reads of a record's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.compiler.build import compile_lines, run_code
from truto_unify.compiler.decode import record_type
from truto_unify.compiler.mapping import Field, MappingWriter
from truto_unify.compiler.reading import InconsistentReading, Reading
from truto_unify.compiler.writer import TooDeep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Tree

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The byte path of a table.

    Attributes:
        decode: reads the bytes of a record; raises ``msgspec.DecodeError`` where they do not fit.
        run: maps what was read; raises whatever goes wrong.
        conditions: what tells of a read record whether a condition holds.
    """

    decode: Callable[[bytes], Any]
    run: Callable[..., Record]
    conditions: Mapping[str, Callable[[Any], bool]]


@dataclass(frozen=True, slots=True)
class Table:
    """A compiled field table.

    Attributes:
        run: ``run(native, remote_data, query, context, loaded, notes)`` maps a record given as a dict.
        conditions: what tells of a record whether a condition holds.
        decoded: the byte path; None where the mapping wants records as a whole.
        source: the Python source of all functions.
    """

    run: Callable[..., Record]
    conditions: Mapping[str, Callable[[Any], bool]]
    decoded: Decoded | None
    source: str


def compile_table(fields: list[Field], slow: Callable[..., Any], *, conditions: Mapping[str, Tree], file: str) -> Table:
    """The functions of a field table.

    Args:
        fields: the table, in the order of the unified model.
        slow: ``slow(name, native, query, context, loaded, notes)`` makes one field by interpretation.
        conditions: expressions of which only the truth is asked, by name.
        file: the mapping file, for tracebacks.
    """
    root, attributes = Reading(), dict[str, str]()
    names = {name: f"condition{number}" for number, name in enumerate(conditions)}
    writer = MappingWriter(root, attributes, is_decoded=False)
    map_name = writer.mapping(fields)
    made = {name: writer.condition(tree, names[name]) for name, tree in conditions.items()}
    code, source = compile_lines(writer.emitter.functions, file)
    scope = run_code(code, {**writer.emitter.constants, "slow": slow})
    decoded, decoded_source = _compile_decoded(fields, conditions, names, root, attributes, file)
    return Table(scope[map_name], {name: scope[one] for name, one in made.items()}, decoded, source + decoded_source)


def _compile_decoded(
    fields: list[Field],
    conditions: Mapping[str, Tree],
    names: Mapping[str, str],
    root: Reading,
    attributes: dict[str, str],
    file: str,
) -> tuple[Decoded | None, str]:
    root.settle()
    try:
        writer = MappingWriter(root, attributes, is_decoded=True)
        map_name = writer.mapping(fields)
        made = {name: writer.condition(tree, names[name]) for name, tree in conditions.items()}
        kind = record_type(root, attributes)
    except (InconsistentReading, TooDeep, RecursionError):
        return None, ""
    code, source = compile_lines(writer.emitter.functions, file)
    nothing = type("NothingRead", (), dict.fromkeys(attributes.values()))()
    scope = run_code(code, {**writer.emitter.constants, "NOTHING_READ": nothing})
    found = {name: scope[one] for name, one in made.items()}
    return Decoded(msgspec.json.Decoder(kind).decode, scope[map_name], found), f"\n\n{source}"
