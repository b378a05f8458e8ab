from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shipped import REGISTRY
from truto_unify import ForbiddenParameter, WriteRefused
from truto_unify.engine.request_guard import body_names, check_request
from truto_unify.types import Request

if TYPE_CHECKING:
    from truto_unify.config.configuration import Provider

URL = "https://shop.example/wp-json/wc/v3/customers"


@pytest.fixture(scope="module")
def providers() -> dict[str, Provider]:
    return {slug: REGISTRY.provider(slug) for slug in ("woocommerce", "shopify", "wix")}


def check(provider: Provider, request: Request, endpoint: str = "customers.list", *, may_write: bool = False) -> None:
    check_request(provider, provider.endpoint(endpoint), request, may_write=may_write, label="a call")


@pytest.mark.parametrize("query", ["_method=DELETE", "a=1&%5Fmethod=PUT", "%2Emethod[]=PUT", "a&_envelope"])
@pytest.mark.parametrize("may_write", [True, False])
def test_a_request_with_a_forbidden_parameter_is_not_sent(
    providers: dict[str, Provider], query: str, *, may_write: bool
) -> None:
    with pytest.raises(ForbiddenParameter, match=r"^a call: the query may not set"):
        check(providers["woocommerce"], Request("GET", URL, query), may_write=may_write)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X_Http_Method", "Host", "Transfer-Encoding"])
def test_a_request_with_a_forbidden_header_is_not_sent(providers: dict[str, Provider], name: str) -> None:
    with pytest.raises(ForbiddenParameter, match=r"^a call: the headers may not set"):
        check(providers["woocommerce"], Request("GET", URL, headers=((name, "x"),)), may_write=True)


def test_the_address_of_a_graphql_call_holds_no_document(providers: dict[str, Provider]) -> None:
    request = Request("POST", URL, "query=mutation%7Ba%7D", body=b"{}")
    with pytest.raises(ForbiddenParameter, match=r"which is no variable of the GraphQL operation$"):
        check(providers["shopify"], request, may_write=True)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request("POST", URL, body=b"{}", is_safe=False), "a call may write, and this call may only read"),
        (Request("DELETE", URL, is_safe=False), "a call may write, and this call may only read"),
        (Request("GET", URL, body=b"_method=DELETE"), "a call: a GET with a body is not certain to read only"),
    ],
)
def test_a_call_that_may_only_read_sends_no_write(
    providers: dict[str, Provider], request_: Request, message: str
) -> None:
    check(providers["woocommerce"], request_, may_write=True)
    with pytest.raises(WriteRefused, match=rf"^{message}"):
        check(providers["woocommerce"], request_)


def test_what_reads_is_sent(providers: dict[str, Provider]) -> None:
    check(providers["woocommerce"], Request("GET", URL, "email=a&role=all", (("Accept", "application/json"),)))
    check(providers["wix"], Request("POST", URL, body=b"{}"))
    check(providers["shopify"], Request("POST", URL, body=b"{}"))


@pytest.mark.parametrize(
    ("body", "content_type", "names"),
    [
        (None, None, []),
        (b'{"_method": 1, "a": {"b": 2}}', "application/json", ["_method", "a"]),
        (b'[{"_method": 1}]', "application/json", []),
        (b"a,b\n1,2", "text/csv", []),
        (b"a+b=1&_method=PUT", "application/x-www-form-urlencoded; charset=utf-8", ["a b", "_method"]),
        (b'--x\r\nContent-Disposition: form-data; name="_method"\r\n\r\nPUT', "multipart/form-data", ["_method"]),
        (b"--x\r\nContent-Disposition: form-data; name='_method'\r\n\r\nPUT", "multipart/form-data", ["_method"]),
        (b'form-data; name="_me\\thod"', "multipart/form-data, boundary=x", ["_method"]),
        (b"form-data; NAME*=UTF-8''%5Fmethod", "Multipart/Form-Data", ["_method"]),
        (b'form-data; name="a"; filename="b"', "multipart/form-data", ["a"]),
        (b"_method=PUT", "application/x-www-form-urlencoded, x", ["_method"]),
        (b"_method=PUT", " Application/X-WWW-Form-Urlencoded x", ["_method"]),
        (b'{"_method": "PUT"}\0', "application/json", ["_method"]),
        (b'{"a": 1, "_me\\u0074hod" : "PUT",}', "application/json", ["a", "_method"]),
        ('{"_method": "PUT"},'.encode("utf-16-be"), "application/json", ["_method"]),
        (b'{"_method": "PUT", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json", ["_method", "a"]),
        (b'{"\\x": 1', "application/json", ["\\x"]),
    ],
)
def test_the_names_of_a_body_that_a_caller_sends(
    body: bytes | None, content_type: str | None, names: list[str]
) -> None:
    assert body_names(body, content_type) == names
