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

from truto_unify.cli.tables import print_chosen, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

PROGRAM = "truto-unify"
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 ().x;-]*$)")
_FAULT_STYLE = "bold red"
FORMATS = ("table", "json", "ndjson", "csv")
_COLUMNS = (
    "id",
    "order_number",
    "name",
    "email",
    "created_at",
    "status",
    "total_amount",
    "price",
    "payment_status",
    "fulfillment_status",
    "sku",
    "inventory_quantity",
    "country",
    "phone",
    "company_name",
    "city",
)
"""From the most to the least important: the later ones are left out where a line is too short."""
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
    sys.stdout.write(_escape(line.decode()) + "\n")


def print_records(
    records: Iterable[Mapping[str, Any]], form: str, fields: Iterable[str] = (), noun: str = "records"
) -> None:
    """Unified records as ``table``, ``ndjson`` or ``csv``.

    Args:
        records: the records.
        form: the format.
        fields: the columns of a CSV file without records.
        noun: what the records are, for a table without them.
    """
    if form == "ndjson":
        for record in records:
            print_line(record)
    elif form == "csv":
        _print_csv(records, fields)
    else:
        shown = list(records)
        note_left_out(print_brief(shown) if shown else ())
        if not shown:
            note(f"0 {noun}")


def print_brief(records: Sequence[Mapping[str, Any]], title: str | None = None) -> list[str]:
    """The records as a table with the fields that people look for; returns those that do not fit."""
    return print_chosen(_COLUMNS, [_brief_row(record) for record in records], title, least=2)


def note_left_out(fields: Collection[str]) -> None:
    """Says which fields a table has no room for."""
    if fields:
        names = ", ".join(name for name in _COLUMNS if name in fields)
        note(f"some columns do not fit ({names}): widen the terminal, or use --format json")


def _brief_row(record: Mapping[str, Any]) -> list[str]:
    """The columns of the brief table; an order shows its customer, an amount its currency."""
    person: Mapping[str, Any] = record.get("customer") or record
    address: Mapping[str, Any] = record.get("shipping_address") or next(iter(record.get("addresses") or ()), {})
    currency = record.get("currency")
    flat = {
        **record,
        "name": record.get("name") or person.get("name"),
        "email": next((email["email"] for email in person.get("emails") or ()), None),
        "phone": next((_phone(phone) for phone in person.get("phones") or ()), None),
        "city": address.get("city"),
        "country": address.get("country"),
    }
    for name in ("total_amount", "price"):
        if flat.get(name) and currency:
            flat[name] = f"{flat[name]} {currency}"
    return [str(flat.get(name) or "") for name in _COLUMNS]


def _print_csv(records: Iterable[Mapping[str, Any]], fields: Iterable[str]) -> None:
    """Every unified field; the parts of an object or a list are joined, and ``remote_data`` is left out."""
    writer: csv.DictWriter[str] | None = None
    for record in records:
        flat = {name: _harmless(_flat(value)) for name, value in record.items() if name != "remote_data"}
        writer = writer or _csv_writer(flat)
        writer.writerow(flat)
    if writer is None:
        _csv_writer(fields)


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


def _flat(value: Any) -> str:
    """A value as one cell.

    >>> _flat([{"id": "1", "name": None, "tags": ["a", "b"]}, {"id": "2", "name": "Tee", "tags": []}])
    '1, a; b; 2, Tee'
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(_flat, value))
    if not isinstance(value, dict):
        return str(value)
    if "is_primary" in value:
        return str(value["email"])
    if "extension" in value:
        return _phone(value)
    return ", ".join(filter(None, map(_flat, value.values())))


def _phone(phone: Mapping[str, Any]) -> str:
    return f"{phone['number']} x{phone['extension']}" if phone.get("extension") else str(phone["number"])


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
