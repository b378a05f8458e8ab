"""JMESPath expressions: parsed and checked when a file is loaded, never per record.

The official library parses. It also interprets expressions that are not compiled. A fault is reported with its
offset in the text, so that the author gets a caret under the character.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath import exceptions as official_errors
from jmespath.lexer import Lexer

from truto_unify.functions import ARITIES, SIGNATURES
from truto_unify.tree_interpreter import Interpreter, MeteredInterpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Tree = dict[str, Any]
CALL_NAMES = ("query", "context", "loaded")
"""Root names of the call, the account and the side loads; they hide native keys of the same name."""
ELEMENT_NAMES = ("parent", "record")
"""Root names inside an element of a list: the element that encloses it, if any, and the whole native record."""
NO_NAMES: Mapping[str, Any] = MappingProxyType({})
MAX_LETTERS = 4_000
"""Letters of one expression; the longest of the shipped mappings has 134."""
MAX_DEPTH = 100
"""Levels of the tree of one expression; the deepest of the shipped mappings has 9."""


class ExpressionError(ValueError):
    """The expression cannot be used.

    Attributes:
        offset: index of the offending character in the text.
        is_too_large: whether it exceeds a limit.
    """

    def __init__(self, message: str, offset: int, *, is_too_large: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.is_too_large = is_too_large


class EvaluationError(ValueError):
    """The expression failed on this document: a function got a type that it does not take."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed and checked JMESPath expression.

    Attributes:
        text: the source.
        root_names: identifiers that are looked up in the root of the scope.
        is_metered: whether its evaluation is counted step by step, and stopped at a limit.
    """

    text: str
    root_names: frozenset[str]
    tree: Any = field(repr=False)
    is_metered: bool = False

    def search(self, document: Any, names: Mapping[str, Any] = NO_NAMES) -> Any:
        """The value of the expression in this document.

        Args:
            document: the root.
            names: the value of each bound name; a missing name is null.

        Raises:
            EvaluationError: a function got arguments that it does not take, or a metered expression takes too long.
        """
        interpreter = MeteredInterpreter(names) if self.is_metered else Interpreter(names)
        try:
            return interpreter.visit(self.tree, document)
        except (official_errors.JMESPathError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            # jmespath 1.1.0 raises a plain TypeError from comparisons and contains().
            raise EvaluationError(_one_line(error)) from None


def bind_names(expression: Expression, trees: Mapping[str, Tree]) -> Expression:
    """The expression with trees in place of names at its root.

    A key of the root that has such a name is reached by ``@.name``.

    Args:
        expression: without bound names.
        trees: the tree of each name: ``variable``, a definition, or ``of_record`` of a definition.

    >>> bound = bind_names(parse_expression("[shop, @.shop]"), {"shop": variable("context")})
    >>> bound.search({"shop": "native"}, {"context": "demo"})
    ['demo', 'native']
    """
    if expression.root_names.isdisjoint(trees):
        return expression
    return replace(expression, tree=_bind(expression.tree, trees))


def _bind(node: Tree, trees: Mapping[str, Tree]) -> Tree:
    if node["type"] == "field":
        return trees.get(node["value"], node)
    if node["type"] == "expref":
        return node
    children = node.get("children", [])
    at_root = 1 if node["type"] in _NARROWING else len(children)
    bound = [_bind(child, trees) if isinstance(child, dict) else child for child in children[:at_root]]
    return {**node, "children": [*bound, *children[at_root:]]}


def variable(name: str) -> Tree:
    """The tree of a name whose value is an argument of ``search``."""
    return {"type": "variable", "children": [], "value": name}


def of_record(tree: Tree) -> Tree:
    """A tree that is evaluated with the native record as its root, also inside an element of a list."""
    return {"type": "of_record", "children": [tree]}


def literal(value: str | float | bool) -> Expression:
    """The expression that is always this value.

    >>> literal("primary").search({})
    'primary'
    """
    return Expression(json.dumps(value), frozenset(), {"type": "literal", "children": [], "value": value})


def root_offset(expression: Expression, name: str) -> int:
    """The offset of the first use of a name at the root.

    >>> root_offset(parse_expression("lower(item.name)"), "item")
    6
    """
    _, offsets = _offsets(expression.text)
    fields = _fields(parse_expression(expression.text).tree, at_root=True)
    return next((at for (field, is_root), at in zip(fields, offsets, strict=True) if is_root and field == name), 0)


def field_offsets(expression: Expression) -> dict[int, int]:
    """The offset of each field in the text of an expression without bound names, by the id of its node."""
    _, offsets = _offsets(expression.text)
    return {id(node): offset for node, offset in zip(_field_nodes(expression.tree), offsets, strict=True)}


def _field_nodes(node: Tree) -> Iterator[Tree]:
    if node["type"] == "field":
        yield node
    for child in _children(node):
        yield from _field_nodes(child)


def names_below(expression: Expression, root: str) -> frozenset[str]:
    """The keys that the expression reads directly below a root name, as ``orders`` in ``loaded.orders``.

    >>> sorted(names_below(parse_expression("loaded.orders[0].id || loaded.addresses[].id"), "loaded"))
    ['addresses', 'orders']
    """
    names: set[str] = set()

    def walk(node: Any) -> None:
        children = [child for child in node.get("children", ()) if isinstance(child, dict)]
        is_named = node["type"] == "subexpression" and children[0]["type"] in {"field", "variable"}
        if is_named and children[0]["value"] == root:
            name = _first_field(children[1])
            names.update([name] if name is not None else ())
        for child in children:
            walk(child)

    walk(expression.tree)
    return frozenset(names)


def _first_field(node: Any) -> str | None:
    """The key that is read first: ``orders`` of ``orders[0]``."""
    while node["type"] in _NARROWING and node["children"]:
        node = node["children"][0]
    return str(node["value"]) if node["type"] == "field" else None


def parse_expression(text: str) -> Expression:
    """Parses and checks one expression.

    Args:
        text: JMESPath, https://jmespath.org/specification.html.

    Raises:
        ExpressionError: bad syntax, unknown function, wrong number of arguments.
    """
    if len(text) > MAX_LETTERS:
        message = f"the expression has {len(text)} letters; {MAX_LETTERS} are allowed"
        raise ExpressionError(message, 0, is_too_large=True)
    _check_literals(text)
    try:
        tree: Any = jmespath.compile(text).parsed
    except (ValueError, RecursionError) as error:
        offset = _syntax_offset(error, text)
        raise ExpressionError(_syntax_message(error) + _hyphen_hint(text, offset), offset) from None
    if _depth(tree) > MAX_DEPTH:
        raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} levels deep", 0, is_too_large=True)
    _check_meaning(tree, text)
    call_offsets, _ = _offsets(text)
    calls = [*_calls(tree)]
    if len(calls) != len(call_offsets):
        place = re.search(r"\)\s*\(", text)
        raise ExpressionError("a function is called by its bare name, as length(@)", place.start() + 1 if place else 0)
    for (name, count), offset in zip(calls, call_offsets, strict=True):
        _check_call(name, count, offset)
    return Expression(text, frozenset(name for name, is_root in _fields(tree, at_root=True) if is_root), tree)


def root_names_in(expression: Expression) -> list[str]:
    """Every use of a name at the root, in the order of the text.

    >>> root_names_in(parse_expression("[a, b.a, a]"))
    ['a', 'b', 'a']
    """
    return [name for name, is_root in _fields(expression.tree, at_root=True) if is_root]


def count_nodes(tree: Tree) -> int:
    """The nodes of a tree without bound names.

    >>> count_nodes(parse_expression("[a, b]").tree)
    3
    """
    return sum(1 for _ in _nodes(tree))


def _nodes(tree: Tree) -> Iterator[Tree]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += _children(node)


def _depth(tree: Tree) -> int:
    level, depth = [tree], 0
    while level and depth <= MAX_DEPTH:
        level, depth = [child for node in level for child in _children(node)], depth + 1
    return depth


def search_or_null(expression: Expression, document: Any) -> Any:
    """The value of the expression in this document; null if it fails."""
    try:
        return expression.search(document)
    except EvaluationError:
        return None


def is_true(expression: Expression, document: Any) -> bool:
    """JMESPath truth: null, false and an empty text, list or object are false, and so is a failure; zero is true.

    >>> [is_true(parse_expression("a"), {"a": a}) for a in (True, 0, "x", None, "", [])]
    [True, True, True, False, False, False]
    """
    value = search_or_null(expression, document)
    return not (value is None or value is False or value in ("", [], {}))


def both_true(left: Expression, right: Expression) -> Expression:
    """The expression that is true if both of these are.

    >>> both_true(parse_expression("a"), parse_expression("b")).search({"a": 1, "b": False})
    False
    """
    tree = {"type": "and_expression", "children": [left.tree, right.tree]}
    text = f"({left.text}) && ({right.text})"
    return Expression(text, left.root_names | right.root_names, tree, left.is_metered or right.is_metered)


def first_true(left: Expression, right: Expression) -> Expression:
    """The expression that gives the value of the first of these that is true.

    >>> first_true(parse_expression("a"), parse_expression("b")).search({"b": 7})
    7
    """
    tree = {"type": "or_expression", "children": [left.tree, right.tree]}
    text = f"{left.text} || {right.text}"
    return Expression(text, left.root_names | right.root_names, tree, left.is_metered or right.is_metered)


def suggest(word: str, known: Iterable[str]) -> str:
    """`` (did you mean "x"?)`` for the nearest known word, or nothing.

    >>> suggest("lenght", ["length", "keys"])
    ' (did you mean "length"?)'
    """
    near = nearest(word, known)
    return f' (did you mean "{near}"?)' if near else ""


_MAX_COMPARED_WORDS = 200
_MAX_COMPARED_CHARS = 100
_MIN_BEGINNING = 3
"""A shorter beginning suggests no word."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word whose spelling is nearest, or the only word that begins so; None if there is none.

    Among many words, only those count that are about as long and begin or end with the same letter. None too if even
    these are too many to be compared.

    >>> nearest("lenght", ["length", "keys"]), nearest("woo", ["shop", "woostore"])
    ('length', 'woostore')
    >>> nearest("lenght", ["length", *(f"other{number}" for number in range(1000))])
    'length'
    """
    words = sorted(known)
    longer = [other for other in words if other.startswith(word)] if len(word) >= _MIN_BEGINNING else []
    if len(words) > _MAX_COMPARED_WORDS:
        words = [other for other in words if _is_alike(word, other)]
    if len(words) > _MAX_COMPARED_WORDS or len(word) > _MAX_COMPARED_CHARS:
        return None
    near = next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.6)), None)
    return near or (longer[0] if len(longer) == 1 else None)


def _is_alike(word: str, other: str) -> bool:
    ends = word[:1] == other[:1] or word[-1:] == other[-1:]
    return ends and abs(len(word) - len(other)) <= max(2, len(word) // 4)


def _check_call(name: str, count: int, offset: int) -> None:
    if name not in ARITIES:
        hint = suggest(name, ARITIES) or f"; known: {', '.join(sorted(ARITIES))}"
        raise ExpressionError(f"unknown function {name}(){hint}", offset)
    wanted, is_variadic = ARITIES[name]
    if count < wanted or (count > wanted and not is_variadic):
        more, plural = " or more" if is_variadic else "", "s" if wanted != 1 or is_variadic else ""
        raise ExpressionError(f"{name}() takes {wanted}{more} argument{plural}, not {count}", offset)


def _check_meaning(tree: dict[str, Any], text: str) -> None:
    """Refuses what parses but has no meaning, or another one than it seems to have."""
    tokens: list[Any] = list(Lexer().tokenize(text))
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        is_word = token["type"] == "unquoted_identifier" and token["value"] in {"true", "false", "null"}
        if is_word and before["type"] in {"eq", "ne"} and after["type"] not in {"dot", "lbracket"}:
            word = token["value"]
            message = f'{word} is the name of a key here; the value is `{word}` in back quotes (and a key "{word}")'
            raise ExpressionError(message, token["start"])
    places = [token["start"] for token in tokens if token["type"] == "expref"]
    for offset, is_taken in zip(places, _references(tree, is_taken=False), strict=False):
        if not is_taken:
            raise ExpressionError("&… has no value of its own; it is for functions such as sort_by(list, &key)", offset)


def _references(node: dict[str, Any], *, is_taken: bool) -> Iterator[bool]:
    """For each ``&expression``, in the order of the text, whether a function takes it."""
    if node["type"] == "expref":
        yield is_taken
    is_call = node["type"] == "function_expression"
    arguments = SIGNATURES.get(node["value"], ()) if is_call else ()
    is_unknown = is_call and node["value"] not in ARITIES  # an error of its own
    for index, child in enumerate(_children(node)):
        is_reference = index < len(arguments) and "expref" in arguments[index]
        yield from _references(child, is_taken=is_unknown or is_reference)


def _offsets(text: str) -> tuple[list[int], list[int]]:
    """The offsets of function calls and those of fields, each in the order of the text."""
    tokens: list[Any] = list(Lexer().tokenize(text))
    words = {"unquoted_identifier", "quoted_identifier"}
    pairs = [(token["start"], after["type"]) for token, after in pairwise(tokens) if token["type"] in words]
    calls = [start for start, after in pairs if after == "lparen"]
    # A colon follows the keys of {key: value}, which are not fields of the document.
    return calls, [start for start, after in pairs if after not in {"lparen", "colon"}]


def _children(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a node in the order of the text; the official tree puts a filter's condition last."""
    children = [child for child in node.get("children", ()) if isinstance(child, dict)]
    if node["type"] == "filter_projection":
        left, right, condition = children
        return [left, condition, right]
    return children


def _calls(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Each function call with its number of arguments, in the order of the text."""
    if node["type"] == "function_expression":
        yield node["value"], len(node["children"])
    for child in _children(node):
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


def _fields(node: dict[str, Any], *, at_root: bool) -> Iterator[tuple[str, bool]]:
    """Each identifier, and whether it is looked up in the root: what follows a dot, a pipe or a projection is not."""
    if node["type"] == "field":
        yield node["value"], at_root
        return
    children = _children(node)
    if node["type"] in _NARROWING and children:
        yield from _fields(children[0], at_root=at_root)
        # `@.a` and `@ | a` still start at the root; the right side of a projection never does.
        at_root = at_root and node["type"] in {"subexpression", "pipe"} and children[0]["type"] in _SELF
        children = children[1:]
    elif node["type"] == "expref":
        at_root = False
    for child in children:
        yield from _fields(child, at_root=at_root)


_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?P<json>(?:\\.|[^`\\])*)`""", re.DOTALL)


def _check_literals(text: str) -> None:
    """Refuses `abc`, which the official parser takes for the text "abc", with a warning that authors do not see."""
    for match in _QUOTED.finditer(text):
        literal: str = "null" if match["json"] is None else match["json"]
        try:
            json.loads(literal.replace("\\`", "`"), parse_constant=_refuse)
        except ValueError:
            message = f"`{literal}` is not JSON; write '{literal.strip()}' for text"
            raise ExpressionError(message, match.start()) from None
        if not match[0].startswith("'"):  # in a raw text a backslash is a backslash
            for escapes in _SURROGATES.finditer(match[0]):
                _check_whole(json.loads(f'"{escapes[0]}"'), match.start() + escapes.start())
    _check_whole(text, 0)


_SURROGATES = re.compile(r"(?<!\\)(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})+")


def _check_whole(text: str, offset: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = "half of a character (a lone surrogate), which no text can hold"
        raise ExpressionError(message, offset + error.start) from None


def _refuse(constant: str) -> None:
    """NaN and Infinity are not JSON, though Python reads them."""
    raise ValueError(constant)


def _syntax_message(error: ValueError | RecursionError) -> str:
    if isinstance(error, official_errors.EmptyExpressionError):
        return "empty expression"
    if isinstance(error, official_errors.LexerError) and error.message.startswith("Unclosed"):
        return f"bad expression: no closing {error.message.split()[1]}"
    if isinstance(error, official_errors.ParseError) and error.token_value not in ("", None):  # may be a list
        return f"bad expression: unexpected {error.token_value!r}"
    if isinstance(error, official_errors.ParseError):
        return "the expression ends too early"
    return f"bad expression: {_one_line(error)}"


def _hyphen_hint(text: str, offset: int) -> str:
    """Advice if a name with a hyphen stands at this offset.

    >>> _hyphen_hint("display-name", 7)
    '; quote a name with a hyphen: "display-name"'
    """
    names = re.finditer(r"[A-Za-z_]\w*(?:-\w+)+", text)
    return next(
        (f'; quote a name with a hyphen: "{name[0]}"' for name in names if name.start() < offset < name.end()), ""
    )


def _syntax_offset(error: ValueError | RecursionError, text: str) -> int:
    position = getattr(error, "lex_position", None)
    return min(int(position or 0), len(text))


def _one_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
