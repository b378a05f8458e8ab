"""Liveness, readiness and metrics of the service."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from truto_unify.errors import StorageError
from truto_unify.server.errors import Refused, dump
from truto_unify.server.metrics import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/ping")
async def ping() -> Response:
    """The liveness call of the SDKs."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get("/healthz")
async def live() -> Response:
    """Whether the process answers."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """Whether the service can serve requests: whether the database answers."""
    try:
        await request.app.state.store.ping()
    except StorageError as error:
        raise Refused(503, f"not ready: {error.message}") from None
    return Response(dump({"status": "ok", "database": "ok"}), media_type="application/json")


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Counts and latencies for Prometheus."""
    request.app.state.metrics.read_client(request.app.state.client)
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
