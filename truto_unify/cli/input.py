"""Native answers from a file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, read_list
from truto_unify.engine.answer_formats import in_json
from truto_unify.engine.bodies import UnreadableBody
from truto_unify.errors import InvalidInput
from truto_unify.expressions import search_or_null
from truto_unify.mapping.json_input import parse_json
from truto_unify.types import Response

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


def read_answer(file: Path, mapper: Mapper) -> tuple[bytes, Any]:
    """As ``read_document``; an answer in XML or CSV becomes JSON as in a call.

    Raises:
        InvalidInput: the file cannot be read, or it is neither JSON nor in the format of the provider's list or record.
    """
    config, data = mapper.mapping.config, read_bytes(file)
    for method in (config.list, config.get):
        endpoint = mapper.mapping.provider.endpoint(method.endpoint) if method is not None else None
        if endpoint is not None and endpoint.answers in {"xml", "csv"} and not data.lstrip().startswith((b"{", b"[")):
            try:
                data = in_json(endpoint, Response(200, (), data)).body
            except UnreadableBody as fault:
                raise InvalidInput(f"{file} {fault}") from None
            return data, _parse(data, str(file))
    return _read_json(data, file)


def read_document(file: Path) -> tuple[bytes, Any]:
    """The JSON of a file, and its value; JSON lines become a list.

    Raises:
        InvalidInput: the file cannot be read, or it is not JSON.
    """
    return _read_json(read_bytes(file), file)


def _read_json(data: bytes, file: Path) -> tuple[bytes, Any]:
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        for number, line in enumerate(lines, 1):
            _parse(line, f"record {number} of {file}")
        data = b"[" + b",".join(lines) + b"]"
    return data, _parse(data, str(file))


def _parse(data: bytes, name: str) -> Any:
    try:
        return parse_json(data)[0]
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is not JSON: {str(error)[:200]}") from None


def find_records(mapper: Mapper, document: Any) -> tuple[list[Any], bool]:
    """The native records of a document, and whether it is the answer of a list.

    Raises:
        InvalidInput: the document holds no record, or it is an error of the provider.
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
            _refuse_error(mapper, document)
            return [record], False
    if isinstance(document, list):
        return document, True
    if isinstance(document, dict):
        _refuse_error(mapper, document)
        return [document], False
    raise InvalidInput("the file holds neither an answer nor a record")


def _refuse_error(mapper: Mapper, document: dict[str, Any]) -> None:
    """Refuses an error answer, which is what people save if a call fails."""
    provider = mapper.mapping.provider
    messages = (search_or_null(expression, document) for expression in provider.config.errors.message)
    message = next((text for text in messages if isinstance(text, str) and text), None)
    if message is not None and mapper.map_record(document).id is None:
        raise InvalidInput(f'the file holds an error of {provider.slug} and no record: "{message[:200]}"')
