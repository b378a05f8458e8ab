"""Scans cassettes for what must not be published, without knowing the secrets and the people."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from truto_unify.secret_shapes import KNOWN_PREFIXES
from truto_unify.testing.cassettes import headers as allowed
from truto_unify.testing.cassettes.cassette_file import read_cassette
from truto_unify.testing.cassettes.detectors import (
    EMAIL,
    NAMES_A_PHONE,
    is_invented_email,
    is_named_secret,
    looks_secret,
)
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.json_text import Number, read_json
from truto_unify.testing.cassettes.phone_numbers import LOOKS_LIKE_A_NUMBER, digits_of, is_reserved
from truto_unify.testing.cassettes.sidecar import Sidecar, read_sidecar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from truto_unify.config.configuration import Configuration

_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~-]{24,}")
_SCHEME = re.compile(r"(?i)\b(?:basic|bearer) +(?!FAKE_|REDACTED)[A-Za-z0-9+/=._~-]{12,}")
_HIDDEN = re.compile(r"(?i)FAKE_\w+|opaque-[0-9a-f]{16}|\[?redacted\]?|\*+|")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not be in a cassette.

    Attributes:
        file: the cassette, or its sidecar.
        place: the position in the file, as ``interactions[0].response.body.customers[3].email``.
        message: what is wrong, without the value.
        value: the text that is wrong.
    """

    file: Path
    place: str
    message: str
    value: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.message}" if self.place else f"{self.file}: {self.message}"


def cassettes_below(paths: Iterable[Path]) -> list[Path]:
    """The cassettes among these files and below these folders."""
    files: list[Path] = []
    for path in paths:
        files += sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    return files


def check_cassettes(
    paths: Iterable[Path], today: date, registry: Configuration | None = None
) -> tuple[list[Path], list[Finding]]:
    """The checked cassettes, and their findings.

    Args:
        paths: cassettes, or folders of them.
        today: the day by which a cassette has expired or not.
        registry: knows the further headers that a provider's file reads.
    """
    files = cassettes_below(paths)
    return files, [finding for file in files for finding in check_cassette(file, today, registry)]


def check_cassette(file: Path, today: date, registry: Configuration | None = None) -> list[Finding]:
    """The findings in a cassette and its sidecar."""
    findings: list[Finding] = []
    sidecar: Sidecar | None = None
    try:
        sidecar = read_sidecar(file)
    except UnsafeCassette as error:
        findings += [Finding(file, "", text.removeprefix(f"{file}: ")) for text in error.findings]
    if sidecar is not None and sidecar.is_expired(today):
        findings.append(Finding(file, "", f"expired on {sidecar.expires}; record it again"))
    try:
        interactions = read_cassette(file)
    except UnsafeCassette as error:
        return [*findings, *(Finding(file, "", text.removeprefix(f"{file}: ")) for text in error.findings)]
    slug = sidecar.provider if sidecar else None
    config = registry.provider(slug).config if registry is not None and slug in registry.providers and slug else None
    header_names = allowed.response_headers(config) | allowed.HARMLESS
    for number, interaction in enumerate(interactions):
        for place, message, value in _check_interaction(interaction, header_names):
            findings.append(Finding(file, f"interactions[{number}].{place}", message, value))
    accepted = [re.compile(rule["pattern"]) for rule in (sidecar.accepted if sidecar else ())]
    return [finding for finding in findings if not _is_accepted(finding, accepted)]


def _is_accepted(finding: Finding, accepted: list[re.Pattern[str]]) -> bool:
    return bool(finding.value) and any(pattern.fullmatch(finding.value) for pattern in accepted)


PlacedValue = tuple[str, str, str]
"""The place of a finding, its message, and the text that is wrong."""


def _check_interaction(interaction: dict[str, Any], header_names: Iterable[str]) -> Iterator[PlacedValue]:
    request, response = interaction["request"], interaction["response"]
    yield from _check_headers("request.headers", request.get("headers") or {}, allowed.REQUEST | allowed.HARMLESS)
    yield from _check_headers("response.headers", response.get("headers") or {}, header_names)
    yield from _check_url("request.uri", str(request.get("uri", "")))
    yield from _check_body("request.body", request.get("body"))
    body = response.get("body")
    yield from _check_body("response.body", body.get("string") if isinstance(body, dict) else body)


def _check_headers(place: str, headers: dict[str, Any], header_names: Iterable[str]) -> Iterator[PlacedValue]:
    for name, values in headers.items():
        texts = [str(value) for value in (values if isinstance(values, list) else [values])]
        if name.lower() not in header_names and not all(_HIDDEN.fullmatch(text) for text in texts):
            yield f"{place}.{name}", "a header that is not on the list; leave it out", ""
            continue
        for text in texts:
            yield from _check_text(f"{place}.{name}", text, "")


def _check_url(place: str, url: str) -> Iterator[PlacedValue]:
    parts = urlsplit(url)
    if "@" in parts.netloc:
        yield place, "a name or password before the host", ""
    yield from _check_text(place, unquote(parts.path), "")
    for name, value in parse_qsl(parts.query):
        yield from _check_text(f"{place}?{name}", value, name)


def _check_body(place: str, body: Any) -> Iterator[PlacedValue]:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
    is_json, value = read_json(text)
    if is_json:
        yield from _check_value(place, value, "")
    else:
        yield from _check_text(place, text, "")


def _check_value(place: str, value: Any, name: str) -> Iterator[PlacedValue]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _check_text(f"{place}, a key", key, "")
            yield from _check_value(f"{place}.{key}", inner, key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _check_value(f"{place}[{index}]", inner, name)
    elif isinstance(value, Number):
        if NAMES_A_PHONE.search(name) and not is_reserved(value.text):
            yield place, "a phone number outside the ranges that are kept for fiction", value.text
    elif isinstance(value, str):
        is_json, embedded = read_json(value)
        if is_json:
            yield from _check_value(place, embedded, name)
        else:
            yield from _check_text(place, value, name)


def _check_text(place: str, text: str, name: str) -> Iterator[PlacedValue]:
    if KNOWN_PREFIXES.search(text) or _SCHEME.search(text):
        yield place, "looks like a key or token", text
    elif is_named_secret(name, text) and not _HIDDEN.fullmatch(text):
        yield place, "the name says that it is a secret", text
    elif any(looks_secret(token) for token in _TOKEN.findall(text)):
        yield place, "so random that it may be a key or token", text
    for email in EMAIL.findall(text):
        if not is_invented_email(email):
            yield place, "an e-mail address outside example.*, .example, .test and .invalid", email
    numbers = [text] if NAMES_A_PHONE.search(name) and len(digits_of(text)) > 6 else LOOKS_LIKE_A_NUMBER.findall(text)
    for number in numbers:
        if not is_reserved(re.split(r"(?i)\s*(?:x|ext|#)", number)[0]):
            yield place, "a phone number outside the ranges that are kept for fiction", number
