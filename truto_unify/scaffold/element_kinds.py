"""What the model and the vocabulary say about the elements of a unified list: main parts, addresses, their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_WRAPPERS = {"items", "nodes", "data", "list", "values"}
_TYPE_WORDS = ("billing", "shipping", "default", "primary", "mobile", "cell", "home", "work", "business", "delivery")


def is_place(kind: Kind) -> bool:
    """Whether the model says that an object, or an element of a list, is a postal address."""
    return any(part.name == "country" for part in kind.parts.values())


def main_part(kind: Kind) -> str | None:
    """The part that each element needs, such as the address of an e-mail; None unless exactly one part is needed."""
    return kind.required[0] if len(kind.required) == 1 else None


def value_test(kind: Kind) -> Callable[[Any], bool] | None:
    """A test that recognises the values of the main part of a list; None if any text fits."""
    main = main_part(kind)
    if main is None:
        return None
    if kind.parts[main].name == "phone":
        return kinds_of_values.is_phone
    return kinds_of_values.is_email if main == "email" else None


def place_names(words: Vocabulary) -> set[str]:
    """The folded names that providers give to the addresses of the record."""
    return {steps[-1] for name in words.places for steps in words.names(name)}


def is_place_name(name: str, words: Vocabulary) -> bool:
    """Whether a folded name says that its value is an address, or several."""
    return name in place_names(words) or "address" in name


def list_name(path: Path) -> str:
    """The folded name of a list; if it is general, as ``nodes``, the name of the object that holds the list."""
    if not path:
        return ""
    *above, last = path
    return fold(above[-1] if above and fold(last) in _WRAPPERS else last)


def type_word(path: Path) -> str | None:
    """The kind that a name says: ``billing`` of billing_address, ``mobile`` of mobile_phone."""
    text = " ".join(fold(step) for step in path)
    return next((word for word in _TYPE_WORDS if word in text), None)
