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
_LONGEST = 15 * 60  # seconds that a timestamp may be off


def signature_fault(
    method: str, address: str, pairs: Sequence[tuple[str, str]], secret: str, now: float, nonces: set[str]
) -> str | None:
    """What the shop says about a wrong signature; None for a right one.

    Args:
        method: of the request.
        address: of the request, as the shop knows itself, without the query.
        pairs: the parameters of its query.
        secret: of the consumer.
        now: seconds since 1970.
        nonces: those that were used; the request's is added.
    """
    given = dict(pairs)
    algorithm = _HASHES.get(given["oauth_signature_method"])
    if algorithm is None:
        return "Invalid signature - signature method is invalid."
    # PHP reads a plus in a query as a blank.
    shown = unquote(given["oauth_signature"].replace(" ", "+"))
    rest = sorted((name, value) for name, value in pairs if name != "oauth_signature")
    written = "%26".join(_encode(f"{_encode(name)}={_encode(value)}") for name, value in rest)
    text = f"{method.upper()}&{_encode(address)}&{written}"
    right = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), algorithm).digest()).decode()
    if not hmac.compare_digest(right, shown):
        return "Invalid signature - provided signature does not match."
    if not given["oauth_timestamp"].isdecimal() or abs(now - int(given["oauth_timestamp"])) > _LONGEST:
        return "Invalid timestamp."
    if given["oauth_nonce"] in nonces:
        return "Invalid nonce - nonce has already been used."
    nonces.add(given["oauth_nonce"])
    return None


def _encode(text: str) -> str:
    """As ``wc_rest_urlencode_rfc3986``."""
    return quote(text, safe="~")
