"""Payloads beside the checkout: every error becomes the error of its kind, with the store's own words."""

from __future__ import annotations

import json

import pytest

from tests.providers.payloads import ERRORS, PLACES, payload
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from tests.twins import NOW
from truto_unify import ProviderError, ProviderUnavailableError, RateLimitedError
from truto_unify.engine.answers import Refusal, read_answer
from truto_unify.redaction import Redactor
from truto_unify.types import Response

pytestmark = needs_shared


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [(slug, name, expected) for slug, table in ERRORS.items() for name, expected in table.items()],
)
def test_an_error_payload_becomes_the_right_error(
    slug: str, name: str, expected: tuple[int, type[ProviderError], str | None]
) -> None:
    status, kind, code = expected
    provider = REGISTRY.provider(slug)
    body = (SHARED / "fixtures" / PLACES[slug][0] / f"{name}.json").read_bytes()

    answer = read_answer(
        provider.config, provider.endpoint("customers.list"), Response(status, (), body), Redactor(()), NOW, slug
    )

    assert isinstance(answer, Refusal)
    assert (type(answer.error), answer.error.status_code, answer.error.code) == (kind, status, code)
    assert answer.error.raw_response == json.loads(body)
    assert answer.is_transient == (kind in {RateLimitedError, ProviderUnavailableError})


@pytest.mark.parametrize(
    ("slug", "name", "message"),
    [
        ("bigcommerce", "v2_error_413_limit_reported", "The specified limit exceeds the maximum"),
        ("bigcommerce", "v3_error_400_docs", "Syntax error"),
        ("bigcommerce", "v3_error_403_scope_reported", "You don't have a required scope"),
        ("commerce7", "error_401_recorded", "Unauthenticated User"),
        ("commerce7", "error_422_validation_recorded", "invalid: required"),
        ("shopify_rest", "rest_error_401_docs", "Invalid API key or access token"),
        ("shopify_rest", "rest_error_422_docs", "The fulfillment order is not in an open state"),
        ("shopify_rest", "rest_error_422_email_taken_reported", "has already been taken"),
        ("wix", "error_400_filter_field_not_declared_recorded", "is not declared as filterable"),
        ("wix", "error_409_duplicate_contact_docs", "Duplicate contact exists"),
        ("zohoinventory", "error_401_code14_recorded", "The request could not be authenticated"),
    ],
)
def test_an_error_says_what_the_store_said(slug: str, name: str, message: str) -> None:
    provider = REGISTRY.provider(slug)
    response = Response(ERRORS[slug][name][0], (), json.dumps(payload(slug, name)).encode())

    answer = read_answer(provider.config, provider.endpoint("customers.list"), response, Redactor(()), NOW, slug)

    assert isinstance(answer, Refusal)
    assert message in answer.error.message


@pytest.mark.parametrize("name", ["error_1002_not_found_docs", "error_401_code14_recorded"])
def test_an_error_inside_a_good_status_is_an_error(name: str) -> None:
    provider = REGISTRY.provider("zohoinventory")
    response = Response(200, (), json.dumps(payload("zohoinventory", name)).encode())

    answer = read_answer(provider.config, provider.endpoint("customers.get"), response, Redactor(()), NOW, "zoho")

    assert isinstance(answer, Refusal)
    assert type(answer.error) is ERRORS["zohoinventory"][name][1]


def test_a_throttled_answer_says_how_long_its_bucket_needs() -> None:
    body = payload("shopify", "graphql_error_throttled_documented")
    cost = body["extensions"]["cost"]
    missing = cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]
    provider = REGISTRY.provider("shopify")

    answer = read_answer(
        provider.config,
        provider.endpoint("customers.list"),
        Response(200, (), json.dumps(body).encode()),
        Redactor(()),
        NOW,
        "shopify",
    )

    assert isinstance(answer, Refusal)
    assert answer.error.retry_after == missing / cost["throttleStatus"]["restoreRate"]
    assert answer.error.message == "shopify: Throttled (HTTP 200)"
