"""Signs JSON Web Tokens (RFC 7515, RFC 7519), by which a client proves who it is without sending a secret."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidEnvironment, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from truto_unify.config.signature_schemes import JsonWebToken, KeyFormat


def sign_token(rule: JsonWebToken, values: Mapping[str, str], moment: datetime, nonce: str) -> str:
    """A signed token in its compact form.

    Args:
        rule: What the token states, and how it is signed.
        values: The account's fields by placeholder name.
        moment: Now; the token expires some seconds later.
        nonce: A text that is used once.

    Raises:
        InvalidEnvironment: The library that signs is not installed.
        InvalidInput: The key does not suit the algorithm.
    """
    fields = {**values, "nonce": nonce}
    issued = int(moment.timestamp())
    header = {name: template.fill(fields) for name, template in rule.headers.items()}
    claims = {name: template.fill(fields) for name, template in rule.claims.items()}
    parts = (
        {"typ": "JWT", **header, "alg": rule.algorithm},
        {**claims, "iat": issued, "exp": issued + rule.seconds},
    )
    text = ".".join(_base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    signature = sign_text(text.encode(), rule.algorithm, rule.key.fill(fields), rule.key_format)
    return f"{text}.{_base64url(signature)}"


def sign_text(text: bytes, algorithm: str, key: str, key_format: KeyFormat = "text") -> bytes:
    """The signature of a text (RFC 7515, 5.1).

    Args:
        text: What is signed.
        algorithm: A name of RFC 7518, 3.1.
        key: A private key as PEM, a JSON Web Key (RFC 7517), or the secret of an HMAC.
        key_format: How such a secret is written.

    Raises:
        InvalidEnvironment: The library that signs is not installed.
        InvalidInput: The key does not suit the algorithm.
    """
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
        from jwt.algorithms import get_default_algorithms  # noqa: PLC0415 - an extra
        from jwt.exceptions import InvalidKeyError  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        message = 'JSON Web Tokens need "pyjwt": install it with  pip install "truto-unify[jwt]"'
        raise InvalidEnvironment(message) from None
    signer: Any = get_default_algorithms()[algorithm]
    is_secret = algorithm.startswith("HS")
    try:
        if key.lstrip().startswith("{"):
            prepared = signer.from_jwk(key)
        else:
            prepared = signer.prepare_key(read_key(key, key_format) if is_secret else key)
        signature: bytes = signer.sign(text, prepared)
    except (InvalidKeyError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        # The library's own words may repeat the key.
        expected = "a secret" if is_secret else "a private key as PEM or as a JSON Web Key"
        raise InvalidInput(f"the key that signs tokens does not suit {algorithm}, which needs {expected}") from None
    return signature


def read_key(text: str, key_format: KeyFormat) -> bytes:
    """The bytes of a shared secret.

    >>> read_key("6b6579", "hex"), read_key("a2V5", "base64"), read_key("key", "text")
    (b'key', b'key', b'key')

    Raises:
        InvalidInput: The secret is not written in this format; it is not shown.
    """
    try:
        if key_format == "hex":
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True) if key_format == "base64" else text.encode()
    except (binascii.Error, ValueError):
        raise InvalidInput(f"the secret that signs requests is not written as {key_format}") from None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
