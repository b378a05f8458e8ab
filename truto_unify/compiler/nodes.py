"""Writes the nodes of a syntax tree: one function for each kind of node, and the table of them for an emitter."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from truto_unify.compiler import calls, lists
from truto_unify.compiler.value import NULL, Value
from truto_unify.values import strip_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.compiler.emit import Emitter, Tree, WriteNode

_TYPES = {str: "string", list: "array", dict: "object", bool: "boolean", int: "number", float: "number"}
_ORDERS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_COMPARATORS = {
    "lt": "less({0}, {1})",
    "lte": "less_or_equal({0}, {1})",
    "gt": "less({1}, {0})",
    "gte": "less_or_equal({1}, {0})",
}


def _emit_current(_emitter: Emitter, _tree: Tree, current: Value) -> Value:
    return current


def _emit_field(emitter: Emitter, tree: Tree, current: Value) -> Value:
    return emitter.read(current, tree["value"])


def _emit_variable(emitter: Emitter, tree: Tree, _current: Value) -> Value:
    return emitter.names.get(tree["value"], NULL)


def _emit_of_record(emitter: Emitter, tree: Tree, _current: Value) -> Value:
    return emitter.emit(tree["children"][0], emitter.names["record"])


def _emit_chain(emitter: Emitter, tree: Tree, current: Value) -> Value:
    for child in tree["children"]:
        current = emitter.emit(child, current)
    return current


def _emit_index(emitter: Emitter, tree: Tree, current: Value) -> Value:
    index = int(tree["value"])
    if current.elements is not None:
        count = len(current.elements)
        return current.elements[index] if -count <= index < count else NULL
    if not current.may_be("array"):
        return NULL
    bound = f"{-index - 1}" if index < 0 else f"{index}"
    test = lists.list_test(current)
    is_long_enough = f"len({current.code}) > {bound}"
    condition = is_long_enough if test == "True" else f"{test} and {is_long_enough}"
    path = current.path.element() if current.path is not None else None
    return emitter.native_value(emitter.out.assign(f"{current.code}[{index}] if {condition} else None"), path)


def _emit_slice(emitter: Emitter, tree: Tree, current: Value) -> Value:
    start, stop, step = ([*tree["children"], None, None, None])[:3]
    path = current.path if current.elements is None else None
    source = current.code if path is not None else emitter.code(current)
    if path is not None:
        path.element()
    types = frozenset({"array", "null"})
    emitter.out.risks += step == 0
    return emitter.assign(f"take_slice({source}, {start!r}, {stop!r}, {step!r})", types=types, path=path)


def _emit_only_child(emitter: Emitter, tree: Tree, current: Value) -> Value:
    return emitter.emit(tree["children"][0], current)


def _emit_literal(emitter: Emitter, tree: Tree, _current: Value) -> Value:
    literal = tree["value"]
    types = frozenset({_TYPES.get(literal.__class__, "null")})
    if literal == [] and literal.__class__ is list:
        return Value("", types, elements=())
    if literal.__class__ in {list, dict}:
        # A display creates a new list or object each time, so that no caller can change the literal of the tree.
        return emitter.assign(_literal(literal), types=types)
    is_clean = isinstance(literal, str) and strip_text(literal) == literal != ""
    return Value(_literal(literal), types, is_clean=is_clean, constant=literal)


def _emit_multi_select_list(emitter: Emitter, tree: Tree, current: Value) -> Value:
    def construct() -> Value:
        elements = tuple(emitter.emit(child, current) for child in tree["children"])
        return Value("", frozenset({"array"}), elements=elements)

    return _select(emitter, current, construct)


def _emit_multi_select_dict(emitter: Emitter, tree: Tree, current: Value) -> Value:
    def construct() -> Value:
        members = {child["value"]: emitter.emit(child, current) for child in tree["children"]}
        return Value("", frozenset({"object"}), members=members)

    return _select(emitter, current, construct)


def _select(emitter: Emitter, current: Value, construct: Callable[[], Value]) -> Value:
    """A constructed list or object; null if the current value is null."""
    if current.is_null:
        return NULL
    if not current.may_be_null:
        return construct()
    result = emitter.out.assign("None")
    with emitter.out.block(f"if {current.code} is not None:"):
        selected = construct()
        emitter.out.write(f"{result} = {emitter.code(selected)}")
    return Value(result, selected.types | {"null"})


def _emit_or_expression(emitter: Emitter, tree: Tree, current: Value) -> Value:
    left = emitter.emit(tree["children"][0], current)
    truth = emitter.truth(left)
    if truth == "True":
        return left
    if truth == "False":
        return emitter.emit(tree["children"][1], current)
    when_true = left.when_true or left
    true_left = left.with_facts(types=when_true.types - {"null"}, is_clean=when_true.is_clean)
    return _choose(emitter, f"if not {truth}:", true_left, tree["children"][1], current)[0]


def _emit_and_expression(emitter: Emitter, tree: Tree, current: Value) -> Value:
    left = emitter.emit(tree["children"][0], current)
    truth = emitter.truth(left)
    if truth == "False":
        return left
    if truth == "True":
        return emitter.emit(tree["children"][1], current)
    false_left = left.with_facts(types=left.types - ({"number", "string"} if left.is_clean else {"number"}))
    chosen, right = _choose(emitter, f"if {truth}:", false_left, tree["children"][1], current)
    return chosen.with_facts(when_true=right.when_true or right)


def _choose(emitter: Emitter, head: str, left: Value, other: Tree, current: Value) -> tuple[Value, Value]:
    """The left value, replaced by the other one if the condition holds; and the other one alone."""
    result = emitter.out.assign(left.code)
    with emitter.out.block(head):
        right = emitter.emit(other, current)
        path = emitter.merge_paths([left, right])
        emitter.out.write(f"{result} = {emitter.shared_code(right, path)}")
    is_clean = (left.is_clean or not left.may_be("string")) and (right.is_clean or not right.may_be("string"))
    return Value(result, left.types | right.types, is_clean=is_clean, path=path), right


def _emit_not_expression(emitter: Emitter, tree: Tree, current: Value) -> Value:
    truth = emitter.truth(emitter.emit(tree["children"][0], current))
    return emitter.assign(f"not {truth}", types=frozenset({"boolean"}))


def _emit_comparator(emitter: Emitter, tree: Tree, current: Value) -> Value:
    left, right = (emitter.emit(child, current) for child in tree["children"])
    name = tree["value"]
    if name in _ORDERS and left.is_only("number") and right.is_only("number"):
        return emitter.assign(f"{left.code} {_ORDERS[name]} {right.code}", types=frozenset({"boolean"}))
    if name not in {"eq", "ne"}:
        types = frozenset({"boolean", "null"})
        return emitter.assign(_COMPARATORS[name].format(emitter.code(left), emitter.code(right)), types=types)
    return emitter.assign(_equality(emitter, left, right, is_equal=name == "eq"), types=frozenset({"boolean"}))


def _equality(emitter: Emitter, left: Value, right: Value, *, is_equal: bool) -> str:
    """A Python condition for the equality of two values, or for its opposite."""
    for value, other in ((left, right), (right, left)):
        if value.is_null and not other.is_constant and not other.is_constructed:
            return f"{other.code} is {'' if is_equal else 'not '}None"
        # A text equals only a text in both languages. In Python, unlike JSON, 1 equals True.
        if value.is_only("string", "null"):
            return f"{value.code} {'==' if is_equal else '!='} {emitter.code(other)}"
    left_code, right_code = emitter.code(left), emitter.code(right)
    negated = "" if is_equal else "not "
    general = f"{negated}equals({left_code}, {right_code})"
    if left.is_constant or left.is_constructed:
        return general
    operator = "==" if is_equal else "!="
    return f"{left_code} {operator} {right_code} if {left_code}.__class__ is str else {general}"


def _emit_flatten(emitter: Emitter, tree: Tree, current: Value) -> Value:
    source = emitter.code(emitter.emit(tree["children"][0], current))
    return emitter.assign(f"flatten({source})", types=frozenset({"array", "null"}))


def _emit_function_expression(emitter: Emitter, tree: Tree, current: Value) -> Value:
    if tree["value"] == "first_text" and tree["children"][0]["type"] in lists.PROJECTIONS:
        return calls.emit_first_text(emitter, tree["children"][0], current)
    arguments = [emitter.emit(child, current) for child in tree["children"]]
    return calls.emit_call(emitter, tree["value"], arguments)


def _emit_expref(emitter: Emitter, tree: Tree, _current: Value) -> Value:
    function = emitter.write_function(tree["children"][0])
    name = emitter.out.new_name("e")
    emitter.functions.append([f"{name} = make_reference({function})"])  # once, not for each record
    return Value(name)


def _literal(value: Any) -> str:
    """A JSON value as a Python display.

    >>> _literal({"a": [1, None]})
    "{'a': [1, None]}"
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(member)}' for key, member in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and not isfinite(value):
        return "1e999" if value > 0 else "-1e999" if value < 0 else "(1e999 - 1e999)"
    return repr(value)


NODES: Mapping[str, WriteNode] = {
    "identity": _emit_current,
    "current": _emit_current,
    "field": _emit_field,
    "variable": _emit_variable,
    "of_record": _emit_of_record,
    "subexpression": _emit_chain,
    "pipe": _emit_chain,
    "index_expression": _emit_chain,
    "index": _emit_index,
    "slice": _emit_slice,
    "key_val_pair": _emit_only_child,
    "literal": _emit_literal,
    "multi_select_list": _emit_multi_select_list,
    "multi_select_dict": _emit_multi_select_dict,
    "or_expression": _emit_or_expression,
    "and_expression": _emit_and_expression,
    "not_expression": _emit_not_expression,
    "comparator": _emit_comparator,
    "projection": lists.emit_projection,
    "value_projection": lists.emit_projection,
    "filter_projection": lists.emit_projection,
    "flatten": _emit_flatten,
    "function_expression": _emit_function_expression,
    "expref": _emit_expref,
}
"""By the type of a node, the function that writes it."""
