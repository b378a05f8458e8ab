"""Decides for each filter and sort of a call who serves it: the provider, the engine, or nobody."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from truto_unify.config.schema import overlaps
from truto_unify.engine.encoding import encode_value, round_time, write_time
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import Filter, PlanEntry, Sort, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.filters import FilterRule, Match, NativeFilter
    from truto_unify.config.mapping import ListMethod
    from truto_unify.config.sorts import SortForm

_LONGEST = 4000
"""Letters of a condition in an address: servers refuse addresses of 8 kB and more."""
_StandIn = Literal["gte", "lte"]
_STAND_INS: dict[str, tuple[_StandIn, ...]] = {"gt": ("gte",), "lt": ("lte",), "eq": ("gte", "lte")}


@dataclass(frozen=True, slots=True)
class NativeTerm:
    """One condition in the provider's words: exactly one of param, path and search holds its place."""

    text: str
    param: str | None = None
    path: tuple[str, ...] | None = None
    is_search: bool = False

    @property
    def place(self) -> str:
        """The parameter, body path or search text that it goes to."""
        return self.param or ".".join(self.path or ()) or "search"

    def __str__(self) -> str:
        return self.text if self.is_search else f"{self.place}={self.text}"


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The plan of one list call.

    Attributes:
        entries: one for each filter and sort, for people.
        terms: what is sent.
        checks: filters that must be looked at again on the unified records.
        sort_form: what is sent to sort; None where nothing is.
        sort: the sort that the engine does itself.
    """

    entries: tuple[PlanEntry, ...] = ()
    terms: tuple[NativeTerm, ...] = ()
    checks: tuple[Filter, ...] = ()
    sort_form: SortForm | None = None
    sort: Sort | None = None

    @property
    def emulated(self) -> tuple[str, ...]:
        """Parameters that the engine serves itself."""
        return tuple(entry.parameter for entry in self.entries if entry.how == "emulated")


def plan_query(
    method: ListMethod,
    filters: tuple[Filter, ...],
    sort: Sort | None,
    *,
    unsupported: Unsupported = "emulate",
    taken: frozenset[str] = frozenset(),
    where: str = "",
) -> QueryPlan:
    """The plan for these filters and this sort.

    Args:
        method: the mapping's declarations.
        filters: canonical filters.
        sort: the one sort, or None.
        unsupported: what to do with what the provider does not serve.
        taken: places that the caller's ``remote_query`` sets; they carry no filter and no sort of ours.
        where: provider and resource, for messages.

    Raises:
        UnsupportedParameter: with policy ``error``, for a filter or sort that is not native.
    """
    planner = _Planner(method, taken)
    entries: list[PlanEntry] = []
    checks: list[Filter] = []
    for one, planned in zip(filters, planner.plan_filters(filters), strict=True):
        entry = planned
        if entry.how == "emulated":
            entry = _apply_policy(entry, unsupported, where, supported_parameters(method))
        if entry.how == "emulated" or entry.match == "wider":
            checks.append(one)
        entries.append(entry)
    sort_form, engine_sort = None, None
    if sort is not None:
        sort_form = method.sort.form(sort.field, sort.direction)
        entry = _sort_entry(sort, sort_form, taken)
        if entry.how == "emulated":
            sort_form = None
            entry = _apply_policy(entry, unsupported, where, supported_parameters(method))
            engine_sort = sort if entry.how == "emulated" else None
        entries.append(entry)
    return QueryPlan(tuple(entries), tuple(planner.terms), tuple(checks), sort_form, engine_sort)


def supported_parameters(method: ListMethod) -> tuple[str, ...]:
    """What the provider serves natively, as callers write it."""
    names = []
    for name, rule in method.filters.items():
        element, _, part = name.partition(".")
        for op in ("eq", "in", "like", "gt", "gte", "lt", "lte"):
            native = rule.native(op)
            if native is not None:
                label = f"{element}[][{part}]" if part else f"{name}[{op}]"
                needs = "".join(f" with {element}[][{key}]={_shown(one)}" for key, one in native.requires.items())
                names.append(label.removesuffix("[eq]") + needs)
    return (*names, *(f"sort_by[{name}]" for name in method.sort.fields))


def parameter_name(one: Filter) -> str:
    """The filter as callers write it.

    >>> parameter_name(Filter("email", "eq", "a")), parameter_name(Filter("created_at", "gte", None))
    ('email', 'created_at[gte]')
    """
    if isinstance(one.value, dict):
        return "&".join(f"{one.field}[][{part}]" for part in one.value)
    return one.field if one.op == "eq" else f"{one.field}[{one.op}]"


class _Planner:
    """Finds native forms and keeps two filters from using one place."""

    def __init__(self, method: ListMethod, taken: frozenset[str]) -> None:
        self.method = method
        self.taken = taken
        self.used: set[str] = set()
        self.terms: list[NativeTerm] = []

    def plan_filters(self, filters: tuple[Filter, ...]) -> list[PlanEntry]:
        """One entry for each filter, in their order."""
        ranges = self._plan_ranges(filters)
        return [ranges.get(index) or self.plan_filter(one) for index, one in enumerate(filters)]

    def _plan_ranges(self, filters: tuple[Filter, ...]) -> dict[int, PlanEntry]:
        """Both ends of a range together, where the provider takes them as one value."""
        planned: dict[int, PlanEntry] = {}
        for name, rule in self.method.filters.items():
            ends = {one.op: index for index, one in enumerate(filters) if one.field == name}
            low, high = ends.get("gte", ends.get("gt")), ends.get("lte", ends.get("lt"))
            native = rule.native_range
            if native is None or low is None or high is None or len(ends) != 2:
                continue
            ends_said = {
                "gte": _rounded(filters[low].value, rule.format, "gte"),
                "lte": _rounded(filters[high].value, rule.format, "lte"),
            }
            text = native.value.fill({end: write_time(one, rule.format) for end, one in ends_said.items()})
            term = NativeTerm(text, native.param, native.path)
            if self._blocked([term]):
                continue
            self._use([term])
            said = ends_said == {"gte": filters[low].value, "lte": filters[high].value}
            inclusive = filters[low].op == "gte" and filters[high].op == "lte"
            match: Match = native.match if inclusive and said else "wider"
            for index in (low, high):
                planned[index] = PlanEntry(parameter_name(filters[index]), "native", match, str(term))
        return planned

    def plan_filter(self, one: Filter) -> PlanEntry:
        """Who serves this filter; a native one takes its place in the query."""
        name = parameter_name(one)
        reason = self._reason(one, name)
        for terms, match in self._candidates(one):
            if any(self._is_too_long(term) for term in terms):
                continue
            blocked = self._blocked(terms)
            if blocked:
                reason = f"{', '.join(blocked)} is already used"
                continue
            self._use(terms)
            return PlanEntry(name, "native", match, " ".join(str(term) for term in terms))
        return PlanEntry(name, "emulated", reason=reason)

    def _is_too_long(self, term: NativeTerm) -> bool:
        search = self.method.search if term.is_search else None
        in_address = term.param is not None or (search is not None and search.param is not None)
        return in_address and len(quote(term.text, safe="")) > _LONGEST

    def _reason(self, one: Filter, name: str) -> str:
        rule = self.method.filters.get(one.field)
        if rule is not None and rule.native(one.op) is not None:
            return f'the provider\'s filter for "{name}" cannot take this value'
        return f'the provider has no filter for "{name}"'

    def _blocked(self, terms: list[NativeTerm]) -> list[str]:
        """The places of these terms that something else has; search terms share theirs."""
        blocked = []
        used = set(self.used)
        for term in terms:
            place = _search_place(self.method) if term.is_search else term.place
            others = self.taken if term.is_search else self.taken | used
            if any(overlaps(place, other) for other in others):
                blocked.append(place)
            elif not term.is_search:
                used.add(place)
        return blocked

    def _use(self, terms: list[NativeTerm]) -> None:
        self.terms += terms
        self.used.update(term.place for term in terms if not term.is_search)

    def _candidates(self, one: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        if isinstance(one.value, dict):
            yield from self._element_candidates(one.field, one.value)
            return
        rule = self.method.filters.get(one.field)
        if rule is None:
            return
        native = rule.native(one.op)
        if native is not None:
            term, is_said = _term(native, rule, one)
            if term is not None:
                yield [term], native.match if is_said else "wider"
            return
        yield from self._stand_ins(rule, one)

    def _stand_ins(self, rule: FilterRule, one: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        """A wider operator in place of a missing one: gte for gt, lte for lt, both for eq."""
        needed = _STAND_INS.get(one.op, ())
        forms: dict[_StandIn, NativeFilter] = {op: form for op in needed if (form := rule.native(op)) is not None}
        if not isinstance(one.value, datetime) or not forms or len(forms) < len(needed):
            return
        made = [_term(form, rule, Filter(one.field, op, one.value)) for op, form in forms.items()]
        terms = [term for term, _ in made if term is not None]
        if len(terms) == len(needed):
            exact = one.op == "eq" and all(form.match == "exact" for form in forms.values())
            yield terms, "exact" if exact and all(is_said for _, is_said in made) else "wider"

    def _element_candidates(self, field: str, parts: dict[str, Any]) -> Iterator[tuple[list[NativeTerm], Match]]:
        for part, value in parts.items():
            rule = self.method.filters.get(f"{field}.{part}")
            native = rule.native("eq") if rule else None
            if rule is None or native is None:
                continue
            if any(parts.get(key) != wanted for key, wanted in native.requires.items()):
                continue
            term, _ = _term(native, rule, Filter(f"{field}.{part}", "eq", value))
            if term is not None:
                covered = {part, *native.requires}
                yield [term], native.match if covered >= set(parts) else "wider"


def _term(native: NativeFilter, rule: FilterRule, one: Filter) -> tuple[NativeTerm | None, bool]:
    """The condition as it is sent, None where the provider's language cannot say it; and whether it says all."""
    value, is_said = one.value, True
    if isinstance(value, datetime):
        value = _rounded(value, rule.format, one.op)
        is_said = value == one.value
        # A rounded instant is another one; a rounded end of a range only lets more in.
        encoded = _encoded(native, rule, value) if is_said or one.op != "eq" else None
    elif isinstance(value, tuple):
        if native.join is None or any(not isinstance(each, str) for each in value):
            return None, True
        parts = [_encoded(native, rule, each) for each in value]
        encoded = native.join.join(part for part in parts if part is not None) if None not in parts else None
    else:
        encoded = _encoded(native, rule, value)
    if encoded is None:
        return None, is_said
    template = native.search or native.value
    filled = template.fill({"value": encoded}) if template else encoded
    return NativeTerm(filled, native.param, native.path, native.search is not None), is_said


def _rounded(moment: datetime, form: str, op: str) -> datetime:
    """The instant as the format can say it, away from the inside of the range."""
    try:
        return round_time(moment, form, up=op in {"lt", "lte"})
    except OverflowError:
        return moment  # the last day that there is


def _search_place(method: ListMethod) -> str:
    search = method.search
    return (search.param or ".".join(search.path or ())) if search else ""


def _encoded(native: NativeFilter, rule: FilterRule, value: Any) -> str | None:
    if isinstance(value, datetime):
        text = write_time(value, rule.format)
    else:
        text = _shown(value) if isinstance(value, bool) else str(value).strip()
    if native.pattern and not re.fullmatch(native.pattern, text):
        return None
    return encode_value(text, native.encode)


def _sort_entry(sort: Sort, form: SortForm | None, taken: frozenset[str]) -> PlanEntry:
    name = f"sort_by[{sort.field}]"
    if form is None:
        return PlanEntry(name, "emulated", reason="the provider cannot sort by it")
    blocked = _taken_places(form, taken)
    if blocked:
        return PlanEntry(name, "emulated", reason=f"{', '.join(blocked)} is already used")
    sent = [f"{place}={value if isinstance(value, str) else json.dumps(value)}" for place, value in _sort_parts(form)]
    return PlanEntry(name, "native", "exact", " ".join(sent))


def is_sort_taken(form: SortForm | None, taken: frozenset[str]) -> bool:
    """Whether the caller's ``remote_query`` sets a place that this sort fills."""
    return form is not None and bool(_taken_places(form, taken))


def _taken_places(form: SortForm, taken: frozenset[str]) -> list[str]:
    return [place for place, _ in _sort_parts(form) if any(overlaps(place, other) for other in taken)]


def _sort_parts(form: SortForm) -> Iterator[tuple[str, Any]]:
    yield from form.query.items()
    yield from _leaves(form.body)


def _leaves(body: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in body.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


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
