"""Writes which elements a unified list keeps: it drops blank elements, and keeps the first of equal e-mails or phones.

If the expression writes out a short list, each element is compared with those before it. The elements of a loop are
collected in a dict, whose keys are equal for equal elements; the dict becomes the list in the end.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from truto_unify.compiler.value import NULL, Value, clean_text_value
from truto_unify.values import PLACE_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from truto_unify.compiler.emit import Emitter

Parts = dict[str, Value]
_MAX_COMPARED = 3


@dataclass(slots=True)
class ElementWriter:
    """Writes one list of elements.

    Args:
        emitter: writes the parts of the elements.
        kind: the rule of which elements the list keeps: ``emails``, ``phones``, ``addresses`` or ``all``.
        count: the maximum number of elements; None if only the running code knows it.

    Attributes:
        result: the variable that holds the list after ``finish``.
    """

    emitter: Emitter
    kind: str
    count: int | None
    result: str = field(init=False)
    _has_formatted: str = field(init=False)
    _before: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        out = self.emitter.out
        self.result, self._has_formatted = out.new_name("r"), out.new_name("o")
        out.write(f"{self.result} = {'{}' if self._is_keyed else '[]'}")
        if self._checks_formatted:
            out.write(f"{self._has_formatted} = False")

    @property
    def _is_keyed(self) -> bool:
        """Whether elements are collected in a dict by a key that equal elements share."""
        return self.kind in {"emails", "phones"} and (self.count is None or self.count > _MAX_COMPARED)

    @property
    def _checks_formatted(self) -> bool:
        """Whether phones with more than digits are compared once more in the end."""
        return self.kind == "phones" and self.count != 1

    def add(self, parts: Parts) -> None:
        """Writes the code that adds an element or drops it."""
        add: Callable[[Parts], None] = getattr(self, f"_add_{self.kind}", self._append)
        add(parts)

    def finish(self) -> None:
        """Writes the code that turns the collected elements into the list."""
        out, result = self.emitter.out, self.result
        if self._is_keyed:
            out.write(f"{result} = list({result}.values()) if {result} else []")
        if self._checks_formatted:
            out.write(f"if {self._has_formatted} and len({result}) > 1: {result} = drop_equal_phones({result})")

    def _append(self, parts: Mapping[str, Value]) -> None:
        self.emitter.out.write(f"{self.result}.append({self._display(parts)})")

    def _display(self, parts: Mapping[str, Value]) -> str:
        return self.emitter.record_code({name: self.emitter.code(value) for name, value in parts.items()})

    def _add_emails(self, parts: Parts) -> None:
        """E-mails are compared without regard to case."""
        email = parts["email"]
        if email.is_null:
            return
        code = email.code
        tests = [f"{code} is not None"] if email.may_be_null else []
        if not self._is_keyed:
            tests += [_differs(code, email_before) for email_before in self._before]
            self._before.append(email)
        with self._only_if(tests):
            if self._is_keyed:
                self._add_keyed(self.emitter.out.assign(f"{code}.casefold()"), parts)
            else:
                self._append(parts)

    def _add_phones(self, parts: Parts) -> None:
        """Phones are compared by their digits; a phone with more than a plus and digits is compared in the end."""
        number, extension = parts["number"], parts["extension"]
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
            split = {"number": clean_text_value(number_code), "extension": clean_text_value(extension_code)}
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

    def _add_addresses(self, parts: Parts) -> None:
        """An address has at least one part that names a place."""
        places = [parts[name] for name in PLACE_PARTS if not parts.get(name, NULL).is_null]
        if places:
            is_certain = any(not place.may_be_null for place in places)
            tests = [] if is_certain else [" or ".join(f"{place.code} is not None" for place in places)]
            with self._only_if(tests):
                self._append(parts)


def _differs(code: str, other: Value) -> str:
    """The test that an e-mail differs from another one."""
    text = f"{code} != {other.code} and {code}.casefold() != {other.code}.casefold()"
    return f"({other.code} is None or {text})" if other.may_be_null else text
