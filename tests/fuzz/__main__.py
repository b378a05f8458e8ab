"""``make fuzz-parsers``: tries every parser for some seconds, guided by coverage (atheris) if that is installed.

Each parser has a process of its own. It prints an input that raises what nobody expects, or that takes more than a
second.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.fuzz.inputs import make_inputs
from tests.fuzz.parsers import PARSERS, try_parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fuzz.parsers import Parser

MAX_BYTES = 65_536
MAX_SECONDS = 1.0
ROUND = 100


class Finding(Exception):
    """An input that a parser does not take well."""


def try_input(parser: Parser, data: bytes) -> None:
    """Reads one input.

    Raises:
        Finding: it took too long.
    """
    begin = time.perf_counter()
    try_parser(parser, data)
    seconds = time.perf_counter() - begin
    if seconds > MAX_SECONDS:
        raise Finding(f"{seconds:.1f} seconds for {len(data)} bytes: {data[:80]!r}")


def fuzz_by_coverage(name: str, seconds: int, seed: int) -> None:
    """Lets atheris look for inputs that reach new code; it ends the process with 0, or with the finding."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    parser = PARSERS[name]
    atheris.instrument_all()
    arguments = [sys.argv[0], f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={MAX_BYTES}", "-verbosity=0"]
    atheris.Setup(arguments, lambda data: try_input(parser, data))
    atheris.Fuzz()


def fuzz_by_chance(name: str, seconds: int, seed: int) -> None:
    """Changes seeds at random until the time is over."""
    parser, end, count = PARSERS[name], time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for data in make_inputs(parser, seed + count, ROUND, MAX_BYTES):
            try_input(parser, data)
        count += ROUND
    sys.stdout.write(f"{name}: {count:,} inputs, no finding\n")


def main() -> int:
    """Tries the parsers one after the other; 1 if there is a finding."""
    arguments = argparse.ArgumentParser(prog="make fuzz-parsers", description=__doc__)
    arguments.add_argument("--seconds", type=int, default=20, help="for each parser")
    arguments.add_argument("--only", default="", help="only parsers of which the name holds this")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    has_atheris = find_spec("atheris") is not None
    fuzz: Callable[[str, int, int], None] = fuzz_by_coverage if has_atheris else fuzz_by_chance
    sys.stdout.write(f"guided by {'coverage (atheris)' if has_atheris else 'chance: atheris is not installed'}\n")
    failed = [name for name in PARSERS if options.only in name and not _run(fuzz, name, options)]
    sys.stdout.write(f"findings in: {', '.join(failed)}\n" if failed else "no finding\n")
    return 1 if failed else 0


def _run(fuzz: Callable[[str, int, int], None], name: str, options: argparse.Namespace) -> bool:
    """Whether the process of one parser ends well."""
    process = multiprocessing.get_context("spawn").Process(target=fuzz, args=(name, options.seconds, options.seed))
    process.start()
    process.join()
    sys.stdout.write(f"{name}: {'no finding' if process.exitcode == 0 else 'FINDING'}\n")
    sys.stdout.flush()
    return process.exitcode == 0


if __name__ == "__main__":
    sys.exit(main())
