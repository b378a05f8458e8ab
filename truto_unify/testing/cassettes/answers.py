"""Reads the exchanges of a cassette, whichever tool wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.testing.cassettes.cassette_file import read_cassette
from truto_unify.testing.exchanges import Exchange, parse_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def native_exchanges(file: Path) -> Iterator[Exchange]:
    """Each request with its answer, as evidence of the lowest level: a cassette does not say which server answered.

    Raises:
        UnsafeCassette: the file is not a cassette.
    """
    for interaction in read_cassette(file):
        request, response = interaction["request"], interaction["response"]
        yield Exchange(
            uri=request["uri"],
            request=parse_body(request.get("body")),
            status=response["status"]["code"],
            answer=parse_body((response.get("body") or {}).get("string")),
            level="declared",
            method=request["method"],
        )
