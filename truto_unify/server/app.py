"""Builds the ASGI application from its routers and middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from truto_unify.server import batch, catalogue, docs_page, health, meta, native, provider_notes, unified
from truto_unify.server.admin import routers as admin_routers
from truto_unify.server.errors import add_error_handlers
from truto_unify.server.limits import LimitsMiddleware, Shutdown
from truto_unify.server.metrics import Metrics
from truto_unify.server.observation import ObservationMiddleware
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from truto_unify.accounts.store import AccountStore
    from truto_unify.async_client import AsyncClient
    from truto_unify.registry import Registry

# The first matching route wins: the most frequent routes stand first, and fixed paths stand before paths with an id.
_ROUTERS = (
    unified.lists,
    provider_notes.router,
    meta.router,
    unified.records,
    native.router,
    batch.router,
    *admin_routers,
    catalogue.router,
    health.router,
    docs_page.router,
)


def create_app(
    store: AccountStore, *, registry: Registry, client: AsyncClient, settings: ServiceSettings | None = None
) -> FastAPI:
    """Builds the service as an ASGI application.

    Args:
        store: accounts and tokens.
        registry: providers and mappings.
        client: makes the calls. It uses ``registry`` and the token store of ``store``; its settings
            are ``request_context.observed``.
        settings: limits.
    """
    settings = settings or ServiceSettings()
    app = FastAPI(
        title="truto_unify",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # include_router would analyse each route again; the routers add nothing to their routes.
        routes=[route for router in _ROUTERS for route in router.routes],
        # The framework's own spans and logs hold whole queries and exception messages; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.store = store
    app.state.registry = registry
    app.state.client = client
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.shutdown = Shutdown()
    app.state.openapi = None
    add_error_handlers(app)
    # The middleware that is added last is the outermost.
    app.add_middleware(LimitsMiddleware, settings=settings, shutdown=app.state.shutdown)
    app.add_middleware(ObservationMiddleware, metrics=app.state.metrics)
    return app
