"""Guesses the rules of unified objects and of lists of values, by the names of native objects and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.scaffold import values as kinds_of_values
from truto_unify.scaffold.elements import ListGuess, below_path, guess_parts
from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.shape import EACH, RecordShape, expression_of, known_values
from truto_unify.scaffold.values import all_fit
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.vocabulary import Vocabulary


def guess_object(name: str, kind: Kind, shape: RecordShape, words: Vocabulary) -> ListGuess | None:
    """The parts of a unified object from a native object of its name; None if the records show nothing like it."""
    names = {steps[-1] for steps in words.names(name)}
    for path in sorted(shape.objects, key=len):
        if not path or EACH in path or fold(path[-1]) not in names:
            continue
        parts, read = guess_parts(name, kind, shape.below(path), words)
        if parts:
            rule = {part: below_path(path, expression) for part, expression in parts.items()}
            where = expression_of(path)
            absent = (part for part, inner in kind.parts.items() if part not in parts and not inner.is_derived)
            missing = dict.fromkeys(absent, f"nothing like it was seen in {where}")
            guess = Guess(rule, f'by the name of the object "{where}" and of its parts')
            return ListGuess(guess, missing, {(*path, *inner) for inner in read})
    return None


def guess_values(name: str, shape: RecordShape, words: Vocabulary) -> ListGuess | None:
    """A list of texts from a native list of its name; None if the records show nothing like it."""
    names = {steps[-1] for steps in words.names(name)}
    for path, items in sorted(shape.lists.items(), key=lambda entry: len(entry[0])):
        if (
            path
            and EACH not in path
            and fold(path[-1]) in names
            and all_fit(kinds_of_values.is_id, known_values(items))
        ):
            guess = Guess({"expr": expression_of(path)}, f'by the name of the list "{".".join(path)}"')
            return ListGuess(guess, read={(*path, EACH)})
    return None
