"""Answers of GraphQL servers, in the forms in which a list may come."""

from __future__ import annotations

from typing import Any

CUSTOMER = {"id": "gid://acme/Customer/17", "email": "ana@example.test", "homeAddress": {"city": "Lima", "zip": "1"}}
PAGE_INFO = {"hasNextPage": False, "endCursor": None}
GRAPHQL_ANSWERS: dict[str, Any] = {
    "graphql": {"data": {"shop": {"people": {"nodes": [CUSTOMER], "pageInfo": PAGE_INFO}}}},
    "graphql edges": {"data": {"customers": {"edges": [{"node": CUSTOMER}], "pageInfo": PAGE_INFO}}},
    "graphql count": {"data": {"customers": {"items": [CUSTOMER], "totalItems": 60}}},
}
