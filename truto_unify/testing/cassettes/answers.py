"""Reads the successful JSON answers of a cassette, of any call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from truto_unify.testing.cassettes.cassette_file import read_cassette

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def native_answers(file: Path) -> Iterator[Any]:
    """The parsed body of each successful answer.

    Raises:
        UnsafeCassette: the file is not a cassette.
    """
    for interaction in read_cassette(file):
        text = (interaction["response"].get("body") or {}).get("string")
        if interaction["response"]["status"]["code"] >= 300 or not isinstance(text, str | bytes):
            continue
        try:
            yield json.loads(text)
        except ValueError:
            continue
