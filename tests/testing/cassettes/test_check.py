"""The scan of cassettes says what is wrong and where, and shows no value."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.shipped import REGISTRY
from truto_unify.testing.cassettes import check_cassettes

OURS = Path(__file__).resolve().parents[2] / "cassettes"
DAY = date(2026, 11, 24)
ABOUT = {
    "provenance": "recorded",
    "date": "2026-11-24",
    "expires": "2027-11-24",
    "provider": "acme",
    "api_version": None,
    "resource": None,
    "method": "list",
    "tool": "a test",
}


def write(
    folder: Path, body: Any = None, about: dict[str, Any] | None = ABOUT, uri: str = "https://a.test/x", **headers: str
) -> Path:
    file = folder / "one.yaml"
    interaction = {
        "request": {"method": "GET", "uri": uri, "headers": {"accept": ["*/*"]}, "body": ""},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {name.replace("_", "-"): [value] for name, value in headers.items()},
            "body": {"string": json.dumps(body)},
        },
    }
    file.write_text(yaml.safe_dump({"interactions": [interaction], "version": 1}, sort_keys=False))
    if about is not None:
        (folder / "one.about.json").write_text(json.dumps(about))
    return file


def findings(file: Path, day: date = DAY) -> list[str]:
    return [str(finding).removeprefix(f"{file}: ") for finding in check_cassettes([file], day)[1]]


def test_our_own_cassettes_are_clean() -> None:
    files, ours = check_cassettes([OURS], DAY, REGISTRY)

    assert len(files) == len([*OURS.rglob("*.yaml")]) >= 30
    assert [str(finding) for finding in ours] == []


def test_our_own_cassettes_are_recorded_from_invented_customers() -> None:
    sidecars = [json.loads(file.read_text()) for file in OURS.rglob("*.about.json")]

    assert {(sidecar["provenance"], sidecar["server"], sidecar["people"]) for sidecar in sidecars} == {
        ("recorded", "WooCommerce 11.0.1", "invented")
    }


def test_a_clean_cassette(tmp_path: Path) -> None:
    body = {
        "email": "ana@example.test",
        "phone": "+1 202 555 0143",
        "access_token": "FAKE_access_token",
        "id": "gid://shop/Customer/12345678901234567890",
        "cursor": "eyJsYXN0X2lkIjogNzAwMDAwMDAwMDAwMX0=",
        "hash": "81e9a9f49525ddf797b1f4580cf7b0a92d5852f9be05d545fe2b3854527ab3da",
        "uuid": "8C1C0747-6A3B-59F1-B3F4-B9F150AD864D",
        "field": "contacts.displayByFirstNameAndLastNameOf2Persons",
        "created": "2024-01-01T00:00:00.000+02:00",
    }

    assert findings(write(tmp_path, body, content_type="application/json", link='<https://a.test/x>; rel="next"')) == []


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ({"a": [{"mail": "ana@gmail.com"}]}, ".a[0].mail", "an e-mail address outside example.*"),
        ({"note": "write to ana@shop.fr!"}, ".note", "an e-mail address outside example.*"),
        ({"raw": '{"mail": "ana@gmail.com"}'}, ".raw.mail", "an e-mail address outside example.*"),
        ({"ana@gmail.com": 1}, ", a key", "an e-mail address outside example.*"),
        ({"phone": "030 123456"}, ".phone", "a phone number outside"),
        ({"mobile": 4930123456}, ".mobile", "a phone number outside"),
        ({"text": "call (415) 867-5309"}, ".text", "a phone number outside"),
        ({"text": "call +49 30 123456 now"}, ".text", "a phone number outside"),
        ({"key": "sk_live_abcdefghij0123456789"}, ".key", "looks like a key or token"),
        ({"said": "Authorization: Bearer abcdef0123456789"}, ".said", "looks like a key or token"),
        ({"jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln"}, ".jwt", "looks like a key or token"),
        ({"refresh_token": "whatever-it-is"}, ".refresh_token", "the name says that it is a secret"),
        ({"x": "aB3xK9qLm2Zt7Rw5Yp8Vn4Hc"}, ".x", "so random that it may be a key or token"),
    ],
)
def test_what_a_body_must_not_hold(body: Any, place: str, message: str, tmp_path: Path) -> None:
    (finding,) = findings(write(tmp_path, body))

    assert finding.startswith(f"interactions[0].response.body{place}: {message}")
    assert [text for text in ("ana", "8675309", "123456", "sk_live", "aB3x", "whatever") if text in finding] == []


def test_headers_and_addresses(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        uri="https://user:pass@a.test/x?api_key=0123456789&who=ana%40gmail.com",
        set_cookie="sid=1",
        location="https://a.test/?mail=ana@gmail.com",
    )

    assert findings(file) == [
        "interactions[0].response.headers.set-cookie: a header that is not on the list; leave it out",
        "interactions[0].response.headers.location: an e-mail address outside example.*, .example, .test and .invalid",
        "interactions[0].request.uri: a name or password before the host",
        "interactions[0].request.uri?api_key: the name says that it is a secret",
        "interactions[0].request.uri?who: an e-mail address outside example.*, .example, .test and .invalid",
    ]


@pytest.mark.parametrize(
    ("about", "messages"),
    [
        (None, ["no sidecar; one.about.json must say where the cassette comes from"]),
        ({**ABOUT, "expires": "2026-11-23"}, ["expired on 2026-11-23; record it again"]),
        (
            {name: value for name, value in ABOUT.items() if name not in {"tool", "date"}} | {"provenance": "real"},
            ['"date" is missing', '"tool" is missing', '"provenance" must be recorded or synthetic',
             '"date" must be a day, as 2026-11-24'],
        ),
        ({**ABOUT, "colour": 1}, ['unknown key "colour"']),
    ],
)  # fmt: skip
def test_the_sidecar(about: dict[str, Any] | None, messages: list[str], tmp_path: Path) -> None:
    file = write(tmp_path, about=about)

    assert [finding.partition(".about.json: ")[2] or finding for finding in findings(file)] == messages


def test_what_is_no_cassette(tmp_path: Path) -> None:
    file = write(tmp_path)
    file.write_text("!!python/object/apply:os.system ['true']")

    assert findings(file) == ["cannot be read: ValueError"]


def test_a_sidecar_may_accept_a_finding_and_says_why(tmp_path: Path) -> None:
    about = {**ABOUT, "accepted": [{"pattern": r"\+49 30 0+\d", "reason": "invented"}]}

    assert findings(write(tmp_path, [{"phone": "+49 30 000001"}, {"phone": "+49 30 123456"}], about)) == [
        "interactions[0].response.body[1].phone: a phone number outside the ranges that are kept for fiction"
    ]
