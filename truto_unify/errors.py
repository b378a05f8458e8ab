"""Every error this package raises, as one tree.

UnifyError                        everything below; ``.retryable``, ``.to_dict()``
├─ ConfigError            exit 2  a file is wrong: ``.problems``, each with file, line and column
│  └─ InvalidEnvironment          a proxy, a certificate or a package of the environment cannot be used
├─ CallError        400,  exit 3  the call is wrong, raised before anything is sent
│  ├─ UnknownProvider      404
│  ├─ UnknownResource      404
│  ├─ UnsupportedMethod    405
│  ├─ UnsupportedParameter 400    says what is supported
│  ├─ InvalidInput         400
│  │  ├─ ForbiddenParameter       a parameter that would change method, meaning or account of a request
│  │  └─ InvalidId          404    no record of this provider can have this id
│  ├─ WriteRefused         403    the call would write, where it may only read
│  ├─ InvalidCursor        400
│  ├─ MissingCredential    400
│  ├─ ForbiddenAddress     400    the account leads to an address that requests may not reach
│  └─ UnusableClient       500    the client is closed, or belongs to another process or event loop
├─ ProviderError    502,  exit 4  the provider refused; its own status if it has one
│  ├─ AuthenticationError  401
│  ├─ PermissionDeniedError 403
│  ├─ NotFoundError        404
│  ├─ ConflictError        409
│  ├─ RejectedInputError   400/422
│  ├─ RateLimitedError     429    retryable
│  └─ ProviderUnavailableError 5xx retryable
├─ TransportError   502,  exit 5  no answer: DNS, TLS, time-out, too large
├─ MappingError     500,  exit 6  an answer broke the mapping
└─ ServiceError     500,  exit 3  of the service itself: callers, settings, storage
   ├─ InvalidSetting       500,  exit 2: a database URL, a secret key
   ├─ StorageError         503,  exit 5: the database is away, or not of this version; retryable
   ├─ Unauthenticated      401    no valid token
   ├─ Forbidden            403    the token may not do this
   │  └─ ForbiddenDestination     credentials would go to a host that is not theirs
   ├─ NotVisible           404    the caller's environment has no such object
   ├─ OutdatedVersion      409    another caller changed it meanwhile
   ├─ InvalidOverride      422    ``.problems``, as of a mapping file
   └─ AccountBlocked       503    the operator of the service blocked the account
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class UnifyError(Exception):
    """The root of the tree.

    Attributes:
        status: HTTP status code that the service answers with.
        exit_code: exit code of the command line.
        retryable: whether the same call may succeed later without a change.
        security_event: the name under which the service logs it as a security event; None for other errors.
    """

    status: int = 500
    exit_code: ClassVar[int] = 1
    retryable: bool = False
    security_event: str | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle their positional arguments alone, and some constructors take keywords.
        return _revive, (type(self), self.args), self.__dict__

    def to_dict(self) -> dict[str, Any]:
        """The HTTP error body (``statusCode``, ``error``, ``message``), free of secrets."""
        return {"statusCode": self.status, "error": reason_phrase(self.status), "message": self.message}


def _revive(kind: type[UnifyError], args: tuple[Any, ...]) -> UnifyError:
    return kind.__new__(kind, *args)


def reason_phrase(status: int) -> str:
    """The canonical reason phrase of an HTTP status code; "Error" for an unregistered code.

    >>> reason_phrase(404)
    'Not Found'
    """
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a configuration file: where, what, and what would work.

    Attributes:
        file: its name, as the author would write it.
        line: counted from 1.
        column: counted from 1.
        message: what is wrong and what would work.
        snippet: the line with a caret under the character; may be empty.
        rule: the kind of fault, see ``config.rules``; it stays the same if the message changes.
        is_warning: whether the file works, though probably not as meant.
        has_line: whether it is about a line, and not about a whole file or folder.
    """

    file: str
    line: int
    column: int
    message: str
    snippet: str = ""
    rule: str = field(default="", compare=False)
    is_warning: bool = field(default=False, compare=False)
    has_line: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        kind = "warning: " if self.is_warning else ""
        place = f"{self.file}:{self.line}:{self.column}" if self.has_line else self.file
        head = f"{place}: {kind}{self.message}"
        return f"{head}\n{self.snippet}" if self.snippet else head


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems by file, line and column."""
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column, problem.message))


_MAX_SHOWN_PROBLEMS = 50


def _first_lines(problems: list[Problem], show: Callable[[Problem], str] = str) -> list[str]:
    """A text for each of the first problems, and how many more there are."""
    more = len(problems) - _MAX_SHOWN_PROBLEMS
    return [*map(show, problems[:_MAX_SHOWN_PROBLEMS]), *([f"and {more} more"] if more > 0 else [])]


class ConfigError(UnifyError):
    """A provider or mapping file is wrong. All problems are reported at once.

    Attributes:
        problems: each with file, line and column, in the order of the files.
    """

    exit_code = 2

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = in_file_order(problems)
        super().__init__("\n".join(_first_lines(self.problems)))


class InvalidEnvironment(ConfigError):
    """A proxy or certificate that a variable names cannot be used, or a package is missing; ``.problems`` is empty."""

    def __init__(self, message: str) -> None:
        super().__init__([])
        self.args = (message,)
        self.message = message


class CallError(UnifyError):
    """The call itself is wrong; nothing was sent."""

    status = 400
    exit_code = 3


class UnknownProvider(CallError):
    """No configuration describes this provider."""

    status = 404


class UnknownResource(CallError):
    """The provider has no mapping for this unified resource."""

    status = 404


class UnsupportedMethod(CallError):
    """The mapping does not offer this method."""

    status = 405


class UnsupportedParameter(CallError):
    """A filter, sort or option that cannot be served; the message says what is supported.

    Attributes:
        parameter: name of the parameter, as in ``created_at[gte]``.
        supported: names that would work.
    """

    def __init__(self, message: str, *, parameter: str, supported: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.supported = supported


class InvalidInput(CallError):
    """A value of the call cannot be understood."""


class ForbiddenParameter(InvalidInput):
    """A parameter that would change the HTTP method, the meaning or the account of a request.

    Attributes:
        parameter: its name, as the caller wrote it.
        place: what holds it: ``remote_query``, ``the query``, ``the body``.
    """

    security_event = "parameter_refused"

    def __init__(self, message: str, *, parameter: str = "", place: str = "") -> None:
        super().__init__(message)
        self.parameter = parameter
        self.place = place


class InvalidId(InvalidInput):
    """No record of this provider can have an id of this form; nothing was sent."""

    status = 404


class WriteRefused(CallError):
    """The call would write, or cannot be known to read, where it may only read."""

    status = 403
    security_event = "write_refused"


class InvalidCursor(CallError):
    """The cursor is damaged, or belongs to another account, resource, query or sort."""

    security_event = "cursor_refused"


class MissingCredential(CallError):
    """The account lacks a credential or a context field that the provider needs."""


class ForbiddenAddress(CallError):
    """The account leads to an address that requests may not reach; nothing was sent there.

    Attributes:
        host: the host, as the account or the configuration writes it.
        address: the refused address, if the host leads to one.
    """

    security_event = "address_refused"

    def __init__(self, message: str, *, host: str, address: str | None = None) -> None:
        super().__init__(message)
        self.host = host
        self.address = address


class UnusableClient(CallError):
    """The client is closed, or sends through connections of another process or event loop."""

    status = 500


class ProviderError(UnifyError):
    """The provider refused the request.

    Attributes:
        status_code: HTTP status of the provider's answer (200 is possible: some report errors in the body).
        code: the provider's own error code, as text.
        retry_after: seconds to wait before a retry, if the provider said so.
        raw_response: the provider's body, parsed if it is JSON; secrets are redacted.
        headers: the provider's answer headers, names in lower case.
        is_page_too_costly: whether the provider would give fewer records at once.
    """

    status = 502
    exit_code = 4
    is_page_too_costly: bool = False

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | None = None,
        retry_after: float | None = None,
        raw_response: Any = None,
        headers: dict[str, str] | None = None,
        security_event: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.code = code
        self.retry_after = retry_after
        self.raw_response = raw_response
        self.headers = headers or {}
        if security_event is not None:
            self.security_event = security_event
        if 400 <= status_code < 600 and type(self) in _STATUS_FOLLOWS_PROVIDER:
            self.status = status_code

    def to_dict(self) -> dict[str, Any]:
        """The HTTP error body, marked as the provider's and with its raw response."""
        return {**super().to_dict(), "truto_is_remote_error": True, "raw_response": self.raw_response}


class AuthenticationError(ProviderError):
    """The provider refused the credentials."""

    status = 401


class PermissionDeniedError(ProviderError):
    """The credentials are good but lack a scope or a role."""

    status = 403


class NotFoundError(ProviderError):
    """The record, or the whole store, does not exist."""

    status = 404


class ConflictError(ProviderError):
    """The provider's state contradicts the request."""

    status = 409


class RejectedInputError(ProviderError):
    """The provider understood the request and found it invalid."""

    status = 422


class RateLimitedError(ProviderError):
    """The provider's quota is used up; see ``retry_after``."""

    status = 429
    retryable = True


class ProviderUnavailableError(ProviderError):
    """The provider, or a gateway in front of it, is down."""

    status = 502
    retryable = True


_STATUS_FOLLOWS_PROVIDER = {ProviderError, RejectedInputError, ProviderUnavailableError, ConflictError}


class TransportError(UnifyError):
    """No usable answer arrived: DNS, TLS, time-out, connection lost, too large.

    Attributes:
        was_sent: whether the provider may have received the request.
    """

    status = 502
    exit_code = 5
    retryable = True

    def __init__(
        self, message: str, *, retryable: bool = True, was_sent: bool = True, security_event: str | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.was_sent = was_sent
        if security_event is not None:
            self.security_event = security_event


class MappingError(UnifyError):
    """A native record does not fit its mapping.

    Attributes:
        provider: slug of the provider.
        resource: unified resource, as in ``ecommerce/customers``.
        field: unified field, as in ``addresses[1].country``.
        place: file, line and column of the expression.
        remote_data: the native record.
    """

    status = 500
    exit_code = 6

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        resource: str,
        field: str,
        place: str = "",
        remote_data: Any = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.resource = resource
        self.field = field
        self.place = place
        self.remote_data = remote_data


class ServiceError(UnifyError):
    """The service itself refuses the call, or cannot serve it; no request went to a provider."""

    exit_code = 3


class InvalidSetting(ServiceError):
    """A setting of the service is missing or wrong; its value is not shown."""

    exit_code = 2


class StorageError(ServiceError):
    """The database does not answer, or its schema is not of this version."""

    status = 503
    exit_code = 5
    retryable = True


class Unauthenticated(ServiceError):
    """The caller's token is missing, unknown, expired or revoked; the message does not say which."""

    status = 401


class Forbidden(ServiceError):
    """The caller's token is good, but may not do this."""

    status = 403


class ForbiddenDestination(Forbidden):
    """Stored credentials would go to a host that they were not entered for, or that the service may not call."""

    security_event = "destination_refused"


class NotVisible(ServiceError):
    """The caller's environment has no such object; the message does not say whether another environment has it."""

    status = 404


class OutdatedVersion(ServiceError):
    """The change is for a version that is no longer the newest."""

    status = 409


_COSTLY_RULES = {"large-expression", "large-override", "slow-pattern"}
"""The rules of ``config.rules`` that bound what tenants write."""


class InvalidOverride(ServiceError):
    """A mapping override is wrong.

    Attributes:
        problems: all problems, as ``truto-unify lint`` reports them for a file; ``file`` is the field.
    """

    status = 422

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(
            problems, key=lambda problem: (problem.file, problem.line, problem.column, problem.message)
        )
        if any(problem.rule in _COSTLY_RULES for problem in self.problems):
            self.security_event = "override_refused"
        super().__init__(
            "the override is wrong: "
            + "; ".join(_first_lines(self.problems, lambda problem: f"{problem.file}: {problem.message}"))
        )

    def to_dict(self) -> dict[str, Any]:
        """The HTTP error body with every problem under ``details.failures``."""
        failures = [{"field": problem.file, "message": problem.message} for problem in self.problems]
        return {**super().to_dict(), "details": {"failures": failures}}


class AccountBlocked(ServiceError):
    """The operator of the service has blocked this integrated account."""

    status = 503
