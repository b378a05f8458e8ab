"""Collects the body of an answer within its limits, inflates it in steps, and says whether its mapping takes long."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.types import Limits

ACCEPTED_CODINGS = "gzip, deflate"
"""Only these can be inflated in bounded steps by the standard library; another coding is left as it is."""
_STEP_BYTES = 64 * 1024
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_GZIP_MAGIC = b"\x1f\x8b"
_LONG_BODY = 1024 * 1024
"""Bytes of an answer above which an event loop hands its mapping to a thread."""
_MANY_OBJECTS = 4096
"""Objects, or tags, of an answer above which it does so too: the mapping of a small record takes about 10 µs."""
_SAMPLES = 16
_SAMPLE_BYTES = 4096


class BodyRefused(Exception):
    """A body exceeds a limit; the message completes a sentence that begins with "the answer"."""


class BodyReader:
    """The body of one answer.

    Args:
        content_encoding: the header's values.
        limits: the maximum number of bytes, on the wire and inflated, and of JSON values.

    Raises:
        BodyRefused: the body is compressed more than once.

    >>> from truto_unify.types import Limits
    >>> reader = BodyReader(["gzip"], Limits())
    >>> reader.add(zlib.compress(b"[]", wbits=31))
    >>> reader.body()
    b'[]'
    """

    def __init__(self, content_encoding: Sequence[str], limits: Limits) -> None:
        codings = [coding.strip().lower() for value in content_encoding for coding in value.split(",")]
        codings = [coding for coding in codings if coding not in {"", "identity"}]
        if len(codings) > 1:
            # A kilobyte that is compressed twice can inflate to a gigabyte.
            raise BodyRefused(f"is compressed {len(codings)} times ({', '.join(codings[:4])}), which is never accepted")
        self._limits = limits
        self._coding = codings[0] if codings else ""
        self._inflater = zlib.decompressobj(_WINDOWS[self._coding]) if self._coding in _WINDOWS else None
        self._wire_bytes = 0
        self._body = BytesIO()

    def add(self, part: bytes) -> None:
        """Takes the next bytes from the wire.

        Raises:
            BodyRefused: the body is too large.
            zlib.error: it is not compressed as its header says.
        """
        for _ in self.add_in_steps(part):
            pass

    def add_in_steps(self, part: bytes) -> Iterator[None]:
        """As ``add``, in steps of at most 64 KiB: a small part may inflate to the limit, and others want to be served.

        Raises:
            BodyRefused, zlib.error: as for ``add``.
        """
        self._wire_bytes += len(part)
        if self._inflater is None:
            self._take(part)
        else:
            self._refuse_above(self._wire_bytes)
            yield from self._inflate(part)

    def body(self) -> bytes:
        """The whole body.

        Raises:
            BodyRefused: it is JSON of too many values.
        """
        body = self._body.getvalue()
        limit = self._limits.max_values
        # Each value follows a comma or an opening bracket. Counting is a hundred times faster than parsing.
        if len(body) > limit and body[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
            count = body.count(b",") + body.count(b"{") + body.count(b"[")
            if count > limit:
                raise BodyRefused(
                    f"holds more than {limit} JSON values; Limits.max_values (in the service: "
                    f"TRUTO_UNIFY_MAX_ANSWER_VALUES) raises this limit"
                )
        return body

    def _inflate(self, data: bytes) -> Iterator[None]:
        inflater = self._inflater
        while inflater is not None:
            try:
                inflated = inflater.decompress(data, _STEP_BYTES)
            except zlib.error:
                if self._coding != "deflate" or self._body.tell():
                    raise
                # Many servers send deflate without the header of zlib.
                inflater = self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
                self._coding = "raw deflate"
                continue
            self._take(inflated)
            yield
            data = inflater.unconsumed_tail
            if inflater.eof:
                data = inflater.unused_data
                if not data.startswith(_GZIP_MAGIC):  # whatever follows is padding
                    return
                inflater = self._inflater = zlib.decompressobj(_WINDOWS["gzip"])
            elif not data and len(inflated) < _STEP_BYTES:
                return

    def _take(self, part: bytes) -> None:
        self._body.write(part)
        self._refuse_above(self._body.tell())

    def _refuse_above(self, size: int) -> None:
        limit = self._limits.max_body
        if size > limit:
            raise BodyRefused(
                f"is larger than {limit} bytes; Limits.max_body (in the service: TRUTO_UNIFY_MAX_ANSWER) raises this "
                f"limit"
            )


def takes_long_to_map(body: bytes) -> bool:
    """Whether the mapping of an answer may occupy the processor for tens of milliseconds, so that a thread does it.

    The objects of a large body are counted in samples of it: to count them all takes a twentieth of the mapping.
    """
    if len(body) <= _MANY_OBJECTS:
        return False
    if len(body) > _LONG_BODY:
        return True
    distance = max(len(body) // _SAMPLES, _SAMPLE_BYTES)
    samples = b"".join(body[place : place + _SAMPLE_BYTES] for place in range(0, len(body), distance))
    objects = samples.count(b"{") + samples.count(b"<")
    return objects * len(body) > _MANY_OBJECTS * len(samples)
