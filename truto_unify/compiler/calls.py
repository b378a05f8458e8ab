"""Writes function calls: ours as the line or two that they are, where the arguments allow it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from truto_unify.compiler import cleaning, lists
from truto_unify.compiler.value import NOTHING, NULL, Types, Value, clean_text_value
from truto_unify.functions import FUNCTIONS, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Emitter, Tree

_LONGEST_INLINE = 8
_TEXT: Types = frozenset({"string", "null"})
_RESULTS: Mapping[str, Types] = {
    "contains": frozenset({"boolean"}),
    "ends_with": frozenset({"boolean"}),
    "starts_with": frozenset({"boolean"}),
    "length": frozenset({"number"}),
    "to_string": frozenset({"string"}),
    "type": frozenset({"string"}),
    "to_number": frozenset({"number", "null"}),
    "keys": frozenset({"array"}),
    "to_array": frozenset({"array"}),
    **dict.fromkeys(
        ("lower", "upper", "trim", "join_text", "first_text", "after_last", "before_first"), _TEXT
    ),
    "without_prefix": _TEXT,
    "shift_decimal": _TEXT,
}
_SAFE = frozenset({"decode_entities", "join_text", "first_text", "when"})
"""Functions that cannot fail where they are written in line."""
_CLEAN = frozenset({"join_text", "first_text"})
"""Functions whose text is neither blank nor has outer white space."""


def emit_call(emitter: Emitter, name: str, arguments: list[Value]) -> Value:
    """The result of a function of these arguments."""
    inline = _INLINE.get(name)
    made = inline(emitter, arguments) if inline is not None else None
    emitter.out.risks += name not in _SAFE or made is None
    return made if made is not None else _call(emitter, name, arguments)


def _call(emitter: Emitter, name: str, arguments: list[Value]) -> Value:
    """The call itself, without the official checks where the types are known or tested."""
    known: dict[str, Any] = {"types": _RESULTS[name]} if name in _RESULTS else {}
    known["is_clean"] = name in _CLEAN
    codes = [emitter.code(one) for one in arguments]
    checked = f"call_function({', '.join([repr(name), *codes])})"
    signature = FUNCTIONS.get(name)
    if signature is None or len(signature.types) != len(arguments):
        return emitter.assign(checked, **known)
    tests = [_fits(code, one, types) for code, one, types in zip(codes, arguments, signature.types, strict=True)]
    if None in tests:
        return emitter.assign(checked, **known)
    asked = " and ".join(f"({test})" for test in tests if test)
    direct = f"{name}({', '.join(codes)})"
    return emitter.assign(f"{direct} if {asked} else {checked}" if asked else direct, **known)


def _fits(code: str, argument: Value, types: tuple[str, ...]) -> str | None:
    """The test that an argument has one of these types; empty where it is known, None where it is known not to."""
    if argument.is_only(*types):
        return ""
    if not argument.may_be(*types) or argument.constant is not NOTHING:
        return None
    if argument.members is not None or argument.elements is not None:
        return None
    classes = {"string": "str", "array": "list", "object": "dict"}
    tests = [f"{code}.__class__ is {classes[one]}" for one in types if one in classes and argument.may_be(one)]
    tests += [f"{code} is None"] if "null" in types and argument.may_be_null else []
    tests += [f"{code}.__class__ is int", f"{code}.__class__ is float"] if "number" in types else []
    return " or ".join(tests)


def _join_text(emitter: Emitter, arguments: list[Value]) -> Value | None:
    separator, parts = arguments[0].constant, arguments[1].elements
    if not isinstance(separator, str) or parts is None or len(parts) > _LONGEST_INLINE:
        return None
    texts = [one for one in (cleaning.join_part(emitter, part) for part in parts) if not one.is_null]
    if not texts:
        return NULL
    if len(texts) == 1:
        return clean_text_value(emitter.out.assign(f"{texts[0].code} or None"))
    if len(texts) == 2:
        first, second = (one.code for one in texts)
        # One display, as Python joins texts side by side.
        shown = [one.code if one.constant is not NOTHING else f"f'{{{one.code}}}'" for one in texts]
        joined = f"{shown[0]} {separator!r} {shown[1]}"
        code = f"({joined} if {second} else {first}) if {first} else {second} or None"
    else:
        code = f"{separator!r}.join([text for text in ({', '.join(one.code for one in texts)},) if text]) or None"
    return clean_text_value(emitter.out.assign(code))


def _first_text(emitter: Emitter, arguments: list[Value]) -> Value | None:
    candidates = arguments[0].elements
    if candidates is None or len(candidates) > _LONGEST_INLINE:
        return None
    texts = [one for one in (cleaning.trim_text(emitter, part) for part in candidates) if not one.is_null]
    if not texts:
        return NULL
    return clean_text_value(emitter.out.assign(" or ".join([*(one.code for one in texts), "None"])))


def _length(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """The length of a list is no reason to want its elements."""
    value = arguments[0]
    known = value.members if value.members is not None else value.elements
    if known is not None:
        return Value(str(len(known)), frozenset({"number"}), constant=len(known))
    if value.constant is not NOTHING or not value.may_be("array"):
        return None
    if value.place is not None:
        value.place.element()
    code, checked = value.code, f"call_function('length', {value.code})"
    if value.is_only("array"):
        made = f"len({code})"
    elif value.is_only("array", "null"):
        made = f"len({code}) if {code} is not None else {checked}"
    else:
        made = f"len({code}) if {code}.__class__ is list or {code}.__class__ is str else {checked}"
    return emitter.assign(made, types=frozenset({"number"}))


def emit_first_text(emitter: Emitter, tree: Tree, current: Value) -> Value:
    """``first_text`` of a projection, without its list."""
    out = emitter.out
    result, outside, risks = out.assign("None"), out.loops, out.risks

    def try_next(candidate: Value) -> None:
        if candidate.constant is not NOTHING or not candidate.may_be("string"):
            text = cleaning.trim_text(emitter, candidate)
            if not text.is_null:
                out.write(f"if {result} is None: {result} = {text.code}")
            return
        code = emitter.text_code(candidate)
        test = f" and {code}" if candidate.is_only("string", "null") else f" and {code}.__class__ is str"
        with out.block(f"if {result} is None{test}:"):
            out.write(f"{result} = {cleaning.stripped(code)} or None")
            if out.loops > outside and out.risks == risks:  # else one of the rest might fail, which must be said
                out.write(f"if {result}: break")

    lists.each_projected(emitter, tree, current, try_next)
    return clean_text_value(result)


def _method(name: str, call: str, *, keeps_clean: bool = False, count: int = 1) -> Callable[..., Value | None]:
    """A function of a text that is one method of Python's ``str``; ``{1}`` stands for the second argument."""

    def inline(emitter: Emitter, arguments: list[Value]) -> Value | None:
        text, rest = arguments[0], arguments[1:]
        if len(arguments) != count or text.members is not None or text.elements is not None:
            return None
        if any(not one.constant or not isinstance(one.constant, str) for one in rest):
            return None
        if not text.may_be("string"):
            return NULL if text.is_null else None
        code = emitter.text_code(text)
        made = call.format(code, *(one.code for one in rest))
        if text.constant is not NOTHING:
            made = call.format(f"({text.code})", *(one.code for one in rest))
        elif text.is_only("string", "null"):
            made = f"{made} if {code} is not None else None" if text.may_be_null else made
        else:
            checked = f"call_function({', '.join([repr(name), code, *(emitter.code(one) for one in rest)])})"
            made = f"{made} if {code}.__class__ is str else None if {code} is None else {checked}"
        return emitter.assign(made, types=text.types & _TEXT or _TEXT, is_clean=keeps_clean and text.is_clean)

    return inline


def _decode_entities(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """Most texts hold no ampersand, which is seen without a call."""
    (value,) = arguments
    if value.constant is not NOTHING or not value.may_be("string"):
        return None if value.may_be("string") else value
    code = emitter.text_code(value)
    is_text = code if value.is_only("string", "null") else f"{code}.__class__ is str"
    return emitter.assign(f"decode_entities({code}) if {is_text} and '&' in {code} else {code}", types=value.types)


def _sort_by(_emitter: Emitter, arguments: list[Value]) -> Value | None:
    return arguments[0] if arguments[0].elements == () else None


def _when(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """The value where the condition holds; its type and whether it is clean are known all the same."""
    condition, value = arguments
    truth = emitter.truth(condition)
    if truth == "False" or value.is_null:
        return NULL
    if truth == "True":
        return value
    place = emitter.common_place([value])
    result = emitter.out.assign(f"{emitter.put(value, place)} if {truth} else None")
    return Value(result, value.types | {"null"}, is_clean=value.is_clean, place=place)


def _to_number(_emitter: Emitter, arguments: list[Value]) -> Value | None:
    """A text that the mapping holds is a number at once."""
    constant = arguments[0].constant
    number = to_number(constant) if isinstance(constant, str) else None
    if number is None or not isfinite(number):
        return None
    return Value(repr(number), frozenset({"number"}), constant=number)


_INLINE: Mapping[str, Callable[..., Value | None]] = {
    "to_number": _to_number,
    "when": _when,
    "sort_by": _sort_by,
    "decode_entities": _decode_entities,
    "length": _length,
    "join_text": _join_text,
    "first_text": _first_text,
    "lower": _method("lower", "{0}.lower()", keeps_clean=True),
    "upper": _method("upper", "{0}.upper()", keeps_clean=True),
    "trim": _method("trim", cleaning.stripped("{0}"), keeps_clean=True),
    "after_last": _method("after_last", "{0}.rpartition({1})[2]", count=2),
    "before_first": _method("before_first", "{0}.partition({1})[0]", count=2),
}
