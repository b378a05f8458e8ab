"""Reads and writes JSON so that numbers keep their spelling; a name in it may be cleaned like any other text."""

from __future__ import annotations

import json
from typing import Any

import orjson


class Number:
    """A number as it was written, such as ``1.10``."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def read_json(text: str) -> tuple[bool, Any]:
    """Whether the text is a JSON object or list, and its value, numbers as ``Number``.

    >>> read_json("<html>")
    (False, None)
    """
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
        return False, None
    try:
        return True, json.loads(
            text.lstrip("\ufeff"), parse_int=Number, parse_float=Number, parse_constant=Number, strict=False
        )
    except (ValueError, RecursionError):
        return False, None


def write_json(value: Any, *, indent: bool) -> str:
    """The text of a value that ``read_json`` gave.

    >>> write_json(read_json('{"total": 1.10}')[1], indent=False)
    '{"total":1.10}'
    """
    return orjson.dumps(value, default=_fragment, option=orjson.OPT_INDENT_2 if indent else 0).decode()


def _fragment(value: Any) -> Any:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError(type(value).__name__)
