"""Reads the good JSON answers out of a cassette, whatever call they belong to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from truto_unify.testing.cassettes.cassette_file import read_cassette

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def native_answers(file: Path) -> Iterator[Any]:
    """The parsed body of each answer that was no refusal.

    Raises:
        UnsafeCassette: the file is no cassette.
    """
    for one in read_cassette(file):
        text = (one["response"].get("body") or {}).get("string")
        if one["response"]["status"]["code"] >= 300 or not isinstance(text, str | bytes):
            continue
        try:
            yield json.loads(text)
        except ValueError:
            continue
