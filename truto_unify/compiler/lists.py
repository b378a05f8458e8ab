"""Writes loops for projections, so that no list is built only to be iterated.

``visit_elements`` calls ``visit`` with each element of the list that a tree evaluates to; ``visit`` writes the code for
the element. A list that the expression itself writes out is unrolled: ``[a, b[]][]`` becomes one loop after the other.
The generated code builds a list only if an expression needs the list as a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.compiler.access_path import AccessPath
from truto_unify.compiler.value import NULL, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.compiler.emit import Emitter

    Visit = Callable[[Value], None]

Tree = dict[str, Any]
PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})
_MAX_UNROLLED = 12


def emit_projection(emitter: Emitter, tree: Tree, current: Value) -> Value:
    """A projection as a value: the list of its results; null if its base is not a list (or object)."""
    out = emitter.out
    base = tree["children"][0]
    result, path = out.new_name(), AccessPath()
    has_results = False

    def append(value: Value) -> None:
        nonlocal has_results
        has_results = True
        element = path.element()
        if value.path is not None and value.may_be("object", "array"):
            element.merge(value.path)
        elif value.may_be("object", "array"):
            element.require_whole()
        out.write(f"{result}.append({emitter.shared_code(value, element)})")

    is_over_object = tree["type"] == "value_projection"
    if not is_over_object and is_written_out(base, current):
        test = "True"
        out.write(f"{result} = []")
        visit_projected(emitter, tree, current, append)
    else:
        is_flattened = base["type"] == "flatten" and not is_over_object
        source = emitter.emit(base["children"][0] if is_flattened else base, current)
        test = _object_test(source) if is_over_object else list_test(source)
        out.write(f"{result} = {'[]' if test == 'True' else 'None'}")
        if test == "False":
            return NULL
        if test == "True":
            _visit_projected_value(emitter, tree, source, append)
        else:
            with out.block(f"if {test}:"):
                out.write(f"{result} = []")
                tested = source.with_facts(types=frozenset({"object" if is_over_object else "array"}))
                _visit_projected_value(emitter, tree, tested, append)
    types = frozenset({"array"} if test == "True" else {"array", "null"})
    return Value(result, types, path=path if has_results else None)


def list_test(value: Value) -> str:
    """A Python condition that the value is a list; ``True`` or ``False`` if the compiler knows."""
    if value.is_only("array"):
        return "True"
    if not value.may_be("array"):
        return "False"
    return f"{value.code} is not None" if value.is_only("array", "null") else f"{value.code}.__class__ is list"


def _object_test(value: Value) -> str:
    """As ``list_test``, for an object."""
    if value.is_only("object"):
        return "True"
    return f"{value.code}.__class__ is dict" if value.may_be("object") else "False"


def is_written_out(tree: Tree, current: Value) -> bool:
    """Whether the tree is a list that the expression itself writes out, so that it is never null."""
    if tree["type"] == "flatten":
        return is_written_out(tree["children"][0], current)
    return written_count(tree) is not None and not current.may_be_null


def written_count(tree: Tree) -> int | None:
    """The number of elements of a short list that the expression itself writes out; None for any other list."""
    is_short = tree["type"] == "multi_select_list" and len(tree["children"]) <= _MAX_UNROLLED
    return len(tree["children"]) if is_short else None


def visit_elements(emitter: Emitter, tree: Tree, current: Value, visit: Visit) -> None:
    """Visits each element of the list that the tree evaluates to; null has none.

    The generated code raises ``ValueError`` for any other value.
    """
    if tree["type"] in PROJECTIONS:
        visit_projected(emitter, tree, current, visit)
    elif is_written_out(tree, current) and tree["type"] == "multi_select_list":
        for child in tree["children"]:
            visit(emitter.emit(child, current))
    else:
        value = emitter.emit(tree, current)
        if value.members is not None or not value.may_be("array", "null"):
            emitter.out.write("raise ValueError")
            return
        if value.elements is None and not value.is_only("array", "null"):
            emitter.out.write(f"if {value.code} is not None and {value.code}.__class__ is not list: raise ValueError")
            value = value.with_facts(types=frozenset({"array", "null"}))
        _visit_list(emitter, value, visit)


def visit_projected(emitter: Emitter, tree: Tree, current: Value, visit: Visit) -> None:
    """Visits each result of a projection; there is none if its base is not a list (or object)."""
    base = tree["children"][0]
    if tree["type"] == "value_projection":
        _visit_projected_value(emitter, tree, emitter.emit(base, current), visit)
        return
    project = _projection_of_element(emitter, tree, visit)
    if base["type"] == "flatten":
        _visit_flattened(emitter, base["children"][0], current, project, skips_null=_drops_null(tree))
    elif base["type"] in PROJECTIONS:
        visit_projected(emitter, base, current, project)
    elif is_written_out(base, current):
        _visit_written_out(emitter, base, current, project)
    else:
        _visit_list(emitter, emitter.emit(base, current), project)


def _projection_of_element(emitter: Emitter, tree: Tree, visit: Visit) -> Visit:
    """The projection of one element: tests its condition, evaluates the rest of the expression, drops null."""
    rest = tree["children"][1]
    condition = tree["children"][2] if tree["type"] == "filter_projection" else None

    def evaluate(element: Value) -> None:
        if element.may_be_null and rest["type"] in {"multi_select_list", "multi_select_dict"}:
            with emitter.out.block(f"if {element.code} is not None:"):
                evaluate(element.not_null())
            return
        result = emitter.emit(rest, element)
        if result.is_null:
            return
        if not result.may_be_null:
            visit(result)
            return
        with emitter.out.block(f"if {result.code} is not None:"):
            visit(result.not_null())

    def project(element: Value) -> None:
        if condition is None:
            evaluate(element)
            return
        truth = emitter.truth(emitter.emit(condition, element))
        if truth == "True":
            evaluate(element)
        elif truth != "False":
            with emitter.out.block(f"if {truth}:"):
                # A true value is not null.
                evaluate(element.not_null() if condition["type"] in {"current", "identity"} else element)

    return project


def _visit_projected_value(emitter: Emitter, tree: Tree, source: Value, visit: Visit) -> None:
    """Visits each result of a projection whose base is evaluated already."""
    project = _projection_of_element(emitter, tree, visit)
    if tree["type"] != "value_projection":
        if tree["children"][0]["type"] == "flatten":
            _visit_flattened_value(emitter, source, project)
        else:
            _visit_list(emitter, source, project)
    elif source.members is not None:
        for member in source.members.values():
            project(member)
    elif source.may_be("object"):
        code = emitter.code(source)
        values = f"{code}.values()"
        if not source.is_only("object"):
            values = f"({values} if {code}.__class__ is dict else ())"
        item = emitter.out.new_name()
        with emitter.out.block(f"for {item} in {values}:"):
            project(Value(item))


def _visit_list(emitter: Emitter, value: Value, visit: Visit) -> None:
    """Visits each element of a value; a value that is not a list has none."""
    if value.elements is not None:
        for element in value.elements:
            visit(element)
        return
    if not value.may_be("array"):
        return
    path = value.path.element() if value.path is not None else None
    source = value.code
    if not value.is_only("array"):
        source = f"{source} or ()" if value.is_only("array", "null") else f"({source} if {list_test(value)} else ())"
    item = emitter.out.new_name()
    with emitter.out.block(f"for {item} in {source}:"):
        visit(emitter.native_value(item, path))


def _visit_flattened(emitter: Emitter, tree: Tree, current: Value, visit: Visit, *, skips_null: bool) -> None:
    """Visits each element of the list that the tree evaluates to; for an inner list, visits its elements."""
    if tree["type"] in PROJECTIONS:
        visit_projected(emitter, tree, current, lambda element: _visit_opened(emitter, element, visit))
    elif is_written_out(tree, current) and tree["type"] == "multi_select_list":
        if emitter.joins_lists and not any(child["type"] in PROJECTIONS for child in tree["children"]):
            _visit_written_out(emitter, tree, current, lambda element: _visit_opened(emitter, element, visit))
            return
        for child in tree["children"]:
            if child["type"] in PROJECTIONS and skips_null:
                visit_projected(emitter, child, current, visit)
            else:
                _visit_opened(emitter, emitter.emit(child, current), visit)
    else:
        _visit_flattened_value(emitter, emitter.emit(tree, current), visit)


def _visit_written_out(emitter: Emitter, tree: Tree, current: Value, visit: Visit) -> None:
    """Visits each element of a list that the expression writes out: in one loop if little is known of the elements."""
    if emitter.joins_lists:
        values = [emitter.emit(child, current) for child in tree["children"]]
        if len(values) > 1 and not any(value.is_constant or value.is_constructed for value in values):
            types = frozenset[str]().union(*(value.types for value in values))
            item = emitter.out.new_name()
            with emitter.out.block(f"for {item} in ({', '.join(map(emitter.code, values))}):"):
                visit(Value(item, types))
            return
        for value in values:
            visit(value)
        return
    for child in tree["children"]:
        visit(emitter.emit(child, current))


def _visit_flattened_value(emitter: Emitter, value: Value, visit: Visit) -> None:
    _visit_list(emitter, value, lambda element: _visit_opened(emitter, element, visit, is_element=True))


def _visit_opened(emitter: Emitter, value: Value, visit: Visit, *, is_element: bool = False) -> None:
    """Visits a value, or its elements if it is a list.

    The elements of a flattened list are rarely lists themselves. The decoder therefore expects no lists there, and
    refuses a record that has some.
    """
    if value.members is not None or not value.may_be("array"):
        visit(value)
        return
    if value.elements is not None and not value.is_constant:
        for element in value.elements:
            visit(element)
        return
    if value.is_only("object", "null"):
        visit(value)
        return
    path = value.path
    if path is not None and not (is_element and path.kind != "list"):
        path = path.opened()
    source = value.code
    if not value.is_only("array"):
        source = f"{source} if {source}.__class__ is list else ({source},)"
    item = emitter.out.new_name()
    with emitter.out.block(f"for {item} in {source}:"):
        visit(emitter.native_value(item, path))


def _drops_null(tree: Tree) -> bool:
    """Whether a projection drops an element that is null."""
    condition = tree["children"][2] if tree["type"] == "filter_projection" else None
    return _gives_null_for_null(tree["children"][1]) or (condition is not None and _gives_null_for_null(condition))


def _gives_null_for_null(tree: Tree) -> bool:
    """Whether the tree evaluates null to null."""
    kind, children = tree["type"], tree.get("children", [])
    if kind in {"identity", "current", "field", "index", "slice", "multi_select_list", "multi_select_dict"}:
        return True
    if kind in {"subexpression", "index_expression", "pipe"}:
        return all(_gives_null_for_null(child) for child in children)
    return kind in PROJECTIONS | {"flatten"} and _gives_null_for_null(children[0])
