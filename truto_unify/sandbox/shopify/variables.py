"""The variables of a request, checked as Shopify does: ``INVALID_VARIABLE`` with its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, type_from_ast, value_from_ast_untyped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import GraphQLSchema, OperationDefinitionNode, VariableDefinitionNode

_SCALARS: dict[str, tuple[type, ...]] = {
    "Boolean": (bool,),
    "Float": (int, float),
    "ID": (str, int),
    "Int": (int,),
    "String": (str,),
}


def fill_variables(operation: OperationDefinitionNode, variables: Mapping[str, object]) -> dict[str, object]:
    """The values that the operation declares, with defaults for absent ones.

    Args:
        operation: The operation that runs.
        variables: The ``variables`` of the request.

    Returns:
        Values by name; a variable without a value and a default is absent.
    """
    values = {}
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name in variables:
            values[name] = variables[name]
        elif definition.default_value is not None:
            values[name] = value_from_ast_untyped(definition.default_value)
    return values


def find_invalid_variables(
    schema: GraphQLSchema, operation: OperationDefinitionNode, values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Compare values with the declared types.

    Args:
        schema: The schema the query is for.
        operation: The operation that runs.
        values: The result of ``fill_variables``.

    Returns:
        The entries of ``errors``.
    """
    errors = []
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        expected = type_from_ast(schema, definition.type)
        problems = _find_problems(values.get(name), expected, [])
        if problems:
            errors.append(_describe(definition, str(expected), values.get(name), problems))
    return errors


def _find_problems(value: object, expected: Any, path: list[object]) -> list[dict[str, object]]:
    if isinstance(expected, GraphQLNonNull):
        if value is None:
            return [{"path": path, "explanation": "Expected value to not be null"}]
        expected = expected.of_type
    if value is None:
        return []
    if isinstance(expected, GraphQLList):
        items = value if isinstance(value, list) else [value]
        return [
            problem
            for index, item in enumerate(items)
            for problem in _find_problems(item, expected.of_type, [*path, index])
        ]
    explanation = _explain(value, expected)
    return [{"path": path, "explanation": explanation}] if explanation else []


def _explain(value: object, expected: Any) -> str | None:
    if isinstance(expected, GraphQLEnumType):
        if value in expected.values:
            return None
        return f'Expected "{value}" to be one of: {", ".join(expected.values)}'
    accepted = _SCALARS.get(expected.name, (str, int))
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        shown = f'"{value}"' if isinstance(value, str) else value
        return f"Could not coerce value {shown} to {expected.name}"
    if expected.name == "ID" and not str(value).startswith("gid://shopify/"):
        return f"Invalid global id '{value}'"
    return None


def _describe(
    definition: VariableDefinitionNode, expected: str, value: object, problems: list[dict[str, object]]
) -> dict[str, object]:
    name = definition.variable.name.value
    start = definition.loc.start_token if definition.loc else None
    return {
        "message": f"Variable ${name} of type {expected} was provided invalid value",
        "locations": [{"line": start.line, "column": start.column}] if start else [],
        "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
    }
