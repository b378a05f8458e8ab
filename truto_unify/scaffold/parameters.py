"""Guesses paging and filters from the query parameters that an OpenAPI document declares for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.vocabulary import Vocabulary

_SIZES = ("perpage", "pagesize", "limit", "itemsperpage", "maxresults", "size", "count", "take", "top", "first")
_PAGES = ("page", "pagenumber", "pageno", "pageindex")
_OFFSETS = ("offset", "skip", "start", "startindex")
_CURSORS = (
    "cursor",
    "pagetoken",
    "after",
    "startingafter",
    "pageinfo",
    "nexttoken",
    "nextcursor",
    "marker",
    "starting",
)
_ENDS = {
    "gte": ("min", "gte", "ge", "from", "since", "start"),
    "lte": ("max", "lte", "le", "to", "until", "end"),
    # Whether "after" takes the instant itself is not told: as gt, checked again, it is right either way.
    "gt": ("after", "gt"),
    "lt": ("before", "lt"),
}


def guess_paging_of(
    parameters: Mapping[str, Any], envelope: Guess | Question, ends: Mapping[str, Any]
) -> Guess | Question:
    """The pagination block that parameters and envelope suggest together.

    Args:
        parameters: query parameters by name.
        envelope: what the answer's body suggests.
        ends: what the body says about the end of the list.

    >>> guess_paging_of({"page": {}, "per_page": {"schema": {"maximum": 50}}}, Question(None, ""), {}).value
    {'type': 'page_number', 'page_param': 'page', 'page_size_param': 'per_page', 'max_page_size': 50}
    """
    if not parameters:
        return envelope
    names = {fold(name): name for name in parameters}
    size = next((names[one] for one in _SIZES if one in names), None)
    most = _most(parameters.get(size or "", {}))
    told: dict[str, Any] = dict(envelope.value or {})
    sizes = {"page_size_param": size or told.get("page_size_param", "limit"), "max_page_size": most or 100}
    note = "" if size and most else "; max_page_size is a guess" if size else "; nothing was said about the page size"
    for kind, wanted, key in (("page_number", _PAGES, "page_param"), ("offset", _OFFSETS, "offset_param")):
        name = next((names[one] for one in wanted if one in names), None)
        if name is not None:
            rule = {"type": kind, key: name, **_first_page(kind, parameters[name]), **sizes}
            kept = ("total_path", "has_more_path") if kind == "page_number" else ("total_path",)
            rule |= {one: ends[one] for one in kept if one in ends}
            return Guess(rule, f'by the parameter "{name}"{note}')
    cursor = next((names[one] for one in _CURSORS if one in names), None)
    if cursor is None:
        return Guess({**told, **sizes}, f"{envelope.reason}{note}") if told else envelope
    if told.get("type") != "cursor":
        return Question(None, f'"{cursor}" asks for a cursor; where does an answer hold the next one? (cursor_path)')
    return Guess({**told, "cursor_param": cursor, **sizes}, f'by the parameter "{cursor}"{note}')


def _most(parameter: Mapping[str, Any]) -> int | None:
    most = parameter.get("schema", {}).get("maximum")
    return most if isinstance(most, int) and most > 0 else None


def _first_page(kind: str, parameter: Mapping[str, Any]) -> dict[str, int]:
    schema = parameter.get("schema", {})
    return {"first_page": 0} if kind == "page_number" and 0 in (schema.get("default"), schema.get("minimum")) else {}


def guess_filters(parameters: Mapping[str, Any], schema: ResourceSchema, words: Vocabulary) -> dict[str, Guess]:
    """The filters that parameters are named after; every one is checked again on the records."""
    found: dict[str, Guess] = {}
    for field, natives in words.filters.items():
        forms: dict[str, str] = {}
        for name in parameters:
            op = _operator(fold(name), natives, is_time=field in schema.time_filters)
            if op is not None and op not in forms:
                forms[op] = name
        if forms:
            used = ", ".join(f'"{name}"' for name in forms.values())
            formats = [_format(parameters[name]) for name in forms.values()] if field in schema.time_filters else []
            rule = {**forms, **({"format": formats[0]} if formats and formats[0] else {})}
            found[field] = Guess(rule, f"by the parameters {used}; match: exact needs proof")
    return found


def _operator(name: str, natives: tuple[str, ...], *, is_time: bool) -> str | None:
    """Which operator of a filter a folded parameter name means."""
    for native in (fold(one) for one in natives):
        if name == native and not is_time:
            return "eq"
        if is_time and name == native and native.endswith("since"):
            return "gte"
        for op, marks in _ENDS.items() if is_time else ():
            if any(name in {f"{native}{mark}", f"{mark}{native}"} for mark in marks):
                return op
    return None


def _format(parameter: Mapping[str, Any]) -> str | None:
    schema = parameter.get("schema", {})
    if schema.get("type") in {"integer", "number"}:
        return "epoch_seconds"
    return "date" if schema.get("format") == "date" else None
