from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from truto_unify.config.mapping import ListMethod
from truto_unify.config.sorts import SortForm
from truto_unify.engine.plan import NativeTerm, QueryPlan, parameter_name, plan_query, supported_parameters
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import Filter, PlanEntry, Sort, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

NOON = datetime(2024, 1, 2, 12, 30, 15, 120_500, tzinfo=UTC)
MIDNIGHT = datetime(2024, 1, 2, tzinfo=UTC)
TIME_OPS = ("eq", "gt", "gte", "lt", "lte")
TEXT_OPS = ("eq", "in", "like")


def listing(search: bool = True, **declarations: Any) -> ListMethod:
    shared = {"endpoint": "people.list", "search": {"param": "q"}} if search else {"endpoint": "people.list"}
    return ListMethod.model_validate(shared | declarations)


def plan(method: ListMethod, *filters: Filter, **options: Any) -> QueryPlan:
    return plan_query(method, filters, options.pop("sort", None), where="store people", **options)


def exact(**form: Any) -> dict[str, Any]:
    return {"match": "exact", **form}


def wider(**form: Any) -> dict[str, Any]:
    return {"match": "wider", **form}


def exact_of(entries: Iterable[PlanEntry], filters: Iterable[Filter]) -> tuple[tuple[str, Filter], ...]:
    """The filters that the provider serves exactly, as a plan lists them."""
    pairs = zip(entries, filters, strict=True)
    return tuple((entry.parameter, condition) for entry, condition in pairs if entry.match == "exact")


EMAIL = Filter("email", "eq", " Ana@x.test ")


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


@pytest.mark.parametrize("taken", [{"other"}, {"search"}, {"q"}, {"mai"}, {"mail_domain"}])
def test_another_place_that_the_caller_sets_disturbs_nothing(taken: set[str]) -> None:
    method = listing(filters={"email": {"eq": exact(param="mail")}})

    assert plan(method, EMAIL, taken=frozenset(taken)) == plan(method, EMAIL)


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


# ------------------------------------------------------------------------------- any query, any declarations

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
