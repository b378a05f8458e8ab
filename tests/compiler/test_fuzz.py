"""A small share of `make fuzz`, with the same rounds in each test run."""

from __future__ import annotations

import pytest

from tests.compiler.fuzz.campaigns import CAMPAIGNS, run_round
from tests.compiler.fuzz.run import SHARES

ROUNDS = {"expressions": 60, "trees": 60, "records": 5, "pages": 12}
SEEDS = range(4)


def test_every_campaign_runs() -> None:
    assert set(CAMPAIGNS) == set(SHARES) == set(ROUNDS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_the_compiled_function_equals_the_oracle(campaign: str, seed: int) -> None:
    evaluations = 0
    for number in range(ROUNDS[campaign]):
        result = run_round(campaign, seed, number)
        evaluations += result.evaluations
        assert result.finding is None, (
            f"make fuzz ARGS='--only {campaign} --seed {seed} --round {number}'\n{result.finding}"
        )

    assert evaluations >= 2 * ROUNDS[campaign]
