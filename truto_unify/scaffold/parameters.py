"""Guesses paging and filters from the query parameters that an OpenAPI document declares for a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.vocabulary import first_named, fold

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
    # The name "after" does not say whether the instant itself counts. "gt" is right in both cases, since the engine
    # checks it again.
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
    size = first_named(names, _SIZES)
    sent = parameters.get(size or "", {}).get("sent")
    max_size = _max_size(parameters.get(size or "", {})) or sent
    paging: dict[str, Any] = dict(envelope.value or {})
    sizes = {"page_size_param": size or paging.get("page_size_param", "limit"), "max_page_size": max_size or 100}
    guessed = "max_page_size is a guess" if size else "the document says nothing about the page size"
    note = "" if size and max_size else f"; {guessed}"
    note = f"; a max_page_size above the {sent} that was asked for may work" if sent else note
    for kind, wanted, key in (("page_number", _PAGES, "page_param"), ("offset", _OFFSETS, "offset_param")):
        name = first_named(names, wanted)
        if name is not None:
            rule = {"type": kind, key: name, **_first_page(kind, parameters[name]), **sizes}
            end_paths = ("total_path", "has_more_path") if kind == "page_number" else ("total_path",)
            rule |= {path: ends[path] for path in end_paths if path in ends}
            return Guess(rule, f'by the parameter "{name}"{note}')
    cursor = first_named(names, _CURSORS)
    if cursor is None:
        return Guess({**paging, **sizes}, f"{envelope.reason}{note}") if paging else envelope
    if paging.get("type") != "cursor":
        question = f'the parameter "{cursor}" takes a cursor; where does an answer hold the next cursor? (cursor_path)'
        return Question(None, question)
    return Guess({**paging, "cursor_param": cursor, **sizes}, f'by the parameter "{cursor}"{note}')


def _max_size(parameter: Mapping[str, Any]) -> int | None:
    maximum = parameter.get("schema", {}).get("maximum")
    return maximum if isinstance(maximum, int) and maximum > 0 else None


def _first_page(kind: str, parameter: Mapping[str, Any]) -> dict[str, int]:
    schema = parameter.get("schema", {})
    return {"first_page": 0} if kind == "page_number" and 0 in (schema.get("default"), schema.get("minimum")) else {}


def guess_filters(parameters: Mapping[str, Any], schema: ResourceSchema, words: Vocabulary) -> dict[str, Guess]:
    """The filters that the parameters' names suggest; the engine checks each of them again on the records."""
    filters: dict[str, Guess] = {}
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
            filters[field] = Guess(rule, f"by the parameters {used}; match: exact needs a proof")
    return filters


def _operator(name: str, natives: tuple[str, ...], *, is_time: bool) -> str | None:
    """The filter operator that a folded parameter name means."""
    for native in (fold(name) for name in natives):
        if name == native and not is_time:
            return "eq"
        if is_time and name == native and native.endswith("since"):
            return "gte"
        for op, words in _ENDS.items() if is_time else ():
            if any(name in {f"{native}{word}", f"{word}{native}"} for word in words):
                return op
    return None


def _format(parameter: Mapping[str, Any]) -> str | None:
    schema = parameter.get("schema", {})
    if schema.get("type") in {"integer", "number"}:
        return "epoch_seconds"
    return "date" if schema.get("format") == "date" else None
