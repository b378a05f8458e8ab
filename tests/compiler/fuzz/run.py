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
_MOST_FINDINGS = 10
_EVERY = 5.0  # seconds between two lines of progress


def main(arguments: Sequence[str]) -> int:
    """Runs the campaigns; gives the exit code: 1 where a difference was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--evaluations", type=int, default=100_000, help="how many, over all campaigns")
    parser.add_argument("--seed", type=int, default=None, help="that of an earlier run; by chance if left out")
    parser.add_argument("--only", choices=CAMPAIGNS, default=None, help="one campaign alone")
    parser.add_argument("--round", type=int, default=None, help="one round alone, as a finding names it")
    options = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    shares = {options.only: 1.0} if options.only else SHARES
    print(f"seed {seed}", file=sys.stderr)
    warnings.simplefilter("error", SyntaxWarning)  # of generated code
    found = 0
    for campaign, share in shares.items():
        first = options.round or 0
        last = options.round + 1 if options.round is not None else None
        found += run_campaign(campaign, seed, int(options.evaluations * share), first=first, last=last)
    print(f"{found} differences" if found else "no difference", file=sys.stderr)
    return 1 if found else 0


def run_campaign(campaign: str, seed: int, evaluations: int, *, first: int = 0, last: int | None = None) -> int:
    """Runs rounds until there were so many evaluations; prints each difference once; gives their number."""
    done, number, spoken = 0, first, time.monotonic()
    findings: dict[str, Finding] = {}
    while done < evaluations and number != last and len(findings) < _MOST_FINDINGS:
        made = run_round(campaign, seed, number)
        done += made.evaluations
        kind = made.finding.text.partition(":")[0] if made.finding else ""
        if made.finding is not None and kind not in findings:
            findings[kind] = made.finding
            print(f"\n{campaign}: --only {campaign} --seed {seed} --round {number}\n{made.finding}", flush=True)
        number += 1
        if time.monotonic() - spoken > _EVERY:
            spoken = time.monotonic()
            print(f"{campaign}: {done:,} of {evaluations:,}", file=sys.stderr)
    rounds = f"{done:,} evaluations in {number - first:,} rounds"
    print(f"{campaign}: {rounds}, {len(findings)} differences", file=sys.stderr)
    return len(findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
