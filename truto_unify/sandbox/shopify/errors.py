"""Shopify's errors for an invalid query, in the words of its own GraphQL server.

The shapes were recorded from live stores; graphql-core finds the same errors but describes them differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLNonNull,
    Lexer,
    Source,
    TokenKind,
    get_named_type,
    print_ast,
    specified_rules,
    validate,
)
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    ValuesOfCorrectTypeRule,
    VariablesInAllowedPositionRule,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import DocumentNode, GraphQLField, GraphQLSchema, GraphQLSyntaxError
    from graphql.validation import ASTValidationRule

    from truto_unify.sandbox.shopify.places import Places

Error = dict[str, object]


def describe_syntax_error(query: str, error: GraphQLSyntaxError) -> Error:
    """The ``PARSE_ERROR`` of a document that cannot be read.

    Args:
        query: The document.
        error: The error of graphql-core.

    Returns:
        One entry of ``errors``.
    """
    reason = error.message.removeprefix("Syntax Error: ").rstrip(".")
    unexpected = reason.removeprefix("Unexpected ").rpartition("found ")[2]
    line, column = error.locations[0] if error.locations else (1, 1)
    if unexpected == "<EOF>":
        unexpected = "end of file"
        line, column = _find_last_token(query)
    return {
        "message": f"syntax error, unexpected {unexpected} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
        "extensions": {"code": "PARSE_ERROR"},
    }


def _find_last_token(query: str) -> tuple[int, int]:
    # Shopify's parser places an unexpected end at the last token.
    place = (1, 1)
    lexer = Lexer(Source(query))
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        place = (token.line, token.column)
    return place


def find_invalid_parts(schema: GraphQLSchema, document: DocumentNode, places: Places) -> list[Error]:
    """Validate a document.

    Args:
        schema: The schema.
        document: The parsed query.
        places: The places of its nodes.

    Returns:
        The entries of ``errors``; empty for a valid document.
    """
    errors = []
    for rule in specified_rules:
        for error in validate(schema, document, [rule]):
            # The last of two nodes is the use of a mismatched variable; for other rules the first node counts.
            nodes = error.nodes or [document]
            node = nodes[-1] if rule is VariablesInAllowedPositionRule else nodes[0]
            shown: Error = {
                "message": error.message,
                "locations": [_locate(node)],
                "path": places.paths.get(id(node), []),
                "extensions": {"code": "invalidDocument"},
            }
            if rule in _DESCRIBERS:
                shown |= _DESCRIBERS[rule](node, places, schema)
            errors.append(shown)
    return errors


def _locate(node: Any) -> Error:
    start = node.loc.start_token
    return {"line": start.line, "column": start.column}


def _describe_unknown_field(node: Any, places: Places, _schema: GraphQLSchema) -> Error:
    name, owner = node.name.value, places.parents[id(node)]
    return {
        "message": f"Field '{name}' doesn't exist on type '{owner}'",
        "extensions": {"code": "undefinedField", "typeName": owner, "fieldName": name},
    }


def _describe_unknown_argument(node: Any, places: Places, _schema: GraphQLSchema) -> Error:
    name, owner = node.name.value, places.fields[id(node)].name.value
    extensions = {"code": "argumentNotAccepted", "name": owner, "typeName": "Field", "argumentName": name}
    return {"message": f"Field '{owner}' doesn't accept argument '{name}'", "extensions": extensions}


def _describe_value(node: Any, places: Places, schema: GraphQLSchema) -> Error:
    owner, argument = places.fields[id(node)], places.arguments[id(node)]
    expected = _find_field(owner, places, schema).args[argument].type
    message = f"Argument '{argument}' on Field '{owner.name.value}' has an invalid value ({print_ast(node)})."
    extensions = {"code": "argumentLiteralsIncompatible", "typeName": "Field", "argumentName": argument}
    return {"message": f"{message} Expected type '{expected}'.", "extensions": extensions}


def _describe_selection(node: Any, places: Places, schema: GraphQLSchema) -> Error:
    field = node if isinstance(node, FieldNode) else places.fields[id(node)]
    name = field.name.value
    returned = get_named_type(_find_field(field, places, schema).type).name
    if field.selection_set:
        inside = ", ".join(f'"{print_ast(selection)}"' for selection in field.selection_set.selections)
        message = "Selections can't be made on scalars"
        problem = f"returns {returned} but has selections [{inside}]"
    else:
        message = "Field must have selections"
        problem = f"returns {returned} but has no selections. Did you mean '{name} {{ ... }}'?"
    return {
        "message": f"{message} (field '{name}' {problem})",
        "locations": [_locate(field)],
        "path": places.paths[id(field)],
        "extensions": {"code": "selectionMismatch", "nodeName": f"field '{name}'", "typeName": returned},
    }


def _describe_missing_arguments(node: Any, places: Places, schema: GraphQLSchema) -> Error:
    present = {argument.name.value for argument in node.arguments or ()}
    arguments = _find_field(node, places, schema).args
    names = [
        name
        for name, declared in arguments.items()
        if isinstance(declared.type, GraphQLNonNull) and name not in present
    ]
    missing = ", ".join(names)
    return {
        "message": f"Field '{node.name.value}' is missing required arguments: {missing}",
        "extensions": {
            "code": "missingRequiredArguments",
            "className": "Field",
            "name": node.name.value,
            "arguments": missing,
        },
    }


def _describe_unknown_variable(node: Any, _places: Places, _schema: GraphQLSchema) -> Error:
    name = node.name.value
    return {
        "message": f"Variable ${name} is used but not declared",
        "extensions": {"code": "variableNotDefined", "variableName": name},
    }


def _describe_unused_variable(node: Any, _places: Places, _schema: GraphQLSchema) -> Error:
    name = node.variable.name.value
    return {
        "message": f"Variable ${name} is declared but not used",
        "extensions": {"code": "variableNotUsed", "variableName": name},
    }


def _describe_mismatch(node: Any, places: Places, _schema: GraphQLSchema) -> Error:
    name, argument = node.name.value, places.arguments[id(node)]
    return {
        "message": f"Type mismatch on variable ${name} and argument {argument}",
        "extensions": {"code": "variableMismatch", "variableName": name, "argumentName": argument},
    }


def _find_field(field: FieldNode, places: Places, schema: GraphQLSchema) -> GraphQLField:
    owner: Any = schema.type_map[places.parents[id(field)]]
    definition: GraphQLField = owner.fields[field.name.value]
    return definition


_DESCRIBERS: dict[type[ASTValidationRule], Callable[[Any, Places, GraphQLSchema], Error]] = {
    FieldsOnCorrectTypeRule: _describe_unknown_field,
    KnownArgumentNamesRule: _describe_unknown_argument,
    NoUndefinedVariablesRule: _describe_unknown_variable,
    NoUnusedVariablesRule: _describe_unused_variable,
    ProvidedRequiredArgumentsRule: _describe_missing_arguments,
    ScalarLeafsRule: _describe_selection,
    ValuesOfCorrectTypeRule: _describe_value,
    VariablesInAllowedPositionRule: _describe_mismatch,
}
