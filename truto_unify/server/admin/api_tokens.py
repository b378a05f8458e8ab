"""API tokens, read-only: a token cannot create or revoke tokens; the command line does."""

from __future__ import annotations

from fastapi import APIRouter

from truto_unify.accounts.listing import MAX_PAGE_ITEMS
from truto_unify.server.admin.dependencies import ERRORS, RECORD_ERRORS, InjectedStore, TokenReader
from truto_unify.server.admin.shapes import TokenList, TokenShape, token_shape

router = APIRouter(prefix="/api-token", tags=["API tokens"], strict_content_type=False)


@router.get("", responses=ERRORS)
async def list_tokens(caller: TokenReader, store: InjectedStore) -> TokenList:
    """Lists the API tokens of the environment, without their secrets."""
    tokens = await store.api_tokens.all(caller.environment_id)
    return TokenList(result=[token_shape(token) for token in tokens], limit=MAX_PAGE_ITEMS)


@router.get("/{token_id}", responses=RECORD_ERRORS)
async def get_token(token_id: str, caller: TokenReader, store: InjectedStore) -> TokenShape:
    """Reads an API token; "me" is the token of the request."""
    if token_id == "me":  # noqa: S105 - a word, no secret
        token_id = caller.token_id
    return token_shape(await store.api_tokens.get(caller.environment_id, token_id))
