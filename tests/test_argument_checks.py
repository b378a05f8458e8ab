"""Arguments of the wrong type or out of range are refused by name, when an object is made or a call begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from truto_unify import Account, Client
from truto_unify.engine.encoding import check_header
from truto_unify.engine.retry import RetryPolicy
from truto_unify.engine.send import Budget
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CUSTOMERS: Final = "ecommerce/customers"
SHOP = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
    context={"store_url": "https://shop.example.test"},
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request)

    with Client(transport=httpx.MockTransport(never)) as client:
        yield client


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"provider": None}, 'Account.provider must be text, as "acme", not None'),
        ({"provider": ""}, 'Account.provider must be text, as "acme", not an empty text'),
        ({"credentials": None}, "credentials must be a mapping of names to values, not None"),
        ({"credentials": "s3cret"}, "credentials must be a mapping of names to values, not a value of the type str"),
        ({"credentials": {7: "s3cret"}}, "credentials must have names of text, not a value of the type int"),
        ({"context": ["shop"]}, "context must be a mapping of names to values, not a value of the type list"),
        ({"origins": 7}, "origins must be a mapping of names to values, not a value of the type int"),
        ({"overrides": None}, "overrides must be a mapping of names to values, not None"),
        ({"overrides": [1]}, "overrides must be a mapping of names to values, not a value of the type list"),
        ({"base_url": 7}, "base_url must be text, not a value of the type int"),
        ({"token_url": b"x"}, "token_url must be text, not a value of the type bytes"),
        ({"id": 7}, "id must be text, not a value of the type int"),
    ],
)
def test_an_account_says_which_argument_has_the_wrong_type(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Account(**{"provider": "woocommerce", **arguments})

    assert caught.value.message == message


@pytest.mark.parametrize("layers", [{"response_mapping": {}}, 7, "notes: name", [1], [None]])
def test_an_account_says_how_overrides_are_written(layers: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        Account(provider="woocommerce", overrides={CUSTOMERS: layers})

    assert caught.value.message.startswith(
        f"the overrides of {CUSTOMERS} must be a list of mappings, one for each layer"
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Budget(max_requests=0), "Budget.max_requests must be a whole number from 1, not 0"),
        (lambda: Budget(max_records=-1), "Budget.max_records must be a whole number from 1, not -1"),
        (lambda: Budget(max_page_records=0), "Budget.max_page_records must be a whole number from 1, not 0"),
        (lambda: Budget(at_once=True), "Budget.at_once must be a whole number from 1, not True"),
        (lambda: Budget(max_side_requests=-1), "Budget.max_side_requests must be a whole number from 0, not -1"),
        (lambda: Budget(max_seconds=-1), "Budget.max_seconds must be a number of seconds from 0, not -1"),
        (lambda: Budget(max_seconds=float("nan")), "Budget.max_seconds must be a number of seconds from 0, not nan"),
        (lambda: RetryPolicy(attempts=0), "RetryPolicy.attempts must be a whole number from 1, not 0"),
        (lambda: RetryPolicy(deadline=-1), "RetryPolicy.deadline must be a number of seconds from 0, not -1"),
        (lambda: RetryPolicy(max_wait=-1), "RetryPolicy.max_wait must be a number of seconds from 0, not -1"),
    ],
)
def test_a_setting_says_which_number_is_out_of_range(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()

    assert caught.value.message == message


def test_the_least_numbers_are_settings() -> None:
    assert Budget(1, 1, 1, 0, 0, 1).max_seconds == 0
    assert RetryPolicy(1, 0, 0, 0, 0).attempts == 1


@pytest.mark.parametrize("resource", [None, 5, b"ecommerce/customers", ""])
def test_a_resource_that_is_no_name_is_refused(client: Client, resource: Any) -> None:
    message = 'the resource must be text, as "ecommerce/customers", not'
    with pytest.raises(InvalidInput, match=message):
        client.list(resource, SHOP)
    with pytest.raises(InvalidInput, match=message):
        client.explain(resource, SHOP)
    with pytest.raises(InvalidInput, match=message):
        next(client.iterate(resource, SHOP))
    with pytest.raises(InvalidInput, match='the native resource must be text, as "customers", not'):
        client.proxy_list(resource, SHOP)


def test_native_calls_refuse_a_body_that_is_no_object(client: Client) -> None:
    with pytest.raises(InvalidInput) as caught:
        client.proxy_call("customers", "list", SHOP, body="x")  # type: ignore[arg-type]
    assert caught.value.message == "body must be a mapping, which is sent as a JSON object, not a value of the type str"

    with pytest.raises(InvalidInput) as caught:
        client.custom("POST", "/customers", SHOP, body={"a": 1})  # type: ignore[arg-type]
    assert caught.value.message == "body must be bytes, which are sent as they are, not a value of the type dict"


def test_overrides_of_a_resource_that_does_not_exist_are_refused(client: Client) -> None:
    wrong = replace(SHOP, overrides={"ecommerce/customer": [{"response_mapping": {"status": None}}]})
    with pytest.raises(InvalidInput) as caught:
        client.list(CUSTOMERS, wrong)

    expected = (
        'overrides of the account: no unified resource "ecommerce/customer" (did you mean "ecommerce/customers"?)'
    )
    assert caught.value.message == expected


def test_overrides_of_another_resource_are_none_of_this_call(client: Client) -> None:
    other = replace(SHOP, overrides={"ecommerce/orders": [{"response_mapping": {"status": None}}]})

    assert client.explain(CUSTOMERS, other).request.url.endswith("/customers")


def test_a_header_of_the_provider_names_the_context_that_it_cannot_carry() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_header("X-Shop", "shop Zoë", {"context.shop": "Zoë", "context.zone": "", "credentials.key": "ö"})

    assert caught.value.message == "the header X-Shop cannot hold a character outside ASCII: see context.shop"
