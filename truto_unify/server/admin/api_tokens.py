"""API tokens, to read alone: a token cannot make or revoke tokens, so the command line does."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.listing import MOST
from truto_unify.server.admin.dependencies import ABOUT_ONE, REFUSALS, Store, TokenReader
from truto_unify.server.admin.shapes import TokenList, TokenShape, token_shape

router = APIRouter(prefix="/api-token", tags=["API tokens"], strict_content_type=False)


@router.get("", responses=REFUSALS)
async def list_tokens(caller: TokenReader, store: Store) -> TokenList:
    """Lists the API tokens of the environment, without their secrets."""
    tokens = await store.api_tokens.all(caller.environment_id)
    return TokenList(result=[token_shape(one) for one in tokens], limit=MOST)


@router.get("/{token_id}", responses=ABOUT_ONE)
async def get_token(token_id: str, caller: TokenReader, store: Store) -> TokenShape:
    """Reads an API token; "me" is the one that asks."""
    wanted = caller.token_id if token_id == "me" else token_id  # noqa: S105 - a word, no secret
    return token_shape(await store.api_tokens.get(caller.environment_id, wanted))
