"""The forms of token requests and of logins, each against a small server that knows its own tokens alone."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.engine.driver import Clock
from tests.engine.stores import MAPPING, RESOURCE, account, person
from truto_unify import AuthenticationError, Client, ProviderError, ProviderUnavailableError, Settings
from truto_unify.explanation import explain_list
from truto_unify.redaction import MASK
from truto_unify.registry import Registry
from truto_unify.testing.contract.requests import check_authorization
from truto_unify.testing.provider_under_test import ProviderUnderTest
from truto_unify.types import Call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRETS = {"user": "ana", "password": "pa:ss"}
PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: https://acme.example.test/api
context: {shop: {title: Shop, default: acme}}
credentials: {user: {title: User}, password: {title: Password}}
authorization: {AUTHORIZATION}
errors:
  code: [code]
  error_when: code
  rules: [{code: EXPIRED, error: authentication}]
resources:
  people:
    list: {path: /people, list_path: people}
    get: {path: "/people/{id}", record_path: person}
"""
LOGIN = 'body: {login: {user: "{credentials.user}", password: "{credentials.password}"}, device: [web]}'
QUERY = (
    'body: {query: "mutation Login($user: String!) { login(user: $user) { id } }", '
    'variables: {user: "{credentials.user}"}}, access_token_header: X-Session'
)
FORMS: dict[str, str] = {
    "basic client": (
        'type: oauth2, value: "Bearer {token}", params: {grant_type: client_credentials}, '
        'client: {username: "{credentials.user}", password: "{credentials.password}"}'
    ),
    "password grant": (
        'type: oauth2, value: "Bearer {token}", '
        'params: {grant_type: password, username: "{credentials.user}", password: "{credentials.password}"}'
    ),
    "nested JSON": f'type: session, value: "Bearer {{token}}", {LOGIN}, access_token_path: data.token',
    "bare text": f'type: session, value: "Bearer {{token}}", {LOGIN}, access_token_path: "@"',
    "answer header": f'type: session, header: X-Session, value: "{{token}}", {QUERY}',
    "cookie": f'type: session, header: Cookie, value: "sid={{token}}", {LOGIN}, access_token_cookie: sid',
    "own headers": f'type: session, value: "Token {{token}}", {LOGIN}, token_headers: {{X-App: "{{context.shop}}"}}',
}


@dataclass
class Server:
    """Issues tokens in every form at once, and takes the newest one alone."""

    logins: list[httpx.Request] = field(default_factory=list)
    calls: int = 0
    expires: bool = False
    expired: dict[str, Any] = field(default_factory=lambda: {"code": "EXPIRED"})
    expired_status: int = 200
    login_answer: Callable[[str], httpx.Response] | None = None
    gives_text: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/login":
            self.logins.append(request)
            return (self.login_answer or self.give_token)(f"token-{len(self.logins)}")
        self.calls += 1
        sent = " ".join([*request.headers.values()])
        is_current = f"token-{len(self.logins)}" in sent and not (self.expires and self.calls == 1)
        if not is_current:
            return httpx.Response(self.expired_status, json=self.expired)
        return httpx.Response(200, json={"people": [person(1)]})

    def give_token(self, token: str) -> httpx.Response:
        body: Any = token if self.gives_text else {"access_token": token, "data": {"token": token}}
        headers = [("X-Session", token), ("Set-Cookie", "lang=en; Path=/"), ("Set-Cookie", f"sid={token}; HttpOnly")]
        return httpx.Response(200, json=body, headers=headers)


@pytest.fixture
def write_store(tmp_path: Path) -> Callable[[str], Registry]:
    """Writes a provider with this authorization."""

    def write(form: str, begin: str = 'token_url: "https://acme.example.test/login", ') -> Registry:
        (tmp_path / "providers").mkdir()
        (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
        text = PROVIDER.replace("AUTHORIZATION", begin + FORMS.get(form, form))
        (tmp_path / "providers" / "acme.yaml").write_text(text)
        rest = MAPPING.partition("is_partial")[2].partition("\n")[2]
        mapping = f"list: {{endpoint: people.list}}\n{rest}".replace("query.since", "nick")
        (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(mapping)
        return Registry(overlay=[tmp_path])

    return write


def read(registry: Registry, server: Callable[[httpx.Request], httpx.Response], calls: int = 1) -> list[list[str]]:
    transport = httpx.MockTransport(server)
    settings = Settings(now=Clock(), random=lambda: 0.0)
    store = account("acme", credentials=SECRETS)
    with Client(registry, transport=transport, settings=settings, sleep=lambda _: None) as client:
        return [[record.id for record in client.list("ecommerce/customers", store).result] for _ in range(calls)]


@pytest.mark.parametrize("form", FORMS)
def test_a_token_is_fetched_once_and_sent_with_every_call(form: str, write_store: Callable[[str], Registry]) -> None:
    server = Server(gives_text=form == "bare text")

    assert read(write_store(form), server, calls=2) == [["1"], ["1"]]
    assert (len(server.logins), server.calls) == (1, 2)


@pytest.mark.parametrize(
    ("form", "header", "value", "body"),
    [
        (
            "basic client",
            "Authorization",
            f"Basic {base64.b64encode(b'ana:pa:ss').decode()}",
            b"grant_type=client_credentials",
        ),
        ("password grant", "Accept", "application/json", b"grant_type=password&username=ana&password=pa%3Ass"),
        ("nested JSON", "Content-Type", "application/json", {"login": SECRETS, "device": ["web"]}),
        ("own headers", "X-App", "acme", {"login": SECRETS, "device": ["web"]}),
        (
            "answer header",
            "Accept",
            "application/json",
            {"query": "mutation Login($user: String!) { login(user: $user) { id } }", "variables": {"user": "ana"}},
        ),
    ],
)
def test_the_request_says_what_the_file_says(
    form: str, header: str, value: str, body: Any, write_store: Callable[[str], Registry]
) -> None:
    server = Server()

    read(write_store(form), server)

    [login] = server.logins
    assert login.headers[header] == value
    assert body == (login.content if isinstance(body, bytes) else json.loads(login.content))


@pytest.mark.parametrize("form", ["nested JSON", "answer header", "cookie"])
@pytest.mark.parametrize("status", [200, 401])
def test_a_session_that_the_store_calls_expired_is_opened_again_once(
    status: int, form: str, write_store: Callable[[str], Registry]
) -> None:
    server = Server(expires=True, expired_status=status)

    assert read(write_store(form), server) == [["1"]]
    assert len(server.logins) == 2


@pytest.mark.parametrize(
    ("form", "answer", "place"),
    [
        ("nested JSON", {"data": {}}, "data.token"),
        ("bare text", {"token": "x"}, "its top"),
        ("answer header", {"access_token": "x"}, "X-Session"),
        ("cookie", {"access_token": "x"}, "sid"),
    ],
)
def test_an_answer_without_the_token_says_where_it_was_looked_for(
    form: str, answer: Any, place: str, write_store: Callable[[str], Registry]
) -> None:
    server = Server(login_answer=lambda _: httpx.Response(200, json=answer))

    with pytest.raises(ProviderUnavailableError, match=f"^acme token: the answer holds no token at {place}$"):
        read(write_store(form), server)


FRESH = {"access_token": "fresh-access-1", "refresh_token": "fresh-refresh-1"}
SHOWN_ANSWERS = {
    "an error beside the tokens": httpx.Response(400, json={"error": "see fresh-access-1", **FRESH}),
    "a failure": httpx.Response(500, json={"message": "see fresh-access-1", "data": {"token": "fresh-access-1"}}),
    "deep names": httpx.Response(
        403, json={"a": [{"refreshToken": "fresh-refresh-1", "sessionToken": "fresh-access-1"}]}
    ),
    "a short token at its place": httpx.Response(400, json={"data": {"token": "fresh-ac"}}),
    "a form": httpx.Response(200, text="access_token=fresh-access-1&refresh_token=fresh-refresh-1"),
    "broken JSON": httpx.Response(200, text=json.dumps(FRESH)[:-3]),
    "JSON in a text": httpx.Response(400, json={"error": json.dumps(FRESH)}),
    "a header": httpx.Response(
        400, headers={"X-Session": "fresh-access-1", "Set-Cookie": "sid=fresh-refresh-1; Secure"}
    ),
    "a link": httpx.Response(302, headers={"Location": "https://x.test/#access_token=fresh-access-1"}),
}


@pytest.mark.parametrize("answer", SHOWN_ANSWERS)
def test_an_error_that_shows_the_answer_of_a_token_endpoint_shows_no_token(
    answer: str, write_store: Callable[[str], Registry]
) -> None:
    form = {"a header": "answer header", "a short token at its place": "nested JSON"}.get(answer, "password grant")
    server = Server(login_answer=lambda _: SHOWN_ANSWERS[answer])

    with pytest.raises(ProviderError) as caught:
        read(write_store(form), server)

    error = caught.value
    shown = json.dumps([error.message, error.code, error.raw_response, error.headers])
    assert "fresh-" not in shown
    assert MASK in shown


def test_a_word_beside_the_name_of_a_token_is_shown(write_store: Callable[[str], Registry]) -> None:
    refusal = {"error": "invalid_token", "token": "expired", "invalid_token": "The token has expired"}
    server = Server(login_answer=lambda _: httpx.Response(400, json=refusal))

    with pytest.raises(ProviderError) as caught:
        read(write_store("nested JSON"), server)

    assert caught.value.raw_response == refusal


def test_a_refused_login_names_the_credentials_and_not_their_values(write_store: Callable[[str], Registry]) -> None:
    refusal = {"error": "invalid_grant", "error_description": "wrong password pa:ss"}
    server = Server(login_answer=lambda _: httpx.Response(400, json=refusal))

    with pytest.raises(AuthenticationError, match=r"refused: user, password$") as caught:
        read(write_store("nested JSON"), server)

    assert "pa:ss" not in str(caught.value)


def test_a_refusal_with_status_200_is_read_where_the_file_says(write_store: Callable[[str], Registry]) -> None:
    refusal = {"data": {"login": {"errorCode": "INVALID", "message": "The password pa:ss is wrong"}}}
    places = "error_when: data.login.errorCode, code: [data.login.errorCode], message: [data.login.message]"
    rules = "rules: [{code: INVALID, error: authentication}]"
    server = Server(login_answer=lambda _: httpx.Response(200, json=refusal))

    with pytest.raises(AuthenticationError) as caught:
        read(write_store(f"{FORMS['answer header']}, {places}, {rules}"), server)

    message = f"acme token: no token: The password {MASK} is wrong (HTTP 200); refused: user"
    assert (str(caught.value), caught.value.code) == (message, "INVALID")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ('type: session, value: "{token}"', 'a token request needs one of "params", "body"'),
        (
            f'type: session, value: "{{token}}", params: {{a: b}}, {LOGIN}',
            'a token request needs one of "params", "body"',
        ),
        (
            f'type: session, value: "{{token}}", {LOGIN}, access_token_path: a, access_token_cookie: b',
            "a token has one place",
        ),
        ('type: session, value: "{token}", body: {a: "{credentials.passphrase}"}', "credentials.passphrase"),
    ],
)
def test_a_rule_that_cannot_work_is_a_problem(form: str, message: str, write_store: Callable[[str], Registry]) -> None:
    problems = write_store(form).problems()

    assert any(message in problem.message for problem in problems), problems


@pytest.mark.parametrize("form", FORMS)
def test_the_contract_suite_knows_the_form(form: str, write_store: Callable[[str], Registry]) -> None:
    assert check_authorization(ProviderUnderTest(write_store(form), "acme", RESOURCE)) == []


# ------------------------------------------------------------------------------- hosts of regions

REGIONS = f'type: session, value: "Bearer {{token}}", {LOGIN}, api_address: {{path: region, hosts: ["*.example.test"]}}'


def in_region(region: Any) -> Callable[[str], httpx.Response]:
    return lambda token: httpx.Response(200, json={"access_token": token, "region": region})


@pytest.mark.parametrize("region", ["eu.example.test:8443", "https://eu.example.test:8443/ignored"])
def test_requests_go_to_the_host_that_came_with_the_token(region: str, write_store: Callable[[str], Registry]) -> None:
    addresses: list[str] = []
    server = Server(login_answer=in_region(region))

    def answer(request: httpx.Request) -> httpx.Response:
        addresses.append(str(request.url))
        return server(request)

    assert read(write_store(REGIONS), answer, calls=2) == [["1"], ["1"]]
    moved = "https://eu.example.test:8443/api/people"
    assert addresses == ["https://acme.example.test/login", moved, moved]


@pytest.mark.parametrize(
    ("region", "words"),
    [
        (None, "the answer names no host at region"),
        ("evil.test", 'names "evil.test" at region, and credentials go to https://*.example.test alone'),
        ("eu.example.test.evil.test", "alone"),
        ("https://evil.test/?x=.example.test", "alone"),
        ("https://eu.example.test@evil.test", "alone"),
        ("http://eu.example.test", "alone"),
    ],
)
def test_credentials_go_to_no_other_host(region: Any, words: str, write_store: Callable[[str], Registry]) -> None:
    server = Server(login_answer=in_region(region))

    with pytest.raises(ProviderUnavailableError) as caught:
        read(write_store(REGIONS), server)

    assert caught.value.message.startswith("acme token: the answer names")
    assert caught.value.message.endswith(words)
    assert server.calls == 0


def test_the_contract_suite_knows_hosts_of_regions(write_store: Callable[[str], Registry]) -> None:
    assert check_authorization(ProviderUnderTest(write_store(REGIONS), "acme", RESOURCE)) == []


# ------------------------------------------------------------------------------- explanations


@pytest.mark.parametrize(
    ("form", "header"),
    [
        (
            'type: jwt, value: "Token {token}", assertion: {algorithm: RS256, key: "{credentials.password}"}',
            (("Authorization", f"Token {MASK}"),),
        ),
        (
            'type: hmac, key: "{credentials.password}", key_format: hex, signs: "{body}", '
            'headers: {X-Sign: "{signature}"}',
            (("X-Sign", MASK),),
        ),
        (
            'type: mutual_tls, client_certificate: {certificate: "{credentials.user}", '
            'private_key: "{credentials.password}"}',
            (),
        ),
    ],
)
def test_an_explanation_shows_where_a_proof_goes_and_needs_no_key(
    form: str, header: tuple[tuple[str, str], ...], write_store: Callable[..., Registry]
) -> None:
    call = Call(resource=RESOURCE, method="list")
    explained = explain_list(
        write_store(form, "").mapper(RESOURCE, "acme"), account("acme", credentials={}), call, Settings()
    )

    assert explained.request.headers == header
