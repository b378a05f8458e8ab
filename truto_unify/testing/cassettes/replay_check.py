"""Plays cleaned answers to a client that knows only pseudonyms, and keeps its requests for the cassette.

What such a client sends can hold nothing real, and a replay sends the same again.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from vcr.request import Request

from truto_unify.models.fields import field_kinds
from truto_unify.testing.cassettes.matching import is_same_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic import BaseModel


class Rehearsal(httpx.BaseTransport):
    """Answers each request with the recorded exchange that is like it; each exchange answers a single request.

    Args:
        exchanges: pairs of a request and a response, as vcrpy has them, cleaned.

    Attributes:
        played: exchanges in the order in which they were asked for, each with the request that was sent.
    """

    def __init__(self, exchanges: Iterable[tuple[Any, dict[str, Any]]]) -> None:
        self._left = list(exchanges)
        self._guard = threading.Lock()
        self.played: list[tuple[Any, dict[str, Any]]] = []

    @property
    def left(self) -> int:
        """The number of exchanges that were not asked for."""
        return len(self._left)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer.

        Raises:
            httpx.ConnectError: no exchange that is left is like the request.
        """
        sent = Request(request.method, str(request.url), request.read(), dict(request.headers))
        with self._guard:
            recorded, response = self._take(sent, request)
            sent.headers = {name: value for name, value in sent.headers.items() if name.lower() in recorded.headers}
            self.played.append((sent, response))
        return httpx.Response(
            response["status"]["code"],
            headers=[(name, value) for name, values in response["headers"].items() for value in values],
            stream=httpx.ByteStream(response["body"]["string"]),
            extensions={"reason_phrase": response["status"]["message"].encode()},
        )

    def _take(self, sent: Any, request: httpx.Request) -> tuple[Any, dict[str, Any]]:
        same = [exchange for exchange in self._left if is_same_request(exchange[0], sent)]
        alike = [exchange for exchange in self._left if _target(exchange[0]) == _target(sent)]
        for exchange in (*same, *alike):
            self._left.remove(exchange)
            return exchange
        raise httpx.ConnectError("no recorded answer fits", request=request)


def _target(request: Any) -> tuple[str, str, str]:
    parts = urlsplit(request.uri)
    return request.method, parts.netloc, parts.path


_UNCHANGED = frozenset({"time", "boolean", "money", "decimal", "integer"})
"""Kinds whose values the cleaning of a cassette does not change."""


def shape_differences(model: type[BaseModel], real: Sequence[Any], replayed: Sequence[Any]) -> list[str]:
    """The places at which replayed records differ from the real records: filled fields, lengths, times, amounts, flags.

    Args:
        model: the model of a unified record.
        real: the unified records of the real answers.
        replayed: the unified records of the cleaned answers.
    """
    differences = dict.fromkeys(
        place for before, after in zip(real, replayed, strict=False) for place in _differences(model, before, after, "")
    )
    return [f"{place} is another in the replay" for place in differences]


def _differences(model: type[BaseModel], real: Any, replayed: Any, place: str) -> Iterator[str]:
    for name, kind in field_kinds(model).items():
        before, after = real.get(name), replayed.get(name)
        if kind.is_list and isinstance(before, list) and isinstance(after, list):
            if len(before) != len(after):
                yield f"the length of {place}{name}"
            if kind.item is not None:
                for former, latter in zip(before, after, strict=False):
                    yield from _differences(kind.item, former, latter, f"{place}{name}[].")
        elif kind.item is not None and before is not None and after is not None:
            yield from _differences(kind.item, before, after, f"{place}{name}.")
        elif (before is None) != (after is None) or (kind.name in _UNCHANGED and before != after):
            yield f"{place}{name}"
