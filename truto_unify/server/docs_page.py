"""The OpenAPI document, and a page that shows it and sends calls; the page loads nothing from other hosts."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from truto_unify.server.errors import dump
from truto_unify.server.openapi import build_openapi

router = APIRouter(include_in_schema=False)
_PAGE = "docs.html"
_ICON = "icon.svg"
_ASSETS = ("docs.css", "docs.js", "call.js", "dom.js", "form.js", "schema.js", _ICON)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
"""Headers of every page: nothing from elsewhere is loaded, run or asked, and no other page may frame it."""


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
    return _file(_PAGE)


@router.get("/favicon.ico")
async def icon() -> Response:
    """The icon of the pages, at the address where browsers look for it unasked."""
    return _file(_ICON)


@router.get("/docs/{name}")
async def asset(name: str) -> Response:
    """Its style, its icon, and the modules of its script."""
    if name not in _ASSETS:
        raise HTTPException(404)
    return _file(name)


def _file(name: str) -> Response:
    content = files("truto_unify.server").joinpath("pages", name).read_bytes()
    return Response(content, headers={**PAGE_HEADERS, "Content-Type": _TYPES[PurePosixPath(name).suffix]})
