from __future__ import annotations

import pytest

from truto_unify import ForbiddenAddress, InvalidInput, OutboundRule
from truto_unify.accounts.addresses import check_account_url

PUBLIC = OutboundRule.strict()


@pytest.mark.parametrize("url", ["https://shop.example/wp-json/wc/v3", "https://shop.example:8443", "https://1.1.1.1/"])
def test_https_to_any_public_host_is_allowed(url: str) -> None:
    check_account_url("base_url", url, PUBLIC)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://shop.example/", "must be an address that begins with https://"),
        ("file:///etc/passwd", "must be an address that begins with https://"),
        ("gopher://127.0.0.1/", "must be an address that begins with https://"),
        ("//shop.example/", "must be an address that begins with https://"),
        ("shop.example", "must be an address that begins with https://"),
        ("https:///path", "must be an address that begins with https://"),
        ("https://ana:s3cret@shop.example/", "must not hold a user or a password"),
        ("https://s3cret@shop.example/", "must not hold a user or a password"),
        ("https://shop.example/?key=s3cret", "must not hold a query or a fragment"),
        ("https://shop.example/#s3cret", "must not hold a query or a fragment"),
        ("https://shop.example/?", "must not hold a query or a fragment"),
        ("https://shop.example/ x", "must not hold a blank, a backslash or a control character"),
        ("https://shop.example/\r\nHost: x", "must not hold a blank, a backslash or a control character"),
        ("https://shop.example\\@evil.example", "must not hold a blank, a backslash or a control character"),
        ("https://shop.example:port/", "is not an address"),
        ("https://[::1/", "is not an address"),
        ("", "must be an address that begins with https://"),
    ],
)
def test_malformed_addresses_are_refused_without_showing_them(url: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_account_url("base_url", url, PUBLIC)

    assert caught.value.message.startswith("base_url ")
    assert message in caught.value.message
    assert "s3cret" not in caught.value.message


def test_a_refused_address_names_field_host_address_and_setting() -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        check_account_url("token_url", "https://2130706433/token", PUBLIC)

    assert (caught.value.status, caught.value.host, caught.value.address) == (400, "2130706433", "127.0.0.1")
    assert caught.value.message == (
        'token_url: "2130706433" leads to the address 127.0.0.1, which is loopback; TRUTO_UNIFY_ALLOWED_NETWORKS (in a '
        "program: OutboundRule.networks) lists the networks that are allowed all the same"
    )
