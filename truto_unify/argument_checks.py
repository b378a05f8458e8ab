"""Refuses arguments of the wrong type or out of range, by name and without their value, which may be a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from truto_unify.errors import InvalidInput


def check_text(name: str, value: Any, *, example: str) -> None:
    """Checks that an argument is a text with content.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(value, str) or not value:
        raise InvalidInput(f'{name} must be text, as "{example}", not {_kind_of(value)}')


def check_optional_texts(values: Mapping[str, Any]) -> None:
    """Checks that arguments are text or None.

    Raises:
        InvalidInput: one of them is neither.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise InvalidInput(f"{name} must be text, not {_kind_of(value)}")


def check_fields(name: str, value: Any) -> None:
    """Checks that an argument is a mapping from names to values.

    Raises:
        InvalidInput: it is none.

    >>> check_fields("credentials", "s3cret")
    Traceback (most recent call last):
    truto_unify.errors.InvalidInput: credentials must be a mapping of names to values, not a value of the type str
    """
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a mapping of names to values, not {_kind_of(value)}")
    for key in value:
        if not isinstance(key, str):
            raise InvalidInput(f"{name} must have names of text, not {_kind_of(key)}")


def check_overrides(value: Any) -> None:
    """Checks that overrides are layers by resource.

    Raises:
        InvalidInput: they are none.
    """
    check_fields("overrides", value)
    for resource, layers in value.items():
        is_list = isinstance(layers, Sequence) and not isinstance(layers, str | bytes)
        if not is_list or not all(isinstance(layer, Mapping) for layer in layers):
            form = f'overrides={{"{resource}": [{{…}}]}}'
            raise InvalidInput(f"the overrides of {resource} must be a list of mappings, one for each layer: {form}")


def check_numbers(
    owner: str, whole: Mapping[str, Any], seconds: Mapping[str, Any] = MappingProxyType({}), *, least: int = 1
) -> None:
    """Checks that settings are whole numbers from ``least``, and others seconds from 0.

    Raises:
        InvalidInput: one of them is not; NaN is no number of seconds.

    >>> check_numbers("Budget", {"max_requests": 0})
    Traceback (most recent call last):
    truto_unify.errors.InvalidInput: Budget.max_requests must be a whole number from 1, not 0
    """
    for name, value in whole.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidInput(f"{owner}.{name} must be a whole number from {least}, not {_shown(value)}")
    for name, value in seconds.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise InvalidInput(f"{owner}.{name} must be a number of seconds from 0, not {_shown(value)}")


def check_body(body: Any) -> None:
    """Checks that the body of a native call is a JSON object.

    Raises:
        InvalidInput: it is none.
    """
    if body is not None and not (isinstance(body, Mapping) and all(isinstance(key, str) for key in body)):
        raise InvalidInput(f"body must be a mapping, which is sent as a JSON object, not {_kind_of(body)}")


def check_bytes(body: Any) -> None:
    """Checks that a body that is sent as it is holds bytes.

    Raises:
        InvalidInput: it holds something else.
    """
    if body is not None and not isinstance(body, bytes):
        raise InvalidInput(f"body must be bytes, which are sent as they are, not {_kind_of(body)}")


def _kind_of(value: Any) -> str:
    if value is None:
        return "None"
    return "an empty text" if value == "" else f"a value of the type {type(value).__name__}"


def _shown(value: Any) -> str:
    return str(value)[:40] if isinstance(value, int | float) else _kind_of(value)
