"""Native answers from a file or standard input."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, read_list
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.mapping.mapper import Mapper


def read_bytes(file: Path) -> bytes:
    """The content of a file, or of standard input for ``-``.

    Raises:
        InvalidInput: the file cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {file}: {error.strerror}") from None


def parse_json(data: bytes, file: Path) -> Any:
    """Parses a JSON document.

    Raises:
        InvalidInput: the file is not JSON.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{file} is not JSON: {str(error)[:200]}") from None


def find_records(mapper: Mapper, document: Any) -> tuple[list[Any], bool]:
    """The native records of a document, and whether it is the answer of a list.

    Raises:
        InvalidInput: the document holds no record.
    """
    mapping = mapper.mapping
    config = mapping.config
    if config.list is not None:
        records = read_list(document, mapping.provider.endpoint(config.list.endpoint).list_path or ())
        if records is not None:
            return records, True
    if config.get is not None:
        is_found, record = read_first(document, mapping.provider.endpoint(config.get.endpoint).record_path or ())
        if is_found and isinstance(record, dict):
            return [record], False
    if isinstance(document, list):
        return document, True
    if isinstance(document, dict):
        return [document], False
    raise InvalidInput("the file holds neither an answer nor a record")
