"""Signatures by a template, against published examples and against what stores document."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from truto_unify.config.signature_schemes import HmacAuthorization
from truto_unify.engine.auth import AccountScheme, Stamp, authorize
from truto_unify.errors import InvalidInput
from truto_unify.types import Request

MOMENT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
STAMP = Stamp(MOMENT, "nonce-1")
SECONDS = str(int(MOMENT.timestamp()))


def signed(request: Request, values: dict[str, str], **form: Any) -> Request:
    rule = HmacAuthorization.model_validate({"type": "hmac", **form})
    return authorize(request, AccountScheme(rule, values, label="shop"), STAMP)


SCOPE = "{date}/{context.region}/service/aws4_request"
SIGNATURE_V4 = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    "key": "AWS4{credentials.secret}",
    "key_steps": ("{date}", "{context.region}", "service", "aws4_request"),
    "times": {"timestamp": "%Y%m%dT%H%M%SZ", "date": "%Y%m%d"},
    "digest_of": (
        "{method}\n{path}\n{sorted_query}\nhost:{host}\nx-amz-date:{timestamp}\n\nhost;x-amz-date\n{body_hash}"
    ),
    "signs": f"AWS4-HMAC-SHA256\n{{timestamp}}\n{SCOPE}\n{{digest}}",
    "headers": {
        "X-Amz-Date": "{timestamp}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={{credentials.id}}/{SCOPE}, "
        "SignedHeaders=host;x-amz-date, Signature={signature}",
    },
}
EXAMPLE = {
    "credentials.id": "AKIDEXAMPLE",
    "credentials.secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "context.region": "us-east-1",
}


@pytest.mark.parametrize(
    ("method", "query", "signature"),
    [
        ("GET", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ("GET", "Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    ],
    ids=["get-vanilla", "post-vanilla", "get-vanilla-query-order-key-case"],
)
def test_the_published_examples_of_aws_are_signed_as_there(method: str, query: str, signature: str) -> None:
    sent = signed(Request(method, "https://example.amazonaws.com/", query), EXAMPLE, **SIGNATURE_V4)

    assert dict(sent.headers) == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}",
    }
    assert sent.query == query


def test_a_request_may_be_signed_as_time_method_path_and_body() -> None:
    # As Coinbase and many others: https://docs.cdp.coinbase.com/exchange/rest-api/authentication
    body = '{"name": "é"}'.encode()
    request = Request("POST", "https://shop.example.test/v1/people", "page=2", body=body)
    form = {
        "key": "{credentials.secret}",
        "key_format": "base64",
        "signs": "{timestamp}{method}{target}{body}",
        "encoding": "base64",
    }
    headers = {"X-Time": "{timestamp}", "X-Sign": "{signature}", "X-Nonce": "{nonce}"}
    digest = hmac.digest(b"secret", f"{SECONDS}POST/v1/people?page=2".encode() + body, "sha256")

    sent = signed(request, {"credentials.secret": "c2VjcmV0"}, headers=headers, **form)

    expected = {"X-Time": SECONDS, "X-Sign": base64.b64encode(digest).decode(), "X-Nonce": "nonce-1"}
    assert dict(sent.headers) == expected


def test_a_signature_may_be_a_parameter_beside_signed_ones() -> None:
    # As Lazada: https://open.lazada.com/apps/doc/doc?nodeId=10450&docId=108068
    request = Request("GET", "https://shop.example.test/orders/get", "offset=0&limit=5")
    form = {
        "key": "{credentials.secret}",
        "times": {"now": "epoch_milliseconds"},
        "signs": "{path}{joined_query}",
        "encoding": "upper_hex",
        "params": {"app_key": "k1", "timestamp": "{now}", "sign": "{signature}"},
    }
    text = f"/orders/getapp_keyk1limit5offset0timestamp{SECONDS}000"
    signature = hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest().upper()

    sent = signed(request, {"credentials.secret": "secret"}, **form)

    assert sent.query == f"offset=0&limit=5&app_key=k1&timestamp={SECONDS}000&sign={signature}"


def test_a_body_that_is_no_text_is_signed_byte_by_byte() -> None:
    form = {"key": "k", "signs": "{body}", "headers": {"X-Sign": "{signature}"}, "algorithm": "sha512"}

    sent = signed(Request("POST", "https://shop.example.test/", body=b"\xff\x00"), {}, **form)

    assert dict(sent.headers) == {"X-Sign": hmac.new(b"k", b"\xff\x00", "sha512").hexdigest()}


def test_a_secret_in_another_format_is_refused_and_not_shown() -> None:
    form = {"key": "{credentials.secret}", "key_format": "hex", "signs": "{body}", "headers": {"X": "{signature}"}}

    with pytest.raises(InvalidInput, match=r"^the secret that signs requests is not written as hex$"):
        signed(Request("GET", "https://shop.example.test/"), {"credentials.secret": "s3cret"}, **form)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"headers": {"X-Time": "{timestamp}"}}, "no header and no parameter holds {signature}"),
        ({"times": {"body": "epoch_seconds"}}, '"body" names a part of the request'),
    ],
)
def test_a_rule_that_signs_nothing_useful_is_a_fault_of_the_file(changes: dict[str, Any], reason: str) -> None:
    form = {"type": "hmac", "key": "k", "signs": "{method}", "headers": {"X-Sign": "{signature}"}, **changes}

    with pytest.raises(ValidationError) as caught:
        HmacAuthorization.model_validate(form)

    assert [error["msg"] for error in caught.value.errors()] == [reason]
