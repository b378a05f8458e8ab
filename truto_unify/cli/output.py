"""Prints results: tables for people, JSON, NDJSON and CSV for programs. Everything else goes to standard error."""

from __future__ import annotations

import csv
import json
import re
import sys
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FORMATS = ("table", "json", "ndjson", "csv")
_COLUMNS = ("id", "name", "company_name", "email", "phone", "city", "country", "status", "created_at")
_PIPED_WIDTH = 10_000
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, direction marks and surrogates; new lines and tabs are harmless."""


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str | None = None) -> None:
    """Prints a table; if standard output is not a terminal, its width is not limited."""
    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(_printable(cell)) for cell in row))
    if sys.stdout.isatty():
        console.print(table)
        return
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        sys.stdout.write(f"{line.rstrip()}\n")


def print_markdown(columns: Sequence[str], rows: Iterable[Sequence[str]], title: str) -> None:
    """A Markdown table on standard output."""
    sys.stdout.write(f"**{title}**\n\n")
    for row in (columns, ["---"] * len(columns), *rows):
        sys.stdout.write(f"| {' | '.join(row)} |\n")
    sys.stdout.write("\n")


def print_json(value: Any) -> None:
    """Indented JSON on standard output."""
    sys.stdout.write(_json(value, indent=2) + "\n")


def print_line(record: Any) -> None:
    """One record as one line of JSON."""
    sys.stdout.write(_json(record, separators=(",", ":")) + "\n")


def _json(value: Any, **style: Any) -> str:
    return _escape(json.dumps(value, ensure_ascii=False, **style))


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_text(line: bytes) -> None:
    """One record that is JSON text already, as one line."""
    sys.stdout.write(_escape(line.decode()) + "\n")


def print_records(records: Iterable[Mapping[str, Any]], form: str, fields: Iterable[str] = ()) -> None:
    """Unified records as ``table``, ``ndjson`` or ``csv``."""
    if form == "ndjson":
        for record in records:
            print_line(record)
    elif form == "csv":
        _print_csv(records, fields)
    else:
        print_table(_COLUMNS, [brief_row(record) for record in records])


def brief_row(record: Mapping[str, Any]) -> list[str]:
    """The columns of the brief table."""
    email = next((email["email"] for email in record.get("emails") or ()), None)
    phone = next((_phone(phone) for phone in record.get("phones") or ()), None)
    address: Mapping[str, Any] = next(iter(record.get("addresses") or ()), {})
    flat = {
        **record,
        "email": email,
        "phone": phone,
        "city": address.get("city"),
        "country": address.get("country"),
    }
    return [str(flat.get(name) or "") for name in _COLUMNS]


def brief_columns() -> tuple[str, ...]:
    """The names of the columns of the brief table."""
    return _COLUMNS


def _print_csv(records: Iterable[Mapping[str, Any]], fields: Iterable[str]) -> None:
    """Every unified field; the parts of a list are joined, and ``remote_data`` is left out."""
    writer: csv.DictWriter[str] | None = None
    for record in records:
        flat = {name: _UNSAFE.sub(" ", _flat(name, value)) for name, value in record.items() if name != "remote_data"}
        writer = writer or _csv_writer(flat)
        writer.writerow(flat)
    if writer is None:
        _csv_writer(fields)


def _csv_writer(fields: Iterable[str]) -> csv.DictWriter[str]:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(fields), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    return writer


def _flat(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, list):
        return str(value)
    if name == "emails":
        return "; ".join(email["email"] for email in value)
    if name == "phones":
        return "; ".join(_phone(phone) for phone in value)
    return "; ".join(", ".join(str(part) for part in element.values() if part is not None) for element in value)


def _phone(phone: Mapping[str, Any]) -> str:
    return f"{phone['number']} x{phone['extension']}" if phone.get("extension") else str(phone["number"])


def _printable(cell: str) -> str:
    """The text without control characters: a record must not control the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in cell)


def print_lines(text: str) -> None:
    """Lines of text on standard output."""
    sys.stdout.write(_lines(text))


def note(text: str) -> None:
    """A line, or several, on standard error."""
    sys.stderr.write(_lines(text))


def _lines(text: str) -> str:
    return "".join(f"{_printable(line)}\n" for line in text.split("\n"))
