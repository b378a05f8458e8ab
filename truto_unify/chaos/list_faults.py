"""Faults in what a list says: wrong totals, pages that repeat or lack records, records of another type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.chaos.fault import Fault
from truto_unify.chaos.json_lists import (
    alter_totals,
    find_records,
    is_total_name,
    parse,
    read_at,
    without_ids,
    write,
    write_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.chaos.answer import Answer
    from truto_unify.chaos.fault import Alter, Exchange

Records = list[dict[str, Any]]


def _alter_records(change: Callable[[Records, Records], Any], *, needs_previous: bool = False) -> Alter:
    """Alters the records of a page; ``change`` takes them and those of the page before."""

    def alter(exchange: Exchange) -> Answer | None:
        body = parse(exchange.answer.body)
        path = find_records(body)
        if path is None:
            return None
        previous = read_at(parse(exchange.previous.body), path) if exchange.previous is not None else None
        records = read_at(body, path)
        if needs_previous and (not previous or any(record in previous for record in records)):
            return None  # a page that overlaps with the last one does not follow it
        changed = write_at(body, path, change(records, previous or []))
        return replace(exchange.answer, body=write(changed))

    return alter


def _alter_totals(change: Callable[[int], int]) -> Alter:
    """Alters each total, in the body and in the headers."""

    def alter(exchange: Exchange) -> Answer | None:
        body = parse(exchange.answer.body)
        changed = alter_totals(body, change)
        headers = tuple(
            (name, str(change(int(value))) if is_total_name(name) and value.isdecimal() else value)
            for name, value in exchange.answer.headers
        )
        if changed == body and headers == exchange.answer.headers:
            return None
        return replace(
            exchange.answer, headers=headers, body=exchange.answer.body if changed == body else write(changed)
        )

    return alter


def _half(total: int) -> int:
    """About half, ending in 1: where a total that is too low ends with a full page, nothing tells it from the truth.

    >>> _half(620), _half(23)
    (311, 11)
    """
    return total // 20 * 10 + 1


def _as_text(records: Records, _: Records) -> list[Any]:
    return [str(records[0].get("id", "a record")), *records[1:]]


LIST_FAULTS = (
    Fault("total-low", "list", "totals are half of the truth", _alter_totals(_half)),
    Fault("total-zero", "list", "totals are 0", _alter_totals(lambda _: 0)),
    Fault("total-high", "list", "totals are 10 too high", _alter_totals(lambda total: total + 10)),
    Fault(
        "page-again",
        "list",
        "the records of the page before",
        _alter_records(lambda _, previous: previous, needs_previous=True),
    ),
    Fault("page-skipped", "list", "a page without its records", _alter_records(lambda *_: [])),
    Fault(
        "record-again",
        "list",
        "the last record of the page before comes again",
        _alter_records(lambda records, previous: [previous[-1], *records], needs_previous=True),
    ),
    Fault(
        "record-twice", "list", "a record twice on a page", _alter_records(lambda records, _: [*records, records[0]])
    ),
    Fault(
        "records-object",
        "list",
        "the records are an object instead of an array",
        _alter_records(lambda records, _: {str(number): record for number, record in enumerate(records)}),
    ),
    Fault("records-null", "list", "the records are null", _alter_records(lambda *_: None)),
    Fault("record-text", "list", "a record is a text", _alter_records(_as_text)),
    Fault("record-null", "list", "a record is null", _alter_records(lambda records, _: [None, *records[1:]])),
    Fault(
        "no-ids",
        "list",
        "the records have no ids",
        _alter_records(lambda records, _: [without_ids(record) for record in records]),
    ),
)
