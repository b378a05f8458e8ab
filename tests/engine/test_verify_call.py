"""An account is proven by one cheap read, whatever form that call has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from truto_unify import Account, AuthenticationError, Client, InvalidInput, ProviderError, Registry, Verification

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = Account(provider="globex", credentials={"token": "s3cret-token"}, origins={"token": "--credential"})
PROVIDER = """
label: Globex
documentation: https://globex.example/docs
base_url: https://globex.example/api
credentials: {token: {title: Token, example: globex_0123}}
authorization: {type: bearer, token: "{credentials.token}"}
resources:
  me:
    get: {path: /me, record_path: account}
  people:
    list:
      path: /people
      list_path: people
      empty_statuses: [204]
      pagination: {type: offset, offset_param: from, page_size_param: size, max_page_size: 50, total_path: count}
  tags:
    list: {path: /tags, list_path: tags}
"""


def verify(folder: Path, call: str | None, status: int, body: Any) -> tuple[list[str], Verification]:
    """The requests, and the verification by an account whose provider answers so."""
    file = folder / "providers" / "globex.yaml"
    file.parent.mkdir()
    file.write_text(PROVIDER + (f"verify: {call}\n" if call else ""), encoding="utf-8")
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.raw_path.decode()}")
        return httpx.Response(status) if body is None else httpx.Response(status, json=body)

    with Client(Registry(overlay=folder), transport=httpx.MockTransport(answer)) as client:
        return sent, client.verify(ACCOUNT)


@pytest.mark.parametrize(
    ("call", "status", "body", "request_line", "total"),
    [
        ("me.get", 200, {"account": {"id": 1}}, "GET /api/me", None),
        ("people.list", 200, {"people": [{"id": 1}], "count": 137}, "GET /api/people?size=1&from=0", 137),
        ("people.list", 200, {"people": []}, "GET /api/people?size=1&from=0", None),
        ("people.list", 204, None, "GET /api/people?size=1&from=0", 0),
        ("tags.list", 200, {"tags": ["a", "b"]}, "GET /api/tags", None),
    ],
)
def test_one_request_proves_an_account(
    tmp_path: Path, call: str, status: int, body: Any, request_line: str, total: int | None
) -> None:
    sent, verification = verify(tmp_path, call, status, body)

    assert (sent, verification) == ([request_line], Verification(provider="globex", call=call, total=total))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("me.get", "globex me.get: no record at account"),
        ("people.list", "globex people.list: no list of records at people"),
    ],
)
def test_an_answer_of_another_program_proves_nothing(tmp_path: Path, call: str, message: str) -> None:
    with pytest.raises(ProviderError) as caught:
        verify(tmp_path, call, 200, {"status": "ok", "token": "s3cret-token"})

    assert (caught.value.message, caught.value.code) == (message, "no_records")
    assert caught.value.raw_response == {"status": "ok", "token": "[redacted]"}


def test_refused_credentials_are_named_with_their_origin(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError) as caught:
        verify(tmp_path, "me.get", 401, {})

    assert caught.value.message == "globex GET /me: Unauthorized (HTTP 401); refused: token (from --credential)"


def test_a_provider_without_such_a_call_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        verify(tmp_path, None, 200, {})

    assert caught.value.message == (
        'no call proves an account of globex: providers/globex.yaml needs "verify", the name of a cheap read'
    )
