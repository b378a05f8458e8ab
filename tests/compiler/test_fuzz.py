"""A share of `make fuzz` that every test run can afford: the same rounds each time."""

from __future__ import annotations

import pytest

from tests.compiler.fuzz.campaigns import CAMPAIGNS, run_round
from tests.compiler.fuzz.run import SHARES

ROUNDS = {"expressions": 60, "trees": 60, "records": 5, "pages": 12}
SEEDS = range(8)


def test_every_campaign_runs() -> None:
    assert set(CAMPAIGNS) == set(SHARES) == set(ROUNDS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_the_compiled_function_equals_the_oracle(campaign: str, seed: int) -> None:
    evaluations = 0
    for number in range(ROUNDS[campaign]):
        made = run_round(campaign, seed, number)
        evaluations += made.evaluations
        assert made.finding is None, (
            f"make fuzz ARGS='--only {campaign} --seed {seed} --round {number}'\n{made.finding}"
        )

    assert evaluations >= 2 * ROUNDS[campaign]
