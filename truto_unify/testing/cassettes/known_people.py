"""Personal values that were seen, so that they are also found where no field announces them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from truto_unify.testing.cassettes.pseudonyms import fold, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.testing.cassettes.pseudonyms import Kind

_WORD = re.compile(r"[^\s,;()\"<>\[\]{}=:']+")
_LONGEST_PHRASE = 8
_MANY_HAVE_IT = {"extension", "postal", "state", "number"}


@dataclass
class Known:
    """What is known of the people in some exchanges.

    Attributes:
        phrases: folded text to its kind: e-mails, numbers, streets, names of several words.
        names: single words of names, letter for letter.
    """

    phrases: dict[str, Kind] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def add(self, kind: Kind, text: str) -> None:
        """Notes a value; one that may occur by chance is passed over."""
        folded = fold(text)
        if kind == "name":
            self.names.update(word for word in words_of(text) if len(word) > 2 and not word.isdecimal())
        is_telling = len(folded) > 3 and not folded.isdecimal() and kind not in _MANY_HAVE_IT
        if is_telling or (kind == "phone" and len(folded) > 6):
            self.phrases.setdefault(folded, kind)

    def replaced(self, text: str, stand_in: Callable[[Kind, str], str]) -> str:
        """The text with known people replaced, the longest run of words first."""
        if not (self.phrases or self.names):
            return text
        words = list(_WORD.finditer(text))
        parts: list[str] = []
        at = last = 0
        while at < len(words):
            for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
                start, end = words[at].start(), words[at + length - 1].end()
                piece = text[start:end]
                kind = self.phrases.get(fold(piece))
                if kind is None and length == 1 and piece.strip(".!?") in self.names:
                    kind = "name"
                if kind is None or (length == 1 and kind == "name" and piece.strip(".!?") not in self.names):
                    continue
                parts += [text[last:start], stand_in(kind, piece)]
                last = end
                at += length
                break
            else:
                at += 1
        return "".join([*parts, text[last:]])
