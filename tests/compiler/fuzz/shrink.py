"""Makes a difference small enough to read: removes parts and simplifies the rest while the difference remains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jmespath.exceptions import JMESPathError
from jmespath.lexer import Lexer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAX_TRIES = 600


def shrink(
    value: Any, still_differs: Callable[[Any], bool], texts: Callable[[str], Iterator[str]] | None = None
) -> Any:
    """Simplifies a JSON value greedily.

    Args:
        value: the value.
        still_differs: what must remain true of it.
        texts: simpler forms of a text; by default, a text is an expression.
    """
    tries = _MAX_TRIES
    has_changed = True
    while has_changed and tries > 0:
        has_changed = False
        for candidate in simpler(value, texts or simpler_expressions):
            tries -= 1
            if still_differs(candidate):
                value, has_changed = candidate, True
                break
            if tries <= 0:
                break
    return value


def simpler(value: Any, texts: Callable[[str], Iterator[str]]) -> Iterator[Any]:
    """Values a little simpler than this one, beginning with the largest step."""
    if isinstance(value, dict):
        yield from ({key: inner for key, inner in value.items() if key != removed} for removed in value)
        for key, inner in value.items():
            yield from ({**value, key: changed} for changed in simpler(inner, texts))
    elif isinstance(value, list):
        yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
        for index, inner in enumerate(value):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in simpler(inner, texts))
    elif isinstance(value, str):
        yield from texts(value)
    if value is not None:
        yield None
    if isinstance(value, int | float) and value not in (0, 1):
        yield from (0, 1)


def simpler_texts(text: str) -> Iterator[str]:
    """Shorter texts."""
    if len(text) > 1:
        yield from (text[: len(text) // 2], text[len(text) // 2 :], text[1:], text[:-1])
    if text and text not in {"x", ""}:
        yield from ("", "x")


def simpler_expressions(text: str) -> Iterator[str]:
    """The expression without some of its tokens; not every result parses."""
    try:
        tokens: list[Any] = list(Lexer().tokenize(text)) if text else []
    except (JMESPathError, ValueError):
        return
    starts = [token["start"] for token in tokens]
    count = len(starts) - 1
    size = count
    while size > 0:
        for first in range(count - size + 1):
            yield text[: starts[first]] + text[starts[first + size] :]
        size = size // 2 if size > 16 else size - 1
    for first, token in enumerate(tokens[:-1]):
        if token["type"] in {"literal", "quoted_identifier"} and token["value"] not in ("a", None, 1):
            for plain in ("a", "`1`", "`null`"):
                yield text[: starts[first]] + plain + text[starts[first + 1] :]


def simpler_trees(tree: Any) -> Iterator[Any]:
    """Syntax trees in which one node is replaced by one of its children or by ``@``."""
    children = [child for child in tree["children"] if isinstance(child, dict)]
    if tree["type"] != "key_val_pair":
        yield from (
            child["children"][0] if child["type"] in {"key_val_pair", "expref"} else child for child in children
        )
        if tree["type"] not in {"current", "expref"}:
            yield {"type": "current", "children": []}
    for index, child in enumerate(tree["children"]):
        if isinstance(child, dict):
            for changed in simpler_trees(child):
                if child["type"] != "expref" or changed["type"] == "expref":
                    yield {**tree, "children": [*tree["children"][:index], changed, *tree["children"][index + 1 :]]}


def shrink_tree(tree: Any, still_differs: Callable[[Any], bool]) -> Any:
    """As ``shrink``, for a syntax tree."""
    smaller: Any = tree
    while smaller is not None:
        tree, smaller = smaller, next(filter(still_differs, simpler_trees(smaller)), None)
    return tree
