"""A shared store may run a change late; a clock that is set back lengthens no wait."""

from __future__ import annotations

import json

import pytest

from truto_unify.config.rate_rules import WindowRule
from truto_unify.engine.budget_changes import Claim, Settlement
from truto_unify.engine.rate_budget import Demand, Grant, Outcome

RULES = (WindowRule(type="window", requests=2, seconds=1),)


@pytest.mark.parametrize(("replied_at", "delay"), [(10.0, 4.0), (13.0, 1.0), (20.0, 0.0), (0.0, 4.0)])
def test_a_delay_counts_from_the_moment_when_the_store_was_asked(replied_at: float, delay: float) -> None:
    claim = Claim(Demand(RULES, 1.0, "", 60.0, 60.0), lambda: replied_at, claimed_at=10.0)

    assert claim.since(Grant(1, 4.0)) == Grant(1, delay)


@pytest.mark.parametrize(("stored_at", "remaining"), [(10.0, 1.02), (10.5, 0.52), (-1000.0, 1.02)])
def test_an_answered_request_counts_from_its_answer(stored_at: float, remaining: float) -> None:
    text, _ = Claim(Demand(RULES, 1.0, "", 60.0, 60.0), lambda: 10.0)(None, 0.0)

    settled, _ = Settlement(RULES, 1, Outcome(), lambda: stored_at, written_at=10.0, answered_at=10.0)(text, 0.0)

    assert json.loads(settled)["arrivals"] == [{"cost": 1.0, "remaining": pytest.approx(remaining)}]
