"""Decides for each filter and sort of a call whether the provider serves it, the engine does, or it is ignored."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from truto_unify.config.schema import overlaps
from truto_unify.config.spread import LAST, fill_words
from truto_unify.engine.encoding import encode_value, round_time, step_outwards, write_time
from truto_unify.engine.list_order import (
    choose_order,
    default_order,
    ending_reason,
    ends_list,
    sort_parts,
    taken_places,
)
from truto_unify.errors import UnsupportedParameter
from truto_unify.patterns import compile_pattern
from truto_unify.types import Filter, PlanEntry, Sort, Unsupported
from truto_unify.values import compare_text, has_unseen_letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.filters import FilterRule, Match, NativeFilter, NativeRange
    from truto_unify.config.mapping import ListMethod
    from truto_unify.config.sorts import SortForm
    from truto_unify.config.spread import Spread

_MAX_TERM_CHARS = 4000
"""The length of a condition in an address: servers refuse addresses of 8 kB and more."""
_StandIn = Literal["gte", "lte"]
MISSES = "may miss records"
"""How the reason ends if a filter is emulated because the provider's own may miss records."""
_WEAKEST_FIRST: tuple[Match, ...] = ("may_miss", "wider", "exact")
_STAND_INS: dict[str, tuple[_StandIn, ...]] = {"gt": ("gte",), "lt": ("lte",), "eq": ("gte", "lte")}


@dataclass(frozen=True, slots=True)
class NativeTerm:
    """One condition of the provider's query language; it goes to a parameter, to a body path, or to the search text.

    Attributes:
        text: the condition as people read it, and as it is sent unless there is a ``value``.
        value: what stands in the body, if it is no text.
        appends: whether it is added to a list at the path.
    """

    text: str
    param: str | None = None
    path: tuple[str, ...] | None = None
    is_search: bool = False
    value: Any = None
    appends: bool = False

    @property
    def is_shared(self) -> bool:
        """Whether its place takes more than one condition."""
        return self.is_search or self.appends

    @property
    def place(self) -> str:
        """The parameter, body path or search text that takes it."""
        return self.param or ".".join(self.path or ()) or "search"

    def __str__(self) -> str:
        return self.text if self.is_search else f"{self.place}={self.text}"


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The plan of one list call.

    Attributes:
        entries: one for each filter and sort, for people to read.
        terms: the native conditions that are sent.
        checks: the filters that the engine applies to the unified records.
        exact: the filters that the provider serves exactly, each with its parameter.
        sort_form: the native sort that is sent; None for the default order.
        order: the order in which the provider lists; None if the records do not show it.
        is_order_chosen: whether the engine chose that order, because a date filter ends such a list early.
        sort: the sort that the engine applies.
    """

    entries: tuple[PlanEntry, ...] = ()
    terms: tuple[NativeTerm, ...] = ()
    checks: tuple[Filter, ...] = ()
    exact: tuple[tuple[str, Filter], ...] = ()
    sort_form: SortForm | None = None
    order: Sort | None = None
    is_order_chosen: bool = False
    sort: Sort | None = None

    @property
    def emulated(self) -> tuple[str, ...]:
        """The parameters that the engine serves."""
        return tuple(entry.parameter for entry in self.entries if entry.how == "emulated")


def plan_query(
    method: ListMethod,
    filters: tuple[Filter, ...],
    sort: Sort | None,
    *,
    unsupported: Unsupported = "emulate",
    taken: frozenset[str] = frozenset(),
    where: str = "",
    may_choose_order: bool = True,
) -> QueryPlan:
    """The plan for these filters and this sort.

    Args:
        method: the mapping's declarations.
        filters: canonical filters.
        sort: the one sort, or None.
        unsupported: the policy for a filter or sort that the provider does not serve.
        taken: the places that the caller's ``remote_query`` sets; they take no filter and no sort of ours.
        where: provider and resource, for messages.
        may_choose_order: whether a list without a sort may be read in an order that ends at the bound of a date filter.

    Raises:
        UnsupportedParameter: with policy ``error``, for a filter or sort that is not native.
    """
    planner = _Planner(method, taken, may_miss=unsupported != "emulate_may_miss")
    entries: list[PlanEntry] = []
    checks: list[Filter] = []
    exact: list[tuple[str, Filter]] = []
    for condition, planned in zip(filters, planner.plan_filters(filters), strict=True):
        entry = planned
        if entry.how == "emulated":
            entry = _apply_policy(entry, unsupported, where, supported_parameters(method))
        if entry.how == "emulated" or entry.match in {"wider", "may_miss"}:
            checks.append(condition)
        elif entry.how == "native":
            exact.append((entry.parameter, condition))
        entries.append(entry)
    native_sort, engine_sort, is_chosen = sort, None, False
    if sort is not None:
        entry = _sort_entry(sort, method.sort.form(sort.field, sort.direction), taken)
        if entry.how == "emulated":
            native_sort = None
            entry = _apply_policy(entry, unsupported, where, supported_parameters(method))
            engine_sort = sort if entry.how == "emulated" else None
        entries.append(entry)
    elif may_choose_order:
        emulated = [condition for condition, entry in zip(filters, entries, strict=True) if entry.how == "emulated"]
        native_sort = choose_order(emulated, method.sort, taken)
        is_chosen = native_sort is not None
    order = native_sort or default_order(method.sort, taken)
    return QueryPlan(
        entries=_with_ends(entries, filters, order),
        terms=tuple(planner.terms),
        checks=tuple(checks),
        exact=tuple(exact),
        sort_form=method.sort.form(native_sort.field, native_sort.direction) if native_sort is not None else None,
        order=order,
        is_order_chosen=is_chosen,
        sort=engine_sort,
    )


def _with_ends(entries: list[PlanEntry], filters: tuple[Filter, ...], order: Sort | None) -> tuple[PlanEntry, ...]:
    """The entries, in which an emulated filter that ends the list says so."""
    ending = {parameter_name(condition) for condition in filters if order is not None and ends_list(condition, order)}
    return tuple(
        replace(entry, reason=f"{entry.reason}{ending_reason(order)}")
        if order is not None and entry.how == "emulated" and entry.parameter in ending
        else entry
        for entry in entries
    )


def supported_parameters(method: ListMethod) -> tuple[str, ...]:
    """The filters and sorts that the provider serves, as callers write them."""
    names = []
    for name, rule in method.filters.items():
        element, _, part = name.partition(".")
        for op in ("eq", "in", "like", "gt", "gte", "lt", "lte"):
            native = rule.native(op)
            if native is not None:
                label = f"{element}[][{part}]" if part else f"{name}[{op}]"
                needs = "".join(f" with {element}[][{key}]={_shown(value)}" for key, value in native.requires.items())
                names.append(label.removesuffix("[eq]") + needs)
    return (*names, *(f"sort_by[{name}]" for name in method.sort.fields))


def declared_parameters(method: ListMethod) -> tuple[str, ...]:
    """What the provider serves natively, without the conditions that some filters have."""
    return tuple(dict.fromkeys(name.partition(" with ")[0] for name in supported_parameters(method)))


def parameter_name(condition: Filter) -> str:
    """The filter as callers write it.

    >>> parameter_name(Filter("email", "eq", "a")), parameter_name(Filter("created_at", "gte", None))
    ('email', 'created_at[gte]')
    """
    if isinstance(condition.value, dict):
        return "&".join(f"{condition.field}[][{part}]" for part in condition.value)
    return condition.field if condition.op == "eq" else f"{condition.field}[{condition.op}]"


class _Planner:
    """Finds the native forms of filters; no two filters use one place."""

    def __init__(self, method: ListMethod, taken: frozenset[str], *, may_miss: bool) -> None:
        self.method = method
        self.taken = taken
        self.may_miss = may_miss
        self.used: set[str] = set()
        self.terms: list[NativeTerm] = []

    def plan_filters(self, filters: tuple[Filter, ...]) -> list[PlanEntry]:
        """One entry for each filter, in their order."""
        ranges = self._plan_ranges(filters)
        return [ranges.get(index) or self.plan_filter(condition) for index, condition in enumerate(filters)]

    def _plan_ranges(self, filters: tuple[Filter, ...]) -> dict[int, PlanEntry]:
        """Plans both ends of a range together if the provider takes them as one value."""
        planned: dict[int, PlanEntry] = {}
        for name, rule in self.method.filters.items():
            ends = {condition.op: index for index, condition in enumerate(filters) if condition.field == name}
            low, high = ends.get("gte", ends.get("gt")), ends.get("lte", ends.get("lt"))
            native = rule.native_range
            if native is None or low is None or high is None or len(ends) != 2:
                continue
            if native.match == "may_miss" and not self.may_miss:
                continue
            rounded = {
                "gte": _rounded(filters[low].value, rule, "gte"),
                "lte": _rounded(filters[high].value, rule, "lte"),
            }
            words = {end: write_time(moment, rule.format, rule.zone) for end, moment in rounded.items()}
            terms = [NativeTerm(native.value.fill(words), native.param, native.path)] if native.value else []
            terms += self._spread(native.spread, words)
            if self._blocked(terms):
                continue
            self._use(terms)
            is_exact = rounded == {"gte": filters[low].value, "lte": filters[high].value}
            is_inclusive = filters[low].op == "gte" and filters[high].op == "lte"
            match = _match_of(native, is_exact=is_inclusive and is_exact)
            for index in (low, high):
                planned[index] = PlanEntry(parameter_name(filters[index]), "native", match, _shown_terms(terms))
        return planned

    def plan_filter(self, condition: Filter) -> PlanEntry:
        """Plans one filter; a native filter reserves its place in the query."""
        name = parameter_name(condition)
        reason = self._reason(condition, name)
        for terms, match in self._candidates(condition):
            if match == "may_miss" and not self.may_miss:
                reason = f'the provider\'s filter for "{name}" {MISSES}'
                continue
            if any(self._is_too_long(term) for term in terms):
                continue
            blocked = self._blocked(terms)
            if blocked:
                reason = f"{', '.join(blocked)} is already used"
                continue
            self._use(terms)
            return PlanEntry(name, "native", match, _shown_terms(terms))
        return PlanEntry(name, "emulated", reason=reason)

    def _is_too_long(self, term: NativeTerm) -> bool:
        search = self.method.search if term.is_search else None
        in_address = term.param is not None or (search is not None and search.param is not None)
        return in_address and len(quote(term.text, safe="")) > _MAX_TERM_CHARS

    def _reason(self, condition: Filter, name: str) -> str:
        rule = self.method.filters.get(condition.field)
        if rule is not None and rule.native(condition.op) is not None:
            return f'the provider\'s filter for "{name}" cannot take this value'
        return f'the provider has no filter for "{name}"'

    def _blocked(self, terms: list[NativeTerm]) -> list[str]:
        """The places of these terms that are in use already; search terms share theirs."""
        blocked = []
        used = set(self.used)
        for term in terms:
            place = _search_place(self.method) if term.is_search else term.place
            others = self.taken if term.is_shared else self.taken | used
            if any(overlaps(place, other) for other in others):
                blocked.append(place)
            elif not term.is_shared:
                used.add(place)
        return blocked

    def _use(self, terms: list[NativeTerm]) -> None:
        self.terms += terms
        self.used.update(term.place for term in terms if not term.is_shared)

    def _candidates(self, condition: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        if isinstance(condition.value, dict):
            yield from self._element_candidates(condition.field, condition.value)
            return
        rule = self.method.filters.get(condition.field)
        if rule is None:
            return
        native = rule.native(condition.op)
        if native is not None:
            terms, is_exact = self._terms(native, rule, condition)
            if terms:
                yield terms, _match_of(native, is_exact=is_exact)
            return
        yield from self._stand_ins(rule, condition)

    def _stand_ins(self, rule: FilterRule, condition: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        """A wider operator in place of a missing one: gte for gt, lte for lt, both for eq."""
        needed = _STAND_INS.get(condition.op, ())
        forms: dict[_StandIn, NativeFilter] = {op: form for op in needed if (form := rule.native(op)) is not None}
        if not isinstance(condition.value, datetime) or not forms or len(forms) < len(needed):
            return
        stand_ins = [
            self._terms(form, rule, Filter(condition.field, op, condition.value)) for op, form in forms.items()
        ]
        terms = [term for own, _ in stand_ins for term in own]
        if all(own for own, _ in stand_ins):
            is_exact = condition.op == "eq" and all(is_exact for _, is_exact in stand_ins)
            matches: list[Match] = [_match_of(form, is_exact=is_exact) for form in forms.values()]
            yield terms, min(matches, key=_WEAKEST_FIRST.index)

    def _element_candidates(self, field: str, parts: dict[str, Any]) -> Iterator[tuple[list[NativeTerm], Match]]:
        for part, value in parts.items():
            rule = self.method.filters.get(f"{field}.{part}")
            native = rule.native("eq") if rule else None
            if rule is None or native is None:
                continue
            if any(parts.get(key) != wanted for key, wanted in native.requires.items()):
                continue
            terms, _ = self._terms(native, rule, Filter(f"{field}.{part}", "eq", value))
            if terms:
                covered = {part, *native.requires}
                yield terms, _match_of(native, is_exact=covered >= set(parts))

    def _terms(self, native: NativeFilter, rule: FilterRule, condition: Filter) -> tuple[list[NativeTerm], bool]:
        """The native conditions, none if the provider's language cannot express them; and whether they are exact."""
        if isinstance(condition.value, tuple) and native.takes_list:
            return self._list_terms(native, rule, condition.value), True
        encoded, is_exact = _encode_condition(native, rule, condition)
        if encoded is None:
            return [], is_exact
        spread = self._spread(native.spread, {"value": encoded})
        if not native.has_target:
            return spread, is_exact
        template = native.search or native.value
        filled = template.fill({"value": encoded}) if template else encoded
        return [NativeTerm(filled, native.param, native.path, native.search is not None), *spread], is_exact

    def _list_terms(self, native: NativeFilter, rule: FilterRule, values: tuple[Any, ...]) -> list[NativeTerm]:
        """The native condition of a place that takes a list; none if one of the values cannot be expressed."""
        texts = [_encoded(native, rule, value) if isinstance(value, str) else None for value in values]
        items = [native.value.fill({"value": text}) if native.value and text else text for text in texts]
        if None in items:
            return []
        shown = json.dumps(items, ensure_ascii=False)
        return [NativeTerm(shown, path=native.path, value=items), *self._spread(native.spread, {})]

    def _spread(self, spread: Spread, words: Mapping[str, str]) -> list[NativeTerm]:
        """The further places that are set; a constant gives way to the caller's ``remote_query``."""
        terms = []
        for param, path, value in spread.places():
            filled = fill_words(value, words)
            is_constant = filled == value
            if is_constant and (param or ".".join(path or ())) in self.taken:
                continue
            text = filled if isinstance(filled, str) else json.dumps(filled, ensure_ascii=False)
            appends = path is not None and path[-1] == LAST
            terms.append(
                NativeTerm(text, param, path[:-1] if path and appends else path, value=filled, appends=appends)
            )
        return terms


def _shown_terms(terms: list[NativeTerm]) -> str:
    return " ".join(map(str, terms))


def _encode_condition(native: NativeFilter, rule: FilterRule, condition: Filter) -> tuple[str | None, bool]:
    """The value in the provider's language, None if that cannot express it; and whether it is exact."""
    value, is_exact = condition.value, True
    if isinstance(value, datetime):
        value = _rounded(value, rule, condition.op)
        is_exact = value == condition.value
        # A rounded instant equals other records; a rounded end of a range only matches more of them.
        if rule.exclusive and condition.op in {"gte", "lte"}:
            value = _stepped(value, rule.format, condition.op)
        encoded = _encoded(native, rule, value) if is_exact or condition.op != "eq" else None
    elif isinstance(value, tuple):
        if native.join is None or any(not isinstance(each, str) for each in value):
            return None, True
        parts = [_encoded(native, rule, each) for each in value]
        encoded = native.join.join(part for part in parts if part is not None) if None not in parts else None
    else:
        encoded = _encoded(native, rule, value)
    return encoded, is_exact


def _match_of(native: NativeFilter | NativeRange, *, is_exact: bool) -> Match:
    """What the answer to a native filter is worth if its value says exactly what is asked, or something wider."""
    return "wider" if native.match == "exact" and not is_exact else native.match


def _rounded(moment: datetime, rule: FilterRule, op: str) -> datetime:
    """The nearest instant that the format can express, outside the range that it ends."""
    try:
        return round_time(moment, rule.format, rule.zone, up=op in {"lt", "lte"})
    except OverflowError:
        return moment  # the last day of Python's calendar


def _stepped(moment: datetime, form: str, op: str) -> datetime:
    """The bound of a range for a provider that leaves out the bound itself."""
    try:
        return step_outwards(moment, form, up=op == "lte")
    except OverflowError:
        return moment  # the first and the last day of Python's calendar


def _search_place(method: ListMethod) -> str:
    search = method.search
    return (search.param or ".".join(search.path or ())) if search else ""


def _encoded(native: NativeFilter, rule: FilterRule, value: Any) -> str | None:
    if isinstance(value, datetime):
        text = write_time(value, rule.format, rule.zone)
    else:
        text = _shown(value) if isinstance(value, bool) else str(value).strip()
    if has_unseen_letters(text):
        return None  # the store would compare them
    if native.words:
        words = {compare_text(unified): word for unified, word in native.words.items()}
        return words.get(compare_text(text))
    if native.pattern and not compile_pattern(native.pattern).fullmatch(text):
        return None
    return encode_value(text, native.encode)


def _sort_entry(sort: Sort, form: SortForm | None, taken: frozenset[str]) -> PlanEntry:
    name = f"sort_by[{sort.field}]"
    if form is None:
        return PlanEntry(name, "emulated", reason="the provider cannot sort by it")
    blocked = taken_places(form, taken)
    if blocked:
        return PlanEntry(name, "emulated", reason=f"{', '.join(blocked)} is already used")
    sent = [f"{place}={value if isinstance(value, str) else json.dumps(value)}" for place, value in sort_parts(form)]
    return PlanEntry(name, "native", "exact", " ".join(sent))


def _apply_policy(entry: PlanEntry, unsupported: Unsupported, where: str, supported: tuple[str, ...]) -> PlanEntry:
    if unsupported == "error":
        known = ", ".join(supported) or "no filter and no sort"
        message = f"{where}: {entry.parameter} is not supported: {entry.reason}; supported: {known}"
        raise UnsupportedParameter(message.removeprefix(": "), parameter=entry.parameter, supported=supported)
    if unsupported == "ignore":
        return PlanEntry(entry.parameter, "ignored", reason=entry.reason)
    return entry


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
