"""The cost of a query at Shopify's Admin GraphQL API, and the bucket of points that pays for it.

https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits: a scalar is free, an object costs 1. A connection
costs 2, and what a node costs about as often as the logarithm of the page size: recorded answers say how often. Edges,
node lists, pageInfo, amounts and addresses are free.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    IntValueNode,
    VariableNode,
    get_named_type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from graphql import FragmentDefinitionNode, SelectionNode, SelectionSetNode

MAX_COST = 1000
BUCKET_SIZE = 2000
RESTORE_RATE = 100
_Composite = GraphQLObjectType | GraphQLInterfaceType

_COUNTED_SIZES = (0, 1, 2, 3, 5, 10, 20, 50, 100, 250)
_COUNTS = (0, 1, 2, 2, 3, 4, 5, 7, 9, 11)
_FREE = {
    *("PageInfo", "MoneyBag", "MoneyV2", "TaxLine", "MailingAddress", "Count"),
    *("CustomerEmailAddress", "CustomerPhoneNumber"),
}


def count_nodes(page_size: int) -> int:
    """How many nodes a page of this size is charged as."""
    return _COUNTS[min(bisect_left(_COUNTED_SIZES, page_size), len(_COUNTS) - 1)]


@dataclass
class Bucket:
    """Points that restore with time."""

    clock: Callable[[], float]
    points: float = BUCKET_SIZE
    seen_at: float = 0.0

    def __post_init__(self) -> None:
        self.seen_at = self.clock()

    def available(self) -> float:
        """The points that are available now."""
        now = self.clock()
        self.points = min(BUCKET_SIZE, self.points + (now - self.seen_at) * RESTORE_RATE)
        self.seen_at = now
        return self.points

    def take(self, cost: int) -> bool:
        """Take points, unless there are too few."""
        if self.available() < cost:
            return False
        self.points -= cost
        return True

    def refund(self, cost: int) -> None:
        """Give back what was requested but not used."""
        self.points = min(BUCKET_SIZE, self.points + cost)

    def status(self, requested: int, actual: int | None) -> dict[str, object]:
        """The ``extensions.cost`` of an answer."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": BUCKET_SIZE,
                "currentlyAvailable": int(self.available()),
                "restoreRate": RESTORE_RATE,
            },
        }


@dataclass(frozen=True, slots=True)
class CostRules:
    """Computes the cost of an operation."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, object]

    def requested(self, selections: SelectionSetNode | None, parent: _Composite) -> int:
        """The cost before execution, with every page taken as full."""
        total = 0
        for node, returned in self._objects(selections, parent):
            inside = self.requested(node.selection_set, returned)
            if _is_connection(returned):
                inside = 2 + inside * count_nodes(self._page_size(node))
            elif not _is_free(node, parent, returned):
                inside += 1
            total += inside
        return total

    def actual(self, selections: SelectionSetNode | None, parent: _Composite, data: object) -> int:
        """The cost of the result: its nodes; null costs its field but nothing inside."""
        total = 0
        for node, returned in self._objects(selections, parent):
            key = node.alias.value if node.alias else node.name.value
            value = data.get(key) if isinstance(data, dict) else None
            items = value if isinstance(value, list) else [value]
            costs = [self.actual(node.selection_set, returned, item) for item in items if item is not None]
            if _is_connection(parent) and node.name.value in {"nodes", "edges"}:
                # As for the page size, the more nodes there are, the less each of them costs.
                own = 0 if _is_free(node, parent, returned) else 1
                total += count_nodes(len(costs)) * (own + max(costs, default=0))
            else:
                own = 2 if _is_connection(returned) else 0 if _is_free(node, parent, returned) else 1
                total += own + max(costs, default=0)
        return total

    def _objects(
        self, selections: SelectionSetNode | None, parent: _Composite
    ) -> Iterator[tuple[FieldNode, _Composite]]:
        """The selected fields that return objects, with those of fragments; what a directive leaves out is free."""
        for node in selections.selections if selections else ():
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                field = parent.fields.get(node.name.value)
                returned = get_named_type(field.type) if field else None
                if isinstance(returned, _Composite):
                    yield node, returned
            elif isinstance(node, FragmentSpreadNode):
                yield from self._objects(self.fragments[node.name.value].selection_set, parent)
            else:
                yield from self._objects(getattr(node, "selection_set", None), parent)

    def _is_included(self, node: SelectionNode) -> bool:
        """Whether no directive leaves the selection out."""
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                value = argument.value
                is_true = (
                    bool(self.variables.get(value.name.value))
                    if isinstance(value, VariableNode)
                    else isinstance(value, BooleanValueNode) and value.value
                )
                if {"include": not is_true, "skip": is_true}[directive.name.value]:
                    return False
        return True

    def _page_size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                value = argument.value
                if isinstance(value, IntValueNode):
                    return int(value.value)
                variable = self.variables.get(value.name.value) if isinstance(value, VariableNode) else None
                if isinstance(variable, int):
                    return variable
        return 0


def _is_connection(returned: _Composite) -> bool:
    return returned.name.endswith("Connection")


def _is_free(node: FieldNode, parent: _Composite, returned: _Composite) -> bool:
    """Whether the field costs nothing itself; a node of a connection always costs 1."""
    if _is_connection(parent):
        return node.name.value in {"edges", "pageInfo"}
    return returned.name in _FREE and not parent.name.endswith("Edge")
