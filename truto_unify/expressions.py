"""JMESPath expressions: parsed and checked when a file is loaded, never per record.

The official library parses and (for now) interprets. A fault is reported with its offset in the text, so
that the author gets a caret under the very character.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath import exceptions as official_errors
from jmespath.visitor import TreeInterpreter

from truto_unify.functions import ARITIES, INTERPRETER_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CALL_NAMES = ("query", "context")
"""Root names that mean the call and the account; they hide native keys of the same name."""


class ExpressionError(ValueError):
    """The expression cannot be used.

    Attributes:
        offset: index of the offending character in the text.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class EvaluationError(ValueError):
    """The expression failed on this document (a function got a type it does not take)."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed and checked JMESPath expression.

    Attributes:
        text: the source.
        root_names: identifiers that are looked up in the root of the scope.
    """

    text: str
    root_names: frozenset[str]
    tree: Any = field(repr=False)

    def search(self, document: Any) -> Any:
        """The value of the expression in this document.

        Raises:
            EvaluationError: a function got arguments that it does not take.
        """
        try:
            return TreeInterpreter(INTERPRETER_OPTIONS).visit(self.tree, document)
        except (official_errors.JMESPathError, TypeError, ValueError, AttributeError) as error:
            # jmespath 1.1.0 lets bare TypeErrors out of comparisons and contains(): same meaning, other class.
            raise EvaluationError(_one_line(error)) from None

    @property
    def reads_call(self) -> bool:
        """Whether it names ``query`` or ``context``."""
        return not self.root_names.isdisjoint(CALL_NAMES)


def parse_expression(text: str, *, scope: frozenset[str] | None = None) -> Expression:
    """Parses and checks one expression.

    Args:
        text: JMESPath, https://jmespath.org/specification.html.
        scope: the only root names allowed; None where the root is a native record, whose keys nobody can list.

    Raises:
        ExpressionError: bad syntax, unknown function, wrong number of arguments, unknown root name.
    """
    try:
        tree: Any = jmespath.compile(text).parsed
    except official_errors.JMESPathError as error:
        raise ExpressionError(_syntax_message(error), _syntax_offset(error, text)) from None
    for name, count in _calls(tree):
        _check_call(text, name, count)
    names = frozenset(_root_names(tree, at_root=True))
    if scope is not None:
        for name in sorted(names - scope):
            hint = suggest(name, scope) or f"; here an expression sees {', '.join(sorted(scope))}"
            raise ExpressionError(f'unknown name "{name}"{hint}', max(text.find(name), 0))
    return Expression(text, names, tree)


def evaluate(expression: Expression, document: Any, call: Mapping[str, Any]) -> Any:
    """Evaluates in a native record, with ``query`` and ``context`` of the call where they are named."""
    if expression.reads_call and isinstance(document, dict):
        document = {**document, **{name: call.get(name) for name in CALL_NAMES}}
    return expression.search(document)


def suggest(word: str, known: Iterator[str] | Any) -> str:
    """`` (did you mean "x"?)`` for the nearest known word, or nothing.

    >>> suggest("lenght", ["length", "keys"])
    ' (did you mean "length"?)'
    """
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _check_call(text: str, name: str, count: int) -> None:
    offset = max(text.find(f"{name}("), 0)
    if name not in ARITIES:
        raise ExpressionError(f"unknown function {name}(){suggest(name, ARITIES)}", offset)
    wanted, is_variadic = ARITIES[name]
    if count < wanted or (count > wanted and not is_variadic):
        more = " or more" if is_variadic else ""
        raise ExpressionError(f"{name}() takes {wanted}{more} argument(s), not {count}", offset)


def _calls(node: Any) -> Iterator[tuple[str, int]]:
    if node["type"] == "function_expression":
        yield node["value"], len(node["children"])
    for child in node.get("children", ()):
        if isinstance(child, dict) and "type" in child:
            yield from _calls(child)


_SELF = {"current", "identity"}
_NARROWING = {
    "subexpression",
    "index_expression",
    "projection",
    "value_projection",
    "filter_projection",
    "pipe",
}


def _root_names(node: dict[str, Any], *, at_root: bool) -> Iterator[str]:
    """Identifiers that are evaluated against the root: what follows a dot, a pipe or a projection is not."""
    if node["type"] == "field":
        if at_root:
            yield node["value"]
        return
    children = [child for child in node.get("children", ()) if isinstance(child, dict) and "type" in child]
    if node["type"] in _NARROWING and children:
        yield from _root_names(children[0], at_root=at_root)
        # `@.a` and `@ | a` still start at the root; what a projection holds never does.
        stays = at_root and node["type"] in {"subexpression", "pipe"} and children[0]["type"] in _SELF
        for child in children[1:]:
            yield from _root_names(child, at_root=stays)
        return
    if node["type"] == "expref":
        return
    for child in children:
        yield from _root_names(child, at_root=at_root)


def _syntax_message(error: official_errors.JMESPathError) -> str:
    if isinstance(error, official_errors.EmptyExpressionError):
        return "empty expression"
    if isinstance(error, official_errors.IncompleteExpressionError):
        return "the expression ends too early"
    if isinstance(error, official_errors.ParseError):
        return f"bad expression: unexpected {error.token_value!r}"
    return f"bad expression: {_one_line(error)}"


def _syntax_offset(error: official_errors.JMESPathError, text: str) -> int:
    position = getattr(error, "lex_position", None)
    if position is None:
        position = getattr(error, "lexer_position", 0)
    return min(int(position or 0), len(text))


def _one_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
