"""Writes which elements of a list leave: blank ones do not, and of equal e-mails and phones only the first.

Where a list is written out in the expression, each element is compared with those before it; the elements of a loop
are kept in a dict by what makes them equal, which becomes the list in the end.
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

Made = dict[str, Value]
_MOST_COMPARED = 3


@dataclass(slots=True)
class ElementWriter:
    """Writes one list of elements.

    Args:
        emitter: writes their parts.
        kind: which elements leave: ``emails``, ``phones``, ``addresses`` or ``all``.
        count: how many there are at most; None for a list that is known only when the code runs.

    Attributes:
        result: the variable that holds the list after ``finish``.
    """

    emitter: Emitter
    kind: str
    count: int | None
    result: str = field(init=False)
    _odd: str = field(init=False)
    _before: list[Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        out = self.emitter.out
        self.result, self._odd = out.fresh("r"), out.fresh("o")
        out.write(f"{self.result} = {'{}' if self._is_keyed else '[]'}")
        if self._has_odd:
            out.write(f"{self._odd} = False")

    @property
    def _is_keyed(self) -> bool:
        """Whether elements are kept by what makes them equal."""
        return self.kind in {"emails", "phones"} and (self.count is None or self.count > _MOST_COMPARED)

    @property
    def _has_odd(self) -> bool:
        return self.kind == "phones" and self.count != 1

    def add(self, made: Made) -> None:
        """Writes what adds an element, or leaves it out."""
        add: Callable[[Made], None] = getattr(self, f"_add_{self.kind}", self._append)
        add(made)

    def finish(self) -> None:
        """Writes what turns the kept elements into the list."""
        out, result = self.emitter.out, self.result
        if self._is_keyed:
            out.write(f"{result} = list({result}.values()) if {result} else []")
        if self._has_odd:
            out.write(f"if {self._odd} and len({result}) > 1: {result} = drop_equal_phones({result})")

    def _append(self, made: Mapping[str, Value]) -> None:
        self.emitter.out.write(f"{self.result}.append({self._display(made)})")

    def _display(self, made: Mapping[str, Value]) -> str:
        return self.emitter.record({name: self.emitter.code(value) for name, value in made.items()})

    def _add_emails(self, made: Made) -> None:
        """E-mails are equal whatever the case."""
        email = made["email"]
        if email.is_null:
            return
        code = email.code
        tests = [f"{code} is not None"] if email.may_be_null else []
        if not self._is_keyed:
            tests += [_differs(code, one) for one in self._before]
            self._before.append(email)
        with self._where(tests):
            if self._is_keyed:
                self._keep(self.emitter.out.assign(f"{code}.casefold()"), made)
            else:
                self._append(made)

    def _add_phones(self, made: Made) -> None:
        """Phones are equal by their digits; what is more than a plus and digits is looked at closely in the end."""
        number, given = made["number"], made["extension"]
        if number.is_null:
            return
        out = self.emitter.out
        key = out.assign("None")
        with self._where([f"{number.code} is not None"] if number.may_be_null else []):
            cut, extension = out.assign(number.code), out.assign(given.code)
            out.write(f'{key} = {cut}.removeprefix("+")')
            has_extension = "" if given.is_null else f"{extension} is not None or "
            with out.block(f"if {has_extension}not {key}.encode().isdigit():"):
                has_none = "" if given.is_null else f"if {extension} is None: "
                out.write(f"{has_none}{cut}, {extension} = split_phone({cut})")
                if self._has_odd:
                    out.write(f"{key}, {self._odd} = ({cut}, {extension}), True")
            changed = {**made, "number": clean_text_value(cut), "extension": clean_text_value(extension)}
            if self._is_keyed:
                self._keep(key, changed)
                return
            with self._where([f"{key} != {one.code}" for one in self._before]):
                self._append(changed)
            self._before.append(Value(key))

    @contextmanager
    def _where(self, tests: list[str]) -> Iterator[None]:
        """Inside a test, if there is anything to test."""
        if not tests:
            yield
            return
        with self.emitter.out.block(f"if {' and '.join(tests)}:"):
            yield

    def _keep(self, key: str, made: Mapping[str, Value]) -> None:
        self.emitter.out.write(f"if {key} not in {self.result}: {self.result}[{key}] = {self._display(made)}")

    def _add_addresses(self, made: Made) -> None:
        """An address names a place."""
        parts = [made[name] for name in PLACE_PARTS if not made.get(name, NULL).is_null]
        if parts:
            is_certain = any(not one.may_be_null for one in parts)
            tests = [] if is_certain else [" or ".join(f"{one.code} is not None" for one in parts)]
            with self._where(tests):
                self._append(made)


def _differs(code: str, other: Value) -> str:
    """The test that an e-mail is another one than one before it."""
    text = f"{code} != {other.code} and {code}.casefold() != {other.code}.casefold()"
    return f"({other.code} is None or {text})" if other.may_be_null else text
