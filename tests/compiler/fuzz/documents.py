"""Makes JSON values of a shape, mostly fitting and sometimes anything else, and writes them as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from tests.compiler.fuzz.shapes import Shape

NUMBERS = (0, 1, -1, 2, 10, 7, 1.0, 1.5, -0.0, 0.1, 1e300, 2**53 + 1, 2**63, 2**64, 10**18 + 7, -(10**30), 10**400)
TEXTS = (
    "",
    " ",
    "x",
    "X",
    " x ",
    "a",
    "b",
    "a/b?c=d",
    "gid://shop/Customer/17?x=1",
    "true",
    "0",
    "1",
    "12.5",
    "1_0",
    " 12 ",
    "nan",
    "Ünï\u2028",
    "İI",
    "\x00\x1f\x7f",
    "😀",
    "\u200bA\ufeff",
    "\ufeff",
    "Tom &amp; Ana",
    "+1 (555) 0100 (ext 4)",
    "0000-00-00 00:00:00",
    "US",
    "enabled",
    "ana@example.com",
    " ANA@example.com",
    "+1 555 0100 x12",
    "15550100",
    "2024-05-06T07:08:09Z",
    "2024-05-06T07:08:09.5+02:00",
    "2024-05-06",
    "Mon, 06 May 2024 07:08:09 GMT",
    '"quoted" \\ {0} %s',
)
_SINGLE = (None, None, True, False)
_RARE = (float("inf"), float("-inf"), 10**400)


class DocumentMaker:
    """Random documents.

    Args:
        random: source of every choice.
        oddness: one value in so many does not have its shape.
    """

    def __init__(self, random: Random, oddness: int = 12) -> None:
        self._random = random
        self._choose = random.choice
        self._oddness = oddness

    def value(self, shape: Shape) -> Any:
        """A value of a shape."""
        if not self._random.randrange(self._oddness):
            return self.anything(2)
        # A value that is read in several ways is rarely a list: flattening accepts other values too.
        options = [self.object] * 6 * bool(shape.keys) + [self._hinted] * 12 * bool(shape.hints)
        options += [self._array] * (1 if options else 4) * (shape.element is not None)
        options += [self._kind] * 3 * bool(shape.kinds and not options)
        return self._choose(options)(shape) if options else self.scalar()

    def anything(self, depth: int) -> Any:
        """Any JSON value."""
        form = self._random.randrange(8 if depth > 0 else 5)
        if form < 5:
            return self.scalar()
        inner = [self.anything(depth - 1) for _ in range(self._random.randrange(3))]
        return inner if form < 7 else dict(zip(("a", "b", "c"), inner, strict=False))

    def scalar(self) -> Any:
        """A text, number, truth value or null."""
        form = self._random.randrange(20)
        if not form:
            return self._choose(_RARE)
        return self._choose(TEXTS if form < 10 else NUMBERS[:-1] if form < 15 else _SINGLE)

    def object(self, shape: Shape) -> dict[str, Any]:
        """An object of a shape."""
        members = {key: self.value(inner) for key, inner in shape.keys.items() if self._random.randrange(8)}
        return {**members, "unread": self.scalar()} if not self._random.randrange(6) else members

    def _array(self, shape: Shape) -> list[Any]:
        assert shape.element is not None
        return [self.value(shape.element) for _ in range(self._choose((0, 1, 1, 2, 2, 3, 4)))]

    def _hinted(self, shape: Shape) -> Any:
        hint = self._choose(shape.hints)
        # Python takes a truth value and its number for equal.
        other = int(hint) if isinstance(hint, bool) else bool(hint) if hint in (0, 1) else [hint]
        return self._choose((hint,) * 12 + (other, self.scalar()))

    def _kind(self, shape: Shape) -> Any:
        kind = self._choose(shape.kinds)
        if kind == "array":
            return [self.scalar() for _ in range(self._random.randrange(4))]
        if kind == "object":
            return {"a": self.scalar(), "b": self.scalar()}
        return {"string": self._choose(TEXTS), "number": self._choose(NUMBERS[:-1]), "null": None}.get(kind, True)


class TextWriter:
    """Writes a JSON value as other programs may: with escapes, blanks, unusual numbers and repeated keys.

    Args:
        random: source of every choice.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._escapes = not random.randrange(3)
        self._blank = random.choice(("", "", " ", "\n\t"))

    def write(self, value: Any) -> str:
        """The value as JSON text; infinities become numbers that are too large."""
        if isinstance(value, dict):
            pairs = [f"{self.write(key)}{self._blank}:{self._blank}{self.write(inner)}" for key, inner in value.items()]
            if pairs and not self._random.randrange(12):  # of two equal keys the last counts
                pairs.insert(0, f"{self.write(next(iter(value)))}:{self._random.choice(('1', '[{}]', 'null'))}")
            return f"{{{self._blank}{f',{self._blank}'.join(pairs)}{self._blank}}}"
        if isinstance(value, list):
            return f"[{f',{self._blank}'.join(map(self.write, value))}]"
        if isinstance(value, float):
            return {"inf": "1e400", "-inf": "-1E+400"}.get(str(value), self._number(repr(value)))
        return json.dumps(value, ensure_ascii=self._escapes)

    def _number(self, text: str) -> str:
        is_plain = "e" not in text
        return self._random.choice((text, f"{text}0" if is_plain else text, f"{text}e0" if is_plain else text))
