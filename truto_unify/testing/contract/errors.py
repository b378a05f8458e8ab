"""The contract of refusals: every status and every declared rule becomes its error, retried or not, with no secret."""

from __future__ import annotations

import base64
import json
import traceback
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.engine.answers import ERRORS
from truto_unify.errors import ProviderError, ProviderUnavailableError, RateLimitedError
from truto_unify.testing.contract.error_bodies import (
    expected_class,
    expected_class_of_page,
    first_rule,
    refusal_body,
    rule_answers,
)
from truto_unify.testing.contract.requests import empty_answer, find_record_id
from truto_unify.testing.contract.scripted_server import TOKEN, ScriptedProvider
from truto_unify.testing.provider_under_test import Clock, attempt, secrets_of, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.testing.contract.error_bodies import ErrorSample
    from truto_unify.testing.provider_under_test import Method, Subject
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
_PASSING = {408, 425, 429, 500, 502, 503, 504, 509, 520, 525}


def check_errors(
    subject: Subject, method: Method, samples: Sequence[Sample] = (), error_samples: Sequence[ErrorSample] = ()
) -> list[str]:
    """Every kind of refusal of one method.

    Args:
        subject: the pair that is tried.
        method: the unified method.
        samples: of the method.
        error_samples: refusals of the provider, for rules whose bodies cannot be made up.
    """
    record_id = find_record_id(subject, samples) if method == "get" else None
    caught = _Refusals(subject, method, record_id)
    return [
        *caught.of_statuses(),
        *caught.of_rules(error_samples),
        *caught.of_samples(error_samples),
        *caught.of_no_json(),
        *caught.after_a_wait(),
    ]


class _Refusals:
    """Lets a provider refuse, and looks at the error that comes out."""

    def __init__(self, subject: Subject, method: Method, record_id: str | None) -> None:
        self.subject = subject
        self.method = method
        self.record_id = record_id
        self.rules = subject.provider.config.errors
        secrets = secrets_of(subject.account)
        self.told_back = "refused for " + " ".join(secrets)
        pairs = [base64.b64encode(f"{one}:{other}".encode()).decode() for one in secrets for other in secrets]
        self.forbidden = (*secrets, *pairs, TOKEN)

    def of_statuses(self) -> Iterator[str]:
        for status in STATUSES:
            body = refusal_body(self.rules, self.told_back)
            yield from self.look(f"HTTP {status}", status, body, expected_class(self.rules, status, body))

    def of_rules(self, error_samples: Sequence[ErrorSample]) -> Iterator[str]:
        for number, rule in enumerate(self.rules.rules):
            if rule.is_json is False:
                continue  # of pages: see of_no_json
            answers = list(rule_answers(self.rules, rule, self.told_back))
            label = f"errors.rules[{number}] ({rule.error})"
            if not answers and not any(first_rule(self.rules, one.status, one.body) is rule for one in error_samples):
                what = "no answer could be made up that reaches this rule; give one in errors.json of the samples"
                yield self.subject.problem(label, f"{what}, or move it before the rule that takes its answers")
            for status, body in answers:
                yield from self.look(f"{label}, HTTP {status}", status, body, expected_class(self.rules, status, body))

    def of_samples(self, error_samples: Sequence[ErrorSample]) -> Iterator[str]:
        for number, one in enumerate(error_samples):
            content = b"" if one.body is None else json.dumps(one.body).encode()
            wanted = ERRORS[one.error]  # type: ignore[index]
            yield from self.look(f"errors.json[{number}]", one.status, content, wanted, dict(one.headers))

    def of_no_json(self) -> Iterator[str]:
        for status in (200, 401, 403, 404, 429, 502, 520):
            yield from self.look(f"HTML with HTTP {status}", status, HTML, expected_class_of_page(self.rules, status))
        empty = self.subject.endpoint(self.method).empty_statuses
        for status in (200, 204, 401, 500):
            if status not in empty:
                wanted = expected_class(self.rules, status, None, is_json=False)
                yield from self.look(f"no body, HTTP {status}", status, b"", wanted)

    def look(
        self, label: str, status: int, body: Any, wanted: type[ProviderError], headers: dict[str, str] | None = None
    ) -> Iterator[str]:
        """What is wrong with the error that this refusal becomes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if body is HTML else "application/json"
        shown = {"content-type": kind, "x-contract": self.told_back, **(headers or {})}
        provider = ScriptedProvider(
            self.subject,
            {self.name: lambda _request: httpx.Response(status, headers=shown, content=content)},
        )
        error = self.call(provider)
        place = f"{self.method}, {label}"
        if type(error) is not wanted:
            yield self.subject.problem(place, f"must become {wanted.__name__}: {told(error)}")
            return
        assert isinstance(error, ProviderError)
        if error.status_code != status:
            yield self.subject.problem(place, f"status_code is {error.status_code}")
        if error.retryable is not (wanted in {RateLimitedError, ProviderUnavailableError}):
            yield self.subject.problem(place, f"retryable is {error.retryable}")
        yield from self._check_tries(place, status, content, wanted, provider)
        yield from self._check_secrets(place, error)

    @property
    def name(self) -> str:
        """The native call that is refused."""
        return self.subject.endpoint_name(self.method)

    def call(self, provider: ScriptedProvider, clock: Clock | None = None) -> Exception | None:
        """The error of one call."""
        subject = self.subject
        with subject.client(provider, clock) as client:
            if self.record_id is None:
                return attempt(lambda: client.list(subject.resource_name, subject.account))[1]
            return attempt(lambda: client.get(subject.resource_name, subject.account, self.record_id or ""))[1]

    def _check_tries(
        self, place: str, status: int, content: bytes, wanted: type[ProviderError], provider: ScriptedProvider
    ) -> Iterator[str]:
        parsed = _parsed(content)
        rule = first_rule(self.rules, status, parsed, is_json=parsed is not None)
        passes = wanted is RateLimitedError or status in _PASSING or (parsed is None and 200 <= status < 300)
        if rule is not None and rule.retry is not None:
            passes = rule.retry
        tries = provider.counts[self.name]
        renewals = provider.counts["token"]
        if passes and self.subject.endpoint(self.method).is_safe and tries < 2:
            yield self.subject.problem(place, "was not tried again, although it may pass")
        if not passes and tries > 1 + renewals:
            yield self.subject.problem(place, f"was tried {tries} times, although it cannot pass")

    def _check_secrets(self, place: str, error: ProviderError) -> Iterator[str]:
        shown = [repr(error), str(error), str(error.to_dict()), repr(error.raw_response), repr(error.headers)]
        text = "\n".join([*shown, *traceback.format_exception(error)])
        leaks = [one for one in self.forbidden if one in text]
        if leaks:
            yield self.subject.problem(place, f"{len(leaks)} secrets of the account are shown by the error")

    def after_a_wait(self) -> Iterator[str]:
        """A refusal for lack of quota that says how long is waited for, and the call goes on."""
        if self.method != "list" or not self.subject.endpoint("list").is_safe:
            return
        headers = [("Retry-After", "7", 7.0)]
        for one in self.subject.provider.config.rate_limit.headers:
            headers.append((one.name, "7000" if one.unit == "milliseconds" else "7", 7.0))
        for name, value, seconds in headers:
            good, refused = empty_answer(self.subject), list[httpx.Request]()

            def answer(
                request: httpx.Request,
                good: Any = good,
                refused: list[httpx.Request] = refused,
                header: dict[str, str] = {name: value},  # noqa: B006 - read only
            ) -> httpx.Response:
                refused.append(request)
                return httpx.Response(429, headers=header, json={}) if len(refused) == 1 else good(request)

            clock = Clock()
            error = self.call(ScriptedProvider(self.subject, {self.name: answer}), clock)
            place = f"list, HTTP 429 with {name}: {value}"
            if error is not None:
                yield self.subject.problem(place, f"the call must wait and go on: {told(error)}")
            elif sum(clock.waits) < seconds:
                yield self.subject.problem(place, f"waited {sum(clock.waits)} seconds, and {seconds} were asked for")


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
