"""Reads answers of httpx: their headers, the bytes as they come, and where the body may be trusted to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.answer_body import BodyReader, BodyRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from truto_unify.types import Limits


def begin_body(answer: httpx.Response, limits: Limits) -> BodyReader:
    """A reader for the body. A transport of the caller's may have read and inflated the body already.

    Raises:
        BodyRefused: its end is not certain, or it is compressed more than once.
    """
    if answer.is_stream_consumed:
        return BodyReader([], limits)
    if {"content-length", "transfer-encoding"} <= answer.headers.keys():
        # Two readers may see its end at different places: https://www.rfc-editor.org/rfc/rfc9112#section-6.3-2.3
        raise BodyRefused("has both Content-Length and Transfer-Encoding, and so no certain end")
    return BodyReader(answer.headers.get_list("content-encoding"), limits)


def wire_parts(answer: httpx.Response) -> Iterable[bytes]:
    """The bytes of the body as they come, not inflated."""
    return [answer.content] if answer.is_stream_consumed else answer.iter_raw()


def all_headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers with their names in lower case."""
    return tuple((name.lower(), value) for name, value in answer.headers.multi_items())
