"""The caller's identity: the bearer token of a request, and its scopes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request

from truto_unify.errors import Forbidden, Unauthenticated
from truto_unify.server.request_context import current_context

if TYPE_CHECKING:
    from truto_unify.accounts.records import Identity
    from truto_unify.accounts.store import AccountStore

MAX_TOKEN_CHARS = 512


def require(scope: str, *others: str) -> Callable[[Request], Awaitable[Identity]]:
    """A dependency that returns the caller's identity if it has the scope, or one of several.

    Args:
        scope: for example ``accounts:write``.
        *others: scopes that suffice too, such as ``proxy:read`` beside ``proxy``; the route limits what they may do.

    Raises:
        Unauthenticated: the token is missing, unknown, expired or revoked; the error does not say which.
        Forbidden: the token lacks the scope.
    """

    async def identify(request: Request) -> Identity:
        identity = await read_identity(request)
        check_scope(identity, scope, *others)
        return identity

    return identify


def check_scope(identity: Identity, scope: str, *others: str) -> None:
    """Checks that an identity has one of these scopes.

    Raises:
        Forbidden: it has none of them.
    """
    if identity.scopes.isdisjoint({scope, *others}):
        alternatives = "".join(f' or "{other}"' for other in others)
        raise Forbidden(f'this token lacks the scope "{scope}"{alternatives}')


async def read_identity(request: Request) -> Identity:
    """The identity behind the bearer token of a request.

    Raises:
        Unauthenticated: there is no valid token.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    identity = None
    if scheme.lower() == "bearer" and 0 < len(token) <= MAX_TOKEN_CHARS and token.isascii() and token.isprintable():
        store: AccountStore = request.app.state.store
        identity = await store.identify(token)
    if identity is None:
        raise Unauthenticated("a valid API token is required: Authorization: Bearer <token>")
    context = current_context()
    if context is not None:
        context.token_id = identity.token_id
    return identity


async def read_api_identity(request: Request) -> Identity:
    """The identity behind a request that is not limited to one account.

    Raises:
        Unauthenticated: there is no valid token.
        Forbidden: the token belongs to an integrated account.
    """
    identity = await read_identity(request)
    if identity.kind == "integrated_account_token":
        raise Forbidden("an integrated account token is valid only for /unified, /proxy, /custom and its own account")
    return identity
