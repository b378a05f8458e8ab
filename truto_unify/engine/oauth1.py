"""Signs requests by OAuth 1.0 (RFC 5849), for APIs over plain HTTP and older ones: the secret is not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from truto_unify.errors import InvalidEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from truto_unify.config.signature_schemes import OAuth1Authorization
    from truto_unify.types import Request


def sign_request(
    request: Request, rule: OAuth1Authorization, values: Mapping[str, str], moment: datetime, nonce: str
) -> dict[str, str]:
    """The ``oauth_*`` parameters that authorize a request; a signature covers no JSON body.

    Args:
        request: The request to sign; its method, address and query count.
        rule: The keys and the method of the signature.
        values: The account's fields by placeholder name.
        moment: Now; servers refuse a signature that is some minutes old.
        nonce: A text that is used once.

    Raises:
        InvalidEnvironment: The library that signs is not installed.
    """
    try:
        from oauthlib.oauth1.rfc5849 import Client, signature  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = 'OAuth 1.0 signatures need "oauthlib": install it with  pip install "truto-unify[oauth1]"'
        raise InvalidEnvironment(message) from None
    fields = dict(values)
    parameters = {
        "oauth_consumer_key": rule.client_key.fill(fields),
        "oauth_token": rule.token.fill(fields) if rule.token else "",
        "oauth_signature_method": rule.signature_method,
        "oauth_timestamp": str(int(moment.timestamp())),
        "oauth_nonce": nonce,
    }
    params = {name: value for name, value in parameters.items() if value}
    # The library takes pairs, since a name may repeat, and any method; type stubs know a dict and some methods.
    pairs: Any = [*parse_qsl(request.query, keep_blank_values=True), *params.items()]
    method: Any = request.method
    normalized = signature.normalize_parameters(pairs)
    text = signature.signature_base_string(method, signature.base_string_uri(request.url), normalized)
    sha1, sha256 = signature.sign_hmac_sha1_with_client, signature.sign_hmac_sha256_with_client
    sign = sha1 if rule.signature_method == "HMAC-SHA1" else sha256
    token_secret = rule.token_secret.fill(fields) if rule.token_secret else None
    secrets = Client("", rule.client_secret.fill(fields), resource_owner_secret=token_secret)
    return {**params, "oauth_signature": sign(text, secrets)}
