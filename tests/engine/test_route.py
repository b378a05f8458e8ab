from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.stores import RESOURCE, account
from truto_unify.config.mapping import MappingConfig
from truto_unify.engine.route import Route, find_route
from truto_unify.errors import InvalidInput, UnsupportedMethod

if TYPE_CHECKING:
    from truto_unify.registry import Registry
    from truto_unify.types import Account


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
def test_the_base_url_of_the_account_replaces_the_template(stores: Registry, base_url: str, expected: str) -> None:
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
