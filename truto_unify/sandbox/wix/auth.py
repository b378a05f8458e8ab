"""Access to the pretend Wix site: keys, access tokens and the rate limit; and its error responses.

https://dev.wix.com/docs/api-reference/articles/authentication/rest-api-authentication
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from truto_unify.sandbox.rate_window import RateWindow

if TYPE_CHECKING:
    from starlette.requests import Request

    from truto_unify.sandbox.store import Store
    from truto_unify.sandbox.wix.query import QueryRefusedError
    from truto_unify.sandbox.wix.records import Record

ACCOUNT = {
    "credentials": {"api_key": "wix_sandbox_key"},
    "context": {"site_id": "0b6f6c53-7d1a-4c55-8c0f-3f2b8f6e1d20"},
}
V3_SITE_ID = "3c9e2a17-58d4-4b0f-9d61-7a4e1f0b8c25"
CONTEXTS = {("catalog", "v3"): {"site_id": V3_SITE_ID, "catalog": "v3"}}
"""The context of the account at the second site, which has the catalog of version 3."""
# The second authentication scheme: https://dev.wix.com/docs/rest/app-management/oauth-2/create-access-token
OAUTH_CREDENTIALS = {
    "client_id": "b1d7a0f4-5c7e-4f7e-9a41-6d0c2f3e8a55",
    "client_secret": "wix_sandbox_secret",
    "instance_id": "6e2f4b1c-93a8-4d1f-8b7e-2c5a7d9e0f13",
}

_TOKEN_SECONDS = 14_400
_REQUESTS_PER_MINUTE = 200


class WixError(Exception):
    """An error response of the site."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass
class WixAccess:
    """The key, the access tokens and the rate limit of the site."""

    store: Store
    tokens: dict[str, float] = field(default_factory=dict)  # with the time of expiry
    window: RateWindow = field(init=False)

    def __post_init__(self) -> None:
        self.window = RateWindow(self.store.clock, _REQUESTS_PER_MINUTE, seconds=60)

    def issue_token(self) -> str:
        """A new access token, valid for four hours."""
        token = f"OauthNG.JWS.wix_sandbox_{len(self.tokens) + 1}"
        self.tokens[token] = self.store.clock() + _TOKEN_SECONDS
        return token

    def check_caller(self, request: Request) -> None:
        """The Authorization header holds only the key or token, without a scheme."""
        authorization = request.headers.get("authorization", "")
        site, account = request.headers.get("wix-site-id"), request.headers.get("wix-account-id")
        if site is not None and account is not None:
            raise WixError(
                application_error(400, "INVALID_ARGUMENT", "Only one of wix-site-id and wix-account-id is allowed")
            )
        if authorization in self.tokens:
            if self.tokens[authorization] <= self.store.clock():
                raise WixError(application_error(401, "UNAUTHENTICATED", "Access token expired"))
        elif authorization != ACCOUNT["credentials"]["api_key"]:
            raise WixError(application_error(401, "UNAUTHENTICATED", "Unauthenticated"))
        elif site not in {ACCOUNT["context"]["site_id"], V3_SITE_ID}:
            # The gateway in front of the API answers in HTML.
            page = "<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"
            raise WixError(HTMLResponse(page, status_code=403))

    def check_rate(self) -> None:
        """200 requests in a minute; the error has no Retry-After."""
        if not self.window.admit():
            raise WixError(application_error(429, "RESOURCE_EXHAUSTED", "Too many requests"))


async def answer_token(access: WixAccess, request: Request) -> Response:
    """Answer the token endpoint, which accepts only JSON and the client credentials grant.

    Args:
        access: The access rules that accept the new token.
        request: The request.

    Returns:
        The token, or a 400. ``token_type`` is "Bearer" although the header must not say so.
    """
    try:
        body = await read_object(request)
    except WixError as refusal:
        return refusal.response
    if body.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, status_code=400)
    if any(body.get(name) != value for name, value in OAUTH_CREDENTIALS.items()):
        return JSONResponse({"error": "invalid_client"}, status_code=400)
    return JSONResponse({"access_token": access.issue_token(), "token_type": "Bearer", "expires_in": _TOKEN_SECONDS})


async def read_object(request: Request) -> Record:
    """Decode a JSON body.

    Args:
        request: The request.

    Returns:
        The object.

    Raises:
        WixError: The body is not a JSON object.
    """
    try:
        body: Any = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise WixError(JSONResponse({"message": "Expected an object"}, status_code=400))
    return body


def validation_error(refusal: QueryRefusedError) -> Response:
    """The 400 of a query that breaks a rule."""
    details = {"validationError": {"fieldViolations": [refusal.violation]}}
    return JSONResponse({"message": str(refusal), "details": details}, status_code=400)


def application_error(status: int, code: str, message: str, **data: object) -> Response:
    """Any other error: https://dev.wix.com/docs/rest/articles/getting-started/errors."""
    error = {"code": code, "description": message, "data": data}
    return JSONResponse({"message": message, "details": {"applicationError": error}}, status_code=status)
