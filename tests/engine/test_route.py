from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.stores import RESOURCE, account
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.provider import ProviderConfig
from truto_unify.engine.route import Route, account_values, find_route
from truto_unify.errors import InvalidInput, MissingCredential, UnsupportedMethod
from truto_unify.registry import Registry
from truto_unify.types import Account

if TYPE_CHECKING:
    from truto_unify.config.registry import Provider

FIELDS: dict[str, Any] = {
    "context": {
        "shop": {"title": "Shop", "pattern": "[a-z]+", "example": "acme", "strip_end": "/"},
        "version": {"title": "Version", "default": "v3"},
        "zone": {"title": "Zone", "required": False},
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
    return replace(Registry().provider("woocommerce"), slug="store", config=config)


def route_to(stores: Registry, to: Account) -> Route:
    return find_route(stores.mapping(RESOURCE, "numbers"), to, "list")


def test_a_route_knows_the_endpoint_the_root_and_the_values(stores: Registry) -> None:
    route = route_to(stores, account("numbers"))

    assert (route.base_url, route.endpoint, route.values, route.context) == (
        "https://acme.example.test/api",
        stores.provider("numbers").endpoint("people.list"),
        {"context.shop": "acme", "credentials.token": "t0ken-of-acme"},
        {"shop": "acme"},
    )
    assert route.redactor.text("Bearer t0ken-of-acme") == "Bearer [redacted]"


def test_a_route_shows_no_secret(stores: Registry) -> None:
    assert "t0ken-of-acme" not in repr(route_to(stores, account("numbers")))


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api"),
        ("https://proxy.example.test", "https://proxy.example.test"),
        ("https://proxy.example.test/a/b//", "https://proxy.example.test/a/b"),
    ],
)
def test_the_root_of_the_account_stands_in_for_the_built_one(stores: Registry, base_url: str, expected: str) -> None:
    assert route_to(stores, account("numbers", base_url=base_url)).base_url == expected


@pytest.mark.parametrize(
    "base_url",
    [
        "ftp://x.test",
        "x.test/api",
        "https://",
        "https:///api",
        "https://x test",
        "file:///etc/passwd",
        "https://x.test:port",
        "https://[::1",
    ],
)
def test_a_root_that_is_no_web_address_is_refused(stores: Registry, base_url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^base_url must be an? .*http\(s\) address"):
        route_to(stores, account("numbers", base_url=base_url))


@pytest.mark.parametrize("base_url", ["https://user:pass-word@x.test", "https://x.test/?a=1", "https://x.test/#a"])
def test_a_root_with_more_than_an_address_is_refused(stores: Registry, base_url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        route_to(stores, account("numbers", base_url=base_url))

    assert "pass-word" not in caught.value.message


def test_a_method_that_the_mapping_lacks_is_refused_with_those_it_has(stores: Registry) -> None:
    config = MappingConfig.model_validate({"get": {"endpoint": "people.get"}, "response_mapping": {"id": "id"}})
    loaded = stores.mapping(RESOURCE, "numbers")
    mapping = replace(loaded, config=config)

    with pytest.raises(UnsupportedMethod) as caught:
        find_route(mapping, account("numbers"), "list")

    assert caught.value.message == f"numbers {RESOURCE} has no list; it has get"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"context.shop": "acme", "context.version": "v3", "context.zone": "", "context.region": "eu"}),
        (
            {"context": {"shop": "acme//", "region": "eu", "version": "v4", "zone": "UTC"}},
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
        ({"credentials": {}}, "a store account needs credentials.token (Token)"),
        (
            {"credentials": {"token": ""}, "context": {}},
            "a store account needs context.shop (Shop), context.region (Region), credentials.token (Token)",
        ),
        ({"context": {}, "base_url": "https://proxy.example.test"}, "a store account needs context.region (Region)"),
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
            'a store account has no context field "shpo"; it has shop, version, zone, region',
        ),
        ({"credentials": {"key": "tok_7"}}, 'a store account has no credentials field "key"; it has token, spare'),
        ({"context": {"shop": "Acme!"}}, 'context.shop "Acme!" must match [a-z]+, as in acme'),
        ({"credentials": {"token": "hush"}}, "credentials.token must match tok_[0-9]+, as in tok_1"),
        ({"context": {"shop": "acme", "region": "e\nu"}}, "context.region holds a control character"),
        ({"credentials": {"token": "tok_7", "spare": "a\x7f"}}, "credentials.spare holds a control character"),
        ({"credentials": {"token": 7}}, "credentials.token must be text, not int"),
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
    assert caught.value.message == 'a store account has no context field "host"; it has shop, version, zone, region'


def test_a_provider_without_fields_says_so() -> None:
    with pytest.raises(InvalidInput, match=r'^a store account has no credentials field "token"; it has none$'):
        account_values(provider(credentials={}, headers={}), GOOD)


def test_where_nothing_is_sent_examples_stand_in_for_what_is_missing() -> None:
    values = account_values(provider(), Account(provider="store"), needs_credentials=False)

    assert values == {
        "context.shop": "acme",
        "context.version": "v3",
        "context.zone": "",
        "context.region": "region",
        "credentials.token": "tok_1",
        "credentials.spare": "spare",
    }
