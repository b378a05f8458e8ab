"""Signed tokens, against the examples of RFC 7515 and against the library that checks them."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.engine.driver import START
from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.config.signature_schemes import JsonWebToken, JwtAuthorization
from truto_unify.engine.auth import AccountScheme, Stamp, authorize, current_token
from truto_unify.engine.json_web_tokens import sign_text, sign_token
from truto_unify.errors import InvalidEnvironment, InvalidInput
from truto_unify.types import Request

jwt = pytest.importorskip("jwt")

# https://www.rfc-editor.org/rfc/rfc7515#appendix-A: the keys and signatures of A.1, A.2 and A.3.
PAYLOAD = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
SECRET = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
HS_HEADER, HS_SIGNATURE = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
RSA = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
    "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
    "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h"
    "4FRWyuXpoQ",
    "e": "AQAB",
    "d": "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_G"
    "O-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjud"
    "U2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1Dh"
    "OVRuOopznQ",
}
RSA_SIGNATURE = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t"
    "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
    "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
    "Ge77Rw"
)
EC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
}
STAMP = Stamp(START, "nonce-1")
VALUES = {"credentials.key": json.dumps(RSA), "credentials.client": "c1"}
TOKEN_URL = "https://accounts.example.test/token"


def in_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("algorithm", "key", "header", "signature"),
    [
        ("HS256", {"kty": "oct", "k": SECRET}, HS_HEADER, HS_SIGNATURE),
        ("RS256", RSA, "eyJhbGciOiJSUzI1NiJ9", RSA_SIGNATURE),
    ],
)
def test_the_examples_of_rfc_7515_are_signed_as_there(
    algorithm: str, key: dict[str, str], header: str, signature: str
) -> None:
    assert in_base64url(sign_text(f"{header}.{PAYLOAD}".encode(), algorithm, json.dumps(key))) == signature


def test_a_signature_of_another_algorithm_is_good_for_the_key_of_its_example() -> None:
    # A.3: a signature by ECDSA is never the same twice, so that a checker decides.
    text = f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}"
    token = f"{text}.{in_base64url(sign_text(text.encode(), 'ES256', json.dumps(EC)))}"
    public = jwt.PyJWK({name: value for name, value in EC.items() if name != "d"})

    claims = jwt.decode(token, public, ["ES256"], options={"verify_exp": False})

    assert claims == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


def rule(**changes: Any) -> dict[str, Any]:
    claims = {"iss": "{credentials.client}", "aud": TOKEN_URL, "jti": "{nonce}"}
    return {"algorithm": "RS256", "key": "{credentials.key}", "headers": {"kid": "k1"}, "claims": claims, **changes}


def checked(token: str, key: Any = RSA, algorithm: str = "RS256") -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token, whose signature is good."""
    options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
    public = jwt.PyJWK({**key, "alg": algorithm}).key if isinstance(key, dict) else key
    public = public.public_key() if hasattr(public, "public_key") else public
    return jwt.get_unverified_header(token), jwt.decode(token, public, [algorithm], options=options)


HEADER = {"typ": "JWT", "kid": "k1", "alg": "RS256"}
CLAIMS = {"iss": "c1", "aud": TOKEN_URL, "jti": "nonce-1"} | {
    "iat": int(START.timestamp()),
    "exp": int(START.timestamp()) + 300,
}


def test_each_request_carries_a_token_of_its_own() -> None:
    scheme = JwtAuthorization.model_validate({"type": "jwt", "value": "Bearer {token}", "assertion": rule()})

    sent = authorize(Request("GET", "https://shop.example.test/people"), AccountScheme(scheme, VALUES), STAMP)

    word, _, token = dict(sent.headers)["Authorization"].partition(" ")
    assert (word, checked(token)) == ("Bearer", (HEADER, CLAIMS))


@pytest.mark.parametrize(
    "params",
    [
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "{assertion}"},
        {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": "{assertion}",
        },
    ],
    ids=["the grant of RFC 7523", "private_key_jwt"],
)
def test_a_token_request_carries_the_assertion(params: dict[str, str]) -> None:
    form = {"value": "Bearer {token}", "token_url": TOKEN_URL, "params": params, "assertion": rule()}
    scheme = OAuth2Authorization.model_validate({"type": "oauth2", **form})
    flow = current_token(AccountScheme(scheme, VALUES, key="a1", token_url=TOKEN_URL), STAMP)
    next(flow)
    renewal = flow.send(None).flow
    next(renewal)

    sent = {name: values[0] for name, values in parse_qs(renewal.send(None).request.body.decode()).items()}

    [name] = [name for name, text in params.items() if text == "{assertion}"]
    assert checked(sent.pop(name)) == (HEADER, CLAIMS)
    assert sent == {other: text for other, text in params.items() if other != name}


def test_a_secret_may_be_written_in_hex_as_that_of_ghost() -> None:
    # https://docs.ghost.org/admin-api/#token-authentication
    secret = bytes(range(32))
    form = JsonWebToken.model_validate(rule(algorithm="HS256", key_format="hex", seconds=60))

    header, claims = checked(sign_token(form, {**VALUES, "credentials.key": secret.hex()}, START, "n"), secret, "HS256")

    assert (header["alg"], claims["exp"] - claims["iat"]) == ("HS256", 60)


@pytest.mark.parametrize(
    ("algorithm", "key", "message"),
    [
        ("RS256", "k3y-s3cret", "the key that signs tokens does not suit RS256, which needs a private key"),
        ("ES256", json.dumps(RSA), "the key that signs tokens does not suit ES256, which needs a private key"),
        ("HS256", json.dumps(RSA), "the key that signs tokens does not suit HS256, which needs a secret"),
        ("HS256", "no hex k3y-s3cret", "the secret that signs requests is not written as hex"),
    ],
)
def test_a_key_of_another_kind_is_refused_and_not_shown(algorithm: str, key: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        sign_text(b"text", algorithm, key, "hex")

    assert caught.value.message.startswith(message)
    assert "s3cret" not in caught.value.message


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "jwt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jwt", None)

    with pytest.raises(InvalidEnvironment) as caught:
        sign_text(b"text", "HS256", "secret")

    assert caught.value.message == 'JSON Web Tokens need "pyjwt": install it with  pip install "truto-unify[jwt]"'
