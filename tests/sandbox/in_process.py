"""Call a pretend store as a client calls a server, without a network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from starlette.applications import Starlette


class InProcess(httpx.BaseTransport):
    """A transport that hands each request to the app."""

    def __init__(self, app: Starlette) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def answer() -> httpx.Response:
            response = await httpx.ASGITransport(app=self.app).handle_async_request(request)
            return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

        return asyncio.run(answer())


def open_client(
    app: Starlette,
    headers: dict[str, str],
    auth: tuple[str, str] | None = None,
    origin: str = "https://store.example.test",
) -> httpx.Client:
    """A client of this app that sends these headers with every request; the links in answers begin with the origin."""
    return httpx.Client(transport=InProcess(app), base_url=origin, headers=headers, auth=auth)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
