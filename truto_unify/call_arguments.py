"""Reads the keyword arguments of a unified call, or says what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, get_args

from truto_unify.engine.arguments import read_filters, read_sort, unknown_parameter
from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.expressions import suggest
from truto_unify.models.fields import field_kinds
from truto_unify.models.query_values import GET_OPTIONS, LIST_OPTIONS
from truto_unify.types import Call, OnRecordError, ResponseFormat, Unsupported
from truto_unify.values import show_value, type_in_words

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema


def read_list_call(schema: ResourceSchema, arguments: Mapping[str, Any]) -> Call:
    """The list call that these keyword arguments mean; an option that is None counts as not given.

    Raises:
        UnsupportedParameter: no such filter, operator, sort, option or field.
        InvalidInput: a value that cannot be understood.
    """
    options, filters = _split(arguments, LIST_OPTIONS)
    limit, cursor = check_limit(options.get("limit")), options.get("next_cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise InvalidInput("next_cursor must be the text that the page before gave")
    return Call(
        resource=schema.name,
        method="list",
        filters=read_filters(schema, filters, LIST_OPTIONS),
        sort=read_sort(schema, options.get("sort_by")),
        limit=None if _switch("ignore_limit", options.get("ignore_limit", False)) else limit,
        next_cursor=cursor or None,
        unsupported=check_choice("unsupported", options.get("unsupported", "emulate"), get_args(Unsupported)),
        on_record_error=check_choice(
            "on_record_error", options.get("on_record_error", "keep_raw"), get_args(OnRecordError)
        ),
        **_read_shaping(schema, options),
    )


def read_get_call(schema: ResourceSchema, record_id: Any, arguments: Mapping[str, Any]) -> Call:
    """The get call of one record that these keyword arguments mean; an option that is None counts as not given.

    Raises:
        UnsupportedParameter: no such option or field.
        InvalidInput: a value that cannot be understood.
    """
    options, unknown = _split(arguments, GET_OPTIONS)
    for name in unknown:
        raise unknown_parameter(f"get of {schema.name}", name, GET_OPTIONS)
    if isinstance(record_id, bool) or not isinstance(record_id, str | int):
        raise InvalidInput(f"the id must be text, not {type_in_words(record_id)}")
    return Call(resource=schema.name, method="get", id=str(record_id), **_read_shaping(schema, options))


def check_limit(value: Any) -> int | None:
    """The limit of a page, None for no limit.

    Raises:
        InvalidInput: not a whole number from 1.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInput(f"limit must be a whole number from 1, not {show_value(value)}")
    return value


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> Any:
    """The value of an argument that takes one of several words.

    Raises:
        InvalidInput: another value.
    """
    if value not in choices:
        hint = suggest(str(value), choices) or f"; one of {', '.join(choices)}"
        raise InvalidInput(f"{name} {show_value(value)} is not known{hint}")
    return value


def _split(arguments: Mapping[str, Any], names: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options that are not None, and all other arguments."""
    options = {name: value for name, value in arguments.items() if name in names and value is not None}
    return options, {name: value for name, value in arguments.items() if name not in names}


def _read_shaping(schema: ResourceSchema, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that list and get share."""
    return {
        "response_format": check_choice(
            "response_format", options.get("response_format", "unified"), get_args(ResponseFormat)
        ),
        "exclude_fields": _field_names(schema, options.get("exclude_fields", ())),
        "ignore_remote_data": _switch("ignore_remote_data", options.get("ignore_remote_data", False)),
        "remote_query": _native_parameters(options.get("remote_query", {})),
        "side_load": _side_loads(options.get("side_load", ())),
    }


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} must be True or False, not {show_value(value)}")
    return value


def _native_parameters(value: Any) -> Mapping[str, Any]:
    if not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise InvalidInput("remote_query must be a mapping of native names to values")
    return value


def _side_loads(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise InvalidInput("side_load must be names of side loads")
    return tuple(names)


def _field_names(schema: ResourceSchema, value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, Collection):
        raise InvalidInput(f"exclude_fields must be field names, not {type_in_words(value)}")
    known = {*field_kinds(schema.record), "remote_data"}
    for name in names:
        if not isinstance(name, str):
            raise InvalidInput(f"exclude_fields must be field names, not {type_in_words(name)}")
        if name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(sorted(known))}"
            raise UnsupportedParameter(
                f'exclude_fields: no field "{name}"{hint}',
                parameter="exclude_fields",
                supported=tuple(sorted(known)),
            )
    return tuple(names)
