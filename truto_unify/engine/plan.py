"""Decides for each filter and sort of a call who serves it: the provider, the engine, or nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.engine.encoding import encode_value, write_time
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import Filter, PlanEntry, Sort, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.mapping import FilterRule, ListMethod, NativeFilter, SortForm

Match = Literal["exact", "wider"]


@dataclass(frozen=True, slots=True)
class NativeTerm:
    """One condition in the provider's words: exactly one of param, body_path and search holds its place."""

    text: str
    param: str | None = None
    body_path: tuple[str, ...] | None = None
    is_search: bool = False

    @property
    def place(self) -> str:
        """The parameter, body path or search text that it goes to."""
        return self.param or ".".join(self.body_path or ()) or "search"

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
        taken: parameters that the caller's ``remote_query`` sets; they carry no filter of ours.
        where: provider and resource, for messages.

    Raises:
        UnsupportedParameter: with policy ``error``, for a filter or sort that is not native.
    """
    planner = _Planner(method, taken)
    entries: list[PlanEntry] = []
    checks: list[Filter] = []
    for one in filters:
        entry = planner.plan_filter(one)
        if entry.how == "emulated":
            entry = _apply_policy(entry, unsupported, where, supported_parameters(method))
        if entry.how == "emulated" or entry.match == "wider":
            checks.append(one)
        entries.append(entry)
    sort_form, engine_sort = None, None
    if sort is not None:
        rule = method.sort.get(sort.field)
        sort_form = getattr(rule, sort.direction) if rule else None
        entry = _sort_entry(sort, sort_form)
        if entry.how == "emulated":
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
    return (*names, *(f"sort_by[{name}]" for name in method.sort))


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
        self.taken = set(taken)
        self.terms: list[NativeTerm] = []

    def plan_filter(self, one: Filter) -> PlanEntry:
        name = parameter_name(one)
        reason = f'the provider has no filter for "{name}"'
        for terms, match in self._candidates(one):
            places = [term.place for term in terms if not term.is_search]
            if "search" in self.taken or any(place in self.taken for place in places):
                reason = f"{', '.join(places) or 'the search text'} is already used"
                continue
            self.taken.update(places)
            self.terms += terms
            return PlanEntry(name, "native", match, " ".join(str(term) for term in terms))
        return PlanEntry(name, "emulated", reason=reason)

    def _candidates(self, one: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        if isinstance(one.value, dict):
            yield from self._element_candidates(one.field, one.value)
            return
        rule = self.method.filters.get(one.field)
        if rule is None:
            return
        native = rule.native(one.op)
        if native is not None:
            term = _term(native, rule, one.value)
            if term is not None:
                yield [term], native.match
            return
        yield from self._stand_ins(rule, one)

    def _stand_ins(self, rule: FilterRule, one: Filter) -> Iterator[tuple[list[NativeTerm], Match]]:
        """A wider operator in place of a missing one: gte for gt, lte for lt, both for eq."""
        needed = {"gt": ("gte",), "lt": ("lte",), "eq": ("gte", "lte")}.get(one.op, ())
        forms = [rule.native(op) for op in needed]
        if not isinstance(one.value, datetime) or not forms or any(form is None for form in forms):
            return
        terms = [_term(form, rule, one.value) for form in forms if form is not None]
        if all(term is not None for term in terms):
            exact = one.op == "eq" and all(form.match == "exact" for form in forms if form is not None)
            yield [term for term in terms if term is not None], "exact" if exact else "wider"

    def _element_candidates(self, field: str, parts: dict[str, Any]) -> Iterator[tuple[list[NativeTerm], Match]]:
        for part, value in parts.items():
            rule = self.method.filters.get(f"{field}.{part}")
            native = rule.eq if rule else None
            if rule is None or native is None:
                continue
            if any(parts.get(key) != wanted for key, wanted in native.requires.items()):
                continue
            term = _term(native, rule, value)
            if term is not None:
                covered = {part, *native.requires}
                yield [term], native.match if covered >= set(parts) else "wider"


def _term(native: NativeFilter, rule: FilterRule, value: Any) -> NativeTerm | None:
    """The condition as it is sent; None where the provider's language cannot say this value."""
    if isinstance(value, tuple):
        return None
    if isinstance(value, datetime):
        text = write_time(value, rule.format)
    else:
        text = _shown(value) if isinstance(value, bool) else str(value).strip()
    if native.accepts and not re.fullmatch(native.accepts, text):
        return None
    encoded = encode_value(text, native.encode)
    if encoded is None:
        return None
    template = native.search or native.value
    filled = template.fill({"value": encoded}) if template else encoded
    return NativeTerm(filled, native.param, native.body_path, native.search is not None)


def _sort_entry(sort: Sort, form: SortForm | None) -> PlanEntry:
    name = f"sort_by[{sort.field}]"
    if form is None:
        return PlanEntry(name, "emulated", reason="the provider cannot sort by it")
    sent = [f"{key}={one}" for key, one in {**form.query, **form.body}.items()]
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
