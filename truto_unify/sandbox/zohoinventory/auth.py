"""Access to the pretend Zoho Inventory: tokens, the organisation, and two rate limits.

https://www.zoho.com/inventory/api/v1/introduction/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl

from truto_unify.sandbox.rate_window import RateWindow
from truto_unify.sandbox.zohoinventory.answers import ZohoError, answer
from truto_unify.sandbox.zohoinventory.details import ORGANIZATION_ID

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from truto_unify.sandbox.store import Store

ACCOUNT = {
    "credentials": {"access_token": "zoho_sandbox_token"},
    "context": {"organization_id": ORGANIZATION_ID, "data_center": "com"},
}
REFRESH_CREDENTIALS = {
    "client_id": "zoho_client",
    "client_secret": "zoho_secret",
    "refresh_token": "zoho_refresh",
}

_TOKEN_SECONDS = 3600
_BLOCK_SECONDS = 3600
_SCHEME = "Zoho-oauthtoken "
_BLOCKED = (
    "For security reasons you have been blocked for some time as you have exceeded the maximum number of "
    "requests per minute"
)


@dataclass
class ZohoAccess:
    """The tokens, the organisation and the rate limits of the store."""

    store: Store
    tokens: dict[str, float] = field(default_factory=dict)  # with the time of expiry
    blocked_until: float = -math.inf
    minute: RateWindow = field(init=False)
    day: RateWindow = field(init=False)
    token_window: RateWindow = field(init=False)

    def __post_init__(self) -> None:
        clock = self.store.clock
        self.minute = RateWindow(clock, quota=100, seconds=60)
        self.day = RateWindow(clock, quota=7500, seconds=86_400)
        self.token_window = RateWindow(clock, quota=10, seconds=600)

    def check_token(self, request: Request) -> None:
        """Only Zoho's own scheme is accepted; ``Bearer`` counts as no token."""
        authorization = request.headers.get("authorization", "")
        if not authorization.startswith(_SCHEME):
            raise ZohoError(
                401,
                14,
                "The request could not be authenticated as the authentication value you entered is invalid. "
                "Enter a valid authentication value and try again.",
            )
        token = authorization.removeprefix(_SCHEME)
        expiry = self.tokens.get(token, -math.inf)
        if token != ACCOUNT["credentials"]["access_token"] and expiry <= self.store.clock():
            raise ZohoError(401, 57, "You are not authorized to perform this operation")

    def check_organization(self, request: Request) -> None:
        """The organisation is named in the query, never in a header."""
        organization_id = request.query_params.get("organization_id")
        if not organization_id:
            raise ZohoError(
                400,
                6024,
                "This user belongs to multiple organizations, hence the parameter CompanyID/CompanyName is "
                "required for associating this user to a specific organization.",
            )
        if organization_id != ORGANIZATION_ID:
            raise ZohoError(400, 6041, f"This user is not associated with the CompanyID/CompanyName:{organization_id}.")

    def check_rate(self) -> None:
        """More than 100 requests in a minute block the organisation for an hour."""
        now = self.store.clock()
        if now < self.blocked_until:
            self._refuse_for(44, f"{_BLOCKED} that can be raised from one account.", now)
        if not self.minute.admit():
            self.blocked_until = now + _BLOCK_SECONDS
            self._refuse_for(43, f"{_BLOCKED}.", now)
        if not self.day.admit():
            message = "The API call for this organization has exceeded the maximum call rate limit of"
            raise ZohoError(429, 45, f"{message} {self.day.quota}.", self.rate_headers())

    def rate_headers(self) -> dict[str, str]:
        """The remaining quota of the day; the reset is a number of seconds, not a time."""
        return {
            "x-rate-limit-limit": str(self.day.quota),
            "x-rate-limit-remaining": str(self.day.calls_left),
            "x-rate-limit-reset": str(math.ceil(self.day.milliseconds_left / 1000)),
        }

    def issue_token(self) -> str | None:
        """A new access token, or None after ten of them in ten minutes."""
        if not self.token_window.admit():
            return None
        token = f"1000.zoho_sandbox_{len(self.tokens) + 1}"
        self.tokens[token] = self.store.clock() + _TOKEN_SECONDS
        return token

    def _refuse_for(self, code: int, message: str, now: float) -> NoReturn:
        retry_after = str(math.ceil(self.blocked_until - now))
        raise ZohoError(429, code, message, {"Retry-After": retry_after})


async def answer_token(access: ZohoAccess, request: Request) -> Response:
    """Answer the token endpoint; its parameters may stand in the query or in a form.

    Args:
        access: The access rules that accept the new token.
        request: The request.

    Returns:
        The token, or an error under HTTP 200: this endpoint reports errors without a status. Too many tokens
        are the exception: a 400.
    """
    form = parse_qsl((await request.body()).decode(errors="replace"))
    parameters = dict(request.query_params) | dict(form)
    if parameters.get("grant_type") != "refresh_token":
        return answer({"error": "unsupported_grant_type"})
    if parameters.get("client_id") != REFRESH_CREDENTIALS["client_id"]:
        return answer({"error": "invalid_client"})
    if parameters.get("client_secret") != REFRESH_CREDENTIALS["client_secret"]:
        return answer({"error": "invalid_client_secret"})
    if parameters.get("refresh_token") != REFRESH_CREDENTIALS["refresh_token"]:
        return answer({"error": "invalid_code"})
    token = access.issue_token()
    if token is None:
        message = "You have made too many requests continuously. Please try again after some time."
        return answer({"error": "Access Denied", "error_description": message, "status": "failure"}, 400)
    return answer(
        {
            "access_token": token,
            "api_domain": "https://www.zohoapis.com",
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
        }
    )
