"""Writes function calls: our own functions in line, as one or two lines, if the arguments allow it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from truto_unify.compiler import cleaning, lists
from truto_unify.compiler.value import NULL, Types, Value, clean_text_value
from truto_unify.functions import FUNCTIONS, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Emitter, Tree

_MAX_INLINE_PARTS = 8
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
    **dict.fromkeys(("lower", "upper", "trim", "join_text", "first_text", "after_last", "before_first"), _TEXT),
    "without_prefix": _TEXT,
    "split_text": frozenset({"array", "null"}),
    "shift_decimal": _TEXT,
    "from_minor_units": _TEXT,
    "sum_decimals": _TEXT,
    "subtract_decimals": _TEXT,
    "divide_decimals": _TEXT,
    "multiply_decimals": _TEXT,
    "without_sign": _TEXT,
    "items_with": frozenset({"array", "null"}),
}
_SAFE = frozenset({"decode_entities", "join_text", "first_text", "when"})
"""Functions that cannot fail if they are written in line."""
_CLEAN = frozenset({"join_text", "first_text"})
"""Functions whose text is neither blank nor has outer white space."""


def emit_call(emitter: Emitter, name: str, arguments: list[Value]) -> Value:
    """The result of a function for these arguments."""
    inline = _INLINE.get(name)
    result = inline(emitter, arguments) if inline is not None else None
    emitter.out.risks += name not in _SAFE or result is None
    return result if result is not None else _call(emitter, name, arguments)


def _call(emitter: Emitter, name: str, arguments: list[Value]) -> Value:
    """The call itself, without the checks of the official library if the types are known or tested."""
    facts: dict[str, Any] = {"types": _RESULTS[name]} if name in _RESULTS else {}
    facts["is_clean"] = name in _CLEAN
    codes = [emitter.code(argument) for argument in arguments]
    checked = f"call_function({', '.join([repr(name), *codes])})"
    signature = FUNCTIONS.get(name)
    if signature is None or len(signature.types) != len(arguments):
        return emitter.assign(checked, **facts)
    tests = [
        _type_test(code, argument, types)
        for code, argument, types in zip(codes, arguments, signature.types, strict=True)
    ]
    if None in tests:
        return emitter.assign(checked, **facts)
    test = " and ".join(f"({test})" for test in tests if test)
    direct = f"{name}({', '.join(codes)})"
    return emitter.assign(f"{direct} if {test} else {checked}" if test else direct, **facts)


def _type_test(code: str, argument: Value, types: tuple[str, ...]) -> str | None:
    """The test that an argument has one of these types; empty if it certainly has, None if it certainly has not."""
    if argument.is_only(*types):
        return ""
    if not argument.may_be(*types) or argument.is_constant:
        return None
    if argument.is_constructed:
        return None
    classes = {"string": "str", "array": "list", "object": "dict"}
    tests = [f"{code}.__class__ is {classes[name]}" for name in types if name in classes and argument.may_be(name)]
    tests += [f"{code} is None"] if "null" in types and argument.may_be_null else []
    tests += [f"{code}.__class__ is int", f"{code}.__class__ is float"] if "number" in types else []
    return " or ".join(tests)


def _join_text(emitter: Emitter, arguments: list[Value]) -> Value | None:
    separator, parts = arguments[0].constant, arguments[1].elements
    if not isinstance(separator, str) or parts is None or len(parts) > _MAX_INLINE_PARTS:
        return None
    texts = [text for text in (cleaning.join_part(emitter, part) for part in parts) if not text.is_null]
    if not texts:
        return NULL
    if len(texts) == 1:
        return clean_text_value(emitter.out.assign(f"{texts[0].code} or None"))
    if len(texts) == 2:
        first, second = (text.code for text in texts)
        # Python joins adjacent literals at compile time.
        shown = [text.code if text.is_constant else f"f'{{{text.code}}}'" for text in texts]
        joined = f"{shown[0]} {separator!r} {shown[1]}"
        code = f"({joined} if {second} else {first}) if {first} else {second} or None"
    else:
        code = f"{separator!r}.join([text for text in ({', '.join(text.code for text in texts)},) if text]) or None"
    return clean_text_value(emitter.out.assign(code))


def _first_text(emitter: Emitter, arguments: list[Value]) -> Value | None:
    candidates = arguments[0].elements
    if candidates is None or len(candidates) > _MAX_INLINE_PARTS:
        return None
    texts = [text for text in (cleaning.trim_text(emitter, part) for part in candidates) if not text.is_null]
    if not texts:
        return NULL
    return clean_text_value(emitter.out.assign(" or ".join([*(text.code for text in texts), "None"])))


def _length(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """The length of a list. It does not require what the elements hold."""
    value = arguments[0]
    parts = value.members if value.members is not None else value.elements
    if parts is not None:
        return Value(str(len(parts)), frozenset({"number"}), constant=len(parts))
    if value.is_constant or not value.may_be("array"):
        return None
    if value.path is not None:
        value.path.element()
    code, checked = value.code, f"call_function('length', {value.code})"
    if value.is_only("array"):
        length = f"len({code})"
    elif value.is_only("array", "null"):
        length = f"len({code}) if {code} is not None else {checked}"
    else:
        length = f"len({code}) if {code}.__class__ is list or {code}.__class__ is str else {checked}"
    return emitter.assign(length, types=frozenset({"number"}))


def emit_first_text(emitter: Emitter, tree: Tree, current: Value) -> Value:
    """``first_text`` of a projection, without building its list."""
    out = emitter.out
    result, outside, risks = out.assign("None"), out.loops, out.risks

    def try_next(candidate: Value) -> None:
        if candidate.is_constant or not candidate.may_be("string"):
            text = cleaning.trim_text(emitter, candidate)
            if not text.is_null:
                out.write(f"if {result} is None: {result} = {text.code}")
            return
        code = emitter.text_code(candidate)
        test = f" and {code}" if candidate.is_only("string", "null") else f" and {code}.__class__ is str"
        with out.block(f"if {result} is None{test}:"):
            out.write(f"{result} = {cleaning.trimmed_code(code)} or None")
            if out.loops > outside and out.risks == risks:  # a later element may fail, and must be reported
                out.write(f"if {result}: break")

    lists.visit_projected(emitter, tree, current, try_next)
    return clean_text_value(result)


def _method(name: str, call: str, *, keeps_clean: bool = False, count: int = 1) -> Callable[..., Value | None]:
    """Inlines a function of a text as one method of Python's ``str``; ``{1}`` stands for the second argument."""

    def inline(emitter: Emitter, arguments: list[Value]) -> Value | None:
        text, rest = arguments[0], arguments[1:]
        if len(arguments) != count or text.is_constructed:
            return None
        if any(not argument.constant or not isinstance(argument.constant, str) for argument in rest):
            return None
        if not text.may_be("string"):
            return NULL if text.is_null else None
        code = emitter.text_code(text)
        result = call.format(code, *(argument.code for argument in rest))
        if text.is_constant:
            result = call.format(f"({text.code})", *(argument.code for argument in rest))
        elif text.is_only("string", "null"):
            result = f"{result} if {code} is not None else None" if text.may_be_null else result
        else:
            checked = f"call_function({', '.join([repr(name), code, *(emitter.code(argument) for argument in rest)])})"
            result = f"{result} if {code}.__class__ is str else None if {code} is None else {checked}"
        return emitter.assign(result, types=text.types & _TEXT or _TEXT, is_clean=keeps_clean and text.is_clean)

    return inline


def _decode_entities(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """Most texts hold no ampersand, which is seen without a call."""
    (value,) = arguments
    if value.is_constant or not value.may_be("string"):
        return None if value.may_be("string") else value
    code = emitter.text_code(value)
    is_text = code if value.is_only("string", "null") else f"{code}.__class__ is str"
    return emitter.assign(f"decode_entities({code}) if {is_text} and '&' in {code} else {code}", types=value.types)


def _sort_by(_emitter: Emitter, arguments: list[Value]) -> Value | None:
    return arguments[0] if arguments[0].elements == () else None


def _when(emitter: Emitter, arguments: list[Value]) -> Value | None:
    """The value if the condition holds, else null; the facts known of the value stay known."""
    condition, value = arguments
    truth = emitter.truth(condition)
    if truth == "False" or value.is_null:
        return NULL
    if truth == "True":
        return value
    path = emitter.merge_paths([value])
    result = emitter.out.assign(f"{emitter.shared_code(value, path)} if {truth} else None")
    return Value(result, value.types | {"null"}, is_clean=value.is_clean, path=path)


def _to_number(_emitter: Emitter, arguments: list[Value]) -> Value | None:
    """Converts a text constant while compiling."""
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
    "trim": _method("trim", cleaning.trimmed_code("{0}"), keeps_clean=True),
    "after_last": _method("after_last", "{0}.rpartition({1})[2]", count=2),
    "before_first": _method("before_first", "{0}.partition({1})[0]", count=2),
}
