"""A token that may only read, and a sandbox account, cause no write by any door, whatever they send."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.server.conftest import HOME, TOKEN, account_id

if TYPE_CHECKING:
    from tests.server.conftest import Service
    from truto_unify.sandbox.store import SeenRequest

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "providers" / "shopify.graphql").read_text("utf-8")
MUTATION = 'mutation M { customerDelete(input: {id: "gid://shopify/Customer/1"}) { deletedCustomerId } }'
READ = frozenset({"unified:read", "proxy:read", "custom:read"})
NAMES = st.sampled_from(
    [
        *("_method", ".method", " _method", "_method\0", "_method[]", "[_method]", "_METHOD", "%5Fmethod", "\t.method"),
        *("X-HTTP-Method-Override", "_envelope", "_jsonp", "rest_route", "force", "role", "first", "limit", "id"),
        *("query", "operationName", "extensions", "variables", "query ", ".query", "method", "body", "data"),
    ]
) | st.text(max_size=8)
VALUES = st.sampled_from(["DELETE", "delete", "PUT", "1", "true", MUTATION, f"# x\n{MUTATION}", "{ shop { name } }"])
VERBS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"])
PATHS = st.sampled_from(
    [
        *("/unified/ecommerce/customers", "/unified/ecommerce/customers/17", "/proxy/customers", "/proxy/customers/17"),
        *("/proxy/customers/list", "/proxy/customers/delete", "/custom/customers/17", "/custom/graphql.json"),
    ]
)
HEADERS = st.sampled_from([{}, {"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "PUT", "Cookie": "a=b"}])
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Attack:
    """One call of the service that tries to write."""

    verb: str
    path: str
    name: str
    value: str
    headers: dict[str, str] = field(default_factory=dict)
    is_form: bool = False
    is_batch: bool = False

    async def run(self, service: Service, slug: str) -> Any:
        """Makes the call."""
        if self.is_batch:
            query = {self.name: self.value, "remote_query": {self.name: self.value}}
            items = [
                {"resource": "ecommerce/customers", "query": {"remote_query": query["remote_query"]}, "name": "a"},
                {"resource": "customers", "query": {self.name: self.value}, "name": "b", "persist": True},
                {"resource": "customers", "method": "get", "id": "17", "query": query, "name": "c"},
            ]
            body = {"integrated_account_id": account_id(slug), "resources": items}
            return await service.http.post("/batch-request", json=body)
        name = f"remote_query[{self.name}]" if self.path.startswith("/unified") else self.name
        path = f"{self.path}?{quote(name, safe='[]')}={quote(self.value)}"
        content: dict[str, Any] = {"json": {self.name: self.value, "operationName": "M"}}
        if self.is_form:
            text = f"{quote(self.name)}={quote(self.value)}"
            content = {"content": text, "headers": {"Content-Type": FORM}}
        if self.verb == "GET":
            content = {}
        return await service.call(
            path, slug, method=self.verb, **{**content, "headers": {**content.get("headers", {}), **self.headers}}
        )


def as_php_reads(name: str) -> str:
    """The name of a variable in PHP (main/php_variables.c, php_register_variable_ex)."""
    return re.sub(r"[. ]", "_", name.partition("\0")[0].lstrip(" ").partition("[")[0])


def is_write(slug: str, seen: SeenRequest) -> bool:
    """Whether the store would change something: WordPress by the method that it reads, Shopify by the document."""
    if slug == "woocommerce":
        overrides = [value for name, value in seen.query if as_php_reads(name) == "_method"]
        overrides += [value for name, value in seen.headers if name.replace("_", "-") == "x-http-method-override"]
        return {seen.method, *(override.upper() for override in overrides)} != {"GET"}
    if seen.method == "GET":
        return any("mutation" in value for _, value in seen.query)
    sent = json.loads(seen.body)
    is_shipped = sent["query"] == DOCUMENT and f"query {sent['operationName']}(" in DOCUMENT
    is_plain = not seen.query and set(sent) <= {"query", "operationName", "variables"}
    return not (seen.method == "POST" and is_shipped and is_plain)


attacks = st.builds(Attack, VERBS, PATHS, NAMES, VALUES, HEADERS, is_form=st.booleans(), is_batch=st.booleans())


@pytest.mark.parametrize("slug", ["woocommerce", "shopify"])
@pytest.mark.parametrize("is_sandbox", [False, True])
@example(attack=Attack("GET", "/unified/ecommerce/customers/17", "_method", "DELETE"))
@example(attack=Attack("GET", "/custom/customers/17", ".method", "DELETE"))
@example(attack=Attack("POST", "/proxy/customers/list", "query", MUTATION))
@example(attack=Attack("GET", "/custom/graphql.json", "query", MUTATION))
@example(attack=Attack("GET", "/proxy/customers", "_method", "DELETE", is_batch=True))
@given(attack=attacks)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_read_ever_reaches_a_store_as_a_write(
    service: Service, slug: str, is_sandbox: bool, attack: Attack
) -> None:
    identity = service.store.identities[TOKEN]
    if is_sandbox:
        service.store.add_account(HOME, account_id(slug), service.loopback.account(slug), is_sandbox=True)
    else:
        service.store.identities[TOKEN] = replace(identity, scopes=READ)
    service.loopback.renew()

    answer = await attack.run(service, slug)

    assert answer.status_code < 500 or answer.status_code == 502, answer.text
    assert [seen for seen in service.loopback.store(slug).requests if is_write(slug, seen)] == []


WOO = "/unified/ecommerce/customers"
REFUSED = [
    (f"{WOO}?remote_query[_method]=DELETE", 'remote_query may not set "_method", which changes the HTTP method'),
    (f"{WOO}/17?remote_query[.method]=DELETE", 'remote_query may not set ".method", which changes the HTTP method'),
    ("/proxy/customers?%20_method=DELETE", 'the query may not set " _method", which changes the HTTP method'),
    ("/custom/customers/17?_method%00=DELETE", 'the query may not set "_method\0", which changes the HTTP method'),
    ("/custom/customers?_envelope=1", 'the query may not set "_envelope", by which the store changes the meaning'),
    ("/custom/customers?rest_route=/wp/v2/users", 'the query may not set "rest_route", by which the store changes'),
]


@pytest.mark.parametrize(("path", "message"), REFUSED)
async def test_what_changes_a_request_is_refused_for_every_scope_and_logged(
    service: Service, caplog: pytest.LogCaptureFixture, path: str, message: str
) -> None:
    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        answer = await service.call(path)

    assert (answer.status_code, answer.json()["message"][: len(message)]) == (400, message)
    assert service.loopback.store("woocommerce").requests == []
    (record,) = [record for record in caplog.records if record.name == "truto_unify.security"]
    fields = record.__dict__["fields"]
    assert (fields["event"], fields["error"], fields["account_id"]) == (
        "parameter_refused",
        "ForbiddenParameter",
        account_id("woocommerce"),
    )


async def test_a_batch_logs_what_it_refuses(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    items = [{"resource": "ecommerce/customers", "query": {"remote_query": {"_method": "DELETE"}}}]
    body = {"integrated_account_id": account_id("woocommerce"), "resources": items}

    with caplog.at_level(logging.WARNING, "truto_unify.security"):
        answer = await service.http.post("/batch-request", json=body)

    (error,) = answer.json()["errors"]["ecommerce/customers"]
    assert error["statusCode"] == 400
    assert [record.__dict__["fields"]["event"] for record in caplog.records if hasattr(record, "fields")] == [
        "parameter_refused"
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/custom/customers", {"email": "a@b.test"}),
        ("DELETE", "/custom/customers/17", None),
        ("GET", "/custom/graphql.json?query=mutation%7Ba%7D", None),
        ("GET", "/custom/graphql.json?operationName=M", None),
    ],
)
async def test_a_scope_that_reads_writes_nothing(service: Service, method: str, path: str, body: Any) -> None:
    identity = service.store.identities[TOKEN]
    service.store.identities[TOKEN] = replace(identity, scopes=READ)

    answer = await service.call(path, "shopify", method=method, json=body)

    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert service.loopback.store("shopify").requests == []


async def test_a_scope_that_reads_reads(service: Service) -> None:
    identity = service.store.identities[TOKEN]
    service.store.identities[TOKEN] = replace(identity, scopes=READ)

    for path in (f"{WOO}?limit=2", "/proxy/customers?limit=2", "/custom/customers?per_page=2"):
        assert (await service.call(path)).status_code == 200
        assert (await service.call(path, "shopify")).status_code == (404 if path.startswith("/custom") else 200)


@pytest.mark.parametrize("key", ["query", "operationName", "extensions", "_method"])
async def test_the_body_of_a_graphql_call_holds_variables_alone(service: Service, key: str) -> None:
    answer = await service.call("/proxy/customers/list", "shopify", method="POST", json={key: MUTATION})

    message = f'the body may not set "{key}", which is no variable of the GraphQL operation'
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert service.loopback.store("shopify").requests == []
