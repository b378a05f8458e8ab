"""What holds for the plan of any query at a store with any filters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.engine.plans import MIDNIGHT, NOON, listing, plan
from truto_unify.engine.plan import parameter_name
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import Filter, Unsupported

if TYPE_CHECKING:
    from truto_unify.config.mapping import ListMethod

TIME_OPS = ("eq", "gt", "gte", "lt", "lte")
TEXT_OPS = ("eq", "in", "like")
PLACES = st.one_of(
    st.sampled_from(["p1", "p2", "p3"]).map(lambda name: {"param": name}),
    st.sampled_from(["b.c", "b.d", "b"]).map(lambda path: {"path": path}),
    st.just({"search": "x:{value}"}),
)
FORMS = st.builds(
    lambda place, match, extra: {**place, **extra, "match": match},
    PLACES,
    st.sampled_from(["exact", "wider", "may_miss"]),
    st.sampled_from([{}, {"join": ",", "encode": "list_item"}, {"pattern": "[a-z]+"}, {"encode": "quoted"}]),
)
TIME_RULES = st.builds(
    lambda form, ops: {"format": form, **ops},
    st.sampled_from(["rfc3339", "date", "epoch_seconds", "rfc3339_milliseconds"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys(TIME_OPS, FORMS)).filter(bool),
)
TEXT_RULES = st.fixed_dictionaries({}, optional=dict.fromkeys(TEXT_OPS, FORMS)).filter(bool)
PART_RULES = st.fixed_dictionaries({"eq": FORMS})
METHODS = st.fixed_dictionaries(
    {},
    optional={
        "created_at": TIME_RULES,
        "name": TEXT_RULES,
        "email": TEXT_RULES,
        "emails.email": PART_RULES,
        "emails.type": PART_RULES,
    },
).map(lambda rules: listing(filters=rules))
WORDS = st.sampled_from(["ana", "Ana", "a,b", "-", 'x"y'])
MOMENTS = st.sampled_from([MIDNIGHT, NOON, NOON + timedelta(days=3)])
PARTS = st.fixed_dictionaries({}, optional={"email": WORDS, "type": WORDS}).filter(bool)
FILTERS = st.one_of(
    st.builds(Filter, st.just("created_at"), st.sampled_from(TIME_OPS), MOMENTS),
    st.builds(Filter, st.sampled_from(["name", "email"]), st.sampled_from(["eq", "like"]), WORDS),
    st.builds(Filter, st.sampled_from(["name", "email"]), st.just("in"), st.tuples(WORDS, WORDS)),
    st.builds(Filter, st.just("emails"), st.just("eq"), PARTS),
)
QUERIES = st.lists(FILTERS, max_size=5, unique_by=lambda condition: (condition.field, condition.op)).map(tuple)
TAKEN = st.frozensets(st.sampled_from(["p1", "b.c", "q", "other"]))


@given(METHODS, QUERIES, TAKEN)
def test_every_filter_is_native_or_emulated_and_all_but_exact_ones_are_checked(
    method: ListMethod, filters: tuple[Filter, ...], taken: frozenset[str]
) -> None:
    planned = plan(method, *filters, taken=taken)
    expected = [
        condition
        for condition, entry in zip(filters, planned.entries, strict=True)
        if (entry.how, entry.match) != ("native", "exact")
    ]

    assert [entry.parameter for entry in planned.entries] == [parameter_name(condition) for condition in filters]
    assert {entry.how for entry in planned.entries} <= {"native", "emulated"}
    assert list(planned.checks) == expected


@given(METHODS, QUERIES, TAKEN)
def test_every_native_filter_sends_its_terms_and_no_other_does(
    method: ListMethod, filters: tuple[Filter, ...], taken: frozenset[str]
) -> None:
    planned = plan(method, *filters, taken=taken)
    said = {text for entry in planned.entries if entry.native for text in [entry.native]}
    joined = " ".join(sorted(said))

    assert bool(planned.terms) == bool(said)
    assert all(str(term) in joined for term in planned.terms)
    assert all((entry.native is None) == (entry.how != "native") == (entry.match is None) for entry in planned.entries)


@given(METHODS, QUERIES, TAKEN)
def test_no_place_is_used_twice_or_against_the_caller(
    method: ListMethod, filters: tuple[Filter, ...], taken: frozenset[str]
) -> None:
    planned = plan(method, *filters, taken=taken)
    places = [term.place for term in planned.terms if not term.is_search]
    inside = [(place, other) for place in places for other in places if other.startswith(f"{place}.")]

    assert len(set(places)) == len(places)
    assert (inside, taken & set(places)) == ([], frozenset())
    assert not ("q" in taken and any(term.is_search for term in planned.terms))


@given(METHODS, QUERIES, TAKEN)
def test_refusing_names_the_first_filter_that_would_be_emulated(
    method: ListMethod, filters: tuple[Filter, ...], taken: frozenset[str]
) -> None:
    emulated = plan(method, *filters, taken=taken).emulated
    assume(emulated)

    with pytest.raises(UnsupportedParameter) as caught:
        plan(method, *filters, taken=taken, unsupported="error")
    assert caught.value.parameter == emulated[0]


@given(METHODS, QUERIES, TAKEN, st.sampled_from(["emulate", "ignore"]))
def test_the_policy_changes_only_what_is_not_native(
    method: ListMethod, filters: tuple[Filter, ...], taken: frozenset[str], unsupported: Unsupported
) -> None:
    planned = plan(method, *filters, taken=taken)
    other = plan(method, *filters, taken=taken, unsupported=unsupported)
    how = {"emulate": "emulated", "ignore": "ignored"}[unsupported]

    assert other.terms == planned.terms
    assert [entry for entry in other.entries if entry.how == "native"] == [
        entry for entry in planned.entries if entry.how == "native"
    ]
    assert {entry.how for entry in other.entries} <= {"native", how}
