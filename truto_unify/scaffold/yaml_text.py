"""Writes configuration files: plain data with comments above the guesses, in the YAML subset that the loader reads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_/][\w ./()+@'|,?*=<>!&\[\]-]*", re.ASCII)
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_/][\w ./()+@'*-]*", re.ASCII)
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


@dataclass(frozen=True, slots=True)
class Commented:
    """A value with comment lines above its key."""

    value: Any
    comments: tuple[str, ...]


def write_yaml(content: dict[str, Any], *, header: tuple[str, ...] = ()) -> str:
    """A whole file; a blank line separates the root's parts that are longer than a line.

    Args:
        content: plain data, with ``Commented`` for a value that has a comment.
        header: comment lines at the top.

    >>> print(write_yaml({"a": Commented("x", ("guess: by its name",)), "b": [1, {"c": "{d}"}]}), end="")
    # guess: by its name
    a: x
    <BLANKLINE>
    b: [1, {c: "{d}"}]
    """
    lines = [line for text in header for line in _comment(text, "")]
    blocks = [_entry(key, value, "") for key, value in content.items()]
    for index, block in enumerate(blocks):
        before = blocks[index - 1] if index else []
        if (index and (len(block) > 1 or len(before) > 1)) or (lines and not index):
            lines.append("")
        lines += block
    return "".join(f"{line}\n" for line in lines)


def _comment(text: str, indent: str) -> list[str]:
    """A wrapped comment."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(indent) + len(lines[-1]) + len(word) + 3 > _WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [f"{indent}# {line}" for line in lines]


def _entry(key: str, value: Any, indent: str) -> list[str]:
    comments: tuple[str, ...] = ()
    if isinstance(value, Commented):
        value, comments = value.value, value.comments
    lines = [line for comment in comments for line in _comment(comment, indent)]
    name = _scalar(key, is_flow=True)
    if isinstance(value, dict) and (_has_comments(value) or len(indent) + len(name) + len(_flow(value)) + 2 > _WIDTH):
        inner = [line for part_key, part in value.items() for line in _entry(part_key, part, f"{indent}  ")]
        return [*lines, f"{indent}{name}:", *inner]
    if isinstance(value, dict) and not indent and value:
        inner = [line for part_key, part in value.items() for line in _entry(part_key, part, f"{indent}  ")]
        return [*lines, f"{indent}{name}:", *inner]
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        inner = [line for part in value for line in _item(part, f"{indent}  ")]
        return [*lines, f"{indent}{name}:", *inner]
    text = _flow(value) if isinstance(value, dict | list) else _scalar(value, is_flow=False)
    return [*lines, f"{indent}{name}: {text}"]


def _item(value: dict[str, Any], indent: str) -> list[str]:
    """A mapping in a list, on one line if it fits."""
    flow = _flow(value)
    if len(indent) + len(flow) + 2 <= _WIDTH:
        return [f"{indent}- {flow}"]
    first, *rest = [line for key, part in value.items() for line in _entry(key, part, f"{indent}  ")]
    return [f"{indent}- {first.strip()}", *rest]


def _has_comments(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_comments(part) for part in value.values())
    return isinstance(value, Commented)


def _flow(value: Any) -> str:
    if isinstance(value, Commented):
        return _flow(value.value)
    if isinstance(value, dict):
        inner = (f"{_scalar(key, is_flow=True)}: {_flow(part)}" for key, part in value.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(item) for item in value)}]"
    return _scalar(value, is_flow=True)


def _scalar(value: Any, *, is_flow: bool) -> str:
    """A scalar in a form that the loader reads back unchanged.

    >>> [_scalar(x, is_flow=False) for x in ("name", "no", "a: b", "join_text(' ', [a, b])", True, 5, "5", None)]
    ['name', '"no"', '"a: b"', "join_text(' ', [a, b])", 'true', '5', '"5"', 'null']
    """
    if not isinstance(value, str):
        return json.dumps(value)
    pattern = _PLAIN_IN_FLOW if is_flow else _PLAIN
    is_plain = pattern.fullmatch(value) and value == value.strip() and value.lower() not in _WORDS
    return value if is_plain else _quoted(value)


def _quoted(text: str) -> str:
    r"""The text in double quotes, with invisible characters escaped.

    >>> print(_quoted('a "b"\u2028\U0001f600'))
    "a \"b\"\u2028😀"
    """
    escapes = {'"': '\\"', "\\": "\\\\"}
    return f'"{"".join(escapes.get(char) or (char if char.isprintable() else _escape(char)) for char in text)}"'


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
