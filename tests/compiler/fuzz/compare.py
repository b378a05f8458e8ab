"""Evaluates expressions twice, compiled and by the oracle, and reports how the outcomes differ."""

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
"""The errors that an evaluation may raise for a value that does not fit; any other is a fault of the compiler."""


def outcome(run: Callable[[], Any]) -> Outcome:
    """The result as a text that distinguishes 1, 1.0 and true and keeps the order of keys; or that it was refused."""
    try:
        return "gives", repr(run())
    except REFUSALS:
        return "refuses", ""
    except Exception as error:  # noqa: BLE001 - any other error is a finding
        return "breaks", f"{type(error).__name__}: {error}"


def parse(text: str) -> dict[str, Any] | None:
    """The syntax tree of a text; None if the official parser refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # `abc` for "abc"
        try:
            tree: Any = jmespath.compile(text).parsed
        except (ValueError, RecursionError):
            return None
    copied: dict[str, Any] = copy.deepcopy(tree)  # the parser caches its own
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
        """How the compiled function differs from the oracle in this document; None if it does not."""
        before = repr(document)
        wanted = outcome(lambda: specification.search(self.tree, document))
        run = self._run
        compiled = self._broken or outcome(lambda: run(document) if run else None)
        if repr(document) != before:
            return "the document was changed"
        return None if wanted == compiled else f"oracle {' '.join(wanted)}\ncompiled {' '.join(compiled)}"


def expression_difference(text: str, document: Any) -> str | None:
    """How the compiled expression differs from the oracle; None if it does not, or is not an expression."""
    tree = parse(text)
    return Compared(tree).difference(document) if tree is not None else None


def has_loose_reference(tree: dict[str, Any]) -> bool:
    """Whether an ``&expression`` stands outside an argument that takes one; its value is not JSON."""
    if tree["type"] == "function_expression":
        wanted = specification.SpecificationFunctions.FUNCTION_TABLE.get(tree["value"], {}).get("signature", ())
        types = [argument["types"] for argument in wanted]
        types += [types[-1]] * len(tree["children"]) if types else []
        pairs = zip(tree["children"], types, strict=False)
        if any(child["type"] == "expref" and "expref" not in kinds for child, kinds in pairs):
            return True
        inner = [child["children"][0] if child["type"] == "expref" else child for child in tree["children"]]
        return any(map(has_loose_reference, inner))
    children = [child for child in tree["children"] if isinstance(child, dict)]
    return tree["type"] == "expref" or any(map(has_loose_reference, children))
