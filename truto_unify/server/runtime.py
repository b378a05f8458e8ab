"""Runs the service: database, client and web server, until an orderly shutdown."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from truto_unify import AsyncClient, Budget, Limits, Registry, RetryPolicy, Settings
from truto_unify.accounts.redis_budgets import RedisBudgetStore
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import Vault
from truto_unify.connections import open_client
from truto_unify.engine.breaker import CircuitBreaker
from truto_unify.errors import InvalidInput, InvalidSetting
from truto_unify.outbound import OutboundRule
from truto_unify.server.app import create_app
from truto_unify.server.header_deadline import HeaderDeadlineProtocol
from truto_unify.server.logs import SERVICE
from truto_unify.server.request_context import observed
from truto_unify.server.settings import ServiceSettings, cursor_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import FrameType

    from truto_unify.server.limits import Shutdown
    from truto_unify.types import BudgetStore

_COLLECTION_THRESHOLD = 50_000  # new objects; a page is thousands of them
_MALLOC_OPTIONS = ((-3, 32 * 2**20), (-1, 64 * 2**20))
"""``M_MMAP_THRESHOLD`` and ``M_TRIM_THRESHOLD`` of ``malloc.h``, in bytes; the first is the most that glibc accepts."""
_KEEP_ALIVE_SECONDS = 75
"""Longer than reverse proxies keep a connection, so that the service never closes one that a proxy still uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where the service listens and keeps its data.

    Attributes:
        host: address to listen on.
        port: port; a free one when 0.
        database_url: ``sqlite:///file.db`` or ``postgresql://…``.
        secret_keys: Fernet keys, separated by commas.
        outbound: the addresses that requests may reach.
        ca_bundle: certificates that are trusted in addition to the public ones.
        overlay: folders with additional providers and mappings.
        redis_url: a Redis for what accounts may still send; None: the database.
    """

    host: str
    port: int
    database_url: str
    secret_keys: str
    outbound: OutboundRule = field(default_factory=OutboundRule.strict)
    ca_bundle: Path | None = None
    overlay: Sequence[str] = ()
    redis_url: str | None = None


def run(deployment: Deployment, settings: ServiceSettings, announce: Callable[[str], None]) -> None:
    """Serves until a signal stops the process; then lets running requests finish.

    Args:
        deployment: addresses and keys.
        settings: limits.
        announce: prints a message for the operator.

    Raises:
        InvalidSetting: the database or a key cannot be used, or the port is taken.
        ConfigError: a provider or mapping file is wrong.
    """
    factory = uvicorn.Config(_nothing, log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(deployment, settings, announce))


async def _nothing(_scope: object, _receive: object, _send: object) -> None:
    return None


async def _serve(deployment: Deployment, settings: ServiceSettings, announce: Callable[[str], None]) -> None:
    registry = Registry(overlay=deployment.overlay)
    for resource, slug in registry.mappings:
        registry.mapper(resource, slug).prepare()  # refuses a wrong file now, and makes the first call fast
    limits = _connection_limits(deployment, settings)
    redis = RedisBudgetStore(deployment.redis_url) if deployment.redis_url else None
    Vault(deployment.secret_keys)  # refuses a wrong key before the database is created
    await AccountStore.migrate(deployment.database_url)
    store = await AccountStore.open(deployment.database_url, deployment.secret_keys, outbound=deployment.outbound)
    try:
        if not await _has_tokens(store):
            announce("there is no API token yet; create one with: truto-unify token create")
        options = _client_settings(deployment, settings, redis or store.budgets)
        client = AsyncClient(registry, settings=options, limits=limits, tokens=store.tokens)
        app = create_app(store, registry=registry, client=client, settings=settings)
        try:
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                http=cast("Any", partial(HeaderDeadlineProtocol, header_seconds=settings.header_seconds)),
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=max(int(settings.drain_seconds), 1),
            )
            settle_memory()
            with _listen(deployment.host, deployment.port) as listener:
                host, port = listener.getsockname()[:2]
                address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
                announce(f"serving on {address}; the API is described at {address}/docs")
                await _Server(config, app.state.shutdown).serve([listener])
        finally:
            await client.aclose(app.state.shutdown.seconds_left(settings.drain_seconds))
    finally:
        if redis is not None:
            await redis.close()
        await store.close()
    SERVICE.info("stopped")


def settle_memory() -> None:
    """Exempts the present objects from garbage collection and raises the threshold to the objects of several pages.

    Reference counting frees the records of a page after its response. With the default threshold the collector walks
    all objects of the program every few pages, a fifth of the time. https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTION_THRESHOLD, 20, 20)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Makes glibc keep the freed memory of a page for the next one; other C libraries are left alone.

    By default glibc returns a megabyte to the system and requests it again several times a request; the system zeroes
    each 4 KB of it, a tenth of the time. https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    for number, size in _MALLOC_OPTIONS:
        set_option(number, size)


async def _has_tokens(store: AccountStore) -> bool:
    for environment in await store.environments.all():
        if await store.api_tokens.all(environment.id):
            return True
    return False


def _connection_limits(deployment: Deployment, settings: ServiceSettings) -> Limits:
    """The limits of connections and requests, with the trusted certificates, which are loaded once as a check.

    Raises:
        InvalidSetting: the certificates cannot be used.
        InvalidEnvironment: a proxy or a certificate of the environment cannot be used.
    """
    limits = Limits(
        max_body=settings.max_answer,
        max_values=settings.max_answer_values,
        verify=deployment.ca_bundle,
        outbound=deployment.outbound,
        max_in_flight_per_account=settings.max_in_flight_per_account,
        max_in_flight_per_host=settings.max_in_flight_per_host,
    )
    try:
        open_client(limits, None).close()
    except InvalidInput as error:
        raise InvalidSetting(f"TRUTO_UNIFY_CA_BUNDLE: {error.message}") from None
    return limits


def _client_settings(deployment: Deployment, settings: ServiceSettings, budgets: BudgetStore) -> Settings:
    seconds = settings.provider_seconds
    options = Settings(
        retry=RetryPolicy(deadline=seconds, max_wait=settings.provider_wait),
        budget=Budget(max_seconds=seconds),
        cursor_key=cursor_key(deployment.secret_keys),
        breaker=CircuitBreaker(max_failures=settings.breaker_failures, max_pause=settings.breaker_max_pause),
        budgets=budgets,
    )
    return observed(options)


class _Server(uvicorn.Server):
    """A server that refuses new requests after a stop signal and lets the program end normally."""

    def __init__(self, config: uvicorn.Config, shutdown: Shutdown) -> None:
        super().__init__(config)
        self._shutdown = shutdown

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as uvicorn calls it
        """Lets running requests finish after the first signal, and aborts them after a further interrupt."""
        self._shutdown.begin()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)
        raise InvalidSetting(f"cannot listen on {host}, port {port}: {reason}") from None
