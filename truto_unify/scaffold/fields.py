"""Guesses which native field fills each unified field, by names and by the values in the records."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.models.fields import Kind, field_kinds, nested_kinds
from truto_unify.scaffold import money
from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.by_values import add_by_values
from truto_unify.scaffold.element_kinds import is_place, place_names
from truto_unify.scaffold.elements import guess_nested
from truto_unify.scaffold.guess import Guess, MappingGuesses
from truto_unify.scaffold.missing import why_missing
from truto_unify.scaffold.shape import EACH, MAX_RECORDS, RecordShape, expression_of, known_values
from truto_unify.scaffold.values import all_fit, guess_currency, guess_status, guess_time
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_TEXT_CHILDREN = ("title", "name", "label", "text", "value", "content", "display_name")
"""Children of an object that hold its text; ``#text``, which XML gives when it becomes JSON, is folded to ``text``."""
_TESTS: dict[str, Callable[[Any], bool]] = {
    **kinds_of_values.TESTS,
    **dict.fromkeys(("text", "phone", "country"), kinds_of_values.is_text),
}


def guess_fields(records: list[Any], schema: ResourceSchema, words: Vocabulary) -> MappingGuesses:
    """The rules of a mapping, as far as the records show them.

    Args:
        records: native records.
        schema: the unified resource.
        words: what providers call its fields.
    """
    shape = RecordShape.of(records)
    kinds = field_kinds(schema.record)
    places = {name: kind for name, kind in kinds.items() if is_place(kind)}
    amounts = {
        steps for field, kind in nested_kinds(schema.record) if kind.name == "money" for steps in words.names(field)
    }
    words = replace(words, places=places, has_minor_units=money.has_minor_units(shape, amounts))
    words = replace(words, currency=_currency_of_all(shape, words, len(records)) if "currency" in kinds else None)
    guesses = MappingGuesses()
    for name, kind in kinds.items():
        is_nested = kind.is_list or kind.item is not None
        nested = guess_nested(name, kind, shape, words) if is_nested else None
        if nested is not None:
            guesses.rules[name] = nested.guess
            guesses.read |= nested.read
            guesses.missing |= {f"{name}.{part}": why for part, why in nested.missing.items()}
            continue
        if is_nested:
            guesses.missing[name] = why_missing(name, kind, shape, words)
            continue
        rule = _guess_field(name, kind, shape, words, guesses.read)
        if name == "id" and rule is not None and not _is_everywhere(shape, guesses.read, len(records)):
            rule = None
        rule = rule or _guess_from_places(name, shape, words, guesses.read)
        if rule is None and name == "id" and words.finds_ids_by_value:
            rule = _guess_id_by_value(shape, len(records), guesses.read)
        if rule is None:
            guesses.missing[name] = why_missing(name, kind, shape, words)
        else:
            guesses.rules[name] = rule
    _join_name(guesses, schema)
    add_by_values(guesses, kinds, shape)
    return guesses


def _guess_field(name: str, kind: Kind, shape: RecordShape, words: Vocabulary, read: set[Path]) -> Guess | None:
    names = words.names(name)
    if kind.name in {"text", "time"}:
        # The text of an object: company.title
        names = (*names, *((*steps, child) for steps in names for child in _TEXT_CHILDREN))
    if kind.name == "money":
        names = money.names_of_amount(names)
    deepest = max(map(len, names)) if kind.name == "id" else 3
    candidates = [pair for pair in shape.find(names, deepest=deepest) if not _is_in_place(pair[0], shape, words)]
    if kind.name == "status":
        # A field without values tells nothing while another one has some, even if nobody knows what they mean.
        candidates = [pair for pair in candidates if pair[1]] or candidates
    for path, values in candidates:
        rule = _rule_of(name, kind, path, values, words, shape)
        if rule is not None and kind.name == "status" and "enum" not in rule.value:
            rule = None if _is_state_of_place(path, shape, words) else rule
        if rule is not None:
            read.add(path)
            return rule
    return None


def _currency_of_all(shape: RecordShape, words: Vocabulary, count: int) -> str | None:
    """The plain field that holds the currency of every record; None if there is none."""
    for path, values in shape.find(words.names("currency")):
        if len(values) >= min(count, MAX_RECORDS) and all_fit(kinds_of_values.is_currency, values):
            return expression_of(path)
    return None


def _is_everywhere(shape: RecordShape, read: set[Path], count: int) -> bool:
    """Whether the native id, which is the only path that was read, has a value in every record."""
    return all(len(known_values(shape.leaves[path])) >= min(count, MAX_RECORDS) for path in read)


def _guess_id_by_value(shape: RecordShape, count: int, read: set[Path]) -> Guess | None:
    """A plain field with another value in each record; in a single record, a field with the name of an id."""
    candidates: list[tuple[bool, Path]] = []
    for path, values in shape.leaves.items():
        is_key = re.search(r"id$|ident|guid|^(key|code|ref|reference|number|no)$", fold(path[-1])) is not None
        is_other = any(kinds_of_values.is_email(value) or kinds_of_values.is_moment(value) for value in values)
        tells = len(values) == count and len(set(map(str, values))) == count and all_fit(kinds_of_values.is_key, values)
        if len(path) == 1 and tells and not is_other and (is_key or count > 1):
            candidates.append((not is_key, path))
    if not candidates:
        return None
    path = min(candidates, key=lambda candidate: candidate[0])[1]
    read.add(path)
    why = f'each record has another "{path[0]}"' if count > 1 else f'"{path[0]}" looks like the name of an id'
    return Guess({"expr": expression_of(path)}, f"{why}; check that the API reads a record by it")


def _guess_from_places(name: str, shape: RecordShape, words: Vocabulary, read: set[Path]) -> Guess | None:
    """A text that only the addresses hold, such as the company of a person."""
    if name not in words.from_addresses:
        return None
    lists = place_names(words)
    names = {steps[-1] for steps in words.names(name)}
    paths: list[Path] = []
    for path, values in shape.leaves.items():
        holder = path[:-2] if path[-2:-1] == (EACH,) else path[:-1]
        fits = fold(path[-1]) in names and bool(holder) and EACH not in holder and fold(holder[-1]) in lists
        if fits and all_fit(kinds_of_values.is_text, known_values(values)):
            paths.append(path)
    if not paths:
        return None
    read.update(paths)
    has_list = any(EACH in path for path in paths)
    text = f"first_text([{', '.join(expression_of(path) for path in paths)}]{'[]' if has_list else ''})"
    return Guess({"expr": text}, "only the addresses hold it")


def _is_in_place(path: Path, shape: RecordShape, words: Vocabulary) -> bool:
    """Whether the path belongs to an address, as ``billing.id`` does."""
    parts = [f"{name}.{part}" for name, kind in words.places.items() for part in kind.parts]
    for size in range(1, len(path)):
        inner = shape.below(path[:size])
        hits = [part for part in parts if next(inner.find(words.names(part), deepest=1), None) is not None]
        if len(hits) > 2:
            return True
    return False


def _is_state_of_place(path: Path, shape: RecordShape, words: Vocabulary) -> bool:
    """Whether the path is that of the state beside the city and the country of a flat address."""
    beside = shape.below(path[:-1])
    for name, kind in words.places.items():
        parts = [part for part in kind.required if part != path[-1].lower()]
        hits = [part for part in parts if next(beside.find(words.names(f"{name}.{part}"), deepest=1), None) is not None]
        if fold(path[-1]) in kind.required and len(hits) > 1:
            return True
    return False


def _rule_of(
    name: str, kind: Kind, path: Path, values: list[Any], words: Vocabulary, shape: RecordShape
) -> Guess | None:
    expression, native = expression_of(path), ".".join(path)
    if kind.name == "time":
        return guess_time(expression, path[-1], values)
    if kind.name == "status":
        return guess_status(expression, values, words.enums.get(name, {}))
    if name == "currency":
        return guess_currency(expression, values, _by_name(native, values))
    test = _TESTS.get(kind.name)
    if test is None or not all_fit(test, values):
        return None
    return _guess_id(expression, native, values) if kind.name == "id" else _plain_rule(kind, path, values, shape, words)


def _plain_rule(kind: Kind, path: Path, values: list[Any], shape: RecordShape, words: Vocabulary) -> Guess:
    rule, why = expression_of(path), ""
    if kind.name == "money":
        rule, why = money.money_rule(rule, path, shape, words)
    return Guess({"expr": rule}, f"{_by_name('.'.join(path), values)}{f'; {why}' if why else ''}")


def _by_name(native: str, values: list[Any]) -> str:
    return f'by the name "{native}"' if values else f'by the name "{native}"; no value was seen'


def _guess_id(expression: str, native: str, values: list[Any]) -> Guess:
    if values and all_fit(kinds_of_values.is_global_id, values):
        return Guess(
            {"expr": f"after_last({expression}, '/')"},
            f'"{native}" holds addresses; the last part of an address is the id',
        )
    return Guess({"expr": expression}, _by_name(native, values))


def _join_name(guesses: MappingGuesses, schema: ResourceSchema) -> None:
    """Joins a full name from its parts, if no native field holds the full name."""
    parts = [guesses.rules.get(part) for part in ("first_name", "last_name")]
    if "name" not in field_kinds(schema.record) or None in parts:
        return
    known = guesses.rules.get("name")
    whole = known.value["expr"] if known is not None else None
    if whole is None or not whole.lower().replace("_", "").endswith(("contactname", "fullname", "customername")):
        joined = ", ".join(part.value["expr"] for part in parts if part is not None)
        guesses.rules["name"] = Guess({"expr": f"join_text(' ', [{joined}])"}, "joined from its parts")
        guesses.missing.pop("name", None)


def unread_paths(records: list[Any], guesses: MappingGuesses) -> list[str]:
    """The native paths with a value that no rule reads, as an author writes them."""
    shape = RecordShape.of(records)
    return [
        expression_of(path)
        for path, values in shape.leaves.items()
        if path not in guesses.read and known_values(values)
    ]
