"""Writes which elements a unified list keeps: it drops blank elements, and keeps the first of equal ones.

If the expression writes out a short list, each element is compared with those before it. The elements of a loop are
collected in a dict, whose keys are equal for equal elements; the dict becomes the list in the end.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from truto_unify.compiler.value import NULL, Value, clean_text_value
from truto_unify.element_rules import ElementRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.compiler.emit import Emitter

Parts = dict[str, Value]
_Form = Literal["all", "required", "text", "phone", "other"]
_MAX_COMPARED = 3


@dataclass(slots=True)
class ElementWriter:
    """Writes one list of elements.

    Args:
        emitter: writes the parts of the elements.
        rule: which elements the list keeps.
        count: the maximum number of elements; None if only the running code knows it.

    Attributes:
        result: the variable that holds the list after ``finish``.
    """

    emitter: Emitter
    rule: ElementRule
    count: int | None
    result: str = field(init=False)
    _has_formatted: str = field(init=False)
    _form: _Form = field(init=False)
    _before: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        out = self.emitter.out
        self._form = _form_of(self.rule)
        self.result, self._has_formatted = out.new_name("r"), out.new_name("o")
        out.write(f"{self.result} = {'{}' if self._is_keyed else '[]'}")
        if self._checks_formatted:
            out.write(f"{self._has_formatted} = False")

    @property
    def _is_keyed(self) -> bool:
        """Whether elements are collected in a dict by a key that equal elements share."""
        return self._form in {"text", "phone"} and (self.count is None or self.count > _MAX_COMPARED)

    @property
    def _checks_formatted(self) -> bool:
        """Whether phones with more than digits are compared once more in the end."""
        return self._form == "phone" and self.count != 1

    def add(self, parts: Parts) -> None:
        """Writes the code that adds an element or drops it."""
        if self._form == "text":
            self._add_text(parts)
        elif self._form == "phone":
            self._add_phone(parts)
        elif self._form == "required":
            self._add_required(parts)
        else:
            self._append(parts)

    def finish(self) -> None:
        """Writes the code that turns the collected elements into the list."""
        out, result = self.emitter.out, self.result
        if self._is_keyed:
            out.write(f"{result} = list({result}.values()) if {result} else []")
        if self._checks_formatted:
            drop = self.emitter.add_constant(self.rule.drop_equal)
            out.write(f"if {self._has_formatted} and len({result}) > 1: {result} = {drop}({result})")
        if self._form == "other":
            out.write(f"{result} = {self.emitter.add_constant(self.rule.keep)}({result})")

    def _append(self, parts: Mapping[str, Value]) -> None:
        self.emitter.out.write(f"{self.result}.append({self._display(parts)})")

    def _display(self, parts: Mapping[str, Value]) -> str:
        return self.emitter.record_code({name: self.emitter.code(value) for name, value in parts.items()})

    def _add_text(self, parts: Parts) -> None:
        """Texts are compared as ``compare_text`` does it."""
        text = parts[self.rule.unique[0]]
        if text.is_null:
            return
        code = text.code
        tests = [f"{code} is not None"] if text.may_be_null else []
        if not self._is_keyed:
            tests += [_differs(code, text_before) for text_before in self._before]
            self._before.append(text)
        with self._only_if(tests):
            if self._is_keyed:
                self._add_keyed(self.emitter.out.assign(f"compare_text({code})"), parts)
            else:
                self._append(parts)

    def _add_phone(self, parts: Parts) -> None:
        """Phones are compared by their digits; a phone with more than a plus and digits is compared in the end."""
        ((number_part, extension_part),) = self.rule.splits
        number, extension = parts[number_part], parts[extension_part]
        if number.is_null:
            return
        out = self.emitter.out
        key = out.assign("None")
        with self._only_if([f"{number.code} is not None"] if number.may_be_null else []):
            number_code, extension_code = out.assign(number.code), out.assign(extension.code)
            out.write(f'{key} = {number_code}.removeprefix("+")')
            has_extension = "" if extension.is_null else f"{extension_code} is not None or "
            with out.block(f"if {has_extension}not {key}.encode().isdigit():"):
                has_none = "" if extension.is_null else f"if {extension_code} is None: "
                out.write(f"{has_none}{number_code}, {extension_code} = split_phone({number_code})")
                if self._checks_formatted:
                    out.write(f"{key}, {self._has_formatted} = ({number_code}, {extension_code}), True")
            split = {number_part: clean_text_value(number_code), extension_part: clean_text_value(extension_code)}
            changed = {**parts, **split}
            if self._is_keyed:
                self._add_keyed(key, changed)
                return
            with self._only_if([f"{key} != {key_before.code}" for key_before in self._before]):
                self._append(changed)
            self._before.append(Value(key))

    @contextmanager
    def _only_if(self, tests: list[str]) -> Iterator[None]:
        """Writes the lines inside as a block under these tests; without tests, as they are."""
        if not tests:
            yield
            return
        with self.emitter.out.block(f"if {' and '.join(tests)}:"):
            yield

    def _add_keyed(self, key: str, parts: Mapping[str, Value]) -> None:
        self.emitter.out.write(f"if {key} not in {self.result}: {self.result}[{key}] = {self._display(parts)}")

    def _add_required(self, parts: Parts) -> None:
        """An element has at least one of the parts that its list requires."""
        required = [parts[name] for name in self.rule.required if not parts.get(name, NULL).is_null]
        if required:
            is_certain = any(not value.may_be_null for value in required)
            tests = [] if is_certain else [" or ".join(f"{value.code} is not None" for value in required)]
            with self._only_if(tests):
                self._append(parts)


def _form_of(rule: ElementRule) -> _Form:
    """How the rule is written: in line for the usual forms, else by a call in the end."""
    if rule == ElementRule():
        return "all"
    if rule.required == rule.unique and len(rule.unique) == 1 and not rule.splits:
        return "text" if rule.compares == "text" else "other"
    if rule.compares == "phone" and rule.splits == (rule.unique,) and rule.required == rule.unique[:1]:
        return "phone"
    return "other" if rule.unique or rule.splits else "required"


def _differs(code: str, other: Value) -> str:
    """The test that a text differs from another one."""
    text = f"{code} != {other.code} and compare_text({code}) != compare_text({other.code})"
    return f"({other.code} is None or {text})" if other.may_be_null else text
