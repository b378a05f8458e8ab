"""Reads the query string of a unified call into the keyword arguments of the client.

https://www.truto.one/docs/api-reference/overview/querying
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.query_string import read_query, split_query
from truto_unify.server.connection import ACCOUNT_PARAM
from truto_unify.values import show_value

if TYPE_CHECKING:
    from starlette.requests import Request

FORMATS = ("unified", "raw", "normalized", "stream")
_NULLS = ("", "None")
"""How the SDKs write null: an empty text, or Python's ``None``."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_MAX_DIGITS = 9
_SINGLE = frozenset(
    {
        ACCOUNT_PARAM, "limit", "next_cursor", "truto_ignore_limit", "truto_ignore_remote_data", "truto_key_by",
        "truto_response_format", "truto_super_query", "unify_on_record_error", "unify_unsupported",
    }
)  # fmt: skip
"""Parameters that never take several values."""
_GET_NAMES = (
    ACCOUNT_PARAM,
    "truto_response_format",
    "truto_ignore_remote_data",
    "truto_exclude_fields",
    "remote_query",
    "unify_side_load",
)


@dataclass(frozen=True, slots=True)
class UnifiedQuery:
    """The parsed query string of a unified call.

    Attributes:
        account_id: the integrated account; None if absent.
        response_format: one of ``FORMATS``.
        key_by: the field whose values are the keys of ``result``.
        arguments: keyword arguments for the client.
        unset: parameters without a value.
    """

    account_id: Any
    response_format: str
    key_by: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    unset: tuple[str, ...] = ()


def read_pairs(request: Request) -> list[tuple[str, str]]:
    """The (name, value) pairs of a request's query string."""
    return split_query(request.scope["query_string"].decode("utf-8", "replace"))


def read_parameters(request: Request) -> dict[str, Any]:
    """The parameters of a request's query string, nested.

    Raises:
        InvalidInput: the query string is malformed.
    """
    return read_query(read_pairs(request), single=_SINGLE)


def read_account_id(request: Request) -> str | None:
    """The account of a call that has no other parameter.

    Raises:
        InvalidInput: the query string is malformed.
    """
    return read_text(ACCOUNT_PARAM, read_parameters(request).get(ACCOUNT_PARAM))


def read_list(parameters: Mapping[str, Any]) -> UnifiedQuery:
    """Reads the parameters of a unified list.

    Args:
        parameters: nested; the values are texts, or JSON values in a batch.

    Raises:
        InvalidInput, UnsupportedParameter: a parameter is wrong or unknown.
    """
    remaining = dict(parameters)
    control = _control(remaining)
    unset: list[str] = []
    arguments: dict[str, Any] = {}
    _put(arguments, "limit", read_number("limit", remaining.pop("limit", None)))
    _put(arguments, "next_cursor", read_text("next_cursor", remaining.pop("next_cursor", None)))
    _put(arguments, "ignore_limit", _flag("truto_ignore_limit", remaining.pop("truto_ignore_limit", None)))
    _put(arguments, "unsupported", read_text("unify_unsupported", remaining.pop("unify_unsupported", None)))
    _put(arguments, "on_record_error", read_text("unify_on_record_error", remaining.pop("unify_on_record_error", None)))
    key_by = read_text("truto_key_by", remaining.pop("truto_key_by", None))
    if read_text("truto_super_query", remaining.pop("truto_super_query", None)) is not None:
        message = "truto_super_query is not supported: every call reads from the provider; leave it out"
        raise UnsupportedParameter(message, parameter="truto_super_query")
    filters = {}
    for name, value in remaining.items():
        filter_value = _without_nulls(value)
        if filter_value is None:
            unset.append(name)
        else:
            filters[name] = filter_value
    sort_by = filters.pop("sort_by", None)
    if sort_by is not None and not isinstance(sort_by, Mapping):
        raise InvalidInput("sort_by must name a field: sort_by[created_at]=desc")
    _put(arguments, "sort_by", sort_by)
    for name in filters:
        if name in _WIRE_NAMES:
            raise InvalidInput(f'"{name}" is not a query parameter; use "{_WIRE_NAMES[name]}"')
        if not name.isidentifier():
            raise InvalidInput(f'there is no query parameter "{name[:80]}"')
    response_format = control.pop("response_format")
    if key_by is not None and response_format == "stream":
        raise InvalidInput("truto_key_by cannot be combined with truto_response_format=stream")
    return UnifiedQuery(
        control.pop("account_id"), response_format, key_by, {**control, **arguments, **filters}, tuple(unset)
    )


def read_get(parameters: Mapping[str, Any]) -> UnifiedQuery:
    """Reads the parameters of a unified get; see ``read_list``."""
    remaining = dict(parameters)
    control = _control(remaining)
    for name, value in remaining.items():
        if _without_nulls(value) is not None:
            message = f'get has no parameter "{name[:80]}"; its parameters: {", ".join(_GET_NAMES)}'
            raise UnsupportedParameter(message, parameter=name, supported=_GET_NAMES)
    return UnifiedQuery(control.pop("account_id"), control.pop("response_format"), None, control)


_WIRE_NAMES = {
    "ignore_limit": "truto_ignore_limit",
    "exclude_fields": "truto_exclude_fields",
    "ignore_remote_data": "truto_ignore_remote_data",
    "response_format": "truto_response_format",
    "unsupported": "unify_unsupported",
    "side_load": "unify_side_load",
    "on_record_error": "unify_on_record_error",
    "key_by": "truto_key_by",
}
"""Keyword arguments of the client that have another name in the query string."""


def _control(remaining: dict[str, Any]) -> dict[str, Any]:
    """Removes the parameters of both list and get from ``remaining`` and returns them by argument name."""
    response_format = read_text("truto_response_format", remaining.pop("truto_response_format", None)) or "unified"
    if response_format not in FORMATS:
        raise InvalidInput(
            f"truto_response_format must be one of {', '.join(FORMATS)}, not {show_value(response_format)}"
        )
    control: dict[str, Any] = {
        "account_id": read_text(ACCOUNT_PARAM, remaining.pop(ACCOUNT_PARAM, None)),
        "response_format": response_format,
    }
    ignore_remote_data = _flag("truto_ignore_remote_data", remaining.pop("truto_ignore_remote_data", None))
    _put(control, "ignore_remote_data", ignore_remote_data)
    _put(control, "exclude_fields", _names("truto_exclude_fields", remaining.pop("truto_exclude_fields", None)))
    _put(control, "side_load", _names("unify_side_load", remaining.pop("unify_side_load", None)))
    remote = remaining.pop("remote_query", None)
    if remote is not None and not isinstance(remote, Mapping):
        raise InvalidInput("remote_query must name native parameters: remote_query[name]=value")
    _put(control, "remote_query", remote)
    return control


def _put(arguments: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        arguments[name] = value


def read_text(name: str, value: Any) -> str | None:
    """The text of a parameter that takes one value; None if absent.

    Raises:
        InvalidInput: it has several.
    """
    if value is None or value in _NULLS:
        return None
    if not isinstance(value, str | int):
        raise InvalidInput(f"{name} takes one value; write {name}=…, once")
    return str(value)


def _flag(name: str, value: Any) -> bool | None:
    text = read_text(name, value)
    if text is None:
        return None
    if text.lower() not in _FLAGS:
        raise InvalidInput(f"{name} must be true or false (or 1 or 0), not {show_value(text)}")
    return _FLAGS[text.lower()]


def read_number(name: str, value: Any) -> int | None:
    """A whole number from 1; None if absent.

    Raises:
        InvalidInput: the value is not such a number.
    """
    text = read_text(name, value)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or not text.strip("0"):
        raise InvalidInput(f"{name} must be a whole number from 1, not {show_value(text)}")
    if len(text) > _MAX_DIGITS:
        raise InvalidInput(f"{name} must have at most {_MAX_DIGITS} digits, not {show_value(text)}")
    return int(text)


def _names(name: str, value: Any) -> tuple[str, ...] | None:
    """Names from ``a,b`` or from ``[]=a&[]=b``; None if absent."""
    if value is None:
        return None
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidInput(f"{name} must be names: {name}=a,b or {name}[]=a")
    names = [part.strip() for text in texts if text not in _NULLS for part in text.split(",")]
    return tuple(dict.fromkeys(part for part in names if part)) or None


def _without_nulls(value: Any) -> Any:
    """The value without its null parts; None if nothing remains."""
    if isinstance(value, Mapping):
        return {key: inner for key, part in value.items() if (inner := _without_nulls(part)) is not None} or None
    if isinstance(value, list):
        return [inner for part in value if (inner := _without_nulls(part)) is not None] or None
    return None if value in _NULLS else value
