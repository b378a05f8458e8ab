"""Writes loops for projections: elements go from where they stand to where they are used without a list between.

``each_element`` hands every element of the list that a tree gives to ``visit``, which writes what happens to it. A
list that the expression itself makes is unrolled, ``[a, b[]][]`` becomes one loop after the other, and only where
somebody wants the list as a value is one made.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.compiler.reading import Reading
from truto_unify.compiler.value import NOTHING, NULL, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.compiler.emit import Emitter

Tree = dict[str, Any]
PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})
_LONGEST_UNROLLED = 12


def emit_projection(emitter: Emitter, tree: Tree, current: Value) -> Value:
    """A projection as a value: the list of its results, null where there is nothing to go through."""
    out = emitter.out
    base = tree["children"][0]
    result, place = out.fresh(), Reading()
    made_any = False

    def append(made: Value) -> None:
        nonlocal made_any
        made_any = True
        inner = place.element()
        if made.place is not None and made.may_be("object", "array"):
            inner.unite(made.place)
        elif made.may_be("object", "array"):
            inner.want_whole()
        out.write(f"{result}.append({emitter.put(made, inner)})")

    always = tree["type"] != "value_projection" and is_made_here(base, current)
    if always:
        out.write(f"{result} = []")
        each_projected(emitter, tree, current, append)
    else:
        is_opened = base["type"] == "flatten" and tree["type"] != "value_projection"
        source = emitter.emit(base["children"][0] if is_opened else base, current)
        if tree["type"] == "value_projection":
            has = source.members is not None or source.is_only("object")
            test = "" if has else f"{source.code}.__class__ is dict" if source.may_be("object") else "False"
        else:
            has = source.elements is not None or source.is_only("array")
            test = "" if has else _list_test(source)
        always = has
        out.write(f"{result} = {'[]' if has else 'None'}")
        if has:
            _each_of_value(emitter, tree, source, append)
        elif test != "False":
            with out.block(f"if {test}:"):
                out.write(f"{result} = []")
                known = replace(source, types=frozenset({"object" if tree["type"] == "value_projection" else "array"}))
                _each_of_value(emitter, tree, known, append)
        else:
            return NULL
    types = frozenset({"array"} if always else {"array", "null"})
    return Value(result, types, place=place if made_any else None)


def is_made_here(tree: Tree, current: Value) -> bool:
    """Whether the tree is a list that the expression writes out itself, so that there always is one."""
    if tree["type"] == "flatten":
        return is_made_here(tree["children"][0], current)
    return count_of(tree) is not None and not current.may_be_null


def count_of(tree: Tree) -> int | None:
    """How many elements ``each_element`` hands over at most, where the expression writes out a short list."""
    is_short = tree["type"] == "multi_select_list" and len(tree["children"]) <= _LONGEST_UNROLLED
    return len(tree["children"]) if is_short else None


def each_element(emitter: Emitter, tree: Tree, current: Value, visit: Callable[[Value], None]) -> None:
    """Hands over every element of the list that the tree gives; null has none.

    The generated code raises ``Fault`` where the tree gives anything else.
    """
    if tree["type"] in PROJECTIONS:
        each_projected(emitter, tree, current, visit)
    elif is_made_here(tree, current) and tree["type"] == "multi_select_list":
        for child in tree["children"]:
            visit(emitter.emit(child, current))
    else:
        value = emitter.emit(tree, current)
        if value.elements is None and not value.is_only("array", "null"):
            emitter.out.write(f"if {value.code} is not None and {value.code}.__class__ is not list: raise Fault")
            value = replace(value, types=frozenset({"array", "null"}))
        _each_of_list(emitter, value, visit)


def each_projected(emitter: Emitter, tree: Tree, current: Value, visit: Callable[[Value], None]) -> None:
    """Hands over every result of a projection; where there is nothing to go through, there are none."""
    base = tree["children"][0]
    if tree["type"] == "value_projection":
        _each_of_value(emitter, tree, emitter.emit(base, current), visit)
        return
    handle = _results(emitter, tree, visit)
    if base["type"] == "flatten":
        _each_opened(emitter, base["children"][0], current, handle, skips_null=_is_null_safe(tree))
    elif base["type"] in PROJECTIONS:
        each_projected(emitter, base, current, handle)
    elif is_made_here(base, current):
        for child in base["children"]:
            handle(emitter.emit(child, current))
    else:
        _each_of_list(emitter, emitter.emit(base, current), handle)


def _results(emitter: Emitter, tree: Tree, visit: Callable[[Value], None]) -> Callable[[Value], None]:
    """What a projection does with one element: tests it, evaluates the rest, leaves out null."""
    rest = tree["children"][1]
    condition = tree["children"][2] if tree["type"] == "filter_projection" else None

    def evaluate(element: Value) -> None:
        if element.may_be_null and rest["type"] in {"multi_select_list", "multi_select_dict"}:
            with emitter.out.block(f"if {element.code} is not None:"):
                evaluate(element.not_null())
            return
        made = emitter.emit(rest, element)
        if made.is_null:
            return
        if not made.may_be_null:
            visit(made)
            return
        with emitter.out.block(f"if {made.code} is not None:"):
            visit(made.not_null())

    def handle(element: Value) -> None:
        if condition is None:
            evaluate(element)
            return
        truth = emitter.truth(emitter.emit(condition, element))
        if truth == "True":
            evaluate(element)
        elif truth != "False":
            with emitter.out.block(f"if {truth}:"):
                # What is true is not null.
                evaluate(element.not_null() if condition["type"] in {"current", "identity"} else element)

    return handle


def _each_of_value(emitter: Emitter, tree: Tree, source: Value, visit: Callable[[Value], None]) -> None:
    """Hands over the results of a projection over a value that was evaluated before."""
    handle = _results(emitter, tree, visit)
    if tree["type"] != "value_projection":
        if tree["children"][0]["type"] == "flatten":
            _each_opened_of(emitter, source, handle)
        else:
            _each_of_list(emitter, source, handle)
    elif source.members is not None:
        for one in source.members.values():
            handle(one)
    elif source.may_be("object"):
        code = emitter.code(source)
        values = f"{code}.values()"
        if not source.is_only("object"):
            values = f"({values} if {code}.__class__ is dict else ())"
        item = emitter.out.fresh()
        with emitter.out.block(f"for {item} in {values}:"):
            handle(Value(item))


def _list_test(value: Value) -> str:
    if not value.may_be("array"):
        return "False"
    return f"{value.code} is not None" if value.is_only("array", "null") else f"{value.code}.__class__ is list"


def _each_of_list(emitter: Emitter, value: Value, visit: Callable[[Value], None]) -> None:
    """Hands over the elements of a value; what is no list has none."""
    if value.elements is not None:
        for one in value.elements:
            visit(one)
        return
    if not value.may_be("array"):
        return
    place = value.place.element() if value.place is not None else None
    source = value.code
    if not value.is_only("array"):
        source = f"{source} or ()" if value.is_only("array", "null") else f"({source} if {_list_test(value)} else ())"
    item = emitter.out.fresh()
    with emitter.out.block(f"for {item} in {source}:"):
        visit(emitter.at(item, place))


def _each_opened(
    emitter: Emitter, tree: Tree, current: Value, visit: Callable[[Value], None], *, skips_null: bool
) -> None:
    """Hands over the elements of the list that the tree gives, those of inner lists instead of the lists."""
    if tree["type"] in PROJECTIONS:
        each_projected(emitter, tree, current, lambda made: _open(emitter, made, visit))
    elif is_made_here(tree, current) and tree["type"] == "multi_select_list":
        for child in tree["children"]:
            if child["type"] in PROJECTIONS and skips_null:
                each_projected(emitter, child, current, visit)
            else:
                _open(emitter, emitter.emit(child, current), visit)
    else:
        _each_opened_of(emitter, emitter.emit(tree, current), visit)


def _each_opened_of(emitter: Emitter, value: Value, visit: Callable[[Value], None]) -> None:
    _each_of_list(emitter, value, lambda element: _open(emitter, element, visit, is_element=True))


def _open(emitter: Emitter, value: Value, visit: Callable[[Value], None], *, is_element: bool = False) -> None:
    """Hands over a value, or its elements where it is a list.

    Of a list that is opened, the elements are mostly no lists: a decoder is told so, and one that meets a list of
    lists gives up.
    """
    if value.members is not None or not value.may_be("array"):
        visit(value)
        return
    if value.elements is not None and value.constant is NOTHING:
        for one in value.elements:
            visit(one)
        return
    if value.is_only("object", "null"):
        visit(value)
        return
    place = value.place
    if place is not None and not (is_element and place.kind != "list"):
        place = place.element()
    source = value.code
    if not value.is_only("array"):
        source = f"{source} if {source}.__class__ is list else ({source},)"
    item = emitter.out.fresh()
    with emitter.out.block(f"for {item} in {source}:"):
        visit(emitter.at(item, place))


def _is_null_safe(tree: Tree) -> bool:
    """Whether a projection leaves out an element that is null."""
    condition = tree["children"][2] if tree["type"] == "filter_projection" else None
    return _keeps_null(tree["children"][1]) or (condition is not None and _keeps_null(condition))


def _keeps_null(tree: Tree) -> bool:
    """Whether the tree gives null for null."""
    kind, children = tree["type"], tree.get("children", [])
    if kind in {"identity", "current", "field", "index", "slice", "multi_select_list", "multi_select_dict"}:
        return True
    if kind in {"subexpression", "index_expression", "pipe"}:
        return all(_keeps_null(child) for child in children)
    return kind in PROJECTIONS | {"flatten"} and _keeps_null(children[0])
