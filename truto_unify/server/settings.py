"""Settings of the service; each has a default."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite

from truto_unify.errors import InvalidSetting
from truto_unify.types import Limits

PREFIX = "TRUTO_UNIFY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """Limits of the HTTP service.

    Attributes:
        max_body: bytes of a request body.
        max_target: bytes of path and query together.
        max_headers: bytes of all header names and values.
        header_seconds: the time limit of the headers of a request.
        request_seconds: the time limit of a request until its response begins.
        provider_seconds: the time limit of a native request with its retries, and of the further pages of a list.
        max_in_flight_per_account: requests of an account that are sent at the same time.
        max_in_flight_per_host: requests to a host that are sent at the same time, for all accounts.
        breaker_failures: failures in a row after which a host is not called for an account.
        breaker_max_pause: the maximum seconds until it is tried again.
        max_answer: bytes of a provider's answer, compressed or not.
        max_answer_values: JSON values of a provider's answer.
        provider_wait: the maximum of one wait for a provider; a longer one is an error with ``Retry-After``.
        batch_calls: most unified and proxy calls of a batch request.
        batch_records: most records of a batch request.
        drain_seconds: how long running requests may go on after a stop signal.
    """

    max_body: int = 1024 * 1024
    max_target: int = 16 * 1024
    max_headers: int = 32 * 1024
    max_answer: int = Limits().max_body
    max_answer_values: int = Limits().max_values
    header_seconds: float = 15.0
    request_seconds: float = 120.0
    provider_seconds: float = 60.0
    max_in_flight_per_account: int = 10
    max_in_flight_per_host: int = 50
    breaker_failures: int = 5
    breaker_max_pause: float = 60.0
    provider_wait: float = 10.0
    batch_calls: int = 200
    batch_records: int = 25_000
    drain_seconds: float = 30.0


def read_settings(environment: Mapping[str, str]) -> ServiceSettings:
    """Reads the settings from environment variables, one for each: ``TRUTO_UNIFY_MAX_BODY=65536``.

    >>> read_settings({"TRUTO_UNIFY_MAX_BODY": "65536"}).max_body
    65536

    Raises:
        InvalidSetting: a variable is not a number above zero.
    """
    settings = ServiceSettings()
    for setting in fields(ServiceSettings):
        name = PREFIX + setting.name.upper()
        text = environment.get(name, "").strip()
        if text:
            kind = type(getattr(settings, setting.name))
            try:
                value = kind(text)
            except ValueError:
                value = kind(0)
            if not (isfinite(value) and value > 0):
                form = "whole number" if kind is int else "number"
                raise InvalidSetting(f"{name} must be a {form} above 0, for example {getattr(settings, setting.name)}")
            settings = replace(settings, **{setting.name: value})
    return settings


def cursor_key(secret_keys: str) -> bytes:
    """The key that seals cursors, from the first of the secret keys; after a rotation older cursors are refused."""
    first = secret_keys.partition(",")[0].strip()
    return hmac.new(first.encode(), b"truto_unify cursors", hashlib.sha256).digest()
