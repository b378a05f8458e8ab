"""Opens httpx clients with time-outs, certificates, checked addresses and the proxies of the environment.

Also holds the clock over synchronous exchanges.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
import time
from contextlib import contextmanager
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx

from truto_unify.answer_body import ACCEPTED_CODINGS
from truto_unify.errors import InvalidEnvironment, InvalidInput
from truto_unify.guarded_network import guard_client
from truto_unify.origin_pools import split_by_origin
from truto_unify.redaction import MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.types import ClientIdentity, Limits

USER_AGENT = "truto-unify"
_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def open_client(
    limits: Limits, transport: httpx.BaseTransport | None, identity: ClientIdentity | None = None
) -> httpx.Client:
    """A client of httpx.

    Args:
        limits: time-outs and certificates.
        transport: replaces the network.
        identity: the certificate that its connections show.

    Raises:
        InvalidInput: the certificates of the limits, or that of the client, cannot be used.
        InvalidEnvironment: a proxy or a certificate that the environment names cannot be used.
    """
    with _environment_faults():
        client = httpx.Client(**_options(limits, identity), transport=transport)
    if transport is None:
        guard_client(client, limits.outbound)
        split_by_origin(client)
    return client


def open_async_client(
    limits: Limits, transport: httpx.AsyncBaseTransport | None, identity: ClientIdentity | None = None
) -> httpx.AsyncClient:
    """As ``open_client``, asynchronously."""
    with _environment_faults():
        client = httpx.AsyncClient(**_options(limits, identity), transport=transport)
    if transport is None:
        guard_client(client, limits.outbound)
        split_by_origin(client)
    return client


def _options(limits: Limits, identity: ClientIdentity | None) -> dict[str, Any]:
    return {
        "timeout": httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout),
        "verify": _trusted(limits.verify) if identity is None else _showing(identity, limits.verify),
        # Requests are bounded before they reach a pool. httpcore closes idle connections above the number that it keeps
        # even while all others are in use, so that a smaller number would open a connection for most requests.
        "limits": httpx.Limits(max_connections=None, max_keepalive_connections=None),
        "headers": {"User-Agent": USER_AGENT, "Accept-Encoding": ACCEPTED_CODINGS},
        # A redirect would send credentials to an address that is not configured.
        "follow_redirects": False,
        # One client serves many accounts, often at one host: a session of the first must not reach the next.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=())),
    }


def _trusted(verify: ssl.SSLContext | str | os.PathLike[str] | None) -> ssl.SSLContext:
    """The context of all pools: the public certificates, and beside them those of a file, or a context as it is."""
    if verify is None:
        return _usual_certificates(tuple(_seen(os.environ.get(name)) for name in _CERTIFICATES))
    if isinstance(verify, ssl.SSLContext):
        return verify
    if not isinstance(verify, str | os.PathLike):
        raise InvalidInput("Limits.verify takes a file of certificates or an SSL context; it is never switched off")
    path = Path(verify)
    context = httpx.create_ssl_context()
    try:
        context.load_verify_locations(path)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InvalidInput(f"the certificates in {path} cannot be read: {reason}; they must be PEM") from None
    return context


def _showing(identity: ClientIdentity, verify: ssl.SSLContext | str | os.PathLike[str] | None) -> ssl.SSLContext:
    """A context of its own, which shows a certificate."""
    if isinstance(verify, ssl.SSLContext):
        raise InvalidInput(
            "this account shows a client certificate, which cannot be added to the SSL context of Limits.verify; "
            "give Limits.verify a file of certificates"
        )
    context = httpx.create_ssl_context() if verify is None else _trusted(verify)
    # The ssl module reads certificates out of files alone; this one is readable by its owner, and gone at once.
    with TemporaryDirectory(prefix="truto-unify-") as folder:
        file = Path(folder, "identity.pem")
        file.touch(mode=0o600)
        file.write_text(f"{identity.certificate}\n{identity.private_key}\n", encoding="utf-8")
        try:
            context.load_cert_chain(file, password=identity.password or "")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = getattr(error, "reason", None) or "it is no PEM"
            raise InvalidInput(
                f"the client certificate of this account or its private key cannot be used: {reason}"
            ) from None
    return context


def _seen(path: str | None) -> tuple[str, int] | None:
    """A file or folder of certificates as it is now: it may change while the process runs."""
    if not path:
        return None
    try:
        return path, Path(path).stat().st_mtime_ns
    except OSError:
        return path, 0


@lru_cache(maxsize=8)
def _usual_certificates(_seen_certificates: tuple[tuple[str, int] | None, ...]) -> ssl.SSLContext:
    """The public certificates, or those that the environment names: to read 140 of them takes 30 ms."""
    return httpx.create_ssl_context()


@contextmanager
def _environment_faults() -> Iterator[None]:
    """Turns what httpx raises for proxies and certificates of the environment into an error that names the variable."""
    try:
        yield
    except (ImportError, httpx.InvalidURL, ValueError, OSError) as fault:
        message = _describe_environment(fault)
    else:
        return
    raise InvalidEnvironment(message)


def _describe_environment(fault: Exception) -> str:
    if isinstance(fault, OSError):
        names = [name for name in _CERTIFICATES if os.environ.get(name)]
        return f"{_join(names)} of the environment cannot be used for certificates: {fault}"
    for name in _PROXIES:
        for spelling in (name, name.lower()):
            value = os.environ.get(spelling)
            reason = _proxy_fault(value) if value else None
            if value and reason:
                return f'{spelling} of the environment names a proxy that cannot be used, "{_hidden(value)}": {reason}'
    names = [name for name in ("NO_PROXY", "no_proxy") if os.environ.get(name)]
    return f"{_join(names) or 'a proxy setting'} of the environment cannot be used: {fault}"


def _proxy_fault(value: str) -> str | None:
    try:
        httpx.HTTPTransport(proxy=value if "://" in value else f"http://{value}").close()
    except ImportError:
        return 'SOCKS needs a further package: pip install "httpx[socks]"'
    except (httpx.InvalidURL, ValueError):
        return "write http://host:port"
    return None


def _hidden(value: str) -> str:
    """The address of a proxy without its name and password."""
    return re.sub(r"^(\w+://)?.*@", rf"\1{MASK}@", value)


def _join(names: list[str]) -> str:
    return " and ".join(names)


class ReadClock:
    """Bounds the reads of a synchronous client by the time that is left of the current exchange.

    A time-out is for one read, and an answer that arrives byte by byte never reaches it. The trace extension of
    httpcore hands each connection to the clock (https://www.encode.io/httpcore/extensions/#trace).
    """

    def __init__(self) -> None:
        self._ends = threading.local()

    @contextmanager
    def running(self, seconds: float) -> Iterator[None]:
        """Ends the reads of this thread after so many seconds."""
        self._ends.moment = time.monotonic() + seconds
        try:
            yield
        finally:
            self._ends.moment = inf

    def check(self) -> None:
        """Raises TimeoutError if the time of the current exchange is over."""
        if self._left() <= 0:
            raise TimeoutError

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Bounds the reads of a connection when it is opened."""
        stream = info.get("return_value") if event.endswith(_OPENED) else None
        if stream is not None:
            stream.read = self._bounded(stream.read)

    def _left(self) -> float:
        ends: float = getattr(self._ends, "moment", inf)
        return ends - time.monotonic()

    def _bounded(self, read: Any) -> Any:
        def bounded(max_bytes: int, timeout: float | None = None) -> bytes:
            self.check()
            left = max(self._left(), _MIN_READ_SECONDS)
            try:
                data: bytes = read(max_bytes, timeout=left if timeout is None else min(timeout, left))
            except Exception:
                self.check()  # raises if the clock, and not the time-out of the read, ended it
                raise
            return data

        return bounded


_MIN_READ_SECONDS = 0.001  # a socket takes 0 for "do not wait at all"
_OPENED = (".connect_tcp.complete", ".connect_unix_socket.complete", ".start_tls.complete")
