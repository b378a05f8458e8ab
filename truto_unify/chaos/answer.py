"""A request, the answer to it, and how the answer travels: what a fault may alter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

Stage = Literal["name", "connect", "head", "body"]
_NOT_PASSED_ON = {
    "connection",
    "content-encoding",  # the body is inflated already
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request on its way to the store. Everything that may hold a secret stays out of the repr.

    Attributes:
        method: of HTTP.
        path: of the URL, without the query.
        query: without the question mark.
        headers: as they were sent.
        body: its bytes.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an answer travels.

    Attributes:
        delay: seconds before its first byte.
        head_pause: seconds between two bytes of the status line and the headers.
        body_pause: seconds between two bytes of the body.
        fails_at: where it fails: the name is not found, the connection is refused, it ends before the head, or after
            half of the body; None: it arrives.
        is_reset: whether the connection is then reset, instead of closed.
        has_length: whether the answer states the length of its body; without it, the body ends with the connection.
        head: bytes that replace the status line and the headers.
        framing: bytes that replace the body as it is framed, for a body in chunks.
    """

    delay: float = 0.0
    head_pause: float = 0.0
    body_pause: float = 0.0
    fails_at: Stage | None = None
    is_reset: bool = False
    has_length: bool = True
    head: bytes | None = None
    framing: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the store, or the answer that a fault puts in its place.

    Attributes:
        status: of HTTP.
        headers: names as the store writes them.
        body: its bytes; compressed only if a fault says so in the headers.
        delivery: how it travels.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    delivery: Delivery = Delivery()

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def headers_with(self, **values: str) -> tuple[tuple[str, str], ...]:
        """The headers, some of them replaced; ``_`` stands for ``-`` in a name."""
        names = {name.replace("_", "-").lower(): value for name, value in values.items()}
        rest = [(name, value) for name, value in self.headers if name.lower() not in names]
        return (*rest, *names.items())


def read_answer(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
    """The store's answer, without the headers that belong to one connection.

    Args:
        status: of HTTP.
        headers: of the store.
        body: inflated.
    """
    passed_on = tuple((name, value) for name, value in headers if name.lower() not in _NOT_PASSED_ON)
    return Answer(status, passed_on, body)


def seen_request(request: httpx.Request, body: bytes) -> SeenRequest:
    """The request that a client of httpx sends.

    Args:
        request: of httpx.
        body: its bytes.
    """
    return SeenRequest(
        request.method,
        request.url.path,
        request.url.query.decode("ascii"),
        tuple(request.headers.multi_items()),
        body,
    )
