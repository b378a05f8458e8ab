"""Reads and writes cassettes in vcrpy's own format, so that pytest-recording replays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vcr.serialize import serialize

from truto_unify.config.yaml import read_document, write_document
from truto_unify.testing.cassettes.errors import UnsafeCassette

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class _Yaml:
    """A serializer of vcrpy that writes texts of several lines as lines."""

    serialize = staticmethod(write_document)


def cassette_text(exchanges: Iterable[tuple[Any, dict[str, Any]]]) -> str:
    """The YAML text of a cassette; JSON bodies stay readable.

    Args:
        exchanges: pairs of a request and a response, as vcrpy has them.
    """
    requests, responses = zip(*exchanges, strict=True)
    return str(serialize({"requests": requests, "responses": responses}, _Yaml))


def read_cassette(file: Path) -> list[dict[str, Any]]:
    """The interactions of a cassette, as ``request`` and ``response``.

    Raises:
        UnsafeCassette: the file is not a cassette.
    """
    try:
        content = read_document(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsafeCassette([f"{file}: cannot be read: {type(error).__name__}"]) from None
    interactions = content.get("interactions") if isinstance(content, dict) else None
    if not isinstance(interactions, list) or not all(_is_interaction(value) for value in interactions):
        raise UnsafeCassette([f"{file}: not a cassette: it needs interactions, each with a request and a response"])
    return interactions


def _is_interaction(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), dict) for name in ("request", "response"))
