"""The places of fields, arguments and values in a GraphQL document: the ``path`` of Shopify's errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import TypeInfo, TypeInfoVisitor, Visitor, visit

if TYPE_CHECKING:
    from graphql import (
        ArgumentNode,
        DocumentNode,
        FieldNode,
        FragmentDefinitionNode,
        GraphQLSchema,
        Node,
        OperationDefinitionNode,
    )


class Places(Visitor):
    """The places in a document, collected in one walk; the keys are the ``id()`` of nodes.

    Attributes:
        paths: The path of each field, argument and part of an argument's value.
        parents: The type each field is selected on.
        fields: The field that an argument, a part of its value or a selection set belongs to.
        arguments: The argument that a part of a value belongs to.
        deprecated: The deprecated fields that are selected, as ``Type.field``.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        super().__init__()
        self.paths: dict[int, list[str]] = {}
        self.parents: dict[int, str] = {}
        self.fields: dict[int, FieldNode] = {}
        self.arguments: dict[int, str] = {}
        self.deprecated: dict[str, None] = {}
        self._types = TypeInfo(schema)
        self._path: list[str] = []
        self._open: list[FieldNode] = []
        visit(document, TypeInfoVisitor(self._types, self))

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: object) -> None:
        """Paths begin with the operation."""
        self._path = [f"{node.operation.value} {node.name.value if node.name else ''}".strip()]

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_args: object) -> None:
        """Paths inside a fragment begin with the fragment."""
        self._path = [f"fragment {node.name.value}"]

    def enter_field(self, node: FieldNode, *_args: object) -> None:
        """Records a field."""
        self._path.append(node.alias.value if node.alias else node.name.value)
        self._open.append(node)
        self.paths[id(node)] = list(self._path)
        self.fields[id(node.selection_set)] = node
        parent, definition = self._types.get_parent_type(), self._types.get_field_def()
        self.parents[id(node)] = parent.name if parent else ""
        if parent and definition and definition.deprecation_reason is not None:
            self.deprecated[f"{parent.name}.{node.name.value}"] = None

    def leave_field(self, *_args: object) -> None:
        """Removes the field from the path."""
        self._path.pop()
        self._open.pop()

    def enter_argument(self, node: ArgumentNode, *_args: object) -> None:
        """Records an argument and its value; an argument of a directive belongs to its field."""
        if self._open:
            visit(node, _Inside(self, [*self._path, node.name.value], self._open[-1], node.name.value))


class _Inside(Visitor):
    def __init__(self, places: Places, path: list[str], field: FieldNode, argument: str) -> None:
        super().__init__()
        self._places, self._path, self._field, self._argument = places, path, field, argument

    def enter(self, node: Node, *_args: object) -> None:
        self._places.paths[id(node)] = self._path
        self._places.fields[id(node)] = self._field
        self._places.arguments[id(node)] = self._argument
