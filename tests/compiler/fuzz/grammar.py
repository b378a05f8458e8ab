"""Writes random JMESPath expressions over the whole grammar.

Every text made here is meant to parse: postfixes bind to whatever stands last and operators to whatever
stands around them, so that pieces may be put together blindly. All chance comes from ``random``, which
may be hypothesis's, whose choices shrink.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from truto_unify.functions import InterpreterFunctions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

HOSTILE_NAMES = (
    "",
    " ",
    "it's",
    'say "x"',
    "line\nbreak",
    "tab\t\\n",
    "__class__",
    "{0}",
    "{value}",
    "back\\slash",
    "\\",
    "ключ",
    "\u2028",
    "None",
    "import",
    "v1",
    "native",
    "#",
    "a.b",
    "%s",
    "`",
)
TABLE: dict[str, Any] = InterpreterFunctions.FUNCTION_TABLE  # type: ignore[attr-defined]  # jmespath's metaclass makes it
_TO_TEXT = ("lower", "upper", "trim", "join_text", "first_text", "after_last", "before_first", "without_prefix")
_GIVES = {
    "string": (*_TO_TEXT, "join", "to_string", "type"),
    "number": ("abs", "avg", "ceil", "floor", "length", "sum", "to_number", "subtract", "divide"),
    "array": ("keys", "values", "sort", "sort_by", "reverse", "map", "to_array"),
    "object": ("merge",),
}
_NUMBERS = (
    "0",
    "1",
    "-1",
    "2",
    "1.0",
    "1.5",
    "-0.0",
    "10",
    "1e2",
    "9007199254740993",
    "123456789012345678901",
    "1e400",
)
_TEXTS = (
    "",
    " ",
    "\u200b ",
    "&lt;",
    "x",
    "X",
    " x ",
    "/",
    "?",
    "a",
    "b",
    "a/b?c",
    "true",
    "null",
    "1",
    "01",
    "1_0",
    "é",
    "İ",
    "{0}",
    "#",
)


class Grammar:
    """Random expressions that read these names.

    Args:
        random: source of every choice.
        names: keys that the documents are likely to have.
    """

    def __init__(self, random: Random, names: Sequence[str] = ("a", "b", "c", "d")) -> None:
        self._random = random
        self._choose = random.choice
        self._names = tuple(names)

    def expression(self, depth: int = 4) -> str:
        """Any expression."""
        if depth <= 0:
            return self.path(0)
        make = self._choose(_PRODUCTIONS)
        text: str = getattr(self, f"_{make}")(depth - 1)
        return self._choose((text, text, text, f"({text})"))

    def name(self) -> str:
        """An identifier, quoted where it must be and sometimes where it need not."""
        name = self._choose(self._names * 4 + HOSTILE_NAMES) if self._maybe(4) else self._choose(self._names)
        is_plain = name.isidentifier() and name.isascii()
        return name if is_plain and not self._maybe(12) else json.dumps(name, ensure_ascii=self._maybe(2))

    def path(self, depth: int) -> str:
        """A chain of names, indexes, slices and projections."""
        form = self._random.randrange(10)
        text = self.name() if form < 7 else self._bracket(depth) if form < 9 else self._choose(("@", "*", "[]"))
        for _ in range(self._random.randrange(4)):
            text += self._postfix(depth)
        return text

    def literal(self, depth: int = 2) -> str:
        """A raw text or any JSON value between backquotes."""
        if self._maybe(3):
            return self.raw_text()
        return "`" + self._json(depth).replace("`", "\\`") + "`"

    def raw_text(self) -> str:
        """A text between single quotes."""
        return "'" + self._choose(_TEXTS).replace("'", "\\'") + "'"

    def call(self, depth: int, name: str | None = None) -> str:
        """A call with arguments that mostly fit."""
        name = name or self._choose(tuple(TABLE))
        signature = TABLE[name]["signature"]
        arguments = [self._argument(argument["types"], depth) for argument in signature]
        if signature[-1].get("variadic"):
            arguments += [self._argument(signature[-1]["types"], depth) for _ in range(self._random.randrange(3))]
        return f"{name}({', '.join(arguments)})"

    def selection(self, depth: int) -> str:
        """A list of objects of one form, as the lists of a mapping are written."""
        return self.fill(self._choose(_SELECTIONS), depth)

    def fill(self, template: str, depth: int) -> str:
        """The template with each ``<word>`` in it replaced by a random piece of that kind."""
        return _HOLE.sub(lambda hole: self._piece(hole[1], depth), template)

    def _piece(self, word: str, depth: int) -> str:
        pieces: dict[str, Callable[[], str]] = {
            "name": self.name,
            "path": lambda: self.path(min(depth, 1)),
            "text": self.raw_text,
            "literal": self.literal,
            "hash": lambda: self._hash(depth - 1),
            "any": lambda: self.expression(depth - 1),
            "several": lambda: ", ".join(
                self.fill(self._choose(_SEVERAL), depth - 1) for _ in range(self._random.randrange(1, 4))
            ),
        }
        return pieces[word]()

    # -- productions ----------------------------------------------------------------------------------------------

    def _path(self, depth: int) -> str:
        return self.path(depth)

    def _literal(self, _depth: int) -> str:
        return self.literal()

    def _call(self, depth: int) -> str:
        return self.call(depth)

    def _chained(self, depth: int) -> str:
        return self.expression(depth) + self._postfix(depth)

    def _binary(self, depth: int) -> str:
        operator = self._choose(("|", "||", "&&", "==", "!=", "<", "<=", ">", ">=", "||", "&&", "=="))
        right = self.literal() if operator in {"==", "!="} and self._maybe(2) else self.expression(depth)
        return f"{self.expression(depth)} {operator} {right}"

    def _not(self, depth: int) -> str:
        return f"!{self.expression(depth)}"

    def _list(self, depth: int) -> str:
        return f"[{', '.join(self.expression(depth) for _ in range(1 + self._random.randrange(3)))}]"

    def _hash(self, depth: int) -> str:
        forms = ("<name>", "<name>", "<text>", "`true`", "<any>", "<any>")
        count = self._random.randrange(1, 4)
        pairs = [f"{self.name()}: {self.fill(self._choose(forms), depth)}" for _ in range(count)]
        return f"{{{', '.join(pairs)}}}"

    def _selection(self, depth: int) -> str:
        return self.selection(depth)

    def _postfix(self, depth: int) -> str:
        form = self._random.randrange(10)
        if form < 4 or (depth <= 0 and form < 6):
            return f".{self.name()}"
        if form == 4:
            return "." + self.fill(self._choose(("*", "[<any>]", "[<any>, <any>]", "<hash>")), depth - 1)
        if form == 5:
            return f".{self.call(depth - 2)}"
        return self._bracket(depth)

    def _bracket(self, depth: int) -> str:
        form = self._random.randrange(10 if depth > 0 else 7)
        if form < 2:
            return f"[{self._choose((0, 0, 1, -1, -2, 5, 10**20))}]"
        if form == 2:
            start, stop = (self._choose(("", "", "0", "1", "-1", "2", "-2")) for _ in range(2))
            step = self._choose(("", "", "", ":", ":1", ":2", ":-1", ":-2", ":-1", ":2", ":0"))
            return f"[{start}:{stop}{step}]"
        return self._choose(("[*]", "[]", "[]")) if form < 7 else f"[?{self.expression(depth - 1)}]"

    # -- arguments ------------------------------------------------------------------------------------------------

    def _argument(self, types: Sequence[str], depth: int) -> str:
        if "expref" in types:
            return f"&{self.path(0) if self._maybe(2) else self.expression(depth - 1)}"
        if self._maybe(12) or not types:
            return self.expression(depth - 1)
        return self._typed(self._choose(types), depth)

    def _typed(self, wanted: str, depth: int) -> str:
        """An expression whose value is likely of this JMESPath type."""
        first, _, inner = wanted.partition("-")
        if self._maybe(2) or depth <= 0:
            return self.path(0)
        if first in _GIVES and self._maybe(3):
            return self.call(depth - 2, self._choose(_GIVES[first]))
        if first == "array":
            if self._maybe(2):
                return f"{self.path(0)}[]"
            count = self._random.randrange(1, 4)
            inners = [self._typed(inner, depth - 2) if inner else self.expression(depth - 2) for _ in range(count)]
            return f"[{', '.join(inners)}]"
        if first == "object":
            return self.fill(self._choose(("<hash>", "<path>", "@")), depth - 2)
        forms = {"string": self.raw_text(), "number": f"`{self._choose(_NUMBERS)}`", "null": "`null`"}
        return forms.get(first, "`true`")

    def _json(self, depth: int) -> str:
        kind = self._random.randrange(8 if depth > 0 else 5)
        if kind < 2:
            return self._choose(_NUMBERS)
        if kind == 2:
            return json.dumps(self._choose(_TEXTS), ensure_ascii=False)
        if kind < 5:
            return self._choose(("null", "true", "false", "[]", "{}"))
        inner = [self._json(depth - 1) for _ in range(self._random.randrange(3))]
        if kind == 5:
            return "{" + ", ".join(f"{json.dumps(self._choose(self._names))}: {value}" for value in inner) + "}"
        return f"[{', '.join(inner)}]"

    def _maybe(self, times: int) -> bool:
        """True once in so many times."""
        return not self._random.randrange(times)


_HOLE = re.compile(r"<(name|path|text|literal|hash|several|any)>")
_SELECTIONS = (
    "[<hash>]",
    "[<several>][]",
    "[<several>][]",
    "(<path> || <path> || [<name>])[]",
    "(<path> || <path>)[].<hash>",
    "<path>[?<any>].<hash>",
    "<path>[?<name> == <literal>] | [0].<name>",
    "<path>[]",
    "<name>",
    "<any>",
)
_SEVERAL = ("[<hash>]", "[<hash>, <hash>]", "<path>[].<hash>", "<name>.*.<hash>", "<path>", "<name>[?<any>].<hash>")
_PRODUCTIONS: tuple[str, ...] = ("path",) * 5 + ("binary",) * 4 + ("call",) * 4 + ("chained",) * 3
_PRODUCTIONS += ("not", "list", "hash", "literal", "selection", "selection")
