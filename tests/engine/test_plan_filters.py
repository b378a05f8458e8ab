"""A filter is native or emulated; the plan says which, and why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.plans import EMAIL, MIDNIGHT, NOON, exact, exact_of, listing, plan, wider
from truto_unify.engine.plan import NativeTerm, QueryPlan, parameter_name, supported_parameters
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import Filter, PlanEntry, Sort


@pytest.mark.parametrize(
    ("rule", "filters", "entry", "term", "is_checked"),
    [
        (
            {"email": {"eq": exact(param="mail")}},
            EMAIL,
            PlanEntry("email", "native", "exact", "mail=Ana@x.test"),
            NativeTerm("Ana@x.test", param="mail"),
            False,
        ),
        (
            {"email": {"eq": wider(path="query.filter.mail", value="is {value}")}},
            EMAIL,
            PlanEntry("email", "native", "wider", "query.filter.mail=is Ana@x.test"),
            NativeTerm("is Ana@x.test", path=("query", "filter", "mail")),
            True,
        ),
        (
            {"name": {"eq": wider(search="name:{value}", encode="quoted")}},
            Filter("name", "eq", 'Ana "OR" {value}'),
            PlanEntry("name", "native", "wider", 'name:"Ana \\"OR\\" {value}"'),
            NativeTerm('name:"Ana \\"OR\\" {value}"', is_search=True),
            True,
        ),
        (
            {"name": {"in": exact(param="names", join=",", encode="list_item")}},
            Filter("name", "in", ("Ana", " Bo ")),
            PlanEntry("name[in]", "native", "exact", "names=Ana,Bo"),
            NativeTerm("Ana,Bo", param="names"),
            False,
        ),
        (
            {"name": {"path": "query.name", "operators": {"in": "$in"}, "pattern": "[^*]+"}},
            Filter("name", "in", ("Ana", " Bo ")),
            PlanEntry("name[in]", "native", "wider", 'query.name.$in=["Ana", "Bo"]'),
            NativeTerm('["Ana", "Bo"]', path=("query", "name", "$in"), value=["Ana", "Bo"]),
            True,
        ),
        (
            {"created_at": {"gte": exact(param="since")}},
            Filter("created_at", "gte", NOON),
            PlanEntry("created_at[gte]", "native", "exact", "since=2024-01-02T12:30:15.120500Z"),
            NativeTerm("2024-01-02T12:30:15.120500Z", param="since"),
            False,
        ),
        (
            {"created_at": {"gte": exact(param="since")}},
            Filter("created_at", "gt", MIDNIGHT),
            PlanEntry("created_at[gt]", "native", "wider", "since=2024-01-02T00:00:00Z"),
            NativeTerm("2024-01-02T00:00:00Z", param="since"),
            True,
        ),
        (
            {"created_at": {"lte": exact(param="until")}},
            Filter("created_at", "lt", MIDNIGHT),
            PlanEntry("created_at[lt]", "native", "wider", "until=2024-01-02T00:00:00Z"),
            NativeTerm("2024-01-02T00:00:00Z", param="until"),
            True,
        ),
        (
            {"emails.is_primary": {"eq": exact(param="main")}},
            Filter("emails", "eq", {"is_primary": False}),
            PlanEntry("emails[][is_primary]", "native", "exact", "main=false"),
            NativeTerm("false", param="main"),
            False,
        ),
        (
            {"emails.email": {"eq": exact(param="mail")}},
            Filter("emails", "eq", {"email": "a@x.test", "type": "work"}),
            PlanEntry("emails[][email]&emails[][type]", "native", "wider", "mail=a@x.test"),
            NativeTerm("a@x.test", param="mail"),
            True,
        ),
        (
            {"emails.email": {"eq": exact(param="mail", requires={"is_primary": True})}},
            Filter("emails", "eq", {"email": "a@x.test", "is_primary": True}),
            PlanEntry("emails[][email]&emails[][is_primary]", "native", "exact", "mail=a@x.test"),
            NativeTerm("a@x.test", param="mail"),
            False,
        ),
    ],
)
def test_a_filter_that_the_provider_has_is_native(
    rule: dict[str, Any], filters: Filter, entry: PlanEntry, term: NativeTerm, is_checked: bool
) -> None:
    checks = (filters,) if is_checked else ()

    assert plan(listing(filters=rule), filters) == QueryPlan((entry,), (term,), checks, exact_of((entry,), [filters]))


@pytest.mark.parametrize(
    ("rule", "condition", "reason"),
    [
        ({}, EMAIL, 'the provider has no filter for "email"'),
        ({"email": {"like": exact(param="mail")}}, EMAIL, 'the provider has no filter for "email"'),
        (
            {"email": {"eq": exact(param="mail", pattern="[a-z]+")}},
            EMAIL,
            'the provider\'s filter for "email" cannot take this value',
        ),
        (
            {"name": {"eq": wider(search="name:{value}", encode="quoted")}},
            Filter("name", "eq", "---"),
            'the provider\'s filter for "name" cannot take this value',
        ),
        (
            {"name": {"in": exact(param="names")}},
            Filter("name", "in", ("a", "b")),
            'the provider\'s filter for "name[in]" cannot take this value',
        ),
        (
            {"name": {"in": exact(param="names", join=",", encode="list_item")}},
            Filter("name", "in", ("a", "b,c")),
            'the provider\'s filter for "name[in]" cannot take this value',
        ),
        (
            {"created_at": {"lte": exact(param="x")}},
            Filter("created_at", "gt", NOON),
            'the provider has no filter for "created_at[gt]"',
        ),
        (
            {"created_at": {"lte": exact(param="x")}},
            Filter("created_at", "eq", NOON),
            'the provider has no filter for "created_at"',
        ),
        (
            {"created_at": {"format": "date", "eq": exact(param="on")}},
            Filter("created_at", "eq", NOON),
            'the provider\'s filter for "created_at" cannot take this value',
        ),
        (
            {"emails.email": {"eq": exact(param="mail", requires={"is_primary": True})}},
            Filter("emails", "eq", {"email": "a@x.test"}),
            'the provider has no filter for "emails[][email]"',
        ),
        (
            {"emails.email": {"eq": exact(param="mail")}},
            Filter("emails", "in", ({"email": "a"}, {"email": "b"})),
            'the provider has no filter for "emails[in]"',
        ),
    ],
)
def test_a_filter_that_the_provider_lacks_is_emulated_with_the_reason(
    rule: dict[str, Any], condition: Filter, reason: str
) -> None:
    method = listing(filters=rule)
    name = parameter_name(condition)

    assert plan(method, condition) == QueryPlan((PlanEntry(name, "emulated", reason=reason),), (), (condition,))
    assert plan(method, condition, unsupported="ignore") == QueryPlan((PlanEntry(name, "ignored", reason=reason),))
    with pytest.raises(UnsupportedParameter) as caught:
        plan(method, condition, unsupported="error")
    known = supported_parameters(method)
    message = (
        f"store people: {name} is not supported: {reason}; supported: {', '.join(known) or 'no filter and no sort'}"
    )
    assert (caught.value.message, caught.value.parameter, caught.value.supported) == (message, name, known)


@pytest.mark.parametrize(
    ("form", "is_sent"),
    [
        ({"param": "mail"}, False),
        ({"param": "mail", "value": "is {value}"}, False),
        ({"search": "mail:{value}"}, False),
        ({"path": "query.mail"}, True),
    ],
)
@pytest.mark.parametrize("value", ["a" * 4001, "é" * 700, ("a" * 3000, "b" * 1000)])
def test_a_value_too_long_for_an_address_is_not_put_into_one(
    form: dict[str, Any], is_sent: bool, value: str | tuple[str, ...]
) -> None:
    form = exact(join=",", **form)
    method = listing(filters={"email": {"eq": form, "in": form}})
    condition = Filter("email", "in" if isinstance(value, tuple) else "eq", value)

    assert [entry.how for entry in plan(method, condition).entries] == ["native" if is_sent else "emulated"]
    assert [entry.how for entry in plan(method, Filter("email", "eq", "a" * 3900)).entries] == ["native"]


@pytest.mark.parametrize(("value", "how"), [("José", "native"), ("Jos\u200be", "emulated"), ("\u202eesoJ", "emulated")])
def test_a_value_with_letters_that_show_nothing_is_compared_here(value: str, how: str) -> None:
    condition = Filter("first_name", "like", value)

    method = listing(filters={"first_name": {"like": {"param": "name"}}})

    assert [entry.how for entry in plan(method, condition).entries] == [how]


BETWEEN = {"param": "between", "range": {"value": "{gte}..{lte}"}, "match": "may_miss"}
ENDS = (Filter("created_at", "gte", MIDNIGHT), Filter("created_at", "lte", NOON))


@pytest.mark.parametrize(
    ("rule", "filters"),
    [
        ({"email": {"eq": {"search": "mail:{value}", "match": "may_miss"}}}, (EMAIL,)),
        ({"emails.email": {"eq": "mail", "match": "may_miss"}}, (Filter("emails", "eq", {"email": "a", "type": "b"}),)),
        ({"created_at": {"gte": "since", "match": "may_miss"}}, (Filter("created_at", "gt", NOON),)),
        (
            {"created_at": {"gte": exact(param="a"), "lte": "b", "match": "may_miss"}},
            (Filter("created_at", "eq", NOON),),
        ),
        ({"created_at": BETWEEN}, ENDS),
    ],
    ids=["text", "part", "stand-in", "one of two stand-ins", "range"],
)
def test_a_form_that_may_miss_records_is_checked_and_said_or_emulated(rule: Any, filters: tuple[Filter, ...]) -> None:
    method = listing(filters=rule)
    sent, emulated = plan(method, *filters), plan(method, *filters, unsupported="emulate_may_miss")

    assert [(entry.how, entry.match) for entry in sent.entries] == [("native", "may_miss")] * len(filters)
    assert (sent.checks, sent.exact) == (filters, ())
    assert (emulated.checks, emulated.terms) == (filters, ())
    assert {entry.how for entry in emulated.entries} == {"emulated"}


def test_the_plan_says_why_a_form_that_may_miss_records_is_not_used() -> None:
    method = listing(filters={"email": {"eq": {"search": "mail:{value}", "match": "may_miss"}}})

    assert plan(method, EMAIL, unsupported="emulate_may_miss").entries == (
        PlanEntry("email", "emulated", reason='the provider\'s filter for "email" may miss records'),
    )


def test_supported_filters_are_named_as_callers_write_them() -> None:
    method = listing(
        filters={
            "email": {"eq": exact(param="mail"), "in": exact(param="mails")},
            "created_at": {"gte": exact(param="since")},
            "emails.email": {"eq": exact(param="main", requires={"is_primary": True})},
        },
        sort={"fields": {"created_at": {"asc": {}, "desc": {}}}},
    )

    assert supported_parameters(method) == (
        "email",
        "email[in]",
        "created_at[gte]",
        "emails[][email] with emails[][is_primary]=true",
        "sort_by[created_at]",
    )


def test_the_emulated_parameters_of_a_plan_are_listed() -> None:
    method = listing(filters={"email": {"eq": exact(param="mail")}})
    planned = plan(method, EMAIL, Filter("name", "like", "a"), sort=Sort("created_at", "asc"))

    assert planned.emulated == ("name[like]", "sort_by[created_at]")
