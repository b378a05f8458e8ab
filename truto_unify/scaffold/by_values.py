"""Guesses fields that no name suggests by what their values are: an e-mail, a phone, a time, a currency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.element_source import missing_parts
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.shape import expression_of, known_values
from truto_unify.scaffold.values import all_fit, guess_currency, guess_time
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.guess import MappingGuesses
    from truto_unify.scaffold.shape import Path, RecordShape

_TIME_WORDS = {
    "created_at": ("creat", "regist", "join", "signup", "signedup", "insert", "added", "since", "placed", "opened"),
    "updated_at": ("updat", "modif", "chang", "edit", "touched", "lastsaved"),
}
"""For a unified time, the parts of native names that suggest it."""


def add_by_values(guesses: MappingGuesses, kinds: Mapping[str, Kind], shape: RecordShape) -> None:
    """Adds a rule to each field that has none, from the record's plain values that no rule reads yet."""
    for name, kind in kinds.items():
        if name in guesses.rules:
            continue
        for path, values in _unread(guesses, shape):
            guess = _guess(name, kind, path, values)
            if guess is not None:
                guesses.rules[name] = guess
                guesses.missing.pop(name, None)
                if kind.is_list:
                    absent = missing_parts(kind, guess.value, "the record")
                    guesses.missing |= {f"{name}.{part}": reason for part, reason in absent.items()}
                guesses.read.add(path)
                break


def _unread(guesses: MappingGuesses, shape: RecordShape) -> Iterator[tuple[Path, list[Any]]]:
    for path, values in shape.leaves.items():
        known = known_values(values)
        if len(path) == 1 and path not in guesses.read and known:
            yield path, known


def _guess(name: str, kind: Kind, path: Path, values: list[Any]) -> Guess | None:
    expression, native = expression_of(path), path[0]
    if kind.name == "time":
        is_named = any(word in fold(native) for word in _TIME_WORDS.get(name, ()))
        guess = guess_time(expression, native, values) if is_named else None
        return Guess(guess.value, f'"{native}" holds times; {guess.reason}') if guess is not None else None
    if name == "currency" and "curr" in fold(native):
        return guess_currency(expression, values, f'"{native}" holds currencies')
    if kind.is_list and "email" in kind.required and all_fit(kinds_of_values.is_email, values):
        return Guess([_element("email", expression, kind)], f'the values of "{native}" are e-mail addresses')
    if kind.is_list and "number" in kind.required and all_fit(kinds_of_values.is_international_phone, values):
        return Guess([_element("number", expression, kind)], f'the values of "{native}" are phone numbers')
    return None


def _element(part: str, expression: str, kind: Kind) -> dict[str, Any]:
    flags = {name: {"const": True} for name, inner in kind.parts.items() if inner.name == "boolean"}
    word = {"type": {"const": "primary"}} if "type" in kind.parts else {}
    return {part: expression, **word, **flags}
