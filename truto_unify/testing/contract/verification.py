"""The contract of ``verify``: one request proves an account, and refused credentials are an error of their kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.errors import AuthenticationError, PermissionDeniedError
from truto_unify.testing.contract.requests import empty_list
from truto_unify.testing.contract.scripted_server import ScriptedProvider, json_response, record_body
from truto_unify.testing.provider_under_test import attempt, outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.testing.provider_under_test import ProviderUnderTest

_REFUSALS = (AuthenticationError, PermissionDeniedError)


@dataclass(frozen=True)
class _Refusal:
    """A script that refuses every request."""

    status: int

    def __call__(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(self.status, json={})


def check_verification(under_test: ProviderUnderTest) -> list[str]:
    """Checks that the call that ``verify`` names proves a good account, and reports refused credentials."""
    name = under_test.provider.config.verify
    return [] if name is None else [*_check_good(under_test, name), *_check_refused(under_test, name)]


def _check_good(under_test: ProviderUnderTest, name: str) -> Iterator[str]:
    """A good answer, even an empty list, proves the account with a single request."""
    provider = ScriptedProvider(under_test, {name: _good_answer(under_test, name)})
    result, error = _verify(under_test, provider)
    if error is not None:
        yield under_test.problem("verify", f"a good answer must prove the account: {outcome_text(error)}")
    elif result.call != name or [sent for sent, _ in provider.sent] != [name]:
        sent = ", ".join(str(sent) for sent, _ in provider.sent)
        yield under_test.problem("verify", f"one request to {name} must prove the account; sent: {sent}")


def _verify(under_test: ProviderUnderTest, provider: ScriptedProvider) -> tuple[Any, Exception | None]:
    with under_test.client(provider) as client:
        return attempt(lambda: client.verify(under_test.account))


def _good_answer(under_test: ProviderUnderTest, name: str) -> Any:
    endpoint = under_test.provider.endpoint(name)
    if endpoint.list_path is not None:
        return empty_list(under_test, name)
    return lambda _: json_response(record_body(endpoint, {"id": "1"}))


def _check_refused(under_test: ProviderUnderTest, name: str) -> Iterator[str]:
    for status in (401, 403):
        provider = ScriptedProvider(under_test, {name: _Refusal(status)})
        result, error = _verify(under_test, provider)
        if not isinstance(error, _REFUSALS):
            outcome = outcome_text(error, result)
            yield under_test.problem("verify", f"HTTP {status} must be an error of the credentials: {outcome}")
