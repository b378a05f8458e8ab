"""The OpenAPI document and a page that shows it; the page loads nothing from other hosts."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from truto_unify.server.errors import dump
from truto_unify.server.openapi import build_openapi

router = APIRouter(include_in_schema=False)
_TYPES = {
    "docs.html": "text/html; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document; it is built once, because the registry does not change while the service runs."""
    state: Any = request.app.state
    if state.openapi is None:
        state.openapi = dump(build_openapi(request.app, state.registry))
    return Response(state.openapi, media_type="application/json")


@router.get("/")
async def root() -> Response:
    """Leads a person who opens the service in a browser to the page."""
    return RedirectResponse("/docs")


@router.get("/docs")
async def page() -> Response:
    """The page."""
    return _file("docs.html")


@router.get("/docs/docs.css")
async def style() -> Response:
    """Its style."""
    return _file("docs.css")


@router.get("/docs/docs.js")
async def script() -> Response:
    """Its script."""
    return _file("docs.js")


def _file(name: str) -> Response:
    content = files("truto_unify.server").joinpath("pages", name).read_bytes()
    return Response(content, headers={**_HEADERS, "Content-Type": _TYPES[name]})
