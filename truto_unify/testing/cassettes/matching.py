"""Tells whether a request is the one that was recorded: method, host, path, query in any order, and body."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

MATCH_ON = ("method", "scheme", "host", "port", "path", "unify_query", "unify_body")
"""What vcrpy compares: the first five are its own."""


class RecordedRequest(Protocol):
    """A request as vcrpy shows it to matchers."""

    method: str
    uri: str
    body: Any


def register_matchers(vcr: Any) -> None:
    """Makes vcrpy compare requests as we do, wherever a test says nothing else.

    Args:
        vcr: the ``vcr.VCR`` of a test.
    """
    vcr.register_matcher("unify_query", match_query)
    vcr.register_matcher("unify_body", match_body)
    vcr.match_on = MATCH_ON


def match_query(one: RecordedRequest, other: RecordedRequest) -> None:
    """A matcher for vcrpy: the same parameters in any order, blank ones included.

    Raises:
        AssertionError: they differ; the message names parameters and shows no value.
    """
    _refuse(_in_pairs("query", _pairs(urlsplit(one.uri).query), _pairs(urlsplit(other.uri).query)))


def match_body(one: RecordedRequest, other: RecordedRequest) -> None:
    """A matcher for vcrpy: JSON is compared by value, so that page 2 is never answered with page 1.

    Raises:
        AssertionError: they differ; the message names places and shows no value.
    """
    _refuse(_in_bodies(_text(one.body), _text(other.body)))


def describe_mismatch(error: Any) -> str:
    """What a call sends that its cassette does not hold, as ``now sends size=100, recorded size=50; record it again``.

    Args:
        error: vcrpy's, with its cassette and the request.
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
    """Everything that distinguishes a request: its target, and each parameter and leaf of the body with its value."""
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
    found = list(differences)
    if found:
        raise AssertionError("another request: " + "; ".join(found))


def is_same_request(one: RecordedRequest, other: RecordedRequest) -> bool:
    """Whether one would be answered with what was recorded for the other."""
    return next(_differences(one, other), None) is None


def _differences(one: RecordedRequest, other: RecordedRequest) -> Iterator[str]:
    if one.method != other.method:
        yield f"method {one.method} or {other.method}"
    first, second = urlsplit(one.uri), urlsplit(other.uri)
    if (first.scheme, first.hostname, _port(first)) != (second.scheme, second.hostname, _port(second)):
        yield "host"
    if (first.path or "/") != (second.path or "/"):
        yield "path"
    yield from _in_pairs("query", _pairs(first.query), _pairs(second.query))
    yield from _in_bodies(_text(one.body), _text(other.body))


def _in_bodies(one: str, other: str) -> Iterator[str]:
    if one == other:
        return
    first, second = _json(one), _json(other)
    if first is not None and second is not None:
        yield from _in_values("body", first, second)
    elif _is_form(one) and _is_form(other):
        yield from _in_pairs("body", _pairs(one), _pairs(other))
    else:
        yield "body"


def _in_pairs(what: str, one: list[tuple[str, str]], other: list[tuple[str, str]]) -> Iterator[str]:
    if one != other:
        names = sorted({name for name, _ in {*one} ^ {*other}} or {name for name, _ in one})
        yield f"{what} ({', '.join(names)})"


def _in_values(place: str, one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key in one and key in other:
                yield from _in_values(f"{place}.{key}", one[key], other[key])
            else:
                yield f"{place}.{key}"
    elif json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True):
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


def _port(parts: Any) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _text(body: Any) -> str:
    if body is None:
        return ""
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
