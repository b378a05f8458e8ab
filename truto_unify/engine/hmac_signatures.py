"""Signs requests with a shared secret (HMAC, RFC 2104), by the provider's template of what is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from truto_unify.engine.encoding import encode_query, write_time
from truto_unify.engine.json_web_tokens import read_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from truto_unify.config.schema import Template
    from truto_unify.config.signature_schemes import HmacAuthorization
    from truto_unify.types import Request


def sign_request(
    request: Request, rule: HmacAuthorization, values: Mapping[str, str], moment: datetime, nonce: str
) -> tuple[dict[str, str], str]:
    """The headers that authorize a request, and its query with the parameters that do.

    Args:
        request: The request to sign.
        rule: What is signed, how, and where the signature goes.
        values: The account's fields by placeholder name.
        moment: Now; servers refuse a signature that is some minutes old.
        nonce: A text that is used once.

    Raises:
        InvalidInput: The secret is not written as the rule says.
    """
    times = {name: write_time(moment, form) for name, form in rule.times.items()}
    fields = {**values, **times, "nonce": nonce}
    signed = [(name, text.fill(fields)) for name, text in rule.params.items() if not _holds_signature(text)]
    query = _joined(request.query, encode_query(signed))
    fields |= _request_fields(request, query, rule.algorithm)
    if rule.digest_of is not None:
        fields["digest"] = hashlib.new(rule.algorithm, _bytes(rule.digest_of.fill(fields))).hexdigest()
    key = read_key(rule.key.fill(fields), rule.key_format)
    for step in rule.key_steps:
        key = hmac.digest(key, _bytes(step.fill(fields)), rule.algorithm)
    fields["signature"] = _write(hmac.digest(key, _bytes(rule.signs.fill(fields)), rule.algorithm), rule.encoding)
    added = [(name, text.fill(fields)) for name, text in rule.params.items() if _holds_signature(text)]
    return {name: text.fill(fields) for name, text in rule.headers.items()}, _joined(query, encode_query(added))


def _request_fields(request: Request, query: str, algorithm: str) -> dict[str, str]:
    """What templates may say of a request."""
    parts, body = urlsplit(request.url), request.body or b""
    path = parts.path or "/"
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    return {
        "method": request.method,
        "url": request.url,
        "host": parts.netloc.lower(),
        "path": path,
        "target": _with_query(path, query),
        "query": query,
        "sorted_query": "&".join(sorted(encode_query(pairs).split("&"))),
        "joined_query": "".join(f"{name}{value}" for name, value in pairs),
        # A body need not be text; its bytes come back unchanged in _bytes.
        "body": body.decode(errors="surrogateescape"),
        "body_hash": hashlib.new(algorithm, body).hexdigest(),
    }


def _holds_signature(text: Template) -> bool:
    return "signature" in text.placeholders


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _joined(*queries: str) -> str:
    return "&".join(query for query in queries if query)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _write(signature: bytes, encoding: str) -> str:
    """The signature as text.

    >>> _write(bytes([255, 238]), "upper_hex"), _write(bytes([255, 238]), "base64url")
    ('FFEE', '_-4=')
    """
    if encoding == "base64":
        return base64.b64encode(signature).decode()
    if encoding == "base64url":
        return base64.urlsafe_b64encode(signature).decode()
    return signature.hex().upper() if encoding == "upper_hex" else signature.hex()
