"""Instants and ranges of time in a plan: rounding, stand-ins, both ends in one value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.plans import MIDNIGHT, NOON, exact, exact_of, listing, plan
from truto_unify.engine.plan import NativeTerm, QueryPlan
from truto_unify.types import Filter, PlanEntry


@pytest.mark.parametrize(
    ("form", "op", "sent", "match"),
    [
        ("rfc3339_milliseconds", "gte", "2024-01-02T12:30:15.120Z", "wider"),
        ("rfc3339_milliseconds", "gt", "2024-01-02T12:30:15.120Z", "wider"),
        ("rfc3339_milliseconds", "lte", "2024-01-02T12:30:15.121Z", "wider"),
        ("rfc3339_milliseconds", "lt", "2024-01-02T12:30:15.121Z", "wider"),
        ("epoch_seconds", "lt", "1704198616", "wider"),
        ("epoch_seconds", "gte", "1704198615", "wider"),
        ("date", "gte", "2024-01-02", "wider"),
        ("date", "lte", "2024-01-03", "wider"),
        ("rfc3339", "lt", "2024-01-02T12:30:15.120500Z", "exact"),
    ],
)
def test_an_instant_that_the_format_cannot_say_is_rounded_outwards_and_checked(
    form: str, op: Any, sent: str, match: Any
) -> None:
    method = listing(filters={"created_at": {"format": form, op: exact(param="t")}})
    condition = Filter("created_at", op, NOON)
    entry = PlanEntry(f"created_at[{op}]", "native", match, f"t={sent}")

    assert plan(method, condition) == QueryPlan(
        (entry,), (NativeTerm(sent, param="t"),), (condition,) * (match == "wider"), exact_of((entry,), [condition])
    )


def test_both_ends_cannot_stand_in_one_place() -> None:
    method = listing(filters={"created_at": {"gte": exact(param="t"), "lte": exact(param="t")}})
    condition = Filter("created_at", "eq", MIDNIGHT)

    assert plan(method, condition) == QueryPlan(
        (PlanEntry("created_at", "emulated", reason="t is already used"),), (), (condition,)
    )


@pytest.mark.parametrize(("form", "match"), [("rfc3339", "exact"), ("epoch_seconds", "wider")])
def test_both_ends_stand_in_for_one_instant(form: str, match: Any) -> None:
    method = listing(filters={"created_at": {"format": form, "gte": exact(param="a"), "lte": exact(param="b")}})
    sent = {"rfc3339": ["2024-01-02T12:30:15.120500Z"] * 2, "epoch_seconds": ["1704198615", "1704198616"]}[form]
    condition = Filter("created_at", "eq", NOON)
    entry = PlanEntry("created_at", "native", match, f"a={sent[0]} b={sent[1]}")
    terms = (NativeTerm(sent[0], param="a"), NativeTerm(sent[1], param="b"))

    assert plan(method, condition) == QueryPlan(
        (entry,), terms, (condition,) * (match == "wider"), exact_of((entry,), [condition])
    )


def test_the_last_instant_of_all_is_sent_as_it_is() -> None:
    method = listing(filters={"created_at": {"format": "date", "lte": exact(param="t")}})
    condition = Filter("created_at", "lte", datetime(9999, 12, 31, 12, tzinfo=UTC))

    assert plan(method, condition).terms == (NativeTerm("9999-12-31", param="t"),)


@pytest.mark.parametrize(
    ("ops", "moment", "match"),
    [
        (("gte", "lte"), MIDNIGHT, "exact"),
        (("gt", "lte"), MIDNIGHT, "wider"),
        (("gte", "lt"), MIDNIGHT, "wider"),
        (("gte", "lte"), NOON, "wider"),
    ],
)
def test_a_range_is_sent_as_one_value(ops: tuple[Any, Any], moment: datetime, match: Any) -> None:
    form = {"param": "between", "value": "{gte}..{lte}", "match": "exact"}
    method = listing(filters={"created_at": {"format": "epoch_seconds", "range": form}})
    filters = [Filter("created_at", op, moment) for op in ops]
    ends = {MIDNIGHT: "1704153600..1704153600", NOON: "1704198615..1704198616"}[moment]
    entries = tuple(PlanEntry(f"created_at[{op}]", "native", match, f"between={ends}") for op in ops)
    checks = tuple(filters) if match == "wider" else ()

    assert plan(method, *filters) == QueryPlan(
        entries, (NativeTerm(ends, param="between"),), checks, exact_of(entries, filters)
    )


@pytest.mark.parametrize(
    ("ops", "taken"), [(("gte",), ()), (("lt",), ()), (("gt", "gte", "lte"), ()), (("gte", "lte"), ("between",))]
)
def test_a_range_needs_both_ends_and_its_place(ops: tuple[Any, ...], taken: tuple[str, ...]) -> None:
    form = {"param": "between", "value": "{gte}..{lte}", "match": "exact"}
    method = listing(filters={"created_at": {"range": form}})
    filters = tuple(Filter("created_at", op, MIDNIGHT) for op in ops)

    assert plan(method, *filters, taken=frozenset(taken)).checks == filters
