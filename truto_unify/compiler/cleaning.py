"""Writes the cleaning rules in line: texts, ids, flags, countries, times and enums.

Only the common case stands in line. For any other value the generated code calls the rule in ``truto_unify.values``,
which handles it or reports what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify import values
from truto_unify.compiler.times import READS_24
from truto_unify.compiler.value import NULL, Value, clean_text_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Emitter

_BOOLEAN = frozenset({"boolean", "null"})
_NUMBER = frozenset({"number", "null"})


def clean_text(emitter: Emitter, value: Value) -> Value:
    """The value as a unified text: trimmed, null if blank, a number as its digits; any other value fails."""
    if value.is_constant and isinstance(value.constant, str | None):
        return _constant_text(values.clean_text(value.constant))
    if value.is_null or (value.is_clean and value.is_only("string", "null")):
        return value
    known = emitter.out.recall(("text", value.code))
    if known is not None and value.code:
        return known
    emitter.out.risks += 1
    trimmed = emitter.out.recall(("trim", value.code)) if value.may_be("string") else None
    rule = f"clean_text({emitter.text_code(value)})"
    code = _trimmed_or_rule(value, rule) if trimmed is None else _text_or_rule(value, trimmed, rule)
    return emitter.out.remember(("text", value.code), clean_text_value(emitter.out.assign(code)), may_fail=True)


def trim_text(emitter: Emitter, value: Value) -> Value:
    """The value trimmed if it is a text; the result may be blank. Null for any other value."""
    if value.is_constant:
        text = values.strip_text(value.constant) if isinstance(value.constant, str) else ""
        return _constant_text(text or None)
    if not value.may_be("string"):
        return NULL
    if value.is_clean and value.is_only("string", "null"):
        return value
    known = emitter.out.recall(("trim", value.code))
    if known is not None:
        return known
    code = emitter.text_code(value)
    test = f" if {code} else None" if value.is_only("string", "null") else f" if {code}.__class__ is str else None"
    trimmed = emitter.assign(f"{trimmed_code(code)}{test}", types=frozenset({"string", "null"}))
    return emitter.out.remember(("trim", value.code), trimmed)


def join_part(emitter: Emitter, value: Value) -> Value:
    """The value as ``join_text`` joins it: a trimmed text, a number as its digits; null if blank or anything else."""
    trimmed = trim_text(emitter, value)
    if value.is_constant or not value.may_be("number", "boolean") or trimmed.is_null:
        if value.may_be("number", "boolean"):
            return clean_text_value(emitter.out.assign(f"part_text({emitter.code(value)})"))
        return trimmed
    known = emitter.out.recall(("part", value.code))
    if known is not None:
        return known
    code = emitter.out.assign(_text_or_rule(value, trimmed, f"part_text({value.code})"))
    return emitter.out.remember(("part", value.code), clean_text_value(code))


def _text_or_rule(value: Value, trimmed: Value, rule: str) -> str:
    """Code for the trimmed text, null if blank; the rule handles a value that is not a text."""
    text = trimmed.code
    if value.is_only("string", "null"):
        return f"{text} or None"
    return f"{text} or (None if {text} is not None or {value.code} is None else {rule})"


def clean_id(emitter: Emitter, value: Value) -> Value:
    """The value as a unified id: a whole number becomes its digits."""
    if value.is_only("string", "null"):
        return clean_text(emitter, value)
    if value.is_constant:
        return clean_text_value(emitter.out.assign(f"clean_id({value.code})"))
    number = f"str({value.code}) if {value.code}.__class__ is int else " if value.may_be("number") else ""
    code = _trimmed_or_rule(value, f"clean_id({emitter.code(value)})", before_null=number)
    return clean_text_value(emitter.out.assign(code))


def clean_flag(emitter: Emitter, value: Value) -> Value:
    """The value as a unified truth value."""
    if value.is_only("boolean", "null"):
        return value
    code = emitter.code(value)
    if value.is_constructed:
        return emitter.assign(f"clean_flag({code})", types=_BOOLEAN)
    test = f"{code} is None or {code}.__class__ is bool"
    if value.is_constant:
        return emitter.assign(f"clean_flag({code})", types=_BOOLEAN)
    return emitter.assign(f"{code} if {test} else clean_flag({code})", types=_BOOLEAN)


def clean_integer(emitter: Emitter, value: Value) -> Value:
    """The value as a unified whole number."""
    if value.is_null:
        return NULL
    return emitter.assign(f"clean_integer({emitter.code(value)})", types=_NUMBER)


def clean_country(emitter: Emitter, value: Value) -> Value:
    """The value as a unified country: a code of two capital letters."""
    if value.is_null or value.is_constant or not value.may_be("string"):
        return clean_text_value(emitter.out.assign(f"clean_country({emitter.code(value)})"))
    code = emitter.text_code(value)
    country = f'COUNTRY_CODES.get({code}) or (None if {code} == "" else clean_country({code}))'
    if not value.is_only("string"):
        country = f"None if {code} is None else {country}"
    emitter.out.risks += 1
    return clean_text_value(emitter.out.assign(country))


def clean_time(emitter: Emitter, value: Value, rule: str, *, is_utc: bool) -> Value:
    """The value as a unified time. A time that has the unified form already is checked and passes unchanged.

    The slices compare the separators; ``fromisoformat`` checks the rest.

    Args:
        emitter: writes the code.
        value: the native time.
        rule: the name of the rule for any other form.
        is_utc: whether a time without a zone is in UTC.
    """
    if value.is_constant or not value.may_be("string"):
        return call_rule(emitter, value, rule)
    out, result, code = emitter.out, emitter.out.assign("None"), emitter.text_code(value)
    out.risks += 1
    size, separators, end = (19, "--T::", ' + "Z"') if is_utc else (20, "--T::Z", "")
    not_24 = f' and {code}[HOUR] != "24"' if READS_24 else ""
    is_text = code if value.is_only("string", "null") else f"{code}.__class__ is str"
    with out.block(f"if {is_text} and len({code}) == {size} and {code}[SEPARATORS] == {separators!r}{not_24}:"):
        out.write(f"read_time({code})")
        out.write(f"{result} = {code}{end}")
    if not is_utc:
        with out.block(f"elif {is_text} and len({code}) == 25 and {code}[SEPARATORS_BEFORE_OFFSET] == '--T::':"):
            out.write(f"{result} = move_time({code}) or {rule}({code})")
    out.write(f"elif {code} is not None: {result} = quick_time({code}) or {rule}({code})")
    return clean_text_value(result)


def call_rule(emitter: Emitter, value: Value, rule: str, *more: str) -> Value:
    """The value by a rule that takes any value but null and returns a text."""
    if value.is_null:
        return NULL
    code = emitter.code(value)
    call = f"{rule}({', '.join([code, *more])})"
    may_be_null = value.may_be_null and not value.is_constructed
    return clean_text_value(emitter.out.assign(f"None if {code} is None else {call}" if may_be_null else call))


def map_enum(emitter: Emitter, value: Value, table: Mapping[str, str], finish: Callable[..., Any] | None) -> Value:
    """The unified word for a native word; a word that the table lacks is reported and passes unchanged."""
    if value.is_null:
        return NULL
    code, words = emitter.code(value), emitter.add_constant(_spellings(table))
    rule = emitter.add_constant(finish)
    if value.is_constructed or value.is_constant:
        return clean_text_value(emitter.out.assign(f"{rule}({code}, diagnostics, context)"))
    test = "" if value.is_only("string") else f" if {code}.__class__ is str else None"
    word = emitter.out.assign(f"{words}.get({code}){test}")
    emitter.out.write(f"if {word} is None and {code} is not None: {word} = {rule}({code}, diagnostics, context)")
    return clean_text_value(word)


def _spellings(table: Mapping[str, str]) -> dict[str, str]:
    """The table by common spellings, which need no preparation of the value; the rule compares any other spelling."""
    by_form = {values.compare_text(native): values.clean_text(unified) for native, unified in table.items()}
    spellings: dict[str, str] = {}
    for native in table:
        for spelling in (native, native.lower(), native.upper()):
            unified = by_form.get(values.compare_text(spelling))
            if unified is not None:
                spellings[spelling] = unified
    return spellings


def _constant_text(text: str | None) -> Value:
    if text is None:
        return NULL
    return Value(repr(text), frozenset({"string"}), is_clean=True, constant=text)


def trimmed_code(code: str) -> str:
    """Code for a text without outer blanks, in brackets: ``strip_text`` in line.

    Most texts are ASCII, where the method needs no list of blanks, which triples its time.
    """
    return f"({code}.strip() if {code}.isascii() else {code}.strip(BLANK))"


def _clean_code(code: str) -> str:
    """As ``trimmed_code``, null if blank, and without brackets; nothing but ``else`` may stand before it.

    The usual case has no jump over another one, and the parser reads brackets slowly.
    """
    return f"{code}.strip() or None if {code}.isascii() else {code}.strip(BLANK) or None"


def _trimmed_or_rule(value: Value, rule: str, *, before_null: str = "") -> str:
    """Code for the trimmed text, null if blank; the rule handles any value but text and null."""
    code = value.code
    if value.is_constructed or not value.may_be("string"):
        if value.may_be_null and not value.is_constructed:
            return f"{before_null}None if {code} is None else {rule}"
        return f"{before_null}{rule}"
    if value.is_only("string"):
        return _clean_code(code)
    if value.is_only("string", "null"):
        return f"None if not {code} else {_clean_code(code)}"
    other = f"{before_null}None if {code} is None else {rule}"
    return f"({other}) if {code}.__class__ is not str else {_clean_code(code)}"
