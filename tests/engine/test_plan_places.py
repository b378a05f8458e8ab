"""No two filters use one place of a request, and none the caller's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.plans import EMAIL, exact, listing, plan
from truto_unify.engine.plan import NativeTerm, QueryPlan
from truto_unify.types import Filter, PlanEntry


def test_two_filters_never_use_one_place() -> None:
    method = listing(filters={"email": {"eq": exact(param="mail")}, "emails.email": {"eq": exact(param="mail")}})
    other = Filter("emails", "eq", {"email": "b@x.test"})

    assert plan(method, EMAIL, other) == QueryPlan(
        (
            PlanEntry("email", "native", "exact", "mail=Ana@x.test"),
            PlanEntry("emails[][email]", "emulated", reason="mail is already used"),
        ),
        (NativeTerm("Ana@x.test", param="mail"),),
        (other,),
        (("email", EMAIL),),
    )


def test_search_terms_share_the_search_text() -> None:
    method = listing(filters={name: {"eq": exact(search=f"{name}:{{value}}")} for name in ("email", "name")})

    assert plan(method, EMAIL, Filter("name", "eq", "Ana")).terms == (
        NativeTerm("email:Ana@x.test", is_search=True),
        NativeTerm("name:Ana", is_search=True),
    )


@pytest.mark.parametrize(
    ("form", "taken", "reason"),
    [
        (exact(param="mail"), {"mail"}, "mail is already used"),
        (exact(path="query.filter.mail"), {"query"}, "query.filter.mail is already used"),
        (exact(path="query.filter.mail"), {"query.filter.mail.$eq"}, "query.filter.mail is already used"),
        (exact(search="mail:{value}"), {"q"}, "q is already used"),
    ],
)
def test_a_place_that_the_caller_sets_carries_no_filter_of_ours(
    form: dict[str, Any], taken: set[str], reason: str
) -> None:
    method = listing(filters={"email": {"eq": form}})
    entry = PlanEntry("email", "emulated", reason=reason)

    assert plan(method, EMAIL, taken=frozenset(taken)) == QueryPlan((entry,), (), (EMAIL,))


@pytest.mark.parametrize("taken", [{"other"}, {"search"}, {"q"}, {"mai"}, {"mail_domain"}])
def test_another_place_that_the_caller_sets_disturbs_nothing(taken: set[str]) -> None:
    method = listing(filters={"email": {"eq": exact(param="mail")}})

    assert plan(method, EMAIL, taken=frozenset(taken)) == plan(method, EMAIL)
