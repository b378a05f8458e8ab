"""Checks requests that are signed by OAuth 1.0a, as WooCommerce does over plain HTTP.

https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-rest-authentication.php
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_MAX_CLOCK_ERROR = 15 * 60  # seconds


def signature_fault(
    method: str, address: str, pairs: Sequence[tuple[str, str]], secret: str, now: float, nonces: set[str]
) -> str | None:
    """The shop's message about a wrong signature; None if the signature is right.

    Args:
        method: The HTTP method.
        address: The address by which the shop knows itself, without the query.
        pairs: The parameters of the query.
        secret: The consumer secret.
        now: Seconds since 1970.
        nonces: The used nonces; the function adds the request's.
    """
    oauth = dict(pairs)
    algorithm = _HASHES.get(oauth["oauth_signature_method"])
    if algorithm is None:
        return "Invalid signature - signature method is invalid."
    # PHP reads a plus in a query as a blank.
    signature = unquote(oauth["oauth_signature"].replace(" ", "+"))
    encoded = sorted((_encode(name), _encode(value)) for name, value in pairs if name != "oauth_signature")
    query = "%26".join(_encode(f"{name}={value}") for name, value in encoded)
    text = f"{method.upper()}&{_encode(address)}&{query}"
    expected = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), algorithm).digest()).decode()
    if not hmac.compare_digest(expected, signature):
        return "Invalid signature - provided signature does not match."
    if not oauth["oauth_timestamp"].isdecimal() or abs(now - int(oauth["oauth_timestamp"])) > _MAX_CLOCK_ERROR:
        return "Invalid timestamp."
    if oauth["oauth_nonce"] in nonces:
        return "Invalid nonce - nonce has already been used."
    nonces.add(oauth["oauth_nonce"])
    return None


def _encode(text: str) -> str:
    """As ``wc_rest_urlencode_rfc3986``."""
    return quote(text, safe="~")
