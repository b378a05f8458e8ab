"""Writes the rules of what leaves: text, ids, flags, countries and enums, as the few operations that they are.

The common case stands in line; anything odd goes to the rule itself in ``truto_unify.values``, which says what is
wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify import values
from truto_unify.compiler.times import READS_24
from truto_unify.compiler.value import NOTHING, NULL, Value, clean_text_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Emitter

_BOOLEAN = frozenset({"boolean", "null"})


def clean_text(emitter: Emitter, value: Value) -> Value:
    """The value as text that leaves: trimmed, null for blank, numbers written out; fails for anything else."""
    if value.constant is not NOTHING and isinstance(value.constant, str | None):
        return _constant_text(values.clean_text(value.constant))
    if value.is_null or (value.is_clean and value.is_only("string", "null")):
        return value
    known = emitter.out.known(("text", value.code))
    if known is not None and value.code:
        return known
    emitter.out.risks += 1
    trimmed = emitter.out.known(("trim", value.code)) if value.may_be("string") else None
    rule = f"clean_text({emitter.text_code(value)})"
    made = emitter.out.assign(_stripped(value, rule) if trimmed is None else _rest(value, trimmed, rule))
    return emitter.out.remember(("text", value.code), clean_text_value(made), may_fail=True)


def trim_text(emitter: Emitter, value: Value) -> Value:
    """The value trimmed if it is a text, which may then be blank; null for anything else."""
    if value.constant is not NOTHING:
        text = values.strip_text(value.constant) if isinstance(value.constant, str) else ""
        return _constant_text(text or None)
    if not value.may_be("string"):
        return NULL
    if value.is_clean and value.is_only("string", "null"):
        return value
    known = emitter.out.known(("trim", value.code))
    if known is not None:
        return known
    code = emitter.text_code(value)
    test = f" if {code} else None" if value.is_only("string", "null") else f" if {code}.__class__ is str else None"
    made = emitter.assign(f"{stripped(code)}{test}", types=frozenset({"string", "null"}))
    return emitter.out.remember(("trim", value.code), made)


def join_part(emitter: Emitter, value: Value) -> Value:
    """The value as ``join_text`` takes it: trimmed text, numbers written out, null for anything else and for blank."""
    trimmed = trim_text(emitter, value)
    if value.constant is not NOTHING or not value.may_be("number", "boolean") or trimmed.is_null:
        if value.may_be("number", "boolean"):
            return clean_text_value(emitter.out.assign(f"part_text({emitter.code(value)})"))
        return trimmed
    known = emitter.out.known(("part", value.code))
    if known is not None:
        return known
    made = emitter.out.assign(_rest(value, trimmed, f"part_text({value.code})"))
    return emitter.out.remember(("part", value.code), clean_text_value(made))


def _rest(value: Value, trimmed: Value, rule: str) -> str:
    """The trimmed text if it is not blank; what is no text by the rule."""
    text = trimmed.code
    if value.is_only("string", "null"):
        return f"{text} or None"
    return f"{text} or (None if {text} is not None or {value.code} is None else {rule})"


def clean_id(emitter: Emitter, value: Value) -> Value:
    """The value as an id that leaves: whole numbers written out."""
    if value.is_only("string", "null"):
        return clean_text(emitter, value)
    if value.constant is not NOTHING:
        return clean_text_value(emitter.out.assign(f"clean_id({value.code})"))
    number = f"str({value.code}) if {value.code}.__class__ is int else " if value.may_be("number") else ""
    code = _stripped(value, f"clean_id({emitter.code(value)})", before_null=number)
    return clean_text_value(emitter.out.assign(code))


def clean_flag(emitter: Emitter, value: Value) -> Value:
    """The value as a truth value that leaves."""
    if value.is_only("boolean", "null"):
        return value
    code = emitter.code(value)
    if value.members is not None or value.elements is not None:
        return emitter.assign(f"clean_flag({code})", types=_BOOLEAN)
    test = f"{code} is None or {code}.__class__ is bool"
    if value.constant is not NOTHING:
        return emitter.assign(f"clean_flag({code})", types=_BOOLEAN)
    return emitter.assign(f"{code} if {test} else clean_flag({code})", types=_BOOLEAN)


def clean_country(emitter: Emitter, value: Value) -> Value:
    """The value as a country that leaves: a code of two letters in capitals."""
    if value.is_null or value.constant is not NOTHING or not value.may_be("string"):
        return clean_text_value(emitter.out.assign(f"clean_country({emitter.code(value)})"))
    code = emitter.text_code(value)
    found = f"COUNTRY_CODES.get({code}) or clean_country({code})"
    if not value.is_only("string"):
        found = f'None if {code} is None or {code} == "" else {found}'
    emitter.out.risks += 1
    return clean_text_value(emitter.out.assign(found))


def clean_time(emitter: Emitter, value: Value, rule: str, *, is_utc: bool) -> Value:
    """The value as a time that leaves, by its rule; one in the form in which it leaves passes after a check.

    What the slices leave unsaid, ``fromisoformat`` checks.

    Args:
        emitter: writes it.
        value: the native time.
        rule: the name of the rule.
        is_utc: whether a time without a zone is in UTC.
    """
    if value.constant is not NOTHING or not value.may_be("string"):
        return call_rule(emitter, value, rule)
    out, made, code = emitter.out, emitter.out.assign("None"), emitter.text_code(value)
    out.risks += 1
    size, marks, end = (19, "--T::", ' + "Z"') if is_utc else (20, "--T::Z", "")
    not_24 = f' and {code}[HOUR] != "24"' if READS_24 else ""
    is_text = code if value.is_only("string", "null") else f"{code}.__class__ is str"
    with out.block(f"if {is_text} and len({code}) == {size} and {code}[MARKS] == {marks!r}{not_24}:"):
        out.write(f"read_time({code})")
        out.write(f"{made} = {code}{end}")
    if not is_utc:
        with out.block(f"elif {is_text} and len({code}) == 25 and {code}[MARKS_BEFORE_OFFSET] == '--T::':"):
            out.write(f"{made} = move_time({code}) or {rule}({code})")
    out.write(f"elif {code} is not None: {made} = quick_time({code}) or {rule}({code})")
    return clean_text_value(made)


def call_rule(emitter: Emitter, value: Value, rule: str, *more: str) -> Value:
    """The value by a rule that takes what is not null, and gives text."""
    if value.is_null:
        return NULL
    code = emitter.code(value)
    call = f"{rule}({', '.join([code, *more])})"
    may_be_null = value.may_be_null and value.members is None and value.elements is None
    return clean_text_value(emitter.out.assign(f"None if {code} is None else {call}" if may_be_null else call))


def look_up(emitter: Emitter, value: Value, table: Mapping[str, str], finish: Callable[..., Any]) -> Value:
    """The unified word for a native one; a word that the table lacks is noted and passes raw."""
    if value.is_null:
        return NULL
    code, known = emitter.code(value), emitter.constant(_spellings(table))
    rule = emitter.constant(finish)
    if value.members is not None or value.elements is not None or value.constant is not NOTHING:
        return clean_text_value(emitter.out.assign(f"{rule}({code}, diagnostics, context)"))
    test = "" if value.is_only("string") else f" if {code}.__class__ is str else None"
    found = emitter.out.assign(f"{known}.get({code}){test}")
    emitter.out.write(f"if {found} is None and {code} is not None: {found} = {rule}({code}, diagnostics, context)")
    return clean_text_value(found)


def _spellings(table: Mapping[str, str]) -> dict[str, str]:
    """The table by the spellings that are looked up without preparing the value; others are compared properly."""
    by_form = {values.compare_text(native): values.clean_text(unified) for native, unified in table.items()}
    found: dict[str, str] = {}
    for native in table:
        for spelling in (native, native.lower(), native.upper()):
            unified = by_form.get(values.compare_text(spelling))
            if unified is not None:
                found[spelling] = unified
    return found


def _constant_text(text: str | None) -> Value:
    if text is None:
        return NULL
    return Value(repr(text), frozenset({"string"}), is_clean=True, constant=text)


def stripped(code: str) -> str:
    """Code for a text without outer blanks, in brackets; most texts are ASCII, where Python's own method is enough."""
    return f"({code}.strip() if {code}.isascii() else strip_text({code}))"


def _stripped(value: Value, rule: str, *, before_null: str = "") -> str:
    """Text trimmed, null for blank; anything but text and null by the rule."""
    code = value.code
    if value.members is not None or value.elements is not None or not value.may_be("string"):
        if value.may_be_null and value.members is None and value.elements is None:
            return f"{before_null}None if {code} is None else {rule}"
        return f"{before_null}{rule}"
    if value.is_only("string"):
        return f"{stripped(code)} or None"
    if value.is_only("string", "null"):
        return f"({stripped(code)} or None) if {code} else None"
    return f"({stripped(code)} or None) if {code}.__class__ is str else {before_null}None if {code} is None else {rule}"
