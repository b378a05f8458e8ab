"""Tries one parser for some seconds, guided by coverage (atheris) if that is installed: a process of its own.

``python -m tests.fuzz.guided NAME SECONDS SEED``
"""

from __future__ import annotations

import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.inputs import make_inputs

if TYPE_CHECKING:
    from tests.fuzz.parsers import Parser

MAX_BYTES = 65_536
MAX_SECONDS = 1.0
ROUND = 100
HAS_ATHERIS = find_spec("atheris") is not None


class Finding(Exception):
    """An input that a parser does not take well."""


def try_input(parser: Parser, data: bytes) -> None:
    """Reads one input.

    Raises:
        Finding: it took too long.
    """
    from tests.fuzz.parsers import try_parser  # noqa: PLC0415 - atheris must see the import

    begin = time.perf_counter()
    try_parser(parser, data)
    seconds = time.perf_counter() - begin
    if seconds > MAX_SECONDS:
        raise Finding(f"{seconds:.1f} seconds for {len(data)} bytes: {data[:80]!r}")


def fuzz_by_coverage(name: str, seconds: int, seed: int) -> None:
    """Looks for inputs that reach new code; atheris ends the process, with 0 if there is no finding."""
    import atheris  # noqa: PLC0415 - optional

    with atheris.instrument_imports(include=["truto_unify"]):
        from tests.fuzz.parsers import PARSERS  # noqa: PLC0415 - atheris must see the import
    parser = PARSERS[name]
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(parser.seeds):
            (Path(folder) / str(number)).write_bytes(text)
        limits = [f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={MAX_BYTES}"]
        atheris.Setup(
            [sys.argv[0], *limits, f"-artifact_prefix={folder}/", folder], lambda data: try_input(parser, data)
        )
        atheris.Fuzz()


def fuzz_by_chance(name: str, seconds: int, seed: int) -> None:
    """Changes seeds at random until the time is over."""
    from tests.fuzz.parsers import PARSERS  # noqa: PLC0415 - as above

    parser, end, count = PARSERS[name], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for data in make_inputs(parser, seed + count, ROUND, MAX_BYTES):
            try_input(parser, data)
        count += ROUND


if __name__ == "__main__":
    fuzz = fuzz_by_coverage if HAS_ATHERIS else fuzz_by_chance
    fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
