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

if TYPE_CHECKING:
    from starlette.requests import Request

FORMATS = ("unified", "raw", "normalized", "stream")
_NULLS = ("", "None")
"""How the SDKs write null: nothing in one of them, Python's word in another."""
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_LONGEST_NUMBER = 9
_GET_NAMES = (
    ACCOUNT_PARAM,
    "truto_response_format",
    "truto_ignore_remote_data",
    "truto_exclude_fields",
    "remote_query",
    "unify_side_load",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query string of a unified call asks for.

    Attributes:
        account_id: the integrated account; None where it is not named.
        response_format: one of the four.
        key_by: field that ``result`` is keyed by.
        arguments: keyword arguments for the client.
        unset: parameters that were given without a value.
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
        InvalidInput: it cannot be read.
    """
    return read_query(read_pairs(request))


def read_account_id(request: Request) -> str | None:
    """The account that a call names, for calls that ask for nothing else.

    Raises:
        InvalidInput: the query string cannot be read.
    """
    return _text(ACCOUNT_PARAM, read_parameters(request).get(ACCOUNT_PARAM))


def read_list(parameters: Mapping[str, Any]) -> Asked:
    """What a unified list asks for.

    Args:
        parameters: nested; their values are texts, or (in a batch) what JSON has.

    Raises:
        InvalidInput, UnsupportedParameter: a parameter cannot be understood.
    """
    given = dict(parameters)
    control = _control(given)
    unset: list[str] = []
    arguments: dict[str, Any] = {}
    _put(arguments, "limit", read_number("limit", given.pop("limit", None)))
    _put(arguments, "next_cursor", _text("next_cursor", given.pop("next_cursor", None)))
    _put(arguments, "ignore_limit", _flag("truto_ignore_limit", given.pop("truto_ignore_limit", None)))
    _put(arguments, "unsupported", _text("unify_unsupported", given.pop("unify_unsupported", None)))
    _put(arguments, "on_record_error", _text("unify_on_record_error", given.pop("unify_on_record_error", None)))
    key_by = _text("truto_key_by", given.pop("truto_key_by", None))
    if _text("truto_super_query", given.pop("truto_super_query", None)) is not None:
        message = "truto_super_query is not supported: every call asks the provider itself; leave it out"
        raise UnsupportedParameter(message, parameter="truto_super_query")
    filters = {}
    for name, value in given.items():
        kept = _without_nulls(value)
        if kept is None:
            unset.append(name)
        else:
            filters[name] = kept
    sort_by = filters.pop("sort_by", None)
    if sort_by is not None and not isinstance(sort_by, Mapping):
        raise InvalidInput("sort_by names a field: sort_by[created_at]=desc")
    _put(arguments, "sort_by", sort_by)
    for name in filters:
        if name in _OWN:
            raise InvalidInput(f'"{name}" is no query parameter; the one of the service is "{_OWN[name]}"')
        if not name.isidentifier():
            raise InvalidInput(f'there is no query parameter "{name[:80]}"')
    response_format = control.pop("response_format")
    if key_by is not None and response_format == "stream":
        raise InvalidInput("truto_key_by and truto_response_format=stream exclude each other")
    return Asked(control.pop("account_id"), response_format, key_by, {**control, **arguments, **filters}, tuple(unset))


def read_get(parameters: Mapping[str, Any]) -> Asked:
    """What a unified get asks for; see ``read_list``."""
    given = dict(parameters)
    control = _control(given)
    for name, value in given.items():
        if _without_nulls(value) is not None:
            message = f'get takes no "{name[:80]}"; it takes {", ".join(_GET_NAMES)}'
            raise UnsupportedParameter(message, parameter=name, supported=_GET_NAMES)
    return Asked(control.pop("account_id"), control.pop("response_format"), None, control)


_OWN = {
    "ignore_limit": "truto_ignore_limit",
    "exclude_fields": "truto_exclude_fields",
    "ignore_remote_data": "truto_ignore_remote_data",
    "response_format": "truto_response_format",
    "unsupported": "unify_unsupported",
    "side_load": "unify_side_load",
    "on_record_error": "unify_on_record_error",
    "key_by": "truto_key_by",
}
"""Keyword arguments of the client that have another name on the wire."""


def _control(given: dict[str, Any]) -> dict[str, Any]:
    """Takes the parameters of both list and get out of ``given``."""
    response_format = _text("truto_response_format", given.pop("truto_response_format", None)) or "unified"
    if response_format not in FORMATS:
        raise InvalidInput(f"truto_response_format is one of {', '.join(FORMATS)}, not {response_format!r}"[:160])
    control: dict[str, Any] = {
        "account_id": _text(ACCOUNT_PARAM, given.pop(ACCOUNT_PARAM, None)),
        "response_format": response_format,
    }
    ignored = _flag("truto_ignore_remote_data", given.pop("truto_ignore_remote_data", None))
    _put(control, "ignore_remote_data", ignored)
    _put(control, "exclude_fields", _names("truto_exclude_fields", given.pop("truto_exclude_fields", None)))
    _put(control, "side_load", _names("unify_side_load", given.pop("unify_side_load", None)))
    remote = given.pop("remote_query", None)
    if remote is not None and not isinstance(remote, Mapping):
        raise InvalidInput("remote_query names native parameters: remote_query[name]=value")
    _put(control, "remote_query", remote)
    return control


def _put(arguments: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        arguments[name] = value


def _text(name: str, value: Any) -> str | None:
    if value is None or value in _NULLS:
        return None
    if not isinstance(value, str | int):
        raise InvalidInput(f"{name} takes one value")
    return str(value)


def _flag(name: str, value: Any) -> bool | None:
    text = _text(name, value)
    if text is None:
        return None
    if text.lower() not in _FLAGS:
        raise InvalidInput(f"{name} is true or false (or 1 or 0), not {text!r}"[:160])
    return _FLAGS[text.lower()]


def read_number(name: str, value: Any) -> int | None:
    """A whole number from 1; None where there is none.

    Raises:
        InvalidInput: it is something else.
    """
    text = _text(name, value)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER or not int(text):
        raise InvalidInput(f"{name} is a whole number from 1, not {text!r}"[:160])
    return int(text)


def _names(name: str, value: Any) -> tuple[str, ...] | None:
    """Names from ``a,b`` as from ``[]=a&[]=b``."""
    if value is None:
        return None
    many = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str) for one in many):
        raise InvalidInput(f"{name} takes names: {name}=a,b or {name}[]=a")
    names = [part.strip() for one in many if one not in _NULLS for part in one.split(",")]
    return tuple(dict.fromkeys(one for one in names if one)) or None


def _without_nulls(value: Any) -> Any:
    """The value without what is not set in it; None where nothing is left."""
    if isinstance(value, Mapping):
        kept = {key: inner for key, one in value.items() if (inner := _without_nulls(one)) is not None}
        return kept or None
    if isinstance(value, list):
        return [inner for one in value if (inner := _without_nulls(one)) is not None] or None
    return None if value in _NULLS else value
