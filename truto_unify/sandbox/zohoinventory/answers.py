"""The responses of the pretend Zoho Inventory: a `code` in every body, 0 for success.

https://www.zoho.com/inventory/api/v1/errors/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON with the content type as Zoho writes it."""
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/json;charset=UTF-8")


class ZohoError(Exception):
    """An error response: a ``code`` other than 0, sometimes with HTTP 200."""

    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.response = answer({"code": code, "message": message}, status, headers)
