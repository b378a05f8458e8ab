"""Tells good answers from refusals, by the provider's declared rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify import errors
from truto_unify.engine.bodies import NotJson, in_utf8, parse_body, plain_text
from truto_unify.engine.waits import read_retry_after, read_wait
from truto_unify.expressions import Expression, is_true, search_or_null
from truto_unify.mapping.json_input import split_page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from typing_extensions import Buffer

    from truto_unify.config.authorization import OAuth2Authorization
    from truto_unify.config.error_rules import ErrorKind, ErrorRule, ErrorRules
    from truto_unify.config.provider import Endpoint, ProviderConfig
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
    509: "rate_limited",  # "Bandwidth limit exceeded" of hosting panels
}
# 501, 505, 507 and 511 say that a repetition cannot help; the others of the 5xx pass, those of gateways (520-530) too.
_LASTING = frozenset({501, 505, 507, 511})
_LONGEST_MESSAGE = 1000  # characters of a provider's message
_LONGEST_CODE = 200
_LONGEST_TEXT = 10_000  # characters of a body that is shown as text
_LARGEST_JSON = 100_000  # bytes of a body that is shown parsed


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer.

    Attributes:
        response: as it came.
        body: parsed; None for an empty one.
        records: views of its records, which are then left out of ``body``; None where they are in it.
        is_unicode: whether all text in it is known to be Unicode.
    """

    response: Response
    body: Any
    records: Sequence[Buffer] | None = None
    is_unicode: bool = False


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
    is_good = 200 <= response.status < 300
    if records_path is not None and is_good:
        failed, place = config.errors.failed, records_path[0] if records_path else None
        # A rule that looks into the records must see them.
        split = split_page(response.body, records_path) if failed is None or place not in failed.root_names else None
        if split is not None and not _is_true(failed, split[0]):
            return Answer(response, *split, is_unicode=True)
    fault: NotJson | None = None
    body: Any = None
    is_unicode = False
    try:
        body, is_unicode = parse_body(response)
    except NotJson as not_json:
        fault = not_json
    if is_good and response.status in endpoint.empty_statuses and not response.body.strip():
        return Answer(response, None)
    if is_good and (takes_any_body if fault else not _is_true(config.errors.failed, body)):
        return Answer(response, body, is_unicode=is_unicode)
    rewritten = in_utf8(response) if fault else None
    if rewritten is not None:
        return read_answer(config, endpoint, rewritten, redactor, now, label, records_path=records_path)
    return _read_refusal(config, response, body, fault, redactor, now, redactor.text(label))


def _read_refusal(
    config: ProviderConfig,
    response: Response,
    body: Any,
    fault: NotJson | None,
    redactor: Redactor,
    now: datetime,
    label: str,
) -> Refusal:
    status = _meant_status(config.errors, response.status, body)
    code = _first_text(config.errors.code, body)
    rule = _find_rule(config.errors.rules, status, code, body, is_json=fault is None)
    kind = (rule.error if rule else None) or _kind_by_status(status)
    if fault is not None and fault.is_page and not (rule and rule.is_json is False):
        kind = _kind_of_page(kind)
    message = redactor.start(_message(config.errors, response, body, fault), _LONGEST_MESSAGE)
    if rule is not None and rule.hint is not None:
        message += f"; {rule.hint}"
    error = (ERRORS[kind] if kind else errors.ProviderError)(
        f"{label}: {message}",
        status_code=response.status,
        code=redactor.start(code, _LONGEST_CODE) if code else "not_json" if fault else None,
        retry_after=_wait(config, rule, kind, response, body, now),
        raw_response=_shown_body(response, body, redactor, is_json=fault is None),
        headers={name: redactor.text(value) for name, value in response.headers},
    )
    if fault is not None and fault.is_page and status < 500:
        error.status = type(error).status  # the 404 of a web server is not that of the provider
    passing = kind == "rate_limited" or _passes(status) or (fault is not None and 200 <= response.status < 300)
    return Refusal(error, rule.retry if rule and rule.retry is not None else passing)


def read_token_answer(
    rule: OAuth2Authorization, response: Response, redactor: Redactor, now: datetime, label: str
) -> Answer | Refusal:
    """What the answer of a token endpoint means (RFC 6749, 5.2; some providers refuse inside a 200)."""
    fault: NotJson | None = None
    body: Any = None
    try:
        body, _ = parse_body(response)
    except NotJson as not_json:
        fault = not_json
    is_good = 200 <= response.status < 300
    if is_good and fault is None and not _is_true(rule.failed, body):
        return Answer(response, body)
    kind: ErrorKind = "authentication"
    if response.status == 429:
        kind = "rate_limited"
    elif response.status >= 500 or (is_good and fault):
        kind = "unavailable"
    told = body.get("error_description") or body.get("error") if isinstance(body, dict) else None
    what = plain_text(told) if isinstance(told, str) and told else errors.reason_phrase(response.status)
    if is_good and fault:
        what = f"the answer {fault}"
    waits = [read_retry_after(value, now) for name, value in response.headers if name == "retry-after"]
    code = str(body["error"]) if isinstance(body, dict) and body.get("error") else None
    error = ERRORS[kind](
        f"{redactor.text(label)}: no token: {redactor.start(what, _LONGEST_MESSAGE)} (HTTP {response.status})",
        status_code=response.status,
        code=redactor.start(code, _LONGEST_CODE) if code else None,
        retry_after=next((seconds for seconds in waits if seconds is not None), None),
        raw_response=_shown_body(response, body, redactor, is_json=fault is None),
        headers={name: redactor.text(value) for name, value in response.headers},
    )
    return Refusal(error, kind != "authentication")


def _shown_body(response: Response, body: Any, redactor: Redactor, *, is_json: bool) -> Any:
    """The body as an error shows it: parsed where it is JSON of a reasonable size, else how its text begins."""
    if is_json and len(response.body) <= _LARGEST_JSON:
        return redactor.value(body)
    start = response.body[: 8 * _LONGEST_TEXT].decode(errors="replace")
    return redactor.start(start, _LONGEST_TEXT)


def _meant_status(rules: ErrorRules, status: int, body: Any) -> int:
    """The status of the answer, or what its body says in place of a 2xx."""
    told = search_or_null(rules.status, body) if rules.status is not None and 200 <= status < 300 else None
    return told if isinstance(told, int) and not isinstance(told, bool) and 300 <= told < 600 else status


def _kind_by_status(status: int) -> ErrorKind | None:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500 or 200 <= status < 300:
        return "unavailable"  # a 2xx that is not what was promised comes from something before the provider
    return "rejected_input" if status in {400, 405, 406, 410, 412, 413, 414, 415, 422, 428} else None


def _kind_of_page(kind: ErrorKind | None) -> ErrorKind | None:
    """What an HTML page means: firewalls, web servers and themes write pages, and none of them knows a record."""
    if kind == "permission_denied":
        return "unavailable"
    return None if kind in {"not_found", "conflict", "rejected_input"} else kind


def _passes(status: int) -> bool:
    """Whether a status may be gone at the next try."""
    return status in {408, 425, 429} or (500 <= status < 600 and status not in _LASTING)


def _find_rule(
    rules: tuple[ErrorRule, ...], status: int, code: str | None, body: Any, *, is_json: bool
) -> ErrorRule | None:
    for rule in rules:
        statuses = rule.status if isinstance(rule.status, tuple) else (rule.status,)
        codes = rule.code if isinstance(rule.code, tuple) else (rule.code,)
        if rule.status is not None and status not in statuses:
            continue
        if rule.code is not None and code not in codes:
            continue
        if rule.is_json is not None and rule.is_json is not is_json:
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


def _message(rules: ErrorRules, response: Response, body: Any, fault: NotJson | None) -> str:
    words = plain_text(_first_text(rules.message, body) or "")
    if words:
        return f"{words} (HTTP {response.status})"
    if 300 <= response.status < 400:
        target = next((value for name, value in response.headers if name == "location"), "another address")
        return f"the answer is a redirect to {target.partition('?')[0]} (HTTP {response.status}); use that address"
    if fault is not None:
        return f"the answer {fault} (HTTP {response.status})"
    if 200 <= response.status < 300 and rules.failed is not None:
        return f"the answer counts as an error, by the rule {rules.failed.text} (HTTP {response.status})"
    return f"{errors.reason_phrase(response.status)} (HTTP {response.status})"


def _wait(
    config: ProviderConfig, rule: ErrorRule | None, kind: ErrorKind | None, response: Response, body: Any, now: datetime
) -> float | None:
    """Seconds to wait, for refusals that pass: what the answer says, else what the provider's file says."""
    if kind not in {"rate_limited", "unavailable"}:
        return None
    seconds = read_wait(config.rate_limit, response, body, now)
    if seconds is None and rule is not None:
        seconds = rule.wait
    return config.rate_limit.default_wait if seconds is None and kind == "rate_limited" else seconds
