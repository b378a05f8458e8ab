"""Which elements of a unified list stay: blank ones are dropped, and of equal ones the first stays.

The kind of the list says so; no list is known by its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from truto_unify.values import compare_text, phone_digits, split_phone

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.models.fields import Kind

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ElementRule:
    """The rule of one list of objects.

    Attributes:
        required: the parts of which an element must have one; empty if every element stays.
        unique: the parts that make two elements equal; the first of them decides by its kind.
        compares: the kind of the first part of ``unique``.
        splits: each part that holds a phone number, with the part that takes its extension.
    """

    required: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    compares: str = "text"
    splits: tuple[tuple[str, str], ...] = ()

    def keep(self, elements: list[Element]) -> list[Element]:
        """The elements that stay, extensions cut off their numbers.

        >>> rule = ElementRule(required=("email",), unique=("email",))
        >>> rule.keep([{"email": "Ana@x.test"}, {"email": None}, {"email": "ana@X.test"}])
        [{'email': 'Ana@x.test'}]
        """
        if self.required:
            elements = [element for element in elements if any(element[part] is not None for part in self.required)]
        for number, extension in self.splits:
            for element in elements:
                if element[number] is not None and element[extension] is None:
                    element[number], element[extension] = split_phone(element[number])
        return self.drop_equal(elements) if self.unique else elements

    def drop_equal(self, elements: list[Element]) -> list[Element]:
        """The first of equal elements, which takes the parts of ``unique`` that it lacks.

        >>> rule = ElementRule(unique=("number", "extension"), compares="phone")
        >>> rule.drop_equal([{"number": "555-0100", "extension": None}, {"number": "5550100", "extension": "7"}])
        [{'number': '555-0100', 'extension': '7'}]
        """
        first, *others = self.unique
        if self.compares == "phone" and len(elements) == 2 and _are_plainly_different(elements[0], elements[1], first):
            return elements
        form = _form(self.compares)
        kept: list[Element] = []
        by_form: dict[Any, list[Element]] = {}
        for element in elements:
            value = element[first]
            alike = by_form.setdefault(form(value), []) if value is not None else []
            for same in alike:
                if _do_not_differ(element, same, others):
                    for part in others:
                        if same[part] is None:
                            same[part] = element[part]
                    break
            else:
                alike.append(element)
                kept.append(element)
        return kept


@cache
def element_rule(kind: Kind | None) -> ElementRule:
    """The rule of a list by its kind; a list that the model lacks keeps all elements."""
    if kind is None or kind.item is None:
        return ElementRule()
    unique = kind.unique if isinstance(kind.unique, tuple) else ()
    splits = tuple((inner.split_from, part) for part, inner in kind.parts.items() if inner.split_from is not None)
    return ElementRule(kind.required, unique, kind.parts[unique[0]].name if unique else "text", splits)


def keep_values(values: list[Any], kind: str) -> list[Any]:
    """The first of equal values, compared as their kind says.

    >>> keep_values(["Sale", "new", "sale "], "text")
    ['Sale', 'new']
    """
    form, kept = _form(kind), dict[Any, Any]()
    for value in values:
        kept.setdefault(form(value), value)
    return list(kept.values())


def _form(kind: str) -> Callable[[Any], Any]:
    """The form in which values of a kind are compared."""
    if kind == "phone":
        return phone_digits
    return compare_text if kind in {"text", "status", "country"} else lambda value: value


def _do_not_differ(element: Element, other: Element, parts: list[str]) -> bool:
    for part in parts:
        value, known = element[part], other[part]
        if value is not None and known is not None and value != known:
            return False
    return True


def _are_plainly_different(element: Element, other: Element, part: str) -> bool:
    """Whether two numbers of the same form, such as E.164, differ."""
    first, second = element[part], other[part]
    if not first or not second:
        return False
    return bool(first != second and first[0] == second[0] and first[1:].isdecimal() and second[1:].isdecimal())
