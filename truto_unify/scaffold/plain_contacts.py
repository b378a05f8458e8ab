"""Guesses lists such as those of e-mails and phones from plain fields of a record; each field gives one element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.element_kinds import (
    is_place_name,
    list_name,
    main_part,
    place_names,
    type_word,
    value_test,
)
from truto_unify.scaffold.element_source import NestedGuess, missing_parts
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.shape import EACH, expression_of
from truto_unify.scaffold.values import all_fit
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.shape import Path, RecordShape
    from truto_unify.scaffold.vocabulary import Vocabulary

_PREFIXES = ("default", "primary", "main")
"""Words before the name of a field that holds the first of several values, as in ``defaultPhoneNumber``."""


def from_plain_fields(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> NestedGuess | None:
    """A list from plain fields whose values are those of its main part; None if there is no such field.

    Args:
        name: the unified list.
        kind: the kind of its value, with a main part that values tell.
        shape: the shape of the native records.
        words: what providers call its parts.
    """
    main, fits = main_part(kind), value_test(kind)
    assert main is not None and fits is not None  # noqa: S101, PT018 - narrows the types; the caller asked
    names = words.names(f"{name}.{main}")
    prefixed = tuple((*above, f"{prefix}{last}") for prefix in _PREFIXES for *above, last in names)
    seen = _own_leaves(names, fits, shape, words) or _own_leaves(prefixed, fits, shape, words)
    # Without a value, only the name suggests the field.
    paths = seen or _blank_leaf(names, shape, words) or _blank_leaf(prefixed, shape, words)
    further = _phones_of_places(f"{name}.{main}", shape, words) if kind.parts[main].name == "phone" else []
    if further:
        # The list of addresses holds the default address too.
        paths = [path for path in paths if not _is_in_default_place(path, words)]
    if not paths and not further:
        return None
    reason = "by names and values" if seen or further else "by the name; no value was seen"
    flags = [part for part, inner in kind.parts.items() if inner.name == "boolean"]
    is_only = bool(flags) and len(paths) == 1
    if is_only:
        reason += f"; the only {main} is primary"
    sources: list[dict[str, Any]] = []
    for index, path in enumerate(paths):
        label = "primary" if is_only else type_word(path) or ("primary" if not index else path[-1])
        source = {main: expression_of(path), "type": {"const": label}, **{flag: {"const": not index} for flag in flags}}
        sources.append({part: rule for part, rule in source.items() if part in kind.parts})
    for address, phone in further:
        rule: dict[str, Any] = {"each": f"{expression_of(address)}[]", main: expression_of(phone)}
        sources.append({**rule, "type": {"const": "address"}} if "type" in kind.parts else rule)
    read = {*paths, *((*address, EACH, *phone) for address, phone in further)}
    return NestedGuess(Guess(sources, reason), missing_parts(kind, sources, "the record"), read)


def _own_leaves(
    names: tuple[Path, ...], fits: Callable[[Any], bool], shape: RecordShape, words: Vocabulary
) -> list[Path]:
    """The plain fields with these names whose values pass the test; if the record has none, those of inner objects."""
    matches = shape.find(names, deepest=2)
    paths = dict.fromkeys(path for path, values in matches if values and all_fit(fits, values))
    own = [path for path in paths if len(path) == 1 or _is_own(path, words)]
    return own or [*paths]


def _blank_leaf(names: tuple[Path, ...], shape: RecordShape, words: Vocabulary) -> list[Path]:
    """The first plain field with one of these names that has no value in any record, and is not an address."""
    places = place_names(words)
    blank = [path for path, values in shape.find(names, deepest=1) if not values and fold(path[0]) not in places]
    return blank[:1]


def _is_own(path: Path, words: Vocabulary) -> bool:
    """Whether an inner object belongs to the person (an address), and not to somebody else (a manager)."""
    holder = fold(path[0])
    return holder in place_names(words) or holder.startswith(("default", "primary"))


def _is_in_default_place(path: Path, words: Vocabulary) -> bool:
    """Whether a field is in an object such as ``defaultAddress``."""
    holder = fold(path[0])
    return len(path) > 1 and holder.startswith("default") and is_place_name(holder, words)


def _phones_of_places(label: str, shape: RecordShape, words: Vocabulary) -> list[tuple[Path, Path]]:
    """Lists of addresses whose elements have a phone: the path of the list, and the phone's path in an element."""
    pairs: list[tuple[Path, Path]] = []
    for path in shape.lists:
        if EACH not in path and is_place_name(list_name(path), words):
            phones = shape.below((*path, EACH)).find(words.names(label), deepest=1)
            pairs += [
                (path, phone) for phone, values in phones if values and all_fit(kinds_of_values.is_phone, values)
            ][:1]
    return pairs
