"""Puts the service together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from truto_unify.server import batch, catalogue, docs_page, health, meta, native, provider_notes, unified
from truto_unify.server.admin import routers as admin_routers
from truto_unify.server.errors import add_fault_handlers
from truto_unify.server.limits import Drain, Gate
from truto_unify.server.metrics import Metrics
from truto_unify.server.observation import Observation
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from truto_unify.accounts.store import AccountStore
    from truto_unify.async_client import AsyncClient
    from truto_unify.registry import Registry

# The first route that fits is taken: what is asked for most stands first, and what is special before what takes any id.
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
    """The service as an ASGI application.

    Args:
        store: accounts and tokens.
        registry: providers and mappings.
        client: makes the calls; its registry is ``registry``, its token store that of ``store``, and its settings
            tell ``facts.note_quota`` of quotas.
        settings: limits.
    """
    settings = settings or ServiceSettings()
    app = FastAPI(
        title="truto_unify",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        # The framework's own spans and logs hold whole queries and the messages of exceptions; ours do not.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.store = store
    app.state.registry = registry
    app.state.client = client
    app.state.settings = settings
    app.state.metrics = Metrics()
    app.state.drain = Drain()
    app.state.openapi = None
    add_fault_handlers(app)
    for router in _ROUTERS:
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(Gate, settings=settings, drain=app.state.drain)
    app.add_middleware(Observation, metrics=app.state.metrics)
    return app
