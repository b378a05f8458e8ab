"""What a guess is: what to write, and why, so that a person can check it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Guess:
    """A value of a configuration file that nobody told us.

    Attributes:
        value: what stands in the file: text, a number, or a mapping.
        reason: what made us think so.
    """

    value: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """A value that we could not even guess; what stands in the file is only a place for it."""

    value: Any
    reason: str


@dataclass
class Mapped:
    """The guesses about one unified resource.

    Attributes:
        rules: unified field to its rule.
        missing: unified fields, and parts of lists, that found no native one, each with the reason.
        read: native places that some rule reads.
    """

    rules: dict[str, Guess] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    read: set[tuple[str, ...]] = field(default_factory=set)
