from __future__ import annotations

from typing import Any

import pytest

from truto_unify.scaffold.masked_samples import mask_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxNyJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ({"token": "abc"}, {"token": "masked"}),
        ({"accessToken": "abc", "client_secret": "x"}, {"accessToken": "masked", "client_secret": "masked"}),
        ({"headers": {"Authorization": "Basic dTpw", "Set-Cookie": "sid=1"}},
         {"headers": {"Authorization": "masked", "Set-Cookie": "masked"}}),
        ({"access_keys": [1], "access_key": "k", "orderKey": "wc_1"},
         {"access_keys": [1], "access_key": "masked", "orderKey": "masked"}),
        ({"note": f"see {JWT} and sk_live_0123456789abcdef"}, {"note": "see masked and masked"}),
        ({"log": "sent Bearer abc123def456ghi"}, {"log": "sent Bearer masked"}),
        (["https://a.test/?page=2&api_key=k1"], ["https://a.test/?page=2&api_key=masked"]),
        (["https://ann:pw@a.test/feed"], ["https://masked@a.test/feed"]),
        (["https://a.test/#access_token=k1"], ["https://a.test/#access_token=masked"]),
        ({"pwd": "x", "passwordHash": "$2b$"}, {"pwd": "masked", "passwordHash": "masked"}),
        ({"token": {"value": "abc", "type": "x"}}, {"token": {"value": "masked", "type": "x"}}),
        ([{"name": "X-Api-Key", "value": "abc"}, {"name": "color", "value": "red"}],
         [{"name": "X-Api-Key", "value": "masked"}, {"name": "color", "value": "red"}]),
        ({"page_access_token": "abc", "async_secret": "x", "tokens": ["y"], "secretKey": "z"},
         {"page_access_token": "masked", "async_secret": "masked", "tokens": ["masked"], "secretKey": "masked"}),
    ],
)  # fmt: skip
def test_secrets_are_masked(value: Any, masked: Any) -> None:
    assert mask_secrets(value)[0] == masked


@pytest.mark.parametrize(
    "value",
    [
        {"next_page_token": "b2s", "sync_token": "x", "nextToken": "y"},
        {"token": None, "password": "", "has_password": True, "pin": 1234},
        {"note": "a basic understanding of authorization"},
        {"id": "gid://shop/Customer/17", "cursor": "eyJpZCI6MTd9", "key": "vip"},
    ],
)
def test_anything_else_stays(value: Any) -> None:
    assert mask_secrets(value) == (value, [])
