"""Who calls: the bearer token of a request, and what it may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request

from truto_unify.errors import Forbidden, Unauthenticated

if TYPE_CHECKING:
    from truto_unify.accounts.records import Identity
    from truto_unify.accounts.store import AccountStore

LONGEST_TOKEN = 512


def require(scope: str) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency that gives the caller's identity, refused without the scope.

    Args:
        scope: as in ``accounts:write``.

    Raises:
        Unauthenticated: the token is missing, unknown, expired or revoked, told apart by nobody.
        Forbidden: the token lacks the scope.
    """

    async def identify(request: Request) -> Identity:
        identity = await read_identity(request)
        if scope not in identity.scopes:
            raise Forbidden(f'this token lacks the scope "{scope}"')
        return identity

    return identify


async def read_identity(request: Request) -> Identity:
    """The identity behind the bearer token of a request.

    Raises:
        Unauthenticated: there is none that counts.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    identity = None
    if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable():
        store: AccountStore = request.app.state.store
        identity = await store.identify(token)
    if identity is None:
        raise Unauthenticated("a valid API token is required: Authorization: Bearer <token>")
    return identity


async def read_api_identity(request: Request) -> Identity:
    """The identity behind a request that is not about one account alone.

    Raises:
        Unauthenticated: there is none that counts.
        Forbidden: the token is one of an integrated account.
    """
    identity = await read_identity(request)
    if identity.kind == "integrated_account_token":
        raise Forbidden("an integrated account token only reaches /unified, /proxy, /custom and its own account")
    return identity
