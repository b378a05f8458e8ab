"""Turns answers in XML, CSV and JSON lines into JSON by fixed rules, so that all else reads JSON.

The rules are in ``docs/answer-formats.md``; each value of XML and CSV is a text or null, since neither says more.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.engine.bodies import UnreadableBody, is_page
from truto_unify.engine.xml_answers import read_xml
from truto_unify.mapping.json_input import to_strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.provider import Endpoint
    from truto_unify.types import Response

MAX_VALUES = 1_000_000
"""Cells of a CSV answer, or values of JSON lines; as ``Limits.max_values`` says for JSON."""
MAX_LETTERS = 32 * 1024 * 1024
"""Letters of the JSON that a CSV answer becomes: each row repeats the names."""
_decode = msgspec.json.Decoder().decode


def in_json(endpoint: Endpoint, response: Response) -> Response:
    """The response in JSON, by the rule of the endpoint's format; an answer that is JSON already stays as it is.

    Raises:
        UnreadableBody: the body is not in this format, or exceeds a limit.
        InvalidEnvironment: the library that reads XML is not installed.
    """
    answers, body = endpoint.answers, response.body
    # Stores often write errors in JSON, whatever they are asked for.
    if answers == "json" or _announces_json(response) or is_page(response):
        return response
    if answers == "xml":
        if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
            return response
        return replace(response, body=_dump(read_xml(body, _list_names(endpoint))))
    if not 200 <= response.status < 300:
        return response
    return replace(
        response, body=read_json_lines(body) if answers == "json_lines" else _csv_in_json(endpoint, response)
    )


def _csv_in_json(endpoint: Endpoint, response: Response) -> bytes:
    """The rows of a CSV answer, or the body itself if it is no CSV: an error in JSON, or nothing."""
    start = response.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in {b"", b"{", b"["}:
        return response.body
    rows = list(read_csv(response.body, endpoint.csv_delimiter))
    kind = _content_type(response)
    if not rows and kind and "csv" not in kind:
        raise UnreadableBody(f"is one line of {kind[:100]}, which is no empty list in CSV")
    return _dump(rows)


def read_json_lines(body: bytes) -> bytes:
    r"""The values of JSON lines (https://jsonlines.org) as one list; blank lines do not count.

    >>> read_json_lines(b'{"id": 1.10}\n\n{"id": 2}\n')
    b'[{"id": 1.10},{"id": 2}]'

    Raises:
        UnreadableBody: a line is not JSON.
    """
    if body.count(b",") + body.count(b"{") + body.count(b"[") > MAX_VALUES:
        raise UnreadableBody(f"holds more than {MAX_VALUES} values")
    lines = []
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        strict = to_strict_json(line) or line
        try:
            _decode(strict)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise UnreadableBody(f"is not JSON lines: line {number}: {error}") from None
        lines.append(strict.strip())
    return b"[" + b",".join(lines) + b"]"


def read_csv(body: bytes, delimiter: str = ",") -> Iterator[dict[str, str | None]]:
    r"""The rows of CSV (RFC 4180) as objects, by the names in the first row; an empty cell is null.

    >>> list(read_csv(b'id;name\r\n1;"Ruiz; Ana"\r\n2;\r\n', ";"))
    [{'id': '1', 'name': 'Ruiz; Ana'}, {'id': '2', 'name': None}]

    Raises:
        UnreadableBody: the body is not UTF-8, a row does not fit the first one, or it holds too many cells.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBody(f"is not CSV in UTF-8: {error.reason} at byte {error.start}") from None
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    cells = letters = 0
    try:
        for row in reader:
            # Each row becomes an object with every name, however short it is.
            cells += max(len(row), len(names))
            letters += sum(map(len, names)) + sum(map(len, row))
            if cells > MAX_VALUES:
                raise UnreadableBody(f"holds more than {MAX_VALUES} cells")
            if letters > MAX_LETTERS:
                raise UnreadableBody(f"holds more than {MAX_LETTERS} letters, with the names of each row")
            if not row:
                continue
            if not names:
                names = [name.strip() for name in row]
                _check_names(names)
                continue
            if len(row) > len(names):
                raise UnreadableBody(
                    f"is not CSV: line {reader.line_num} has {len(row)} cells and the first one {len(names)}"
                )
            yield {name: cell or None for name, cell in zip_longest(names, row)}
    except csv.Error as error:
        raise UnreadableBody(f"is not CSV: {error} at line {reader.line_num}") from None


def _check_names(names: list[str]) -> None:
    repeated = next((name for name, count in Counter(names).items() if count > 1), None)
    if repeated is not None:
        raise UnreadableBody(
            f'is not CSV with a name for each column: "{repeated[:100]}" stands twice in the first line'
        )


def _list_names(endpoint: Endpoint) -> frozenset[str]:
    """The names of elements that are lists even if there is one of them, or none."""
    return frozenset({*endpoint.xml_lists, *(path[-1] for path in endpoint.list_path or () if path)})


def _announces_json(response: Response) -> bool:
    kind = _content_type(response)
    return kind == "application/json" or kind.endswith("+json")


def _content_type(response: Response) -> str:
    value = next((value for name, value in response.headers if name == "content-type"), "")
    return value.partition(";")[0].strip().lower()


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
