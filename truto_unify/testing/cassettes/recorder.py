"""Notes every exchange of a client while it happens: the transport that stands between client and network."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from truto_unify.types import Limits

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its answer. Nothing of it is in the repr: it may hold secrets.

    Attributes:
        url: with its query.
        request_headers, response_headers: names in lower case; they may repeat.
        request_body: as it was sent.
        status: of the answer.
        reason: the words after the status.
        response_body: without content encoding.
    """

    method: str
    url: str = field(repr=False)
    request_headers: Headers = field(repr=False)
    request_body: bytes = field(repr=False)
    status: int
    reason: str
    response_headers: Headers = field(repr=False)
    response_body: bytes = field(repr=False)


class RecordingTransport(httpx.BaseTransport):
    """Sends through another transport and keeps what went by.

    Args:
        inner: what sends; the network by default.
        max_body: bytes of an answer, as for every other call.
    """

    def __init__(self, inner: httpx.BaseTransport | None = None, max_body: int | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self._max_body = Limits().max_body if max_body is None else max_body
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request and hands back its answer, decoded.

        Raises:
            httpx.HTTPError: there is no answer, or it is too large.
        """
        sent = request.read()
        answer = self._inner.handle_request(request)
        body = bytearray()
        try:
            for part in httpx.Response(
                answer.status_code, headers=answer.headers, stream=answer.stream, request=request
            ).iter_bytes():
                body += part
                if len(body) > self._max_body:
                    raise httpx.DecodingError(f"the answer is larger than {self._max_body} bytes", request=request)
        finally:
            answer.close()
        self.exchanges.append(
            Exchange(
                method=request.method,
                url=str(request.url),
                request_headers=_pairs(request.headers),
                request_body=sent,
                status=answer.status_code,
                reason=answer.reason_phrase,
                response_headers=_pairs(answer.headers),
                response_body=bytes(body),
            )
        )
        kept = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
        return httpx.Response(
            answer.status_code, headers=kept, stream=httpx.ByteStream(bytes(body)), extensions=answer.extensions
        )

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()


_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


def _pairs(headers: httpx.Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers.multi_items())
