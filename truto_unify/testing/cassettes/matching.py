"""Compares a request with a recorded request: method, host, path, query in any order, and body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

MATCH_ON = ("method", "scheme", "host", "port", "path", "unify_query", "unify_body")
"""The matchers of vcrpy; the first five are its own."""


class RecordedRequest(Protocol):
    """A request as vcrpy shows it to matchers."""

    method: str
    uri: str
    body: Any


def register_matchers(vcr: Any) -> None:
    """Makes vcrpy compare requests with these matchers, unless a test names others.

    Args:
        vcr: the ``vcr.VCR`` of a test.
    """
    vcr.register_matcher("unify_query", match_query)
    vcr.register_matcher("unify_body", match_body)
    vcr.match_on = MATCH_ON


def match_query(sent: RecordedRequest, recorded: RecordedRequest) -> None:
    """A matcher for vcrpy: the same parameters in any order, blank parameters included.

    Raises:
        AssertionError: they differ; the message names parameters and shows no value.
    """
    _refuse(_in_pairs("query", _pairs(urlsplit(sent.uri).query), _pairs(urlsplit(recorded.uri).query)))


def match_body(sent: RecordedRequest, recorded: RecordedRequest) -> None:
    """A matcher for vcrpy: JSON is compared by value, so that page 2 is never answered with page 1.

    Raises:
        AssertionError: they differ; the message names places and shows no value.
    """
    _refuse(_in_bodies(_text(sent.body), _text(recorded.body)))


def describe_mismatch(error: Any) -> str:
    """The difference between a call and its cassette: ``now sends size=100, recorded size=50; record it again``.

    Args:
        error: the error of vcrpy, with its cassette and the request.
    """
    sent, cassette = error.failed_request, error.cassette
    left = [request for index, request in enumerate(cassette.requests) if not cassette.play_counts[index]]
    if not left:
        return f"now sends a request more, {sent.method} {urlsplit(sent.uri).path}; record it again"
    mine = _parts(sent)
    now, then = min(
        ((mine - theirs, theirs - mine) for theirs in map(_parts, left)), key=lambda pair: len(pair[0] | pair[1])
    )
    texts = [", ".join(part[:_SHOWN] for part in sorted(parts)) for parts in (now, then)]
    if not then:
        return f"now sends {texts[0]}, which was not recorded; record it again"
    return f"{f'now sends {texts[0]}, recorded' if now else 'no longer sends'} {texts[1]}; record it again"


_SHOWN = 80


def _parts(request: RecordedRequest) -> set[str]:
    """The parts that distinguish a request: its target, and each parameter and leaf of the body with its value."""
    parts, text = urlsplit(request.uri), _text(request.body)
    body = _json(text)
    pairs = [*_pairs(parts.query), *(_leaves("", body) if body is not None else _pairs(text) if _is_form(text) else ())]
    target = f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}"
    return {target, *(f"{name}={value}" for name, value in pairs)}


def _leaves(place: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{place}.{key}", inner)
    else:
        yield place.removeprefix("."), value if isinstance(value, str) else json.dumps(value)


def _refuse(differences: Iterator[str]) -> None:
    texts = list(differences)
    if texts:
        raise AssertionError("another request: " + "; ".join(texts))


def is_same_request(sent: RecordedRequest, recorded: RecordedRequest) -> bool:
    """Whether the request would get the answer of the recorded request."""
    return next(_differences(sent, recorded), None) is None


def _differences(sent: RecordedRequest, recorded: RecordedRequest) -> Iterator[str]:
    if sent.method != recorded.method:
        yield f"method {sent.method} or {recorded.method}"
    sent_url, recorded_url = urlsplit(sent.uri), urlsplit(recorded.uri)
    if _origin(sent_url) != _origin(recorded_url):
        yield "host"
    if (sent_url.path or "/") != (recorded_url.path or "/"):
        yield "path"
    yield from _in_pairs("query", _pairs(sent_url.query), _pairs(recorded_url.query))
    yield from _in_bodies(_text(sent.body), _text(recorded.body))


def _in_bodies(sent: str, recorded: str) -> Iterator[str]:
    if sent == recorded:
        return
    sent_value, recorded_value = _json(sent), _json(recorded)
    if sent_value is not None and recorded_value is not None:
        yield from _in_values("body", sent_value, recorded_value)
    elif _is_form(sent) and _is_form(recorded):
        yield from _in_pairs("body", _pairs(sent), _pairs(recorded))
    else:
        yield "body"


def _in_pairs(what: str, sent: list[tuple[str, str]], recorded: list[tuple[str, str]]) -> Iterator[str]:
    if sent != recorded:
        names = sorted({name for name, _ in {*sent} ^ {*recorded}} or {name for name, _ in sent})
        yield f"{what} ({', '.join(names)})"


def _in_values(place: str, sent: Any, recorded: Any) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(recorded, dict):
        for key in sorted({*sent, *recorded}):
            if key in sent and key in recorded:
                yield from _in_values(f"{place}.{key}", sent[key], recorded[key])
            else:
                yield f"{place}.{key}"
    elif json.dumps(sent, sort_keys=True) != json.dumps(recorded, sort_keys=True):
        yield place


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _is_form(text: str) -> bool:
    return "=" in text and not any(letter.isspace() for letter in text)


def _pairs(query: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(query, keep_blank_values=True))


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _text(body: Any) -> str:
    if body is None:
        return ""
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
