"""The meaning of a query, written a second time from the design alone, without the engine.

Text compares without its case, outer blanks and invisible letters, ``like`` is "contains", instants compare as
instants, phone numbers by their digits, ``email`` matches any of the record's e-mails, an element matches if all the
parts that the query names match, a null never matches.
"""

from __future__ import annotations

import operator
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

Record = dict[str, Any]
TIMES = ("created_at", "updated_at")
TEXTS = ("name", "first_name", "last_name", "company_name", "email")
ELEMENTS = ("emails", "phones")
_COMPARE = {"eq": operator.eq, "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def select(records: list[Record], query: dict[str, Any]) -> list[Record]:
    """The records that a query means, in the order of a list without a sort."""
    return [record for record in records if all(_fits(record, name, wanted) for name, wanted in query.items())]


def in_order(records: list[Record], field: str, direction: str) -> list[Record]:
    """Records sorted by instant, then by id; records without the field come last."""
    by_id = sorted(records, key=lambda record: record["id"])
    dated = [record for record in by_id if record[field] is not None]
    dated.sort(key=lambda record: instant(record[field]), reverse=direction == "desc")
    return dated + [record for record in by_id if record[field] is None]


def instant(value: Any) -> datetime:
    """The moment that a value means; without a zone it is UTC."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    moment: datetime = value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _fits(record: Record, name: str, wanted: Any) -> bool:
    if name in ELEMENTS:
        alternatives = wanted if isinstance(wanted, list) else [wanted]
        return any(
            all(_part_fits(element[part], value, part) for part, value in parts.items())
            for element in record[name]
            for parts in alternatives
        )
    operations = wanted if isinstance(wanted, dict) else {"eq": wanted}
    return all(_operation_fits(record, name, op, value) for op, value in operations.items())


def _operation_fits(record: Record, name: str, op: str, value: Any) -> bool:
    if name in TIMES:
        there = record[name]
        return there is not None and bool(_COMPARE[op](instant(there), instant(value)))
    texts = [element["email"] for element in record["emails"]] if name == "email" else [record[name]]
    alternatives = value if isinstance(value, list) else [value]
    return any(_text_fits(text, alternative, op) for text in texts if text is not None for alternative in alternatives)


def _text_fits(text: str, wanted: str, op: str) -> bool:
    actual, expected = _plain(text), _plain(wanted)
    return expected in actual if op == "like" else expected == actual


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    """The text without its case, outer blanks, invisible letters and Unicode form."""
    visible = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    folded = unicodedata.normalize("NFKC", visible).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


def _part_fits(value: Any, wanted: Any, part: str) -> bool:
    if value is None:
        return False
    if part == "is_primary":
        return bool(value == wanted)
    if part == "number":
        here, there = (_digits(text) or text.strip().casefold() for text in (value, wanted))
        return here == there
    return bool(value.strip().casefold() == wanted.strip().casefold())


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())
