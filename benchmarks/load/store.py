"""The store of the load measurements, in a process of its own: ``python -m benchmarks.load.store PORT``.

The first step of a path says how it behaves: ``/good/customers``, ``/hang/customers``, ``/paced-17/people``.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.load.goals import RATE
from benchmarks.workload import make_workload

if TYPE_CHECKING:
    from collections.abc import Callable

MEBIBYTE = 2**20
_BLOCKING_REFUSALS, _BLOCKING_SECONDS = 20, 10.0
"""Refusals within this time block an account, as some stores do."""


@dataclass(slots=True)
class Merchant:
    """An account at a store that allows ``RATE`` requests in any second.

    Attributes:
        accepted: when requests were answered.
        refused: when requests were refused.
        is_blocked: whether it was refused too often.
    """

    accepted: deque[float] = field(default_factory=deque[float])
    refused: list[float] = field(default_factory=list[float])
    is_blocked: bool = False

    def admit(self, now: float) -> bool:
        """Whether a request is within the limit."""
        if len(self.accepted) >= RATE and now - self.accepted[-RATE] < 1.0:
            self.refused.append(now)
            recent = [moment for moment in self.refused if now - moment < _BLOCKING_SECONDS]
            self.is_blocked |= len(recent) >= _BLOCKING_REFUSALS
            return False
        self.accepted.append(now)
        return not self.is_blocked

    @property
    def rate(self) -> float:
        """Answered requests a second, from the first to the last."""
        return (len(self.accepted) - 1) / (self.accepted[-1] - self.accepted[0])


def _answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def _page(count: int) -> bytes:
    """Customers of WooCommerce."""
    records: list[dict[str, object]] = json.loads(make_workload("woocommerce", "dense", 100).body)
    whole = [{**records[number % len(records)], "id": number + 1} for number in range(count)]
    return _answer(json.dumps(whole, separators=(",", ":")).encode(), "200 OK", f"X-WP-Total: {count}")


def _bomb(size: int) -> bytes:
    """Zeros in many gzip members, which are inflated one after the other."""
    return gzip.compress(bytes(MEBIBYTE)) * (size // MEBIBYTE)


ANSWERS: dict[str, Callable[[], bytes]] = {
    "good": lambda: _page(100),
    "gzip": lambda: _answer(_bomb(1024 * MEBIBYTE), "200 OK", "Content-Encoding: gzip"),
    "gzip-twice": lambda: _answer(gzip.compress(_bomb(1024 * MEBIBYTE)), "200 OK", "Content-Encoding: gzip, gzip"),
    "error": lambda: _answer(b'{"message":"' + b"x" * 60 * MEBIBYTE + b'"}', "500 Oops"),
    "error-fits": lambda: _answer(b'{"message":"' + b"x" * 15 * MEBIBYTE + b'"}', "400 Bad Request"),
    "million": lambda: _answer(b"[" + b'{"id":1},' * 1_000_000 + b'{"id":1}]'),
    "largest-page": lambda: _page(9_000),
    "values": lambda: _answer(b'[{"id":1,"meta_data":[' + b"0," * 990_000 + b"0]}]", "200 OK", "X-WP-Total: 1"),
    "objects": lambda: _answer(
        b'[{"id":1,"meta_data":[' + b'{"a":[]},' * 300_000 + b"{}]}]", "200 OK", "X-WP-Total: 1"
    ),
    "deep": lambda: _answer(b'[{"id":1,"meta_data":' + b"[" * 200_000 + b"]" * 200_000 + b"}]"),
    "long-text": lambda: _answer(b'[{"id":1,"first_name":"' + b"a" * 15 * MEBIBYTE + b'"}]', "200 OK", "X-WP-Total: 1"),
}
"""What the store answers, by the first step of the path; built on first use."""


class StoreProtocol(asyncio.Protocol):
    """One connection."""

    merchants: dict[str, Merchant] = {}  # noqa: RUF012 - shared by all connections
    bodies: dict[str, bytes] = {}  # noqa: RUF012 - as above
    hanging = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a TCP server
        self._transport = transport
        self._head = b""

    def data_received(self, data: bytes) -> None:
        """Answers each request after its head; requests have no body."""
        self._head += data
        while b"\r\n\r\n" in self._head:
            head, _, self._head = self._head.partition(b"\r\n\r\n")
            self._serve(head.split(b" ", 2)[1].decode().split("/")[1])

    def _serve(self, kind: str) -> None:
        if kind == "hang":
            type(self).hanging += 1
        elif kind.startswith("paced"):
            now = asyncio.get_running_loop().time()
            is_good = self.merchants.setdefault(kind, Merchant()).admit(now)
            self._transport.write(_answer(b'{"people":[]}') if is_good else _answer(b"{}", "429 Too Many Requests"))
        elif kind == "statistics":
            self._transport.write(_answer(json.dumps(self._statistics()).encode()))
        else:
            if kind not in self.bodies:
                self.bodies[kind] = ANSWERS[kind]()
            self._transport.write(self.bodies[kind])

    def _statistics(self) -> dict[str, float]:
        """What the store saw since the last time."""
        merchants = list(self.merchants.values())
        self.merchants.clear()
        return {
            "hanging": self.hanging,
            "answered": sum(len(merchant.accepted) for merchant in merchants),
            "refused": sum(len(merchant.refused) for merchant in merchants),
            "blocked": sum(merchant.is_blocked for merchant in merchants),
            "slowest": min((merchant.rate for merchant in merchants), default=0.0),
        }


async def serve(port: int) -> None:
    """Serves until the process ends."""
    server = await asyncio.get_running_loop().create_server(StoreProtocol, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
