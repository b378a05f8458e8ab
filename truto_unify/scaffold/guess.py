"""Guesses and questions: values that no source states, each with a reason that the file shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Guess:
    """A value of a configuration file that no source states.

    Attributes:
        value: the content of the file: text, a number, or a mapping.
        reason: what suggests the value.
    """

    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """A value that the scaffold cannot guess.

    Attributes:
        value: the placeholder in the file.
        reason: what to find out.
    """

    value: Any
    reason: str


@dataclass
class MappingGuesses:
    """The guesses about one unified resource.

    Attributes:
        rules: the rule of each unified field.
        missing: unified fields, and parts of lists, without a native field, each with the reason.
        read: the native paths that some rule reads.
    """

    rules: dict[str, Guess] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    read: set[tuple[str, ...]] = field(default_factory=set)

    def drop(self, failing: Mapping[str, str]) -> None:
        """Takes back the rules of these fields.

        Args:
            failing: the reason for each unified field.
        """
        for name, reason in failing.items():
            guess = self.rules.pop(name, None)
            if guess is not None:
                self.missing[name] = f"a guess failed on the sample: {reason}"
