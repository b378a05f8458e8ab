"""Classifies answers as good answers or refusals, by the provider's declared rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from truto_unify import errors
from truto_unify.engine.answer_formats import in_json
from truto_unify.engine.bodies import UnreadableBody, in_utf8, parse_body, plain_text
from truto_unify.engine.stored_budget import MAX_WAIT_SECONDS
from truto_unify.engine.token_secrets import fresh_tokens
from truto_unify.engine.waits import read_retry_after, read_wait
from truto_unify.expressions import Expression, is_true, parse_expression, search_or_null
from truto_unify.mapping.json_input import split_page, to_strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from typing_extensions import Buffer

    from truto_unify.config.authorization import TokenAuthorization
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
# A retry cannot help after 501, 505, 507 or 511. Any other 5xx is transient, those of gateways (520-530) included.
_PERMANENT = frozenset({501, 505, 507, 511})
# https://www.rfc-editor.org/rfc/rfc6749#section-5.2
_REFUSED_CREDENTIALS = frozenset({"invalid_client", "invalid_grant", "unauthorized_client"})
_TOKEN_CODE = (parse_expression("error"),)
_TOKEN_MESSAGE = (parse_expression("error_description"), *_TOKEN_CODE)
_NO_REASON = frozenset({"success", "ok"})
"""What an answer that counts as an error may say all the same."""
_MAX_MESSAGE_CHARS = 1000  # characters of a provider's message
_MAX_CODE_CHARS = 200
_MAX_TEXT_CHARS = 10_000  # characters of a body that is shown as text
_MAX_JSON_BYTES = 100_000  # bytes of a body that is shown parsed


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer.

    Attributes:
        response: the HTTP response.
        body: its parsed body; None if it is empty.
        records: views of its records, which ``body`` then lacks; None if ``body`` holds them.
        is_unicode: whether all text in it is known to be Unicode.
    """

    response: Response
    body: Any
    records: Sequence[Buffer] | None = None
    is_unicode: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal: its error, and whether it is transient, so that a retry may help."""

    error: errors.ProviderError
    is_transient: bool


def read_answer(
    config: ProviderConfig,
    endpoint: Endpoint,
    response: Response,
    redactor: Redactor,
    now: datetime,
    label: str,
    *,
    takes_any_body: bool = False,
    list_path: tuple[str, ...] | None = None,
) -> Answer | Refusal:
    """Classifies an HTTP response.

    Args:
        config: the provider's rules.
        endpoint: the native call.
        response: the response.
        redactor: removes the account's secrets from the error.
        now: the present moment, for ``Retry-After`` dates.
        label: provider and call, for the start of messages; this function removes its secrets.
        takes_any_body: whether a good answer need not be JSON.
        list_path: the path of the records, if the caller needs their bytes.
    """
    reader = _Reader(config, endpoint, redactor, now, label, takes_any_body, list_path)
    return reader.read(response)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Classifies the responses to a call; the attributes are the arguments of ``read_answer``."""

    config: ProviderConfig
    endpoint: Endpoint
    redactor: Redactor
    now: datetime
    label: str
    takes_any_body: bool
    list_path: tuple[str, ...] | None

    def read(self, response: Response) -> Answer | Refusal:
        # A native call gives good answers as they are.
        is_kept = self.takes_any_body and 200 <= response.status < 300
        if not is_kept and response.status not in self.endpoint.empty_statuses:
            try:
                response = self._in_json(response)
            except UnreadableBody as fault:
                return self._refuse(_Reading(response, fault=fault))
        return self._read_json(response)

    def _in_json(self, response: Response) -> Response:
        """The response in JSON; text in another encoding than UTF-8 is tried in the one that its header announces."""
        try:
            return in_json(self.endpoint, response)
        except UnreadableBody:
            rewritten = in_utf8(response)
            if rewritten is None:
                raise
            return in_json(self.endpoint, rewritten)

    def _read_json(self, response: Response) -> Answer | Refusal:
        """As ``read``, for a response in JSON."""
        if response.status in self.endpoint.empty_statuses and (response.status >= 300 or not response.body.strip()):
            return Answer(response, None)
        is_good = 200 <= response.status < 300
        error_when = self.config.errors.error_when
        split = self._split(response) if is_good else None
        if split is not None and not _is_true(error_when, split[0]):
            return Answer(response, *split, is_unicode=True)
        reading = _read(response)
        strict = to_strict_json(response.body) if reading.fault is None and not reading.is_strict else None
        if strict is not None:
            return self._read_json(replace(response, body=strict))
        if is_good and (self.takes_any_body if reading.fault else not _is_true(error_when, reading.body)):
            return Answer(response, reading.body, is_unicode=reading.is_strict)
        rewritten = in_utf8(response) if reading.fault else None
        return self._refuse(reading) if rewritten is None else self._read_json(rewritten)

    def _split(self, response: Response) -> tuple[Any, Sequence[Buffer]] | None:
        """The body without its records, and views of them; None if the caller or a rule needs them in the body."""
        path, error_when = self.list_path, self.config.errors.error_when
        if path is None or (error_when is not None and (path[0] if path else None) in error_when.root_names):
            return None
        return split_page(response.body, path)

    def _refuse(self, reading: _Reading) -> Refusal:
        """The refusal that an answer is, by the provider's rules."""
        response, rules, rate_limit = reading.response, self.config.errors, self.config.rate_limit
        status = _effective_status(rules, response.status, reading.body)
        code = _first_text(rules.code, reading.body)
        rule = _find_rule(rules.rules, status, code, reading)
        kind = (rule.error if rule else None) or _kind_by_status(status)
        if reading.is_page and not (rule and rule.body in {"not_json", "page"} and rule.error):
            kind = _kind_of_page(kind)
        refused = _Refused(status, kind, code, _message(rules, reading), rule)
        if kind in {"rate_limited", "unavailable"}:
            refused.wait = read_wait(rate_limit, response, reading.body, self.now)
        if refused.wait is None and kind == "rate_limited" and not (rule and rule.wait is not None):
            refused.wait = rate_limit.default_wait
        return _make_refusal(reading, refused, self.redactor, self.label)


def read_token_answer(
    rule: TokenAuthorization, response: Response, redactor: Redactor, now: datetime, label: str
) -> Answer | Refusal:
    """Classifies the answer of a token endpoint (RFC 6749, 5.2); some providers refuse with a status of 200."""
    reading = _read(response)
    body, is_good = reading.body, 200 <= response.status < 300
    is_readable = reading.fault is None or rule.token_path is None  # a login page may answer with a cookie
    if is_good and is_readable and not _is_true(rule.error_when, body):
        return Answer(response, body)
    redactor = redactor.adding(*fresh_tokens(rule, response, body))
    code = _first_text(rule.code or _TOKEN_CODE, body)
    row = _find_rule(rule.rules, response.status, code, reading)
    kind = (row.error if row else None) or _kind_of_token_refusal(response.status, code, reading)
    words = _first_text(rule.message or _TOKEN_MESSAGE, body)
    if not words:
        words = f"the answer {reading.fault}" if reading.fault else errors.reason_phrase(response.status)
    refused = _Refused(
        response.status,
        kind,
        code,
        f"no token: {plain_text(words[: 10 * _MAX_MESSAGE_CHARS])} (HTTP {response.status})",
        row,
    )
    waits = [read_retry_after(value, now) for name, value in response.headers if name == "retry-after"]
    refused.wait = next((seconds for seconds in waits if seconds is not None), None)
    return _make_refusal(reading, refused, redactor, label)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A response with its parsed body, or with the fault of a body that is not JSON."""

    response: Response
    body: Any = None
    is_strict: bool = False
    fault: UnreadableBody | None = None

    @property
    def is_page(self) -> bool:
        """Whether the body is an HTML page."""
        return self.fault is not None and self.fault.is_page


@dataclass(slots=True)
class _Refused:
    """The meaning and the message of a refusal."""

    status: int
    kind: ErrorKind | None
    code: str | None
    message: str
    rule: ErrorRule | None
    wait: float | None = None


def _read(response: Response) -> _Reading:
    try:
        return _Reading(response, *parse_body(response))
    except UnreadableBody as fault:
        return _Reading(response, fault=fault)


def _make_refusal(reading: _Reading, refused: _Refused, redactor: Redactor, label: str) -> Refusal:
    response, rule, kind = reading.response, refused.rule, refused.kind
    message = redactor.start(refused.message, _MAX_MESSAGE_CHARS)
    if rule is not None and rule.hint is not None:
        message += f"; {rule.hint}"
    default_code = "not_json" if reading.fault else None
    wait = rule.wait if refused.wait is None and rule is not None else refused.wait
    error = (ERRORS[kind] if kind else errors.ProviderError)(
        f"{redactor.text(label)}: {message}",
        status_code=response.status,
        code=redactor.start(refused.code, _MAX_CODE_CHARS) if refused.code else default_code,
        retry_after=None if wait is None else min(wait, MAX_WAIT_SECONDS),
        raw_response=_shown_body(reading, redactor),
        headers={name: redactor.text(value) for name, value in response.headers},
    )
    error.is_page_too_costly = rule is not None and rule.smaller_page is True
    if reading.is_page and refused.status < 500:
        error.status = type(error).status  # the 404 of a web server is not a 404 of the provider
    is_transient = kind == "rate_limited" or _is_transient(refused.status)
    if reading.fault is not None and 200 <= response.status < 300:
        is_transient = True
    return Refusal(error, rule.retry if rule is not None and rule.retry is not None else is_transient)


def _shown_body(reading: _Reading, redactor: Redactor) -> Any:
    """The body for an error: parsed if it is JSON of moderate size, else the beginning of its text."""
    if reading.fault is None and len(reading.response.body) <= _MAX_JSON_BYTES:
        return redactor.value(reading.body)
    start = reading.response.body[: 8 * _MAX_TEXT_CHARS].decode(errors="replace")
    return redactor.start(start, _MAX_TEXT_CHARS)


def _effective_status(rules: ErrorRules, status: int, body: Any) -> int:
    """The status of the answer; instead of a 2xx, the error status that its body states."""
    stated = search_or_null(rules.status, body) if rules.status is not None and 200 <= status < 300 else None
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and 300 <= stated < 600 else status


def _kind_by_status(status: int) -> ErrorKind | None:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500 or 200 <= status < 300:
        return "unavailable"  # an unexpected 2xx comes from a proxy in front of the provider
    return "rejected_input" if status in {400, 405, 406, 410, 412, 413, 414, 415, 422, 428} else None


def _kind_of_page(kind: ErrorKind | None) -> ErrorKind | None:
    """The kind of an error that came as an HTML page: firewalls, web servers and themes know nothing of records."""
    if kind == "permission_denied":
        return "unavailable"
    return None if kind in {"not_found", "conflict", "rejected_input"} else kind


def _kind_of_token_refusal(status: int, code: str | None, reading: _Reading) -> ErrorKind | None:
    """The kind of a token endpoint's refusal; a gateway, a quota or a wrong address says nothing about credentials."""
    if code in _REFUSED_CREDENTIALS or (status == 401 and not reading.is_page):
        return "authentication"
    kind = _kind_by_status(status)
    if reading.is_page and kind != "rate_limited":
        return "unavailable"
    if 200 <= status < 300 and reading.fault is None:
        return None
    return None if kind == "not_found" else kind


def _is_transient(status: int) -> bool:
    """Whether a retry may succeed after this status."""
    return status in {408, 425, 429} or (500 <= status < 600 and status not in _PERMANENT)


def _find_rule(rules: tuple[ErrorRule, ...], status: int, code: str | None, reading: _Reading) -> ErrorRule | None:
    for rule in rules:
        statuses = rule.status if isinstance(rule.status, tuple) else (rule.status,)
        codes = rule.code if isinstance(rule.code, tuple) else (rule.code,)
        if rule.status is not None and status not in statuses:
            continue
        if rule.code is not None and code not in codes:
            continue
        if rule.body is not None and not _is_body(rule.body, reading):
            continue
        if rule.when is None or _is_true(rule.when, reading.body):
            return rule
    return None


def _is_body(kind: str, reading: _Reading) -> bool:
    if kind == "page":
        return reading.is_page
    return (kind == "json") is (reading.fault is None)


def _is_true(expression: Expression | None, body: Any) -> bool:
    return expression is not None and is_true(expression, body)


def _first_text(expressions: tuple[Expression, ...], body: Any) -> str | None:
    for expression in expressions:
        value = search_or_null(expression, body)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def _message(rules: ErrorRules, reading: _Reading) -> str:
    status, headers = reading.response.status, reading.response.headers
    words = plain_text((_first_text(rules.message, reading.body) or "")[: 10 * _MAX_MESSAGE_CHARS])
    if words and not (200 <= status < 300 and words.casefold() in _NO_REASON):
        return f"{words} (HTTP {status})"
    if 300 <= status < 400:
        target = next((value for name, value in headers if name == "location"), "another address")
        return f"the answer is a redirect to {target.partition('?')[0]} (HTTP {status}); use that address"
    if reading.fault is not None:
        return f"the answer {reading.fault} (HTTP {status})"
    if 200 <= status < 300 and rules.error_when is not None:
        return f"the answer counts as an error, by the rule {rules.error_when.text} (HTTP {status})"
    return f"{errors.reason_phrase(status)} (HTTP {status})"
