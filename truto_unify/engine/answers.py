"""Tells good answers from refusals, by the provider's declared rules, and reads how long to wait."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from truto_unify import errors
from truto_unify.compiler.page import split_page
from truto_unify.engine.numbers import read_number
from truto_unify.expressions import Expression, is_true, search_or_null

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Buffer

    from truto_unify.config.authorization import OAuth2Authorization
    from truto_unify.config.provider import Endpoint, ErrorKind, ErrorRule, ProviderConfig
    from truto_unify.redaction import Redactor
    from truto_unify.types import Response

ERRORS: Mapping[ErrorKind, type[errors.ProviderError]] = {
    "authentication": errors.AuthenticationError,
    "permission_denied": errors.PermissionDeniedError,
    "not_found": errors.NotFoundError,
    "conflict": errors.ConflictError,
    "rejected_input": errors.RejectedInputError,
    "rate_limited": errors.RateLimitedError,
    "unavailable": errors.ProviderUnavailableError,
}
_BY_STATUS: Mapping[int, ErrorKind] = {
    401: "authentication",
    403: "permission_denied",
    404: "not_found",
    409: "conflict",
    429: "rate_limited",
}
# 501, 505 and 507 say that a repetition cannot help; the others of the 5xx pass.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_SHOWN = 10_000  # characters of a body that is not JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer.

    Attributes:
        response: as it came.
        body: parsed; None for an empty one.
        records: views of its records, which are then left out of ``body``; None where they are in it.
    """

    response: Response
    body: Any
    records: Sequence[Buffer] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: the error it becomes, and whether another try may help."""

    error: errors.ProviderError
    is_passing: bool


def read_answer(
    config: ProviderConfig,
    endpoint: Endpoint,
    response: Response,
    redactor: Redactor,
    now: datetime,
    label: str,
    *,
    takes_any_body: bool = False,
    records_path: tuple[str, ...] | None = None,
) -> Answer | Refusal:
    """What an HTTP response means.

    Args:
        config: the provider's rules.
        endpoint: the native call.
        response: the response.
        redactor: takes the account's secrets out of what the error shows.
        now: for ``Retry-After`` dates.
        label: provider and call, at the head of messages; its secrets are taken out here.
        takes_any_body: whether a good answer may hold something else than JSON.
        records_path: where the answer holds records of which the bytes are wanted.
    """
    if response.status in endpoint.empty_statuses and (response.status >= 300 or not response.body.strip()):
        return Answer(response, None)
    if records_path is not None and 200 <= response.status < 300:
        failed, place = config.errors.failed, records_path[0] if records_path else None
        # A rule that looks into the records must see them.
        split = split_page(response.body, records_path) if failed is None or place not in failed.root_names else None
        if split is not None and not _is_true(failed, split[0]):
            return Answer(response, *split)
    is_json, body = _parse(response.body)
    is_good = not _is_true(config.errors.failed, body) if is_json else takes_any_body
    if 200 <= response.status < 300 and is_good:
        return Answer(response, body)
    shown = redactor.value(body) if is_json else _shown_text(response, redactor)
    code = redactor.text(_first_text(config.errors.code, body) or "") or None
    rule = _find_rule(config.errors.rules, response.status, code, body)
    kind = rule.error if rule else _kind_by_status(response.status)
    error_class = ERRORS[kind] if kind else errors.ProviderError
    message = redactor.text(_message(config, body, response, is_json=is_json))
    wait = _wait(config, body, response, now) if kind in {"rate_limited", "unavailable"} else None
    if wait is None and kind == "rate_limited":
        wait = config.rate_limit.default_wait
    error = error_class(
        f"{redactor.text(label)}: {message}",
        status_code=response.status,
        code=code if code or is_json else "not_json",
        retry_after=wait,
        raw_response=shown,
        headers={name: redactor.text(value) for name, value in response.headers},
    )
    passing = kind in {"rate_limited"} or response.status in _PASSING
    return Refusal(error, rule.retry if rule and rule.retry is not None else passing)


def read_token_answer(
    rule: OAuth2Authorization, response: Response, redactor: Redactor, now: datetime, label: str
) -> Answer | Refusal:
    """What the answer of a token endpoint means (RFC 6749, 5.2; some providers refuse inside a 200)."""
    is_json, body = _parse(response.body)
    if 200 <= response.status < 300 and is_json and not _is_true(rule.failed, body):
        return Answer(response, body)
    kind: ErrorKind = "authentication"
    if response.status == 429:
        kind = "rate_limited"
    elif response.status >= 500 or (200 <= response.status < 300 and not is_json):
        kind = "unavailable"
    told = body.get("error_description") or body.get("error") if isinstance(body, dict) else None
    what = told if isinstance(told, str) and told else errors.reason_phrase(response.status)
    if 200 <= response.status < 300 and not is_json:
        what = f"the answer holds {_instead_of_json(response)}"
    waits = [read_retry_after(value, now) for name, value in response.headers if name == "retry-after"]
    error = ERRORS[kind](
        redactor.text(f"{label}: no token: {what} (HTTP {response.status})"),
        status_code=response.status,
        code=redactor.text(str(body["error"])) if isinstance(body, dict) and body.get("error") else None,
        retry_after=next((seconds for seconds in waits if seconds is not None), None),
        raw_response=redactor.value(body) if is_json else _shown_text(response, redactor),
        headers={name: redactor.text(value) for name, value in response.headers},
    )
    return Refusal(error, kind != "authentication")


def _shown_text(response: Response, redactor: Redactor) -> str:
    # Redacted first: a cut through a secret would leave a piece that nobody recognizes.
    return redactor.text(response.body.decode(errors="replace"))[:_SHOWN]


def _parse(body: bytes) -> tuple[bool, Any]:
    try:
        return True, json.loads(body)
    except (ValueError, RecursionError):
        return False, None


def _kind_by_status(status: int) -> ErrorKind | None:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500 or 200 <= status < 300:
        return "unavailable"  # a 2xx that is not what was promised comes from something before the provider
    return "rejected_input" if status in {400, 405, 406, 410, 412, 413, 414, 415, 422, 428} else None


def _find_rule(rules: tuple[ErrorRule, ...], status: int, code: str | None, body: Any) -> ErrorRule | None:
    for rule in rules:
        statuses = rule.status if isinstance(rule.status, tuple) else (rule.status,)
        codes = rule.code if isinstance(rule.code, tuple) else (rule.code,)
        if rule.status is not None and status not in statuses:
            continue
        if rule.code is not None and code not in codes:
            continue
        if rule.when is None or _is_true(rule.when, body):
            return rule
    return None


def _is_true(expression: Expression | None, body: Any) -> bool:
    return expression is not None and is_true(expression, body)


def _first_text(expressions: tuple[Expression, ...], body: Any) -> str | None:
    for expression in expressions:
        value = search_or_null(expression, body)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def _message(config: ProviderConfig, body: Any, response: Response, *, is_json: bool) -> str:
    told = _first_text(config.errors.message, body)
    if told:
        return f"{told} (HTTP {response.status})"
    if 300 <= response.status < 400:
        target = next((value for name, value in response.headers if name == "location"), "another address")
        return f"the answer is a redirect to {target.partition('?')[0]} (HTTP {response.status}); use that address"
    if not is_json:
        return f"the answer holds {_instead_of_json(response)} (HTTP {response.status})"
    return f"{errors.reason_phrase(response.status)} (HTTP {response.status})"


def _instead_of_json(response: Response) -> str:
    return "an empty body" if not response.body.strip() else f"{_content_type(response)} instead of JSON"


def _content_type(response: Response) -> str:
    value = next((value for name, value in response.headers if name == "content-type"), "")
    return value.partition(";")[0].strip() or "something"


def _wait(config: ProviderConfig, body: Any, response: Response, now: datetime) -> float | None:
    """Seconds to wait: the longest of what headers and body say."""
    told: list[float | None] = [
        read_retry_after(value, now) for name, value in response.headers if name == "retry-after"
    ]
    for header in config.rate_limit.headers:
        for name, value in response.headers:
            if name == header.name.lower():
                number = read_number(value)
                told.append(number / 1000 if number is not None and header.unit == "milliseconds" else number)
    if config.rate_limit.wait is not None:
        told.append(read_number(search_or_null(config.rate_limit.wait, body)))
    known = [seconds for seconds in told if seconds is not None]
    return max(*known, config.rate_limit.minimum_wait) if known else None


def read_retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: an integer, a decimal or an HTTP date (RFC 9110, 10.2.3).

    >>> read_retry_after("2.0", datetime(2026, 1, 1, tzinfo=UTC))
    2.0
    >>> read_retry_after("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    """
    number = read_number(value)
    if number is not None:
        return number
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
