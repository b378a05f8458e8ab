from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.metering import MAX_OPERATIONS, Meter, TooCostlyError, weigh

JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(JSON)
def test_the_weight_is_at_least_the_letters_and_the_values(value: object) -> None:
    def lightest(part: object) -> int:
        if isinstance(part, str):
            return 8 + len(part)
        if isinstance(part, list):
            return 8 + sum(map(lightest, part))
        if isinstance(part, dict):
            return 8 + sum(len(key) + lightest(member) for key, member in part.items())
        return 8

    assert weigh(value, 10**9) == lightest(value)


def test_a_value_that_holds_itself_many_times_is_not_walked_to_its_end() -> None:
    doubled: object = 1
    for _ in range(200):
        doubled = [doubled, doubled]

    assert 1_000 < weigh(doubled, 1_000) < 1_100


def test_a_meter_stops_at_its_limit() -> None:
    meter = Meter()
    meter.charge(MAX_OPERATIONS)

    with pytest.raises(TooCostlyError, match="takes more than 20000 steps"):
        meter.charge()


def test_reading_a_long_text_takes_steps() -> None:
    meter = Meter()

    with pytest.raises(TooCostlyError):
        meter.charge_reading(["x" * 2_000_000])
