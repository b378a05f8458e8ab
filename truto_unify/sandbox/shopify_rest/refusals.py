"""The errors of Shopify's REST Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ShopifyRestError(Exception):
    """An error response: ``errors`` is a text, or a text for each parameter."""

    def __init__(self, status: int, errors: str | Mapping[str, str]) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = errors
