"""The routes with which accounts, tokens and overrides are administered."""

from __future__ import annotations

from truto_unify.server.admin import accounts, api_tokens, overrides, own_account

# "/integrated-account/me" must match before "/integrated-account/{id}".
routers = (own_account.router, accounts.router, api_tokens.router, overrides.router)

__all__ = ["routers"]
