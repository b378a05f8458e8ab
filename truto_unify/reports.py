"""What a client reports of its work, through the callbacks of its settings: without secrets, ids and names.

The URL of an exchange is the one exception: it may name people, so that it is made only for whoever asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable


def _no_url() -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderWait:
    """A wait before a request to a provider.

    Attributes:
        provider: slug of the provider.
        seconds: the length of the wait.
        cause: ``budget`` (the request would exceed the provider's limits), ``asked`` (the provider asked to wait),
            ``retry`` (a request failed) or ``in_flight`` (too many requests of the account or to the host were in
            flight; this wait is reported when it is over).
    """

    provider: str
    seconds: float
    cause: Literal["budget", "asked", "retry", "in_flight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeExchange:
    """One attempt of a request to a provider, after its end.

    Attributes:
        provider: slug of the provider.
        purpose: ``call``, or ``token`` for the renewal of an access token.
        method: HTTP method; empty if the request was not built.
        attempt: counted from 1; a later one is a retry.
        status: HTTP status of the answer; None if none arrived.
        error: class name of the error; ``Cancelled`` if the caller did not wait; None for a good answer.
        unsent: why nothing was sent: ``throttled_here``, ``busy`` or ``circuit_open``; else None.
        waited: seconds until fewer requests were in flight.
        seconds: from the sending to the end of the answer.
        received_bytes: the size of the body.
        show_url: gives the URL with its query, secrets masked; without the query for a renewal. Filters in it may name
            people: it belongs on a terminal, and into no log.
    """

    provider: str
    purpose: Literal["call", "token"]
    method: str
    attempt: int
    status: int | None
    error: str | None
    unsent: str | None
    waited: float
    seconds: float
    received_bytes: int = 0
    show_url: Callable[[], str] = field(default=_no_url, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingReport:
    """What the mapping of a page, or of one record, met.

    Attributes:
        provider: slug of the provider.
        resource: unified resource, as ``ecommerce/customers``.
        record_count: the unified records.
        error_count: the faults of native records that do not fit the mapping.
        unmapped_count: values of enums that their tables lack.
        fallback_count: records that came as JSON and did not fit the byte path.
    """

    provider: str
    resource: str
    record_count: int
    error_count: int = 0
    unmapped_count: int = 0
    fallback_count: int = 0
