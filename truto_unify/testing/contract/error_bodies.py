"""Builds error bodies that a provider's error rules match, from the paths and constants of their expressions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.engine.answers import ERRORS
from truto_unify.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
)
from truto_unify.expressions import is_true, search_or_null
from truto_unify.testing.native_json import literals_in, paths_in, replace_node, whole_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from truto_unify.config.error_rules import ErrorRule, ErrorRules
    from truto_unify.expressions import Expression

_BY_STATUS: dict[int, type[ProviderError]] = {
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    429: RateLimitedError,
    509: RateLimitedError,
    **dict.fromkeys((400, 405, 406, 410, 412, 413, 414, 415, 422, 428), RejectedInputError),
}
_FOR_PAGES: dict[type[ProviderError], type[ProviderError]] = {
    PermissionDeniedError: ProviderUnavailableError,
    NotFoundError: ProviderError,
    ConflictError: ProviderError,
    RejectedInputError: ProviderError,
}
BodyKind = Literal["json", "not_json", "page"]
"""A page is HTML, as a firewall or a proxy sends."""
_TRUE_VALUES: tuple[Any, ...] = (True, 1, "contract", ["contract"], {"contract": 1}, [{"contract": 1}], -1)
_FALSE_VALUES: tuple[Any, ...] = (None, False, 0, "", [])


@dataclass(frozen=True)
class ErrorSample:
    """An error answer of the provider, with the kind of error that it must become.

    Attributes:
        status: the HTTP status.
        body: the parsed body; None if it is empty.
        error: a kind of the error rules, such as ``rate_limited``.
        headers: the headers of the answer.
    """

    status: int
    body: Any
    error: str
    headers: tuple[tuple[str, str], ...] = ()


def read_error_samples(folder: Path, slug: str) -> list[ErrorSample]:
    """Refusals of a provider, from ``errors.json`` beside its samples; empty without such a file."""
    file = folder / slug / "errors.json"
    rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return [
        ErrorSample(row["status"], row.get("body"), row["error"], tuple((row.get("headers") or {}).items()))
        for row in rows
    ]


def expected_class(rules: ErrorRules, status: int, body: Any, kind: BodyKind = "json") -> type[ProviderError]:
    """The error that an answer must become: that of the first matching rule, or that of the status.

    Args:
        rules: the error rules of the provider.
        status: the HTTP status.
        body: the parsed body; None if it is not JSON.
        kind: the form of the body.
    """
    rule = first_rule(rules, status, body, kind)
    if rule is not None and rule.error is not None:
        wanted = ERRORS[rule.error]
    else:
        is_outage = status >= 500 or 200 <= status < 300
        wanted = _BY_STATUS.get(status, ProviderUnavailableError if is_outage else ProviderError)
    has_page_rule = rule is not None and rule.error is not None and rule.body in {"not_json", "page"}
    # A page comes from a firewall or a proxy, which does not know the record and does not check the input.
    return _FOR_PAGES.get(wanted, wanted) if kind == "page" and not has_page_rule else wanted


def first_rule(rules: ErrorRules, status: int, body: Any, kind: BodyKind = "json") -> ErrorRule | None:
    """The first declared rule whose conditions all hold; None if there is none.

    Args:
        rules: the error rules of the provider.
        status: the HTTP status.
        body: the parsed body; None if it is not JSON.
        kind: the form of the body.
    """
    code = read_code(rules, body)
    for rule in rules.rules:
        statuses = rule.status if isinstance(rule.status, tuple) else (rule.status,)
        codes = rule.code if isinstance(rule.code, tuple) else (rule.code,)
        fits_status = rule.status is None or status in statuses
        fits_code = rule.code is None or code in codes
        fits_form = rule.body in {None, kind} or (rule.body == "not_json" and kind == "page")
        if fits_status and fits_code and fits_form and (rule.when is None or is_true(rule.when, body)):
            return rule
    return None


def read_code(rules: ErrorRules, body: Any) -> str | None:
    """The provider's error code in this body."""
    for expression in rules.code:
        value = search_or_null(expression, body)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return None


def error_body(rules: ErrorRules, message: str) -> Any:
    """A body that holds the message at the provider's path."""
    for expression in rules.message:
        for path in paths_in(expression.text):
            body = replace_node(None, path, message)
            if str(search_or_null(expression, body) or "").find(message) >= 0:
                return body
    return {"message": message}


def rule_answers(rules: ErrorRules, rule: ErrorRule, message: str) -> Iterator[tuple[int, Any]]:
    """(status, body) pairs that this rule alone matches; empty if no body can be derived from its conditions."""
    statuses = rule.status if isinstance(rule.status, tuple) else (rule.status or 400,)
    codes = rule.code if isinstance(rule.code, tuple) else (rule.code,)
    for code in codes:
        for status in statuses:
            body = next(_bodies(rules, rule, status, code, message), None)
            if body is not None:
                yield status, body


def _bodies(rules: ErrorRules, rule: ErrorRule, status: int, code: str | None, message: str) -> Iterator[Any]:
    plain = error_body(rules, message)
    coded: list[Any] = [plain, {}] if code is None else list(_with_code(rules, (plain, {}), code))
    errors_as_success = rules.error_when if 200 <= status < 300 else None
    wanted = [condition for condition in (rule.when, errors_as_success) if condition is not None]
    for body in coded:
        for fitting in _fulfilling(body, wanted):
            if first_rule(rules, status, fitting) is rule and (code is None or read_code(rules, fitting) == code):
                yield fitting


def _with_code(rules: ErrorRules, bodies: tuple[Any, ...], code: str) -> Iterator[Any]:
    values: list[Any] = [code, int(code)] if code.lstrip("-").isdecimal() else [code]
    for body, expression, value in product(bodies, rules.code, values):
        path = whole_path(expression.text)
        for place in [path] if path else paths_in(expression.text):
            changed = replace_node(body, place, value)
            if read_code(rules, changed) == code:
                yield changed


def _fulfilling(body: Any, wanted: list[Expression]) -> Iterator[Any]:
    """The body, and changed copies of it, for which all these conditions are true."""
    if all(is_true(condition, body) for condition in wanted):
        yield body
        return
    paths = list(dict.fromkeys(path for condition in wanted for path in paths_in(condition.text)))
    values = (*(value for condition in wanted for value in literals_in(condition.text)), *_TRUE_VALUES)
    for path, value in product(paths, values):
        changed = replace_node(body, path, value)
        if all(is_true(condition, changed) for condition in wanted):
            yield changed


def good_body(rules: ErrorRules, body: Any) -> Any:
    """The body, changed so that it does not look like an error, for example with ``code: 0``.

    Raises:
        AssertionError: no change has that effect.
    """
    if rules.error_when is None or not is_true(rules.error_when, body):
        return body
    values = (*literals_in(rules.error_when.text), *_FALSE_VALUES)
    for path, value in product(paths_in(rules.error_when.text), values):
        changed = replace_node(body, path, value)
        if not is_true(rules.error_when, changed):
            return changed
    raise AssertionError(f"errors.error_when: no changed body makes {rules.error_when.text!r} false")
