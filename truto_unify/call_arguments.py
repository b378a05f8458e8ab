"""Reads the keyword arguments of a unified call, or says what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from truto_unify.engine.arguments import read_filters, read_sort
from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.expressions import suggest
from truto_unify.models.fields import field_kinds
from truto_unify.types import Call

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import OnRecordError, Unsupported

_UNSUPPORTED = ("emulate", "error", "ignore")
_ON_RECORD_ERROR = ("raise", "skip", "keep_raw")
_FORMATS = ("unified", "raw", "normalized", "stream")


def read_list_call(schema: ResourceSchema, arguments: Mapping[str, Any]) -> Call:
    """The list call that these keyword arguments mean.

    Raises:
        UnsupportedParameter: no such filter, operator, sort or field.
        InvalidInput: a value that cannot be understood.
    """
    rest = dict(arguments)
    shaping = _pop_shaping(schema, rest)
    unsupported: Unsupported = check_choice("unsupported", rest.pop("unsupported", "emulate"), _UNSUPPORTED)
    policy: OnRecordError = check_choice("on_record_error", rest.pop("on_record_error", "keep_raw"), _ON_RECORD_ERROR)
    limit, cursor = check_limit(rest.pop("limit", None)), rest.pop("next_cursor", None)
    if rest.pop("ignore_limit", False):
        limit = None
    if cursor is not None and not isinstance(cursor, str):
        raise InvalidInput("next_cursor must be the text that the page before gave")
    sort = read_sort(schema, rest.pop("sort_by", None))
    return Call(
        resource=schema.name,
        method="list",
        filters=read_filters(schema, rest),
        sort=sort,
        limit=limit,
        next_cursor=cursor or None,
        unsupported=unsupported,
        on_record_error=policy,
        **shaping,
    )


def read_get_call(schema: ResourceSchema, record_id: str, arguments: Mapping[str, Any]) -> Call:
    """The get call of one record that these keyword arguments mean.

    Raises:
        UnsupportedParameter: no such option or field.
        InvalidInput: a value that cannot be understood.
    """
    rest = dict(arguments)
    shaping = _pop_shaping(schema, rest)
    if rest:
        name = next(iter(rest))
        raise UnsupportedParameter(f'get takes no "{name}"', parameter=name, supported=tuple(shaping))
    return Call(resource=schema.name, method="get", id=str(record_id), **shaping)


def check_limit(value: Any) -> int | None:
    """The limit of a page, None for no limit.

    Raises:
        InvalidInput: not a whole number from 1.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"limit must be a whole number from 1, not {value!r}"[:120])
    return value


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> Any:
    """The value of an argument that takes one of several words.

    Raises:
        InvalidInput: another value.
    """
    if value not in choices:
        hint = suggest(str(value), choices) or f"; one of {', '.join(choices)}"
        raise InvalidInput(f"{name}={value!r} is not known{hint}"[:200])
    return value


def _pop_shaping(schema: ResourceSchema, arguments: dict[str, Any]) -> dict[str, Any]:
    """The options that list and get share; they are taken out of the arguments."""
    return {
        "response_format": check_choice("response_format", arguments.pop("response_format", "unified"), _FORMATS),
        "exclude_fields": _field_names(schema, arguments.pop("exclude_fields", ())),
        "ignore_remote_data": bool(arguments.pop("ignore_remote_data", False)),
        "remote_query": _native_names(arguments.pop("remote_query", None)),
        "side_load": _side_loads(arguments.pop("side_load", ())),
    }


def _native_names(value: Any) -> Mapping[str, Any]:
    if value is not None and not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise InvalidInput("remote_query must be a mapping of native names to values")
    return value or {}


def _side_loads(value: Any) -> tuple[str, ...]:
    names = tuple(value.split(",")) if isinstance(value, str) else tuple(value or ())
    if not all(isinstance(name, str) for name in names):
        raise InvalidInput("side_load must be names of side loads")
    return names


def _field_names(schema: ResourceSchema, value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, Collection):
        raise InvalidInput(f"exclude_fields must be field names, not {type(value).__name__}")
    known = {*field_kinds(schema.record), "remote_data"}
    for name in names:
        if not isinstance(name, str):
            raise InvalidInput(f"exclude_fields must be field names, not {type(name).__name__}")
        if name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(sorted(known))}"
            raise UnsupportedParameter(
                f'exclude_fields: no field "{name}"{hint}',
                parameter="exclude_fields",
                supported=tuple(sorted(known)),
            )
    return tuple(names)
