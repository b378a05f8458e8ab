"""The contract of errors: every status and every declared rule gives its error, retryable or not, without a secret."""

from __future__ import annotations

import base64
import json
import traceback
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.engine.answers import ERRORS
from truto_unify.errors import ProviderError, ProviderUnavailableError, RateLimitedError
from truto_unify.testing.contract.error_bodies import (
    error_body,
    expected_class,
    first_rule,
    rule_answers,
)
from truto_unify.testing.contract.requests import empty_list, find_record_id
from truto_unify.testing.contract.scripted_server import TOKEN, ScriptedProvider
from truto_unify.testing.provider_under_test import Clock, attempt, outcome_text, secrets_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.testing.contract.error_bodies import BodyKind, ErrorSample
    from truto_unify.testing.provider_under_test import Method, ProviderUnderTest
    from truto_unify.testing.samples import Sample

STATUSES = (
    400,
    401,
    402,
    403,
    404,
    405,
    409,
    410,
    415,
    418,
    422,
    423,
    429,
    500,
    501,
    502,
    503,
    504,
    509,
    511,
    520,
    525,
)
HTML = b"<html><head><title>Down</title></head><body>Back soon</body></html>"
_TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504, 509, 520, 525}


def check_errors(
    under_test: ProviderUnderTest,
    method: Method,
    samples: Sequence[Sample] = (),
    error_samples: Sequence[ErrorSample] = (),
) -> list[str]:
    """Checks every kind of error answer of a method.

    Args:
        under_test: the pair to test.
        method: the unified method.
        samples: samples of the method.
        error_samples: the provider's error answers, for rules whose bodies cannot be derived.
    """
    record_id = find_record_id(under_test, samples) if method == "get" else None
    answers = _ErrorAnswers(under_test, method, record_id)
    return [
        *answers.of_statuses(),
        *answers.of_rules(error_samples),
        *answers.of_samples(error_samples),
        *answers.of_non_json(),
        *answers.after_a_wait(),
    ]


class _ErrorAnswers:
    """Lets a provider answer with errors, and checks the error that the client raises."""

    def __init__(self, under_test: ProviderUnderTest, method: Method, record_id: str | None) -> None:
        self.under_test = under_test
        self.method: Method = method
        self.record_id = record_id
        self.rules = under_test.provider.config.errors
        secrets = secrets_of(under_test.account)
        self.secret_text = "refused for " + " ".join(secrets)
        pairs = [base64.b64encode(f"{user}:{password}".encode()).decode() for user in secrets for password in secrets]
        self.forbidden = (*secrets, *pairs, TOKEN)

    def of_statuses(self) -> Iterator[str]:
        for status in STATUSES:
            body = error_body(self.rules, self.secret_text)
            yield from self.check(f"HTTP {status}", status, body, expected_class(self.rules, status, body))

    def of_rules(self, error_samples: Sequence[ErrorSample]) -> Iterator[str]:
        for number, rule in enumerate(self.rules.rules):
            if rule.body in {"not_json", "page"}:
                continue  # see of_non_json
            answers = list(rule_answers(self.rules, rule, self.secret_text))
            label = f"errors.rules[{number}] ({rule.error})"
            if not answers and not any(
                first_rule(self.rules, sample.status, sample.body) is rule for sample in error_samples
            ):
                what = "no body can be derived that reaches this rule; give an example in errors.json of the samples"
                yield self.under_test.problem(
                    label, f"{what}, or move the rule before the rule that matches its answers"
                )
            for status, body in answers:
                yield from self.check(f"{label}, HTTP {status}", status, body, expected_class(self.rules, status, body))

    def of_samples(self, error_samples: Sequence[ErrorSample]) -> Iterator[str]:
        for number, sample in enumerate(error_samples):
            content = b"" if sample.body is None else json.dumps(sample.body).encode()
            wanted = ERRORS[sample.error]  # type: ignore[index]  # the schema of samples lets only these names through
            yield from self.check(f"errors.json[{number}]", sample.status, content, wanted, dict(sample.headers))

    def of_non_json(self) -> Iterator[str]:
        for status in (200, 401, 403, 404, 429, 502, 520):
            wanted = expected_class(self.rules, status, None, "page")
            yield from self.check(f"HTML with HTTP {status}", status, HTML, wanted)
        empty = self.under_test.endpoint(self.method).empty_statuses
        for status in (200, 204, 401, 500):
            if status not in empty:
                wanted = expected_class(self.rules, status, None, "not_json")
                yield from self.check(f"no body, HTTP {status}", status, b"", wanted)

    def check(
        self, label: str, status: int, body: Any, wanted: type[ProviderError], headers: dict[str, str] | None = None
    ) -> Iterator[str]:
        """Checks the error that an answer becomes.

        Args:
            label: names the answer in a report.
            status: the HTTP status.
            body: a JSON value, or bytes that are sent unchanged.
            wanted: the class of the error.
            headers: the headers of the answer, beside the usual headers.
        """
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if body is HTML else "application/json"
        shown = {"content-type": kind, "x-contract": self.secret_text, **(headers or {})}
        provider = ScriptedProvider(
            self.under_test,
            {self.name: lambda _request: httpx.Response(status, headers=shown, content=content)},
        )
        error = self.call(provider)
        place = f"{self.method}, {label}"
        if type(error) is not wanted:
            yield self.under_test.problem(place, f"must become {wanted.__name__}: {outcome_text(error)}")
            return
        assert isinstance(error, ProviderError)
        if error.status_code != status:
            yield self.under_test.problem(place, f"status_code is {error.status_code}")
        if error.retryable is not (wanted in {RateLimitedError, ProviderUnavailableError}):
            yield self.under_test.problem(place, f"retryable is {error.retryable}")
        yield from self._check_tries(place, status, content, wanted, provider)
        yield from self._check_secrets(place, error)

    @property
    def name(self) -> str:
        """The name of the native call that gets the error answers."""
        return self.under_test.endpoint_name(self.method)

    def call(self, provider: ScriptedProvider, clock: Clock | None = None) -> Exception | None:
        """The error that a call raises."""
        under_test = self.under_test
        with under_test.client(provider, clock) as client:
            if self.record_id is None:
                return attempt(lambda: client.list(under_test.schema, under_test.account))[1]
            return attempt(lambda: client.get(under_test.schema, under_test.account, self.record_id or ""))[1]

    def _check_tries(
        self, place: str, status: int, content: bytes, wanted: type[ProviderError], provider: ScriptedProvider
    ) -> Iterator[str]:
        parsed = _parsed(content)
        rule = first_rule(self.rules, status, parsed, _body_kind(content))
        is_transient = (
            wanted is RateLimitedError or status in _TRANSIENT_STATUSES or (parsed is None and 200 <= status < 300)
        )
        if rule is not None and rule.retry is not None:
            is_transient = rule.retry
        tries = provider.counts[self.name]
        renewals = provider.counts["token"]
        if is_transient and self.under_test.endpoint(self.method).is_safe and tries < 2:
            yield self.under_test.problem(place, "was not retried, although the error is transient")
        if rule is not None and rule.smaller_page:
            tries = max(Counter(request.content for request in provider.requests_of(self.name)).values())
        if not is_transient and tries > 1 + renewals:
            yield self.under_test.problem(place, f"was tried {tries} times, although the error is not transient")

    def _check_secrets(self, place: str, error: ProviderError) -> Iterator[str]:
        shown = [repr(error), str(error), str(error.to_dict()), repr(error.raw_response), repr(error.headers)]
        text = "\n".join([*shown, *traceback.format_exception(error)])
        leaks = [secret for secret in self.forbidden if secret in text]
        if leaks:
            yield self.under_test.problem(place, f"{len(leaks)} secrets of the account appear in the error")

    def after_a_wait(self) -> Iterator[str]:
        """After an HTTP 429 the client waits as long as the answer says, and then goes on."""
        if self.method != "list" or not self.under_test.endpoint("list").is_safe:
            return
        headers = [("Retry-After", "7", 7.0)]
        for header in self.under_test.provider.config.rate_limit.headers:
            headers.append((header.name, "7000" if header.unit == "milliseconds" else "7", 7.0))
        for name, value, seconds in headers:
            good, refused = empty_list(self.under_test), list[httpx.Request]()

            def answer(
                request: httpx.Request,
                good: Any = good,
                refused: list[httpx.Request] = refused,
                header: dict[str, str] = {name: value},  # noqa: B006 - read only
            ) -> httpx.Response:
                refused.append(request)
                return httpx.Response(429, headers=header, json={}) if len(refused) == 1 else good(request)

            clock = Clock()
            error = self.call(ScriptedProvider(self.under_test, {self.name: answer}), clock)
            place = f"list, HTTP 429 with {name}: {value}"
            if error is not None:
                yield self.under_test.problem(place, f"the call must wait and go on: {outcome_text(error)}")
            elif sum(clock.waits) < seconds:
                yield self.under_test.problem(
                    place, f"waited {sum(clock.waits)} seconds, and the answer asks for {seconds}"
                )


def _body_kind(content: bytes) -> BodyKind:
    if content is HTML:
        return "page"
    return "json" if _parsed(content) is not None else "not_json"


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
