"""``make fuzz-parsers``: tries every parser for some seconds, each in a process of its own.

It prints an input that raises what nobody expects, or that takes more than a second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.fuzz.guided import HAS_ATHERIS
from tests.fuzz.parsers import PARSERS

MAX_SHOWN_LETTERS = 4_000
NOISE = ("#", "INFO", "WARNING")
"""Lines of libFuzzer begin so."""


def main() -> int:
    """Tries the parsers one after the other; 1 if there is a finding."""
    arguments = argparse.ArgumentParser(prog="make fuzz-parsers", description=__doc__)
    arguments.add_argument("--seconds", type=int, default=20, help="for each parser")
    arguments.add_argument("--only", default="", help="only parsers of which the name holds this")
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    guide = "coverage (atheris)" if HAS_ATHERIS else "chance; pip install atheris, and coverage guides them"
    sys.stdout.write(f"inputs are guided by {guide}\n")
    failed = [name for name in PARSERS if options.only in name and not _try(name, options.seconds, options.seed)]
    sys.stdout.write(f"findings in: {', '.join(failed)}\n" if failed else "no finding\n")
    return 1 if failed else 0


def _try(name: str, seconds: int, seed: int) -> bool:
    """Whether a parser takes every input well."""
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(seconds), str(seed)]
    result = subprocess.run(command, capture_output=True, check=False)
    lines = (result.stdout + result.stderr).decode("utf-8", "replace").splitlines()
    is_well = result.returncode == 0
    tried = next((line.split()[0] for line in reversed(lines) if line.startswith("#")), "")
    sys.stdout.write(f"{name}: {'no finding' if is_well else 'FINDING'} {tried}\n")
    if not is_well:
        sys.stdout.write("".join(f"  {line}\n" for line in lines if not line.startswith(NOISE))[-MAX_SHOWN_LETTERS:])
    sys.stdout.flush()
    return is_well


if __name__ == "__main__":
    sys.exit(main())
