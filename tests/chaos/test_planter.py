"""Which requests are struck: by share, by seed, by path, in bursts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify import InvalidInput
from truto_unify.chaos import FAULTS, Answer, Chaos, SeenRequest

PEOPLE = SeenRequest("GET", "/people", "page=2&key=secret")
HONEST = Answer(200, (), b'{"people": [{"id": 1}]}')


def strike(chaos: Chaos, count: int, request: SeenRequest = PEOPLE) -> list[str]:
    """The faults of so many requests; an empty text is none."""
    names: list[str] = []
    for _ in range(count):
        chosen = chaos.strike(request)
        chaos.plant(chosen, request, HONEST)
        names.append(chosen.fault.name if chosen.fault else "")
    return names


@given(st.integers(), st.dictionaries(st.sampled_from(sorted(FAULTS)), st.floats(0, 0.2), max_size=5))
def test_the_same_seed_strikes_the_same_requests(seed: int, shares: dict[str, float]) -> None:
    assert strike(Chaos(shares, seed=seed), 30) == strike(Chaos(shares, seed=seed), 30)


def test_each_fault_strikes_its_share() -> None:
    names = strike(Chaos({"error": 0.2, "truncated": 0.1}), 2000)

    assert names.count("error") == pytest.approx(400, abs=60)
    assert names.count("truncated") == pytest.approx(200, abs=45)


def test_a_burst_goes_on_until_its_end() -> None:
    assert strike(Chaos({"unavailable": 1.0}, only={2}), 6) == ["", *["unavailable"] * 3, "", ""]


def test_only_requests_of_the_path_are_counted_and_struck() -> None:
    chaos = Chaos({"error": 1.0}, path="/people$", only={2})

    assert strike(chaos, 2, SeenRequest("POST", "/token")) == ["", ""]
    assert (strike(chaos, 2), chaos.count) == (["", "error"], 2)


def test_a_planted_fault_is_told_without_the_query_which_may_hold_credentials() -> None:
    lines: list[str] = []
    strike(Chaos({"error": 1.0}, on_fault=lambda planted: lines.append(str(planted))), 2)

    assert lines == ["#1 error: GET /people", "#2 error: GET /people"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shares": {"nosuch": 0.1}}, 'there is no fault "nosuch"; there are: delay, '),
        ({"shares": {"error": 1.1}}, 'the share of the fault "error" must be a number from 0 to 1'),
        ({"shares": {"error": float("nan")}}, 'the share of the fault "error" must be a number from 0 to 1'),
        ({"shares": {"error": 0.6, "empty": 0.6}}, "the shares of all faults together are more than 1"),
        ({"shares": {}, "path": "("}, r'"\(" is no regular expression: '),
    ],
)
def test_what_cannot_be_planted_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Chaos(**arguments)  # type: ignore[arg-type]  # the point of the test
