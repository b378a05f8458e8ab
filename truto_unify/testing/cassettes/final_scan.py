"""The last look at a cassette before it is written: no secret in any spelling, no person who was seen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import read_document
from truto_unify.testing.cassettes.json_text import Number, read_json
from truto_unify.testing.cassettes.pseudonyms import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.testing.cassettes.known_people import Known
    from truto_unify.testing.cassettes.secrets import Secrets


def scan_text(text: str, secrets: Secrets, known: Known) -> list[str]:
    """Where the text of a cassette or sidecar still holds what it must not; each names a place and never a value.

    Args:
        text: YAML or JSON.
        secrets: what must not be there.
        known: people; their e-mails, phone numbers and streets are looked for, names being words like any other.
    """
    found: list[str] = []
    for place, one in _texts(read_document(text), ""):
        if faults := list(_faults(one, secrets, known)):
            inside = [
                f"{at}: {what}" for at, leaf in _inner_texts(place, one) for what in _faults(leaf, secrets, known)
            ]
            found += inside or [f"{place}: {what}" for what in faults]
    if not found:
        found = [f"line {number}: {what}" for number, what in _faulty_lines(text, secrets)]
    return found


def _faults(text: str, secrets: Secrets, known: Known) -> Iterator[str]:
    placeholder = secrets.find(text)
    if placeholder is not None:
        yield f"the secret that {placeholder} stands for"
    folded = fold(text)
    for phrase, kind in known.phrases.items():
        spellings = {phrase, json.dumps(phrase, ensure_ascii=False)[1:-1]}
        is_telling = kind in {"email", "phone"} or (kind == "street" and len(phrase) > 7 and re.search(r"\d", phrase))
        if is_telling and any(_holds(folded, one) for one in spellings):
            yield f"personal data ({kind})"


def _holds(text: str, phrase: str) -> bool:
    at = text.find(phrase)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(phrase) : at + len(phrase) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(phrase, at + 1)
    return False


def _faulty_lines(text: str, secrets: Secrets) -> Iterator[tuple[int, str]]:
    if secrets.find(text) is None:
        return
    lines = [(number, secrets.find(line)) for number, line in enumerate(text.splitlines(), start=1)]
    found = [(number, placeholder) for number, placeholder in lines if placeholder is not None]
    for number, placeholder in found or [(1, "a placeholder")]:
        yield number, f"the secret that {placeholder} stands for"


def _inner_texts(place: str, text: str) -> Iterator[tuple[str, str]]:
    """The texts of a JSON body, to name the place in it."""
    is_json, value = read_json(text)
    return _texts(value, place) if is_json else iter(())


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{place}.{key}".removeprefix("."), str(key)
            yield from _texts(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")
    elif isinstance(value, Number):
        yield place.removeprefix("."), value.text
    elif value is not None:
        yield place.removeprefix("."), str(value)
