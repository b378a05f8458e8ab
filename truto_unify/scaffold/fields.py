"""Guesses which native field each unified field comes from, by names and by the values that were seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import Kind, field_kinds
from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.elements import guess_list
from truto_unify.scaffold.guess import Guess, Mapped
from truto_unify.scaffold.shape import EACH, Shape, expression_of, known_values
from truto_unify.scaffold.values import all_fit, guess_status, guess_time
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_NOT_SEEN = "nothing like it was seen; the documentation may know one"
_TESTS: dict[str, Callable[[Any], bool]] = {
    "id": kinds_of_values.is_id,
    "text": kinds_of_values.is_text,
    "boolean": kinds_of_values.is_flag,
    "money": kinds_of_values.is_amount,
    "country": kinds_of_values.is_text,
}


def guess_fields(records: list[Any], schema: ResourceSchema, words: Vocabulary) -> Mapped:
    """The rules of a mapping, as far as the records show them.

    Args:
        records: native records.
        schema: the unified resource.
        words: what providers call its fields.
    """
    shape = Shape.of(records)
    found = Mapped()
    for name, kind in field_kinds(schema.record).items():
        if kind.item is not None:
            listed = guess_list(name, kind, shape, words)
            if listed is not None:
                found.rules[name] = listed.guess
                found.read |= listed.read
                found.missing |= {f"{name}.{part}": why for part, why in listed.missing.items()}
                continue
            found.missing[name] = "not in the record; it may be a call of its own, which a side load reads"
            continue
        rule = _guess_one(name, kind, shape, words, found.read) or _guess_from_places(name, shape, words, found.read)
        if rule is None:
            found.missing[name] = _NOT_SEEN
        else:
            found.rules[name] = rule
    _join_name(found, schema)
    return found


def _guess_one(name: str, kind: Kind, shape: Shape, words: Vocabulary, read: set[Path]) -> Guess | None:
    for path, values in shape.find(words.names(name), deepest=1 if kind.name == "id" else 3):
        if _is_elsewhere(path, shape, words):
            continue
        rule = _rule_of(name, kind, path, values, words)
        if rule is not None:
            read.add(path)
            return rule
    return None


def _guess_from_places(name: str, shape: Shape, words: Vocabulary, read: set[Path]) -> Guess | None:
    """A text that only the addresses hold, as the company of a person."""
    if name not in words.from_addresses:
        return None
    lists = {one[-1] for one in words.names("addresses")}
    names = {one[-1] for one in words.names(name)}
    found: list[Path] = []
    for path, values in shape.leaves.items():
        holder = path[:-2] if path[-2:-1] == (EACH,) else path[:-1]
        fits = fold(path[-1]) in names and bool(holder) and EACH not in holder and fold(holder[-1]) in lists
        if fits and all_fit(kinds_of_values.is_text, known_values(values)):
            found.append(path)
    if not found:
        return None
    read.update(found)
    has_list = any(EACH in path for path in found)
    text = f"first_text([{', '.join(expression_of(path) for path in found)}]{'[]' if has_list else ''})"
    return Guess({"expr": text}, "only addresses hold it")


def _is_elsewhere(path: Path, shape: Shape, words: Vocabulary) -> bool:
    """Whether the place belongs to a part of the record that is an element of another field, as billing.id does."""
    parts = [name for name in words.fields if name.startswith("addresses.")]
    for size in range(1, len(path)):
        inner = shape.below(path[:size])
        hits = [part for part in parts if next(inner.find(words.names(part), deepest=1), None) is not None]
        if len(hits) > 2:
            return True
    return False


def _rule_of(name: str, kind: Kind, path: Path, values: list[Any], words: Vocabulary) -> Guess | None:
    expression, native = expression_of(path), ".".join(path)
    if kind.name == "time":
        return guess_time(expression, path[-1], values)
    if kind.name == "status":
        return guess_status(expression, values, words.enums.get(name, {}))
    if name == "currency":
        return _guess_currency(expression, native, values)
    test = _TESTS.get(kind.name)
    if test is None or not all_fit(test, values):
        return None
    if kind.name == "id":
        return _guess_id(expression, native, values)
    return Guess({"expr": expression}, _by_name(native, values))


def _by_name(native: str, values: list[Any]) -> str:
    return f'by the name "{native}"' if values else f'by the name "{native}"; no value was seen'


def _guess_id(expression: str, native: str, values: list[Any]) -> Guess:
    if values and all(isinstance(one, str) and "://" in one for one in values):
        return Guess(
            {"expr": f"after_last({expression}, '/')"}, f'"{native}" holds addresses; the end of one is the id'
        )
    return Guess({"expr": expression}, _by_name(native, values))


def _guess_currency(expression: str, native: str, values: list[Any]) -> Guess | None:
    if not all_fit(kinds_of_values.is_currency, values):
        return None
    is_upper = all(one.isupper() for one in values)
    return Guess({"expr": expression if is_upper else f"upper({expression})"}, _by_name(native, values))


def _join_name(found: Mapped, schema: ResourceSchema) -> None:
    """A whole name that no field holds is made of its parts."""
    parts = [found.rules.get(part) for part in ("first_name", "last_name")]
    if "name" not in field_kinds(schema.record) or None in parts:
        return
    known = found.rules.get("name")
    whole = known.value["expr"] if known is not None else None
    if whole is None or not whole.lower().replace("_", "").endswith(("contactname", "fullname", "customername")):
        joined = ", ".join(part.value["expr"] for part in parts if part is not None)
        found.rules["name"] = Guess({"expr": f"join_text(' ', [{joined}])"}, "made of its parts")
        found.missing.pop("name", None)


def unread_places(records: list[Any], found: Mapped) -> list[str]:
    """The native places that hold something and that no rule reads, as the author would write them."""
    shape = Shape.of(records)
    return [
        expression_of(path) for path, values in shape.leaves.items() if path not in found.read and known_values(values)
    ]
