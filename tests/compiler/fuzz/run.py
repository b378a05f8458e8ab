"""``make fuzz``: many rounds of every campaign, with the seed and a small reproduction of each difference."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
import warnings
from typing import TYPE_CHECKING

from tests.compiler.fuzz.campaigns import CAMPAIGNS, Finding, run_round

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARES = {"expressions": 0.55, "trees": 0.2, "records": 0.2, "pages": 0.05}
_MAX_FINDINGS = 10
_PROGRESS_SECONDS = 5.0


def main(arguments: Sequence[str]) -> int:
    """Runs the campaigns; returns the exit code: 1 if they find a difference."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--evaluations", type=int, default=100_000, help="the number for all campaigns together")
    parser.add_argument("--seed", type=int, default=None, help="the seed of an earlier run; random by default")
    parser.add_argument("--only", choices=CAMPAIGNS, default=None, help="run one campaign")
    parser.add_argument("--round", type=int, default=None, help="run one round, by the number of a finding")
    options = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    shares = {options.only: 1.0} if options.only else SHARES
    print(f"seed {seed}", file=sys.stderr)
    warnings.simplefilter("error", SyntaxWarning)  # of generated code
    differences = 0
    for campaign, share in shares.items():
        first = options.round or 0
        last = options.round + 1 if options.round is not None else None
        differences += run_campaign(campaign, seed, int(options.evaluations * share), first=first, last=last)
    print(f"{differences} differences" if differences else "no difference", file=sys.stderr)
    return 1 if differences else 0


def run_campaign(campaign: str, seed: int, evaluations: int, *, first: int = 0, last: int | None = None) -> int:
    """Runs rounds up to a number of evaluations; prints each difference once; returns their number."""
    done, number, reported = 0, first, time.monotonic()
    findings: dict[str, Finding] = {}
    while done < evaluations and number != last and len(findings) < _MAX_FINDINGS:
        result = run_round(campaign, seed, number)
        done += result.evaluations
        kind = result.finding.text.partition(":")[0] if result.finding else ""
        if result.finding is not None and kind not in findings:
            findings[kind] = result.finding
            print(f"\n{campaign}: --only {campaign} --seed {seed} --round {number}\n{result.finding}", flush=True)
        number += 1
        if time.monotonic() - reported > _PROGRESS_SECONDS:
            reported = time.monotonic()
            print(f"{campaign}: {done:,} of {evaluations:,}", file=sys.stderr)
    rounds = f"{done:,} evaluations in {number - first:,} rounds"
    print(f"{campaign}: {rounds}, {len(findings)} differences", file=sys.stderr)
    return len(findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
