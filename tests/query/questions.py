"""Strategies of queries: the population's own values, their near misses, and values that no customer has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.query.meaning import TEXTS, TIMES, instant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.query.meaning import Record

ABSENT = ("Nobody At All", "zz", "%", "_", "*", "OR", "a,b", "x:y", "null", '"', "\\", "李小", "é")
EMAIL_PARTS = ("email", "type", "status", "is_primary")
PHONE_PARTS = ("number", "extension", "type")
SORTS = [{field: direction} for field in TIMES for direction in ("asc", "desc")]
ZONES = (UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8)))
NEAR = (
    *[timedelta(0)] * 9,
    *(timedelta(microseconds=count) for count in (1, -1, 999, -1001)),
    *(timedelta(seconds=count) for count in (1, -1)),
    *(timedelta(days=count) for count in (1, -40, 90)),
)
VARIANTS: tuple[Callable[[str], str], ...] = (
    str,
    str,
    str.upper,
    str.lower,
    str.swapcase,
    lambda text: f"  {text}\t",
    lambda text: f"\u00a0{text.upper()} ",
    lambda text: text[1:],
    lambda text: text[:-1],
    lambda text: f"{text}x",
    lambda text: text.split()[0],
    lambda text: text.split()[-1],
    lambda text: text.replace(" ", "  "),
    lambda text: text[len(text) // 3 : -(len(text) // 3) or None],
)
FORMS: tuple[Callable[[datetime], Any], ...] = (
    lambda moment: moment,
    lambda moment: moment.isoformat(),
    lambda moment: moment.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    lambda moment: moment.astimezone(UTC).replace(tzinfo=None).isoformat(),
    lambda moment: moment.astimezone(UTC).date(),
    lambda moment: f" {moment.astimezone(UTC).date()} ",
)


@dataclass(frozen=True, eq=False)
class Pool:
    """The values of a population by field or part: ``name``, ``emails.type``."""

    values: dict[str, list[Any]]

    @classmethod
    def of(cls, records: list[Record]) -> Pool:
        pool: dict[str, list[Any]] = {name: [record[name] for record in records] for name in (*TEXTS[:-1], *TIMES)}
        for name, parts in (("emails", EMAIL_PARTS), ("phones", PHONE_PARTS)):
            elements = [element for record in records for element in record[name]]
            pool |= {f"{name}.{part}": [element[part] for element in elements] for part in parts}
        pool["email"] = pool["emails.email"]
        unique = {name: sorted({value for value in values if value is not None}) for name, values in pool.items()}
        return cls(unique)


@cache
def queries(pool: Pool) -> st.SearchStrategy[dict[str, Any]]:
    """Up to three conditions, which must hold together."""
    condition = _conditions(pool)
    joined = st.lists(condition, min_size=0, max_size=3).map(_merged)
    return st.one_of(condition, condition, joined)


def _merged(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: wanted for condition in conditions for name, wanted in condition.items()}


def _conditions(pool: Pool) -> st.SearchStrategy[dict[str, Any]]:
    texts = [
        text_conditions(texts_of(pool, name)).map(lambda wanted, name=name: {name: wanted})  # type: ignore[misc]  # mypy infers no lambda with a default
        for name in TEXTS
    ]
    times = [time_conditions(pool, name).map(lambda wanted, name=name: {name: wanted}) for name in TIMES]  # type: ignore[misc]  # as above
    elements = [
        element_conditions(pool, name, parts).map(lambda wanted, name=name: {name: wanted})  # type: ignore[misc]  # as above
        for name, parts in (("emails", EMAIL_PARTS), ("phones", PHONE_PARTS))
    ]
    return st.one_of(*texts, *times, *times, *elements)


def texts_of(pool: Pool, name: str) -> st.SearchStrategy[str]:
    """A value of a customer, perhaps changed a little, or a value that no customer has; never blank."""
    own = st.sampled_from(pool.values.get(name) or ABSENT)
    varied = st.builds(lambda text, vary: vary(text), own, st.sampled_from(VARIANTS))
    return st.one_of(varied, varied, varied, st.sampled_from(ABSENT)).filter(lambda text: bool(text.strip()))


def text_conditions(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    many = st.lists(texts, min_size=1, max_size=3)
    operators = st.fixed_dictionaries({}, optional={"eq": texts, "in": many, "like": texts}).filter(bool)
    return st.one_of(texts, texts, many, operators)


def time_conditions(pool: Pool, name: str) -> st.SearchStrategy[Any]:
    times = st.builds(
        lambda text, shift, zone, form: form((instant(text) + shift).astimezone(zone)),
        st.sampled_from(pool.values[name]),
        st.sampled_from(NEAR),
        st.sampled_from(ZONES),
        st.sampled_from(FORMS),
    )
    ends = [st.fixed_dictionaries({low: times, high: times}) for low in ("gt", "gte") for high in ("lt", "lte")]
    single = [st.fixed_dictionaries({op: times}) for op in ("eq", "gt", "gte", "lt", "lte")]
    odd = st.fixed_dictionaries({"gt": times, "gte": times, "lt": times})
    return st.one_of(times, *single, *ends, odd)


def element_conditions(pool: Pool, name: str, parts: tuple[str, ...]) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {part: texts_of(pool, f"{name}.{part}") for part in parts}
    if "is_primary" in kinds:
        kinds["is_primary"] = st.booleans()
    if "number" in kinds:
        kinds["number"] = st.one_of(kinds["number"], kinds["number"].map(_other_spelling))
    element = st.fixed_dictionaries({}, optional=kinds).filter(bool)
    return st.one_of(element, element.map(lambda parts: [parts]), st.lists(element, min_size=2, max_size=2))


def _other_spelling(number: str) -> str:
    return f"({number[:5]}) {number[5:8]}-{number[8:]}"


def limits(count: int) -> st.SearchStrategy[list[int | None]]:
    """Limits of successive pages; this number of records makes at most about eight pages."""
    least = max(1, count // 8)
    sizes = st.one_of(st.integers(1, 20), st.integers(1, 300)).map(lambda size: max(size, least))
    return st.one_of(st.just([None]), sizes.map(lambda size: [size]), st.lists(sizes, min_size=2, max_size=4))
