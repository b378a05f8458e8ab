"""What is wrong with the body of a request, in prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

UNREADABLE_BODY: Final = (
    "the body cannot be read as JSON: a number is too long, objects or lists are nested too deep, or it is no UTF-8"
)
# https://docs.pydantic.dev/latest/errors/validation_errors/
_TEXTS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_unicode": "must be text without half characters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def describe_fault(fault: Mapping[str, Any]) -> str:
    """A fault of pydantic or FastAPI as a sentence without its end.

    >>> describe_fault({"type": "missing", "loc": ("body", "tenant_id"), "msg": "Field required"})
    'tenant_id is required'
    >>> describe_fault({"type": "model_attributes_type", "loc": ("body",), "msg": "Input should be …"})
    'the body must be an object'
    >>> describe_fault({"type": "less_than", "loc": ("query", "limit"), "msg": "Input should be less than 5"})
    'limit must be less than 5'
    """
    location = tuple(map(str, fault["loc"]))
    if fault["type"] == "json_invalid":  # its location is a character of the body
        reason = str(fault.get("ctx", {}).get("error", "")).lower()
        return f"the body is not JSON: {reason} at character {location[-1]}"
    text = _TEXTS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ").replace("Input should", "must")
    return f"{'.'.join(location[1:]) or f'the {location[0]}'} {text}"
