"""The people in the arguments and the results of a unified call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.testing.cassettes.classes import UNIFIED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.testing.cassettes.cleaning import Cleaner
    from truto_unify.testing.cassettes.pseudonyms import Kind

FILTERS: dict[str, Kind] = {
    **dict.fromkeys(("name", "first_name", "last_name", "company_name"), "name"),
    "email": "email",
    "number": "phone",
    "extension": "extension",
}
"""The kind of each personal filter, or part of one."""


def refuse_parts(arguments: Mapping[str, Any]) -> None:
    """Refuses what no cassette can hold.

    Raises:
        InvalidInput: a part of a personal value, or a cursor.
    """
    for name in FILTERS:
        asked = arguments.get(name)
        if isinstance(asked, dict) and "like" in asked:
            raise InvalidInput(
                f"{name}[like] cannot be recorded: a part of a person's {name} would have to stay in the cassette; "
                f"record {name} as a whole"
            )
    if "next_cursor" in arguments:
        raise InvalidInput("a cursor belongs to its account and cannot be replayed: record the pages from the first on")


def asked_people(value: Any, name: str = "") -> list[tuple[str, str]]:
    """The personal values that the caller's filters hold, by the name of their kind."""
    if isinstance(value, dict):
        inner = [(key if key in FILTERS else name, one) for key, one in value.items() if key != "remote_query"]
        return [pair for key, one in inner for pair in asked_people(one, key)]
    if isinstance(value, list | tuple):
        return [pair for one in value for pair in asked_people(one, name)]
    return [(name, value)] if isinstance(value, str) and name in FILTERS and value.strip() else []


def people_of(records: list[dict[str, Any]]) -> list[tuple[Kind, str]]:
    """What unified records say about people, whatever its place in the native ones."""
    found: list[tuple[Kind, str]] = []
    for record in records:
        for name, kind in UNIFIED.items():
            field_name, _, part = name.partition(".")
            values = [one.get(part) for one in record[field_name]] if part else [record[field_name]]
            found += [(kind, one) for one in values if isinstance(one, str)]  # type: ignore[misc]
    return found


def invented_arguments(value: Any, cleaner: Cleaner, name: str) -> Any:
    """Arguments with inventions in the place of people and secrets."""
    if isinstance(value, dict):
        named = {key: name if key in _OPERATORS else key for key in value}
        return {key: invented_arguments(one, cleaner, named[key]) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [invented_arguments(one, cleaner, name) for one in value]
    if not isinstance(value, str):
        return value
    kind = FILTERS.get(name)
    return cleaner.inventions.stand_in(kind, value) if kind else cleaner.clean_parameter(name, value, cleaner.asked)


_OPERATORS = {"eq", "in", "gt", "gte", "lt", "lte"}
