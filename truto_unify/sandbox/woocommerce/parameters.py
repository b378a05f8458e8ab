"""Read and check the query parameters of the pretend WooCommerce store the way WordPress does.

WordPress checks every declared parameter first, reports all problems in one 400, and ignores unknown
names: https://developer.wordpress.org/rest-api/extending-the-rest-api/schema/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

Query = Sequence[tuple[str, str]]
Problem = dict[str, object]

# WordPress's is_email(): https://developer.wordpress.org/reference/functions/is_email/
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~.-]+@(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")
_LIST_KEY = re.compile(r"(\w+)\[\d*\]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the route's schema."""

    kind: Literal["integer", "text", "email", "time", "integers", "texts"]
    default: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()


_PAGING = {
    "page": Parameter("integer", default="1", minimum=1),
    "per_page": Parameter("integer", default="10", minimum=1, maximum=100),
}
CUSTOMER_PARAMETERS = {
    "context": Parameter("text", default="view", choices=("view", "edit")),
    **_PAGING,
    "search": Parameter("text"),
    "exclude": Parameter("integers"),
    "include": Parameter("integers"),
    "offset": Parameter("integer"),
    "order": Parameter("text", default="asc", choices=("asc", "desc")),
    "orderby": Parameter("text", default="name", choices=("id", "include", "name", "registered_date")),
    "email": Parameter("email"),
    "role": Parameter(
        "text",
        default="customer",
        choices=(
            "all",
            "administrator",
            "editor",
            "author",
            "contributor",
            "subscriber",
            "customer",
            "shop_manager",
        ),
    ),
}
ORDER_PARAMETERS = {
    "context": Parameter("text", default="view", choices=("view", "edit")),
    **_PAGING,
    **{name: Parameter("time") for name in ("after", "before", "modified_after", "modified_before")},
    "dates_are_gmt": Parameter("text"),
    "exclude": Parameter("integers"),
    "include": Parameter("integers"),
    "offset": Parameter("integer"),
    "order": Parameter("text", default="desc", choices=("asc", "desc")),
    "orderby": Parameter("text", default="date", choices=("date", "id", "include", "title", "slug", "modified")),
    "customer": Parameter("integer"),
    "status": Parameter(
        "texts",
        default="any",
        choices=(
            "any",
            "trash",
            "pending",
            "processing",
            "on-hold",
            "completed",
            "cancelled",
            "refunded",
            "failed",
            "checkout-draft",
        ),
    ),
}

PRODUCT_PARAMETERS = {
    "context": Parameter("text", default="view", choices=("view", "edit")),
    **_PAGING,
    "search": Parameter("text"),
    **{name: Parameter("time") for name in ("after", "before", "modified_after", "modified_before")},
    "dates_are_gmt": Parameter("text"),
    "exclude": Parameter("integers"),
    "include": Parameter("integers"),
    "offset": Parameter("integer"),
    "order": Parameter("text", default="desc", choices=("asc", "desc")),
    "orderby": Parameter("text", default="date", choices=("date", "id", "include", "title", "slug", "modified")),
    "status": Parameter(
        "text", default="any", choices=("any", "future", "trash", "draft", "pending", "private", "publish")
    ),
    "sku": Parameter("text"),
}
PART_PARAMETERS = {name: PRODUCT_PARAMETERS[name] for name in ("context", *_PAGING, "offset", "order", "orderby")}
"""Of the lists of variations and of refunds."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The checked parameters of a call; ``lists`` holds those whose kind is a list."""

    single: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    problems: Mapping[str, Problem] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """The whole number of this parameter; 0 if it is absent and has no default."""
        return int(self.single[name] or 0)

    def ids(self, name: str) -> tuple[int, ...]:
        """The ids of this list parameter."""
        return tuple(int(value) for value in self.lists[name])


def read_arguments(query: Query, schema: Mapping[str, Parameter]) -> Arguments:
    """Check a query against the schema of a route.

    Args:
        query: Names and values of the query string.
        schema: The declared parameters, in the order in which WordPress reports their problems.

    Returns:
        The values with defaults filled in, and one problem per bad parameter.
    """
    sent = _php_query(query)
    single: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    problems: dict[str, Problem] = {}
    for name, parameter in schema.items():
        if parameter.kind in {"integers", "texts"}:
            lists[name] = _list_values(sent.get(name, parameter.default))
            problem = _find_list_problem(name, lists[name], parameter)
        else:
            value = sent.get(name, parameter.default)
            single[name] = value if isinstance(value, str) else ",".join(value)
            problem = _find_problem(name, single[name], parameter) if name in sent else None
        if problem is not None:
            problems[name] = problem
    return Arguments(single=single, lists=lists, problems=problems)


def page_link(url: str, query: Query, arguments: Arguments, page: int) -> str:
    """The address of another page: the same query with another ``page``.

    WordPress writes lists with their positions, ``include%5B0%5D=4``, in every case:
    https://developer.wordpress.org/reference/functions/add_query_arg/
    """
    values = _php_query(query)
    values["page"] = str(page)
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        listed = arguments.lists.get(name, None if isinstance(value, str) else value)
        if listed is None:
            pairs.append((name, str(value)))
        else:
            pairs += [(f"{name}[{position}]", item) for position, item in enumerate(listed)]
    return f"{url}?{urlencode(pairs)}"


def _php_query(query: Query) -> dict[str, str | tuple[str, ...]]:
    """PHP keeps the last of two equal names, and builds a list from ``name[]`` and ``name[0]``."""
    values: dict[str, str | tuple[str, ...]] = {}
    for name, value in query:
        listed = _LIST_KEY.fullmatch(name)
        if listed is None:
            values[name] = value
        else:
            before = values.get(listed[1], ())
            values[listed[1]] = (*before, value) if isinstance(before, tuple) else (value,)
    return values


def _list_values(sent: str | tuple[str, ...]) -> tuple[str, ...]:
    """A text is a list separated by commas or blanks (wp_parse_list)."""
    parts = re.split(r"[\s,]+", sent) if isinstance(sent, str) else sent
    return tuple(part for part in parts if part)


def _find_list_problem(name: str, values: Sequence[str], parameter: Parameter) -> Problem | None:
    item = Parameter("integer" if parameter.kind == "integers" else "text", choices=parameter.choices)
    for position, value in enumerate(values):
        problem = _find_problem(f"{name}[{position}]", value, item)
        if problem is not None:
            return problem
    return None


def _find_problem(name: str, value: str, parameter: Parameter) -> Problem | None:
    if parameter.kind == "integer":
        return _find_integer_problem(name, value, parameter)
    if parameter.kind == "email" and not _EMAIL.fullmatch(value):
        return _problem("rest_invalid_email", "Invalid email address.")
    if parameter.kind == "time" and parse_time(value) is None:
        return _problem("rest_invalid_date", "Invalid date.")
    if parameter.choices and value not in parameter.choices:
        return _problem("rest_not_in_enum", f"{name} is not one of {_enumerate(parameter.choices)}.")
    return None


def _find_integer_problem(name: str, value: str, parameter: Parameter) -> Problem | None:
    if not _INTEGER.fullmatch(value):
        return _problem("rest_invalid_type", f"{name} is not of type integer.", {"param": name})
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None and not low <= int(value) <= high:
        return _problem("rest_out_of_bounds", f"{name} must be between {low} (inclusive) and {high} (inclusive)")
    if low is not None and int(value) < low:
        return _problem("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
    return None


def parse_time(value: str) -> datetime | None:
    """An ISO 8601 time, aware only if it has a zone; None if it is not a time."""
    try:
        return datetime.fromisoformat(value) if "T" in value.upper() else None
    except ValueError:
        return None


def _problem(code: str, message: str, data: dict[str, str] | None = None) -> Problem:
    return {"code": code, "message": message, "data": data}


def _enumerate(choices: Sequence[str]) -> str:
    """``a and b``, ``a, b, and c``: WordPress's wp_sprintf_l."""
    if len(choices) == 2:
        return " and ".join(choices)
    return ", ".join(choices[:-1]) + f", and {choices[-1]}"
