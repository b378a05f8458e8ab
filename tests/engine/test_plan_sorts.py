"""A sort is native, emulated, ignored or refused."""

from __future__ import annotations

import pytest

from tests.engine.plans import listing, plan
from truto_unify.config.sorts import SortForm
from truto_unify.engine.plan import QueryPlan
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import PlanEntry, Sort


def test_a_native_sort_names_the_sent_parameter() -> None:
    form = {"query": {"order": "date"}, "body": {"variables": {"key": "DATE", "down": [{"by": True}]}}}
    method = listing(sort={"fields": {"created_at": {"asc": form, "desc": {}}}})
    sent = 'order=date variables.key=DATE variables.down=[{"by": true}]'
    entry = PlanEntry("sort_by[created_at]", "native", "exact", sent)

    order = Sort("created_at", "asc")

    assert plan(method, sort=order) == QueryPlan((entry,), sort_form=SortForm.model_validate(form), order=order)


@pytest.mark.parametrize(
    ("taken", "reason"),
    [
        ({"order"}, "order is already used"),
        ({"variables.key", "order"}, "order, variables.key is already used"),
        ({"variables"}, "variables.key is already used"),
    ],
)
def test_a_sort_whose_place_the_caller_sets_is_emulated(taken: set[str], reason: str) -> None:
    form = {"query": {"order": "date"}, "body": {"variables": {"key": "DATE"}}}
    method = listing(sort={"fields": {"created_at": {"asc": form, "desc": form}}})
    sort = Sort("created_at", "desc")
    entry = PlanEntry("sort_by[created_at]", "emulated", reason=reason)

    assert plan(method, sort=sort, taken=frozenset(taken)) == QueryPlan((entry,), sort=sort)


def test_a_sort_that_the_provider_lacks_follows_the_policy() -> None:
    method, sort = listing(), Sort("updated_at", "asc")
    reason = "the provider cannot sort by it"

    assert plan(method, sort=sort) == QueryPlan(
        (PlanEntry("sort_by[updated_at]", "emulated", reason=reason),), sort=sort
    )
    assert plan(method, sort=sort, unsupported="ignore") == QueryPlan(
        (PlanEntry("sort_by[updated_at]", "ignored", reason=reason),)
    )
    with pytest.raises(UnsupportedParameter) as caught:
        plan(method, sort=sort, unsupported="error")
    assert caught.value.message == (
        f"store people: sort_by[updated_at] is not supported: {reason}; supported: no filter and no sort"
    )
