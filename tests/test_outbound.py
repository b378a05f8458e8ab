"""The rule about addresses: what is public, how addresses can be spelled, and what an operator allows."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify import ForbiddenAddress, InvalidSetting, OutboundRule
from truto_unify.outbound import read_address

PUBLIC = OutboundRule.strict()
OPEN = OutboundRule()


def is_refused(rule: OutboundRule, host: str, scheme: str = "https") -> bool:
    try:
        rule.check(scheme, host)
    except ForbiddenAddress:
        return True
    return False


def spellings(address: IPv4Address) -> list[str]:
    """Texts that lead to an IPv4 address."""
    number, parts = int(address), address.packed
    low = number & 0xFFFFFF
    return [
        str(address),
        f"{address}.",
        str(number),
        hex(number),
        oct(number).replace("0o", "0"),
        ".".join(map(hex, parts)),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{low}",
        f"{parts[0]}.{parts[1]}.{low & 0xFFFF}",
        str(address).replace(".", "\u3002"),
        "".join(chr(ord(digit) + 0xFEE0) if digit.isdigit() else digit for digit in str(address)),
        f"::ffff:{address}",
        f"[::ffff:{address}]",
        f"64:ff9b::{address}",
        f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1",
    ]


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_every_spelling_of_an_address_is_judged_as_the_address(address: IPv4Address) -> None:
    expected = is_refused(PUBLIC, str(address))

    assert {text: is_refused(PUBLIC, text) for text in spellings(address)} == dict.fromkeys(
        spellings(address), expected
    )


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        ("0.0.0.0/8", None),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", None),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local or of a metadata service"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.192/32", "link-local or of a metadata service"),
        ("192.0.2.0/24", "private"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "private"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("64:ff9b:1::/48", None),
        ("fc00::/7", None),
        ("fd00:ec2::254/128", "link-local or of a metadata service"),
        ("fe80::/10", "link-local or of a metadata service"),
        ("fec0::/10", None),
        ("ff00::/8", "multicast"),
        ("2001:db8::/32", None),
        ("3fff::/20", None),
    ],
)
def test_only_public_networks_are_open(network: str, kind: str | None) -> None:
    refused = ip_network(network)
    for address in (refused[0], refused[-1]):
        with pytest.raises(ForbiddenAddress, match=f"which is {kind}" if kind else "which is"):
            PUBLIC.check("https", str(address))


@pytest.mark.parametrize(
    "host", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "shop.example", "localhost", "64:ff9b::1.1.1.1"]
)
def test_public_addresses_and_names_pass_before_the_connection(host: str) -> None:
    assert not is_refused(PUBLIC, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "shop.example"])
def test_a_program_may_reach_its_own_machine_and_network(host: str) -> None:
    assert not is_refused(OPEN, host, "http")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0xa9fea9fe", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"]
)
def test_a_program_reaches_no_metadata_service_unless_it_says_so(host: str) -> None:
    address = read_address(host)
    assert address is not None
    allowing = OutboundRule(networks=(ip_network(address),))

    assert (is_refused(OPEN, host), is_refused(allowing, host)) == (True, False)


def test_http_is_off_until_it_is_allowed() -> None:
    with pytest.raises(ForbiddenAddress) as caught:
        PUBLIC.check("http", "shop.example")

    assert caught.value.message == (
        '"shop.example" is addressed by http://, which is not allowed; write https://, or allow it with '
        "TRUTO_UNIFY_ALLOW_HTTP=true (in a program: OutboundRule.allows_http)"
    )
    assert not is_refused(OutboundRule.strict(allows_http=True), "shop.example", "http")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("api.example.com", False),
        ("API.example.com.", False),
        ("a.b.shop.example", False),
        ("127.0.0.1", False),
        ("evil.example", True),
        ("shop.example", True),
        ("evilshop.example", True),
        ("api.example.com.evil.example", True),
        ("localhost", True),
        ("127.0.0.2", True),
    ],
)
def test_no_other_host_is_allowed_once_hosts_are_listed(host: str, *, expected: bool) -> None:
    listed = OutboundRule.strict(hosts="api.example.com, *.Shop.example ,127.0.0.1,[::1]")

    assert is_refused(listed, host) is expected


def test_allowed_networks_open_their_addresses_alone() -> None:
    allowing = OutboundRule.strict(networks="10.0.0.0/8, 127.0.0.1, [fd00::1]")
    hosts = ["10.1.2.3", "::ffff:10.1.2.3", "127.0.0.1", "fd00::1", "127.0.0.2", "192.168.0.1", "fd00::2"]

    assert [host for host in hosts if is_refused(allowing, host)] == ["127.0.0.2", "192.168.0.1", "fd00::2"]


@pytest.mark.parametrize("text", ["https://api.example.com", "api.example.com:443", "*", "a b", "api.example.com/v1"])
def test_a_setting_that_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"TRUTO_UNIFY_ALLOWED_HOSTS: .* is not a host"):
        OutboundRule.strict(hosts=text)


@pytest.mark.parametrize("text", ["shop.example", "10.0.0.1/8", "10", "127.0.0.1:80", "*"])
def test_a_setting_that_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"TRUTO_UNIFY_ALLOWED_NETWORKS: .* is not a network"):
        OutboundRule.strict(networks=text)


def test_blank_settings_leave_the_public_rule() -> None:
    assert OutboundRule.strict(hosts=" , ", networks=" ") == PUBLIC
