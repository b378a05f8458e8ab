"""Runs one thing twice, compiled and by the oracle, and says how the outcomes differ."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.exceptions import JMESPathError

from tests.compiler import specification
from truto_unify.compiler.build import compile_tree

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome = tuple[str, str]
REFUSALS = (JMESPathError, TypeError, ValueError, ArithmeticError)
"""What an evaluation may raise for a value that does not fit; anything else is a fault of the compiler."""


def outcome(run: Callable[[], Any]) -> Outcome:
    """The result as text that tells 1, 1.0 and true apart and keeps the order of keys; or that it was refused."""
    try:
        return "gives", repr(run())
    except REFUSALS:
        return "refuses", ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        return "breaks", f"{type(error).__name__}: {error}"


def parse(text: str) -> dict[str, Any] | None:
    """The syntax tree of a text; None where the official parser does not take it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # `abc` for "abc"
        try:
            tree: Any = jmespath.compile(text).parsed
        except (ValueError, RecursionError):
            return None
    copied: dict[str, Any] = copy.deepcopy(tree)  # the parser keeps its own
    return copied


class Compared:
    """One syntax tree, compiled once and compared on many documents."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self._run: Callable[[Any], Any] | None = None
        self._broken: Outcome | None = None
        try:
            self._run = compile_tree(copy.deepcopy(tree))
        except Exception as error:  # noqa: BLE001 - every tree must compile
            self._broken = ("does not compile", f"{type(error).__name__}: {error}")

    def difference(self, document: Any) -> str | None:
        """How the compiled function differs from the oracle in this document; None where it does not."""
        before = repr(document)
        wanted = outcome(lambda: specification.search(self.tree, document))
        run = self._run
        found = self._broken or outcome(lambda: run(document) if run else None)
        if repr(document) != before:
            return "the document was changed"
        return None if wanted == found else f"oracle {' '.join(wanted)}\ncompiled {' '.join(found)}"


def expression_difference(text: str, document: Any) -> str | None:
    """How the compiled expression differs from the oracle; None where it does not, or is no expression."""
    tree = parse(text)
    return Compared(tree).difference(document) if tree is not None else None


def has_loose_reference(tree: dict[str, Any]) -> bool:
    """Whether an ``&expression`` stands where it is no argument for one; its value is no JSON, and is not compared."""
    if tree["type"] == "function_expression":
        wanted = specification.SpecificationFunctions.FUNCTION_TABLE.get(tree["value"], {}).get("signature", ())
        types = [one["types"] for one in wanted]
        types += [types[-1]] * len(tree["children"]) if types else []
        pairs = zip(tree["children"], types, strict=False)
        if any(child["type"] == "expref" and "expref" not in kinds for child, kinds in pairs):
            return True
        inner = [child["children"][0] if child["type"] == "expref" else child for child in tree["children"]]
        return any(map(has_loose_reference, inner))
    children = [child for child in tree["children"] if isinstance(child, dict)]
    return tree["type"] == "expref" or any(map(has_loose_reference, children))
