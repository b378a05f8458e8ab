"""Small fake servers for the stores without a pretend store in the package: what a list, a filter and a get need.

Each module of a store has ``ACCOUNT`` (its credentials and context), ``API_ROOT``, ``create_routes(people)``, and
``refuse(request)``, which answers a request without the right key.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware

from truto_unify import Account
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request
    from starlette.responses import Response

    from truto_unify.sandbox.people import Person

FAKES = ("ecwid", "lightspeed_x", "magento", "odoo", "prestashop", "sfcc", "square", "squarespace", "stripe")
"""The providers with a fake server."""


@dataclass(frozen=True)
class FakeStore:
    """A fake server with its people and the requests that it received."""

    slug: str
    store: Store
    app: Starlette

    def account(self, origin: str) -> Account:
        """The account of this store, if it is served at ``origin``."""
        module = importlib.import_module(f"{__name__}.{self.slug}")
        token_path = getattr(module, "TOKEN_PATH", None)
        return Account(
            provider=self.slug,
            credentials=dict(module.ACCOUNT["credentials"]),
            context=dict(module.ACCOUNT["context"]),
            base_url=origin + module.API_ROOT,
            token_url=token_path and origin + token_path,
        )


def open_fake(
    slug: str, people: Iterable[Person] | None = None, clock: Callable[[], float] = time.monotonic
) -> FakeStore:
    """The fake server of a provider, with these people or the whole round of invented ones."""
    module = importlib.import_module(f"{__name__}.{slug}")
    store = Store.of(invent_people() if people is None else people, clock)

    async def guard(request: Request, proceed: RequestResponseEndpoint) -> Response:
        refusal: Response | None = await record_or_fail(store, request) or module.refuse(request)
        return refusal or await proceed(request)

    middleware = [Middleware(BaseHTTPMiddleware, dispatch=guard)]
    return FakeStore(slug, store, Starlette(routes=module.create_routes(store.people), middleware=middleware))
