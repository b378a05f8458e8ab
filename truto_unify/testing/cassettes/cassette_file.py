"""Reads and writes cassettes in vcrpy's own format, so that pytest-recording replays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import read_document, write_document
from truto_unify.testing.cassettes.errors import UnsafeCassette

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from truto_unify.testing.cassettes.recorder import Exchange, Headers

FORMAT_VERSION = 1


def cassette_text(exchanges: Sequence[Exchange]) -> str:
    """The YAML text of a cassette; JSON bodies stay readable."""
    return write_document({"interactions": [_interaction(one) for one in exchanges], "version": FORMAT_VERSION})


def read_cassette(file: Path) -> list[dict[str, Any]]:
    """The interactions of a cassette, as ``request`` and ``response``.

    Raises:
        UnsafeCassette: the file is none.
    """
    try:
        content = read_document(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsafeCassette([f"{file}: cannot be read: {type(error).__name__}"]) from None
    interactions = content.get("interactions") if isinstance(content, dict) else None
    if not isinstance(interactions, list) or not all(_is_interaction(one) for one in interactions):
        raise UnsafeCassette([f"{file}: not a cassette: it needs interactions, each with a request and a response"])
    return interactions


def _is_interaction(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), dict) for name in ("request", "response"))


def _interaction(exchange: Exchange) -> dict[str, Any]:
    return {
        "request": {
            "method": exchange.method,
            "uri": exchange.url,
            "headers": _joined(exchange.request_headers),
            "body": exchange.request_body.decode("utf-8", "replace"),
        },
        "response": {
            "status": {"code": exchange.status, "message": exchange.reason},
            "headers": _joined(exchange.response_headers),
            "body": {"string": exchange.response_body.decode("utf-8", "replace")},
        },
    }


def _joined(headers: Headers) -> dict[str, list[str]]:
    joined: dict[str, list[str]] = {}
    for name, value in headers:
        joined.setdefault(name, []).append(value)
    return joined
