"""Proves an account: one cheap read that the provider's file names, and nothing of it is mapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.request import build_request
from truto_unify.engine.route import find_native_route
from truto_unify.engine.send import exchange, open_session
from truto_unify.errors import InvalidInput, PermissionDeniedError, ProviderError
from truto_unify.types import Quota  # noqa: TC001 - pydantic resolves the annotation of a public type

if TYPE_CHECKING:
    from collections.abc import Generator

    from truto_unify.config.configuration import Provider
    from truto_unify.engine.answers import Answer
    from truto_unify.engine.send import Session, Settings
    from truto_unify.types import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An account that its provider accepts.

    Attributes:
        provider: slug of the provider.
        call: the native call that proved it, as in the provider's file: ``customers.list``.
        total: how many records the list of that call holds, if the provider says so.
        rate_limit: the quota that the answer stated; None if it stated none.
    """

    provider: str
    call: str
    total: int | None = None
    rate_limit: Quota | None = None


def verify_account(provider: Provider, account: Account, settings: Settings) -> Generator[Any, Any, Verification]:
    """Makes the call that ``verify`` of the provider's file names; one record is asked for if it is a list.

    Returns:
        A ``Verification``.

    Raises:
        InvalidInput: the provider's file names no call, or a field of the account is malformed.
        MissingCredential: a field of the account is missing.
        AuthenticationError, PermissionDeniedError: the provider refuses the credentials, or they lack a right.
        ProviderError, TransportError: the account cannot be proven now, or what answers is not the provider.
    """
    name = provider.config.verify
    if name is None:
        raise InvalidInput(
            f'no call proves an account of {provider.slug}: providers/{provider.slug}.yaml needs "verify", the name of '
            f"a cheap read"
        )
    endpoint = provider.endpoint(name)
    session = open_session(find_native_route(provider, account, endpoint), settings)
    try:
        total = yield from (_read_record(session, name) if endpoint.list_path is None else _read_list(session, name))
    except PermissionDeniedError as error:
        raise _with_rights(error, provider) from None
    return Verification(provider=provider.slug, call=name, total=total, rate_limit=session.meter.last)


def _read_list(session: Session, name: str) -> Generator[Any, Any, int | None]:
    """Reads one record of a list; gives how many it holds, if the provider says so."""
    pages = NativePages(
        session,
        session.route.endpoint,
        f"{session.route.provider.slug} {name}",
        lambda body, message, status: _no_answer_of(session, name, body, message, status),
    )
    page = yield from pages.read(pages.paging.first(), None if pages.paging.max_size is None else 1)
    return pages.total if page.facts is not None else 0


def _read_record(session: Session, name: str) -> Generator[Any, Any, None]:
    route = session.route
    endpoint, config = route.endpoint, route.provider.config
    document = route.provider.document(endpoint)
    request = build_request(config, endpoint, route.base_of(endpoint), route.values, document=document)
    answer: Answer = yield from exchange(session, endpoint, request)
    paths = endpoint.record_path or ((),)
    exists, record = read_first(answer.body, paths)
    if not exists or record is None:
        message = f"no record at {show_paths(paths)}"
        raise _no_answer_of(session, name, answer.body, message, answer.response.status)


def _with_rights(error: PermissionDeniedError, provider: Provider) -> PermissionDeniedError:
    """The error with the rights that the credentials need."""
    setup = provider.config.setup
    if setup is not None and setup.rights:
        error.message += f"; the credentials need these rights: {', '.join(setup.rights)}"
        error.args = (error.message,)
    return error


def _no_answer_of(session: Session, name: str, body: Any, message: str, status: int) -> ProviderError:
    """The error for an answer that the provider would not give."""
    route = session.route
    return ProviderError(
        f"{route.provider.slug} {name}: {message}",
        status_code=status,
        code="no_records",
        raw_response=route.redactor.value(body),
    )
