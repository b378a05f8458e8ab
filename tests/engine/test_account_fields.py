"""The fields of an account: completed, checked, and refused in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shipped import REGISTRY
from truto_unify.config.provider import ProviderConfig
from truto_unify.engine.account_fields import account_values, read_address
from truto_unify.errors import InvalidInput, MissingCredential
from truto_unify.types import Account

if TYPE_CHECKING:
    from truto_unify.config.configuration import Provider

FIELDS: dict[str, Any] = {
    "context": {
        "shop": {
            "title": "Shop",
            "pattern": "[a-z]+",
            "example": "acme",
            "mistakes": {".*[.]test": "give the name alone"},
        },
        "version": {"title": "Version", "default": "v3"},
        "zone": {"title": "Zone", "choices": ("UTC", "CET"), "required": False},
        "region": {"title": "Region"},
    },
    "credentials": {
        "token": {"title": "Token", "pattern": "tok_[0-9]+", "example": "tok_1"},
        "spare": {"title": "Spare token", "required": False},
    },
    "headers": {"X-Region": "{context.region}"},
}
GOOD = Account(provider="store", credentials={"token": "tok_7"}, context={"shop": "acme", "region": "eu"})


def provider(**settings: Any) -> Provider:
    required = {
        "label": "Store",
        "documentation": "https://docs.example.test",
        "base_url": "https://{context.shop}.example.test/{context.version}",
        "resources": {},
    }
    config = ProviderConfig.model_validate(required | FIELDS | settings)
    return replace(REGISTRY.provider("woocommerce"), slug="store", config=config)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"context.shop": "acme", "context.version": "v3", "context.zone": "", "context.region": "eu"}),
        (
            {"context": {"shop": "acme", "region": "eu", "version": "v4", "zone": "UTC"}},
            {"context.shop": "acme", "context.version": "v4", "context.zone": "UTC", "context.region": "eu"},
        ),
        (
            {"context": {"shop": "acme", "region": "eu", "version": ""}},
            {"context.shop": "acme", "context.version": "v3", "context.zone": "", "context.region": "eu"},
        ),
        (
            {"context": {"region": "eu"}, "base_url": "https://proxy.example.test"},
            {"context.shop": "", "context.version": "v3", "context.zone": "", "context.region": "eu"},
        ),
    ],
)
def test_the_fields_of_an_account_are_completed(changes: dict[str, Any], expected: dict[str, str]) -> None:
    secrets = {"credentials.token": "tok_7", "credentials.spare": ""}

    assert account_values(provider(), replace(GOOD, **changes)) == expected | secrets


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"credentials": {}}, "an account of store needs credentials.token (Token)"),
        (
            {"credentials": {"token": ""}, "context": {}},
            "an account of store needs context.shop (Shop), context.region (Region), credentials.token (Token)",
        ),
        (
            {"context": {}, "base_url": "https://proxy.example.test"},
            "an account of store needs context.region (Region)",
        ),
    ],
)
def test_every_field_that_is_missing_is_named_at_once(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MissingCredential) as caught:
        account_values(provider(), replace(GOOD, **changes))

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"context": {"shpo": "acme"}},
            'an account of store has no context field "shpo"; it has shop, version, zone, region',
        ),
        ({"credentials": {"key": "tok_7"}}, 'an account of store has no credentials field "key"; it has token, spare'),
        ({"context": {"shop": "Acme!"}}, 'context.shop "Acme!" does not look right; expected: Shop, as in acme'),
        ({"context": {"shop": "acme.test"}}, 'context.shop "acme.test": give the name alone'),
        (
            {"context": {"shop": "acme", "zone": "UTX"}},
            'context.zone "UTX" is not one of UTC, CET (did you mean "UTC"?)',
        ),
        ({"context": {"shop": "acme", "zone": "moon"}}, 'context.zone "moon" is not one of UTC, CET'),
        ({"credentials": {"token": "hush"}}, "credentials.token does not look right; expected: Token, as in tok_1"),
        ({"context": {"shop": "acme", "region": "e\nu"}}, "context.region holds a control character"),
        ({"credentials": {"token": "tok_7", "spare": "a\x7f"}}, "credentials.spare holds a control character"),
        ({"credentials": {"token": 7}}, "credentials.token must be text, not a number"),
        ({"credentials": {"token": "tok_7 "}}, "credentials.token begins or ends with a blank"),
        ({"context": {"shop": "acme", "zone": "\ud800"}}, "context.zone holds half of a surrogate pair"),
    ],
)
def test_a_field_that_does_not_look_as_declared_is_refused_and_a_secret_not_shown(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        account_values(provider(), replace(GOOD, **changes))

    assert caught.value.message == message


def test_a_field_may_follow_from_another_one_and_is_not_given() -> None:
    table = {"source": "region", "table": {"eu": "example.eu", "us": "example.com"}}
    context = {**FIELDS["context"], "host": {"title": "Host", "derived": table}}
    derived = provider(context=context)

    def host(region: str) -> str:
        return account_values(derived, replace(GOOD, context={"shop": "acme", "region": region}))["context.host"]

    assert [host(region) for region in ("eu", "us", "mars")] == ["example.eu", "example.com", ""]
    with pytest.raises(InvalidInput) as caught:
        account_values(derived, replace(GOOD, context={"host": "evil.test"}))
    assert caught.value.message == 'an account of store has no context field "host"; it has shop, version, zone, region'


def test_a_provider_without_fields_says_so() -> None:
    with pytest.raises(InvalidInput, match=r'^an account of store has no credentials field "token"; it has none$'):
        account_values(provider(credentials={}, headers={}), GOOD)


def test_without_a_request_examples_replace_missing_fields() -> None:
    values = account_values(provider(), Account(provider="store"), needs_credentials=False)

    assert values == {
        "context.shop": "acme",
        "context.version": "v3",
        "context.zone": "",
        "context.region": "region",
        "credentials.token": "tok_1",
        "credentials.spare": "spare",
    }


ADDRESS: dict[str, Any] = {
    "shop": {
        "title": "Address of the shop",
        "example": "https://shop.example",
        "format": "address",
        "mistakes": {"(?i).*/api(/.*)?": "leave out /api"},
    }
}
PLAIN = "must hold neither a user nor a query nor a fragment"
EXPECTED = "expected: Address of the shop, as in https://shop.example"


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example/", "https://shop.example"),
        ("Http://127.0.0.1:8080//", "http://127.0.0.1:8080"),
        ("https://shop.example/Blog/index.php/", "https://shop.example/Blog/index.php"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://m\u00fcller.example", "https://m\u00fcller.example"),
    ],
)
def test_an_address_is_stored_in_its_plain_form(address: str, stored: str) -> None:
    store = provider(context=ADDRESS, headers={})

    assert account_values(store, replace(GOOD, context={"shop": address}))["context.shop"] == stored


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("shop.example", f'context.shop "shop.example" must begin with https:// (or http://); {EXPECTED}'),
        ("ftp://shop.example", f'context.shop "ftp://shop.example" must begin with https:// (or http://); {EXPECTED}'),
        ("https://", f'context.shop "https://" is no address; {EXPECTED}'),
        ("https://shop.example:port", f'context.shop "https://shop.example:port" is no address; {EXPECTED}'),
        ("https://my shop.example", f'context.shop "https://my shop.example" is no address; {EXPECTED}'),
        (
            "https://shop.example?page=1",
            f'context.shop "https://shop.example?page=1" {PLAIN}; {EXPECTED}',
        ),
        # what stands before an @ may be a password
        (
            "https://ana:pw@shop.example",
            f"context.shop {PLAIN}; {EXPECTED}",
        ),
        ("https://shop.example/API/v3/", 'context.shop "https://shop.example/API/v3/": leave out /api'),
    ],
)
def test_an_invalid_address_is_refused_in_plain_words(address: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        account_values(provider(context=ADDRESS, headers={}), replace(GOOD, context={"shop": address}))

    assert caught.value.message == message


@given(st.text())
def test_an_address_that_was_read_is_read_as_itself(text: str) -> None:
    try:
        address = read_address(f"https://{text}")
    except ValueError:
        address = "https://shop.example"

    assert read_address(address) == address
