"""Prints results: tables for people, JSON, NDJSON and CSV for programs. Everything else goes to standard error."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from truto_unify.cli.brief import phone_text, print_brief
from truto_unify.cli.tables import printable
from truto_unify.mapping.record import json_line
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from truto_unify.models.fields import Kind
    from truto_unify.models.resource import ResourceSchema

PROGRAM = "truto-unify"
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 ().x;-]*$)")
_FAULT_STYLE = "bold red"
FORMATS = ("table", "json", "ndjson", "csv")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, direction marks and surrogates; new lines and tabs are harmless."""


def print_markdown(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> None:
    """A Markdown table on standard output."""
    sys.stdout.write(f"**{title}**\n\n")
    for row in (columns, ["---"] * len(columns), *rows):
        sys.stdout.write(f"| {' | '.join(row)} |\n")
    sys.stdout.write("\n")


def prepare_streams() -> None:
    """Makes the standard streams take every letter.

    A pipe and a file are UTF-8, unless ``PYTHONIOENCODING`` names an encoding; letters that it lacks are escaped.
    """
    is_chosen = "PYTHONIOENCODING" in os.environ
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() or is_chosen else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def print_json(value: Any) -> None:
    """Indented JSON on standard output."""
    sys.stdout.write(_json(value, indent=2) + "\n")


def print_line(record: Any) -> None:
    """One record as one line of JSON."""
    sys.stdout.write(_json(record, separators=(",", ":")) + "\n")


def _json(value: Any, **style: Any) -> str:
    is_unicode = (sys.stdout.encoding or "utf-8").lower().replace("-", "").startswith("utf")
    return _escape(json.dumps(value, ensure_ascii=not is_unicode, **style))


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_text(line: bytes) -> None:
    """One record that is JSON text already, as one line."""
    sys.stdout.write(_escape(json_line(line).decode()))


def print_records(
    records: Iterable[Mapping[str, Any]], form: str, schema: ResourceSchema, left_out: Collection[str] = ()
) -> None:
    """Unified records as ``table``, ``ndjson`` or ``csv``.

    Args:
        records: the records.
        form: the format.
        schema: their resource.
        left_out: the fields that the records lack.
    """
    if form == "ndjson":
        for record in records:
            print_line(record)
    elif form == "csv":
        _print_csv(records, schema, left_out)
    else:
        shown = list(records)
        if shown:
            note_left_out(print_brief(schema, shown))
        else:
            note(f"0 {schema.name.rpartition('/')[2]}")


def note_left_out(fields: Collection[str]) -> None:
    """Says which fields a table has no room for."""
    if fields:
        note(f"some columns do not fit ({', '.join(fields)}): widen the terminal, or use --format json")


def _print_csv(records: Iterable[Mapping[str, Any]], schema: ResourceSchema, left_out: Collection[str]) -> None:
    """Every unified field; the parts of an object or a list are joined, and ``remote_data`` is left out."""
    kinds = field_kinds(schema.record)
    writer: csv.DictWriter[str] | None = None
    for record in records:
        shown = {name: value for name, value in record.items() if name != "remote_data"}
        flat = {name: _harmless(_flat(value, kinds.get(name))) for name, value in shown.items()}
        writer = writer or _csv_writer(flat)
        writer.writerow(flat)
    if writer is None:
        _csv_writer(name for name in kinds if name not in left_out)


def _csv_writer(fields: Iterable[str]) -> csv.DictWriter[str]:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(fields), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    return writer


def _harmless(cell: str) -> str:
    """The cell without control characters, and with a quote before what a spreadsheet would execute.

    https://owasp.org/www-community/attacks/CSV_Injection; phone numbers and numbers stay as they are.

    >>> _harmless("=1+1"), _harmless("+12125550101"), _harmless("+1|cmd")
    ("'=1+1", '+12125550101', "'+1|cmd")
    """
    cell = _UNSAFE.sub(" ", cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _flat(value: Any, kind: Kind | None = None) -> str:
    """A value as one cell; an element of a list is shown by the parts that tell it from others, if its kind names them.

    >>> _flat([{"id": "1", "name": None, "tags": ["a", "b"]}, {"id": "2", "name": "Tee", "tags": []}])
    '1, a; b; 2, Tee'
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(_flat(item, kind) for item in value)
    if not isinstance(value, dict):
        return str(value)
    kinds = kind.parts if kind is not None else {}
    unique = kind.unique if kind is not None and isinstance(kind.unique, tuple) else ()
    if unique and kinds[unique[0]].name == "phone":
        return phone_text(value, kinds)
    names = unique or tuple(value)
    return ", ".join(filter(None, (_flat(value.get(name), kinds.get(name)) for name in names)))


def print_lines(text: str) -> None:
    """Lines of text on standard output."""
    sys.stdout.write(_lines(text))


def fault(text: str) -> None:
    """What went wrong, on standard error; a terminal shows the kind of error in colour."""
    kind, separator, message = text.partition(": ")
    if not sys.stderr.isatty() or not separator:
        note(text)
        return
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(printable(kind), _FAULT_STYLE), end="")
    note(separator + message)


def program() -> str:
    """How a shell calls this program: by its name, or by its path if it is not on PATH."""
    called = Path(sys.argv[0])
    if called.name != PROGRAM or shutil.which(PROGRAM) or not called.is_file():
        return PROGRAM
    path = os.path.relpath(called)
    return str(called.absolute()) if path.startswith(os.pardir) else path


def note(text: str) -> None:
    """A line, or several, on standard error."""
    sys.stderr.write(_lines(text))


def _lines(text: str) -> str:
    return "".join(f"{printable(line)}\n" for line in text.split("\n"))
