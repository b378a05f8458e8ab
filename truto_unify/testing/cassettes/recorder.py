"""Records the exchanges of a client with vcrpy, in memory, so that no file holds them before they are cleaned."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vcr import VCR
from vcr.persisters.filesystem import CassetteNotFoundError
from vcr.record_mode import RecordMode

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Memory:
    """A persister of vcrpy that neither loads nor saves."""

    @staticmethod
    def load_cassette(*_: Any, **__: Any) -> None:
        raise CassetteNotFoundError

    @staticmethod
    def save_cassette(*_: Any, **__: Any) -> None:
        pass


@contextmanager
def record_exchanges() -> Iterator[Any]:
    """A cassette of vcrpy with every exchange that httpx makes meanwhile, bodies decoded."""
    # It logs whole requests, credentials included, at the level below.
    logging.getLogger("vcr").setLevel(logging.WARNING)
    recorder = VCR(record_mode=RecordMode.ALL, decode_compressed_response=True)
    recorder.register_persister(_Memory)
    with recorder.use_cassette("in memory") as cassette:
        yield cassette
