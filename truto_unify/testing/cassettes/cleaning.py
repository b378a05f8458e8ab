"""Takes secrets and people out of exchanges: learns what there is in all of them, then writes each anew."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit, urlunsplit

from truto_unify.testing.cassettes import headers as allowed
from truto_unify.testing.cassettes.detectors import EMAIL, looks_secret, said_by_base64
from truto_unify.testing.cassettes.json_text import Number, read_json, write_json
from truto_unify.testing.cassettes.known_people import Known
from truto_unify.testing.cassettes.phone_numbers import LOOKS_LIKE_A_NUMBER, digits_of
from truto_unify.testing.cassettes.pseudonyms import Inventions, Kind, fold
from truto_unify.testing.cassettes.subject_account import rename

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from truto_unify.testing.cassettes.classes import Class, FieldClasses
    from truto_unify.testing.cassettes.recorder import Exchange, Headers
    from truto_unify.testing.cassettes.secrets import Secrets

_KINDS: dict[str, Kind] = {one: one for one in get_args(Kind)}
SOME_TEXT = "some text"
_URL = re.compile(r"https?://[^\s<>\"'\\]+")
_HUMAN = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]|[^\x00-\x7f]|[A-Za-z]\s+\d|\d\s+[A-Za-z]{2}")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.~%-]{12,}")
_FIXED: dict[str, str] = {
    "blank": "",
    "birth": "1990-01-01",
    "place": "0.0",
    "picture": "https://example.test/image.png",
    "ip": "192.0.2.1",
}
_VALUES = {"value", "content", "val"}
_LABELS = ("key", "name", "field", "label", "title", "id", "api_name", "customfield_id")


class Cleaner:
    """Cleans the exchanges of one cassette.

    Args:
        secrets: what must not stay; tokens and cookies of the exchanges are added.
        classes: what the fields of native records hold.
        inventions: stand-ins for people.
        names: what else is replaced wherever it stands as a word, such as the merchant's host name.
        headers: response headers that stay, in lower case.
    """

    def __init__(
        self,
        secrets: Secrets,
        classes: FieldClasses,
        inventions: Inventions,
        *,
        names: Mapping[str, str],
        headers: Collection[str],
    ) -> None:
        self.secrets = secrets
        self.classes = classes
        self.inventions = inventions
        self._headers = headers
        self._names = dict(names)
        self.seen, self.asked = Known(), Known()

    # ------------------------------------------------------------------------------------------ learning

    def learn(self, exchange: Exchange) -> None:
        """Notes the secrets and the people of an exchange."""
        for name, value in exchange.response_headers:
            if name == "set-cookie":
                self.secrets.add(value.partition(";")[0].partition("=")[2].strip('"'), "cookie")
        for name, value in parse_qsl(urlsplit(exchange.url).query):
            if self.classes.class_of([name]) == "secret":
                self.secrets.add(value, _slug(name))
        for body in (exchange.request_body, exchange.response_body):
            is_json, value = read_json(_text(body))
            if is_json:
                self._learn_value(value, ())

    def learn_value(self, kind: Kind, text: str, *, is_asked: bool) -> None:
        """Notes a personal value: one that a unified record showed, or one that the caller asked for."""
        self.inventions.avoid(text)
        (self.asked if is_asked else self.seen).add(kind, text)
        if is_asked:
            self.seen.add(kind, text)

    def _learn_value(self, value: Any, names: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._learn_value(inner, (*names, _said_by(value, key)))
        elif isinstance(value, list):
            for inner in value:
                self._learn_value(inner, names)
        elif isinstance(value, str):
            found = self.classes.class_of(names)
            is_json, embedded = read_json(value)
            if is_json:
                self._learn_value(embedded, names)
            elif found == "secret" and not re.search(r"\s", value):
                self.secrets.add(value, _slug(names[-1]))
            elif found in _KINDS:
                self.learn_value(_KINDS[found], value, is_asked=False)

    # ------------------------------------------------------------------------------------------ rewriting

    def clean(self, exchange: Exchange) -> Exchange:
        """The exchange as it may be published; every exchange must have been learned before."""
        is_refusal = exchange.status >= 400
        return replace(
            exchange,
            url=self.clean_url(exchange.url, self.asked),
            request_headers=self._clean_headers(exchange.request_headers, allowed.REQUEST, self.asked),
            request_body=self._clean_body(exchange.request_body, self.asked, keeps_texts=True, indent=False),
            reason=self.sweep(exchange.reason, self.asked),
            response_headers=self._clean_headers(exchange.response_headers, self._headers, self.seen),
            response_body=self._clean_body(exchange.response_body, self.seen, keeps_texts=is_refusal, indent=True),
        )

    def _clean_headers(self, headers: Headers, kept: Collection[str], known: Known) -> Headers:
        return tuple((name, self.sweep(value, known)) for name, value in headers if name in kept)

    def _clean_body(self, body: bytes, known: Known, *, keeps_texts: bool, indent: bool) -> bytes:
        if not body:
            return b""
        text = _text(body)
        is_json, value = read_json(text)
        if is_json:
            return write_json(self._clean_value(value, (), known, keeps_texts), indent=indent).encode()
        if re.fullmatch(r"[^\s=&<>]+=[^\s&<>]*(&[^\s=&<>]+=[^\s&<>]*)*", text):
            return self._clean_query(text, known).encode()
        return _without_surrogates(self.sweep(text, known)).encode()

    def _clean_value(self, value: Any, names: tuple[str, ...], known: Known, keeps_texts: bool) -> Any:
        if isinstance(value, dict):
            is_graphql = (
                not names and isinstance(value.get("query"), str) and {"variables", "operationName"} & set(value)
            )
            return {
                self.sweep(key, known): self.secrets.hide(inner)
                if is_graphql and key == "query"
                else self._clean_value(
                    inner, (*names, _said_by(value, key)), known, keeps_texts or _is_label(value, key)
                )
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._clean_value(inner, names, known, keeps_texts) for inner in value]
        if isinstance(value, str):
            return _without_surrogates(self._clean_text(value, names, known, keeps_texts))
        return self._clean_number(value, names) if isinstance(value, Number) else value

    def _clean_text(self, text: str, names: tuple[str, ...], known: Known, keeps_texts: bool) -> str:
        is_json, embedded = read_json(text)
        if is_json:
            return write_json(self._clean_value(embedded, names, known, keeps_texts), indent=False)
        found = self.classes.class_of(names)
        if found == "plain" or not text.strip():
            return self.sweep(text, None)
        if found == "blank" and keeps_texts:
            found = None
        if found is not None and found != "secret":
            return self.replace_value(found, text)
        kind = known.phrases.get(fold(text))
        if kind is not None:
            return self.inventions.stand_in(kind, text)
        placeholder = self.secrets.placeholder(text)
        if placeholder is not None:
            return placeholder
        swept = self.sweep(text, known)
        is_human = not keeps_texts and _HUMAN.search(text) and not _URL.match(text)
        return SOME_TEXT if is_human else swept

    def replace_value(self, found: Class, text: str) -> str:
        """What stands for the value of a field of this class."""
        if found in _FIXED:
            return _FIXED[found]
        if found == "email" and "@" not in text:
            return self.sweep(text, self.seen)
        if found == "phone" and len(digits_of(text)) < 3:
            return self.sweep(text, self.seen)
        if found in _KINDS:
            return self.inventions.stand_in(_KINDS[found], self.secrets.hide(text))
        return self.sweep(text, self.seen)

    def _clean_number(self, value: Number, names: tuple[str, ...]) -> Number:
        found = self.classes.class_of(names)
        if found == "place":
            return Number("0.0")
        if found in {"phone", "postal", "number", "birth"} and len(digits_of(value.text)) > 3:
            shaped = self.inventions.stand_in("phone" if found == "phone" else "number", digits_of(value.text))
            return Number(shaped.lstrip("0") or "0")
        named = self._names.get(value.text, value.text)
        hidden = self.secrets.hide(named)
        return value if hidden == value.text else Number(hidden if hidden.isdecimal() else f'"{hidden}"')

    # ------------------------------------------------------------------------------------------ sweeping

    def sweep(self, text: str, known: Known | None) -> str:
        """The text without secrets, merchant's names, e-mails, phone numbers and (if given) known people."""
        text = self.secrets.hide(text)
        parts, last = [], 0
        for found in _URL.finditer(text):
            parts += [self._sweep_words(text[last : found.start()], known), self.clean_url(found[0], known)]
            last = found.end()
        return "".join([*parts, self._sweep_words(text[last:], known)])

    def _sweep_words(self, text: str, known: Known | None) -> str:
        if not text:
            return text
        if known is not None:
            text = known.replaced(text, self.inventions.stand_in)
        text = self._rename(text)
        text = EMAIL.sub(partial(self._invent, "email"), text)
        text = LOOKS_LIKE_A_NUMBER.sub(partial(self._invent, "phone"), text)
        return _TOKEN.sub(self._hide_token, text)

    def _rename(self, text: str) -> str:
        return rename(text, self._names)

    def _invent(self, kind: Kind, found: re.Match[str]) -> str:
        return found[0] if found[0] in self.inventions.made else self.inventions.stand_in(kind, found[0])

    def _hide_token(self, found: re.Match[str]) -> str:
        """A token that may be a secret, or holds people when it is decoded, becomes another one as a whole."""
        token = found[0]
        if token.startswith(("FAKE_", "opaque-")):
            return token
        if looks_secret(token) or self._holds_people(token):
            return self.inventions.stand_in("opaque", token)
        return token

    def _holds_people(self, token: str) -> bool:
        said = unquote(token) if "%" in token else said_by_base64(token)
        if said is None:
            return False
        if EMAIL.search(said) or self._rename(said) != said:
            return True
        return self.seen.replaced(said, lambda *_: "\0") != said

    def clean_url(self, url: str, known: Known | None) -> str:
        """The address with its path and query cleaned, each part for itself."""
        parts = urlsplit(self._rename(self.secrets.hide(url)))
        path = "/".join(
            segment if (cleaned := self._sweep_words(unquote(segment), known)) == unquote(segment) else quote(cleaned)
            for segment in parts.path.split("/")
        )
        return urlunsplit((parts.scheme, parts.netloc, path, self._clean_query(parts.query, known), parts.fragment))

    def _clean_query(self, query: str, known: Known | None) -> str:
        return "&".join(self._clean_pair(pair, known) for pair in query.split("&"))

    def _clean_pair(self, pair: str, known: Known | None) -> str:
        name, equals, value = pair.partition("=")
        plain = unquote(value.replace("+", " "))
        cleaned = self.clean_parameter(unquote(name), plain, known)
        return pair if cleaned == plain else f"{name}{equals}{quote_plus(cleaned, safe=':,/@')}"

    def clean_parameter(self, name: str, value: str, known: Known | None) -> str:
        """The value of a query parameter."""
        kind = (known or self.asked).phrases.get(fold(value))
        if kind is not None:
            return self.inventions.stand_in(kind, value)
        found = self.classes.class_of([name])
        if found in {"email", "phone", "name", "street", "city"} and value.strip() and "{" not in value:
            return self.replace_value(found, value)
        return self.secrets.placeholder(value) or self.sweep(value, known)


def _said_by(document: dict[str, Any], key: str) -> str:
    """What a value is called: its key, or what stands beside it where lists of pairs hold anything."""
    if key in _VALUES:
        for name in _LABELS:
            beside = document.get(name)
            if isinstance(beside, str):
                return beside
    return key


def _is_label(document: dict[str, Any], key: str) -> bool:
    """Whether it names the value beside it: a store's field, which a mapping may look for."""
    return key in _LABELS and not _VALUES.isdisjoint(document)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_") or "secret"


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode() if any("\ud800" <= letter <= "\udfff" for letter in text) else text
