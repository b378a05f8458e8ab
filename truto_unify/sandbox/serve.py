"""Serve the pretend stores at one address, each below its provider's name."""

from __future__ import annotations

import importlib
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.store import SERVER, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

SLUGS = ("bigcommerce", "commerce7", "shopify", "shopify_rest", "wix", "woocommerce", "zohoinventory")

_PACKAGE = "truto_unify.sandbox"
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0


class AccountArguments(TypedDict):
    """Keyword arguments for ``truto_unify.Account``."""

    provider: str
    credentials: dict[str, str]
    context: dict[str, str]
    base_url: str
    token_url: NotRequired[str]


class _Stores(Mapping[str, "Callable[[Store], Starlette]"]):
    """The stores by name; a store's module is imported on first access."""

    def __getitem__(self, slug: str) -> Callable[[Store], Starlette]:
        create_app: Callable[[Store], Starlette] = _module(slug).create_app
        return create_app

    def __iter__(self) -> Iterator[str]:
        return iter(SLUGS)

    def __len__(self) -> int:
        return len(SLUGS)


STORES: Mapping[str, Callable[[Store], Starlette]] = _Stores()
"""The factory of each store's application, by the provider's name."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Pretend stores and the application that mounts them all."""

    stores: dict[str, Store]
    app: Starlette

    def account_arguments(self, slug: str, origin: str, edition: tuple[str, str] | None = None) -> AccountArguments:
        """The account of one of the stores, for a client.

        Args:
            slug: The provider's name.
            origin: The address of the sandbox, ``http://127.0.0.1:8765``.
            edition: A context field and its value, if the account is to be one that has it: ``("catalog", "v3")``.

        Returns:
            Keyword arguments for ``truto_unify.Account``.

        Raises:
            KeyError: The sandbox has no such store, or the store no such account.
        """
        if slug not in self.stores:
            raise KeyError(slug)
        module = _module(slug)
        root = f"{origin.rstrip('/')}/{slug}"
        arguments = AccountArguments(
            provider=slug,
            credentials=dict(module.ACCOUNT["credentials"]),
            context=dict(module.ACCOUNT["context"] if edition is None else getattr(module, "CONTEXTS", {})[edition]),
            base_url=root + module.API_ROOT,
        )
        if hasattr(module, "TOKEN_PATH"):
            arguments["token_url"] = root + module.TOKEN_PATH
        return arguments


def create_sandbox(slugs: Iterable[str] | None = None, count: int = 137) -> Sandbox:
    """Create the stores and fill each with the same people.

    Args:
        slugs: The providers; None: all.
        count: The number of people. A store leaves out people whom it cannot hold.

    Returns:
        The sandbox, with every store mounted at ``/{slug}``.

    Raises:
        KeyError: There is no store of that name.
    """
    people = invent_people(count)
    stores = {slug: Store.of(people) for slug in (STORES if slugs is None else slugs)}
    mounts = [Mount(f"/{slug}", app=STORES[slug](store)) for slug, store in stores.items()]
    return Sandbox(stores=stores, app=Starlette(routes=mounts))


@contextmanager
def run_in_thread(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve a sandbox from a thread of this process while the context lasts.

    Args:
        sandbox: The sandbox.
        host: The address to listen on.
        port: The port; a free one when 0.

    Yields:
        The origin, ``http://127.0.0.1:8765``. The sandbox answers already.

    Raises:
        RuntimeError: The server did not start.
        OSError: The port is taken.
    """
    ready = threading.Event()
    config = uvicorn.Config(
        sandbox.app,
        log_config=None,  # leaves the logging of the process alone
        log_level="critical",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        headers=[("Server", SERVER)],
        timeout_graceful_shutdown=1,
    )
    server = _AnnouncingServer(config, ready)
    with _listen(host, port) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), name="sandbox", daemon=True)
        thread.start()
        try:
            if not ready.wait(_START_SECONDS):
                raise RuntimeError("the sandbox did not start")
            yield _origin(listener)
        finally:
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def serve(host: str = "127.0.0.1", port: int = 8765, count: int = 137) -> None:
    """Serve all stores until the process is interrupted.

    Args:
        host: The address to listen on.
        port: The port; a free one when 0.
        count: The number of people.
    """
    app = create_sandbox(count=count).app
    headers = [("Server", SERVER)]
    uvicorn.run(app, host=host, port=port, log_level="info", lifespan="off", server_header=False, headers=headers)


class _AnnouncingServer(uvicorn.Server):
    """A server that sets an event when it is ready, so that callers need not poll."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._ready.set()


def _module(slug: str) -> ModuleType:
    if slug not in SLUGS:
        raise KeyError(slug)
    return importlib.import_module(f"{_PACKAGE}.{slug}.app")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=128)


def _origin(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
