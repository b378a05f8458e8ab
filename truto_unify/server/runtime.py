"""Runs the service: database, client and web server, from the first request to an orderly end."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from truto_unify import AsyncClient, Budget, Limits, Registry, RetryPolicy, Settings
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.vault import Vault
from truto_unify.connections import open_client
from truto_unify.errors import InvalidInput, InvalidSetting
from truto_unify.server.app import create_app
from truto_unify.server.logs import SERVICE
from truto_unify.server.request_context import note_quota
from truto_unify.server.settings import ServiceSettings, cursor_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import FrameType

    from truto_unify.server.limits import Drain

_OBJECTS_OF_PAGES = 50_000
_MALLOC_OPTIONS = ((-3, 32 * 2**20), (-1, 64 * 2**20))
"""``M_MMAP_THRESHOLD`` and ``M_TRIM_THRESHOLD`` of ``malloc.h``, in bytes; the first as large as glibc takes it."""
_KEEP_ALIVE = 75
"""Seconds; longer than reverse proxies keep a connection, so that they are never cut off in the middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the service listens and keeps its data.

    Attributes:
        host: address to listen on.
        port: port; a free one when 0.
        database_url: ``sqlite:///file.db`` or ``postgresql://…``.
        secret_keys: Fernet keys, separated by commas.
        allowed_hosts: where accounts may lead, separated by commas; blank: any https host.
        ca_bundle: certificates that are trusted beside the public ones.
        overlay: folders with further providers and mappings.
    """

    host: str
    port: int
    database_url: str
    secret_keys: str
    allowed_hosts: str = ""
    ca_bundle: Path | None = None
    overlay: Sequence[str] = ()


def run(where: Where, settings: ServiceSettings, announce: Callable[[str], None]) -> None:
    """Serves until the process is told to stop; then lets running requests finish.

    Args:
        where: addresses and keys.
        settings: limits.
        announce: tells people what happens.

    Raises:
        InvalidSetting: the database or a key cannot be used, or the port is taken.
        ConfigError: a provider or mapping file is wrong.
    """
    factory = uvicorn.Config(_nothing, log_config=None).get_loop_factory()
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(where, settings, announce))


async def _nothing(_scope: object, _receive: object, _send: object) -> None:
    return None


async def _serve(where: Where, settings: ServiceSettings, announce: Callable[[str], None]) -> None:
    registry = Registry(overlay=where.overlay)
    for resource, slug in registry.mappings:
        registry.mapper(resource, slug).prepare()  # a wrong file is found now, and the first call is as fast as others
    limits = _connection_limits(where)
    Vault(where.secret_keys)  # a key that cannot work is said before anything is made
    await AccountStore.migrate(where.database_url)
    store = await AccountStore.open(where.database_url, where.secret_keys, allowed_hosts=where.allowed_hosts)
    try:
        if not await _has_tokens(store):
            announce("there is no API token yet; make one with: truto-unify token create")
        options = _client_settings(where, settings)
        async with AsyncClient(registry, settings=options, limits=limits, tokens=store.tokens) as client:
            app = create_app(store, registry=registry, client=client, settings=settings)
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_KEEP_ALIVE,
                timeout_graceful_shutdown=max(int(settings.drain_seconds), 1),
            )
            settle_memory()
            with _listen(where.host, where.port) as listener:
                host, port = listener.getsockname()[:2]
                address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
                announce(f"serving on {address}; the API is described at {address}/docs")
                await _Server(config, app.state.drain).serve([listener])
    finally:
        await store.close()
    SERVICE.info("ended")


def settle_memory() -> None:
    """Tells the garbage collector that what lives by now lives on, and that a page is thousands of new objects.

    Records die by themselves when a page has left. Without this every few pages would have the collector walk over
    all of the program, which takes a fifth of the time. https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS_OF_PAGES, 20, 20)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Tells glibc to keep the memory of a page that has left for the next one; other C libraries are not told.

    By itself it gives a megabyte back to the system and asks for it again, several times a request, and the system
    clears each 4 KB of it anew, which takes a tenth of the time. https://man7.org/linux/man-pages/man3/mallopt.3.html
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


def _connection_limits(where: Where) -> Limits:
    """What connections trust, found to be usable.

    Raises:
        InvalidSetting: the certificates cannot be used.
        InvalidEnvironment: a proxy or a certificate of the environment cannot be used.
    """
    limits = Limits(verify=where.ca_bundle)
    try:
        open_client(limits, None).close()
    except InvalidInput as error:
        raise InvalidSetting(f"TRUTO_UNIFY_CA_BUNDLE: {error.message}") from None
    return limits


def _client_settings(where: Where, settings: ServiceSettings) -> Settings:
    seconds = settings.provider_seconds
    return Settings(
        retry=RetryPolicy(deadline=seconds),
        budget=Budget(max_seconds=seconds),
        cursor_key=cursor_key(where.secret_keys),
        on_quota=note_quota,
    )


class _Server(uvicorn.Server):
    """A server that refuses new requests once it was told to stop, and whose end is that of the program's own."""

    def __init__(self, config: uvicorn.Config, drain: Drain) -> None:
        super().__init__(config)
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as uvicorn calls it
        """The first signal lets running requests finish, an interrupt after it does not."""
        self._drain.begin()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        told = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else str(error)
        raise InvalidSetting(f"cannot listen on {host}, port {port}: {told}") from None
