from __future__ import annotations

import pytest

from truto_unify import InvalidInput, InvalidSetting
from truto_unify.accounts.addresses import AddressRule

OPEN = AddressRule()
CLOSED = AddressRule.read("api.example.com, *.Shop.example ,127.0.0.1,[::1]")


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/wp-json/wc/v3",
        "https://shop.example:8443",
        "http://127.0.0.1:8765/store",
        "http://127.9.9.9/",
        "http://localhost/",
        "http://[::1]:80/a",
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_allowed(url: str) -> None:
    OPEN.check("base_url", url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://shop.example/", "must begin with https://"),
        ("http://127.0.0.1.example/", "must begin with https://"),
        ("http://localhost.example/", "must begin with https://"),
        ("http://169.254.169.254/latest", "must begin with https://"),
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
        ("https://shop.example/ x", "must not hold a blank or a control character"),
        ("https://shop.example/\r\nHost: x", "must not hold a blank or a control character"),
        ("https://shop.example:port/", "is not an address"),
        ("https://[::1/", "is not an address"),
        ("", "must be an address that begins with https://"),
    ],
)
def test_other_addresses_are_refused_without_showing_them(url: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        OPEN.check("base_url", url)

    assert caught.value.message.startswith("base_url ")
    assert message in caught.value.message
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    ["https://api.example.com/v1", "https://API.example.com./v1", "https://a.b.shop.example/", "http://127.0.0.1/"],
)
def test_named_hosts_are_allowed(url: str) -> None:
    CLOSED.check("base_url", url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://evil.example/", "evil.example"),
        ("https://shop.example/", "shop.example"),
        ("https://evilshop.example/", "evilshop.example"),
        ("https://api.example.com.evil.example/", "api.example.com.evil.example"),
        ("http://localhost/", "localhost"),
        ("http://127.0.0.2/", "127.0.0.2"),
    ],
)
def test_no_other_host_is_allowed_once_some_are_named(url: str, host: str) -> None:
    with pytest.raises(InvalidInput, match=f'base_url leads to "{host}", which this service may not call'):
        CLOSED.check("base_url", url)


@pytest.mark.parametrize("text", ["https://api.example.com", "api.example.com:443", "*", "a b", "api.example.com/v1"])
def test_a_setting_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"TRUTO_UNIFY_ALLOWED_HOSTS: .* is not a host"):
        AddressRule.read(text)


def test_a_blank_setting_allows_every_host() -> None:
    assert AddressRule.read(" , ") == OPEN
