"""The spellings in which a store, a proxy or a log may repeat a secret."""

from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable


def _utf16(text: str) -> list[int]:
    """The numbers by which JSON escapes letters: two for a letter outside of the first plane."""
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2)]


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, lower case": lambda text: quote(text, safe="").replace("%2F", "%2f").replace("%3D", "%3d"),
    "form": quote_plus,
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "JSON, ASCII": lambda text: json.dumps(text)[1:-1],
    "JSON, letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON, slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "HTML": html.escape,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, of URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "Basic, as the password": lambda text: base64.b64encode(f"someone:{text}".encode()).decode(),
    "Basic, as the user": lambda text: base64.b64encode(f"{text}:something".encode()).decode(),
    "base64 of base64": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "hex": lambda text: text.encode().hex(),
    "upper case hex": lambda text: text.encode().hex().upper(),
}
EVERY_LETTER: dict[str, Callable[[str], str]] = {
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "JSON": lambda text: "".join(f"\\u{number:04x}" for number in _utf16(text)),
    "JSON, upper case": lambda text: "".join(f"\\u{number:04X}" for number in _utf16(text)),
    "bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "HTML, hex": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
}
"""Spellings that escape what needs no escape."""
