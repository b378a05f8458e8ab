"""Cleans recorded exchanges: each leaf that the keep-list does not name is replaced, in any part of an exchange."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit, urlunsplit

from vcr.request import Request

from truto_unify.testing.cassettes import headers as allowed
from truto_unify.testing.cassettes.detectors import is_named_secret
from truto_unify.testing.cassettes.error_answers import ErrorAnswers
from truto_unify.testing.cassettes.json_text import Number, read_json, write_json
from truto_unify.testing.cassettes.keep_list import plain_words
from truto_unify.testing.cassettes.subject_account import name_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from truto_unify.testing.cassettes.keep_list import KeepList
    from truto_unify.testing.cassettes.pseudonyms import Pseudonyms
    from truto_unify.testing.cassettes.secrets import Secrets

_URL = r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"'\\]+"
_RUN = r"[A-Za-z0-9][\w:/.-]{4,}\w"
_FORM = re.compile(r"[^\s=&<>]+=[^\s&<>]*(&[^\s=&<>]+=[^\s&<>]*)*")
_LINK = re.compile(r"<([^>]*)>(?:[^,<]*?(;\s*rel=\"?[a-z]+\"?))?[^,<]*")
_PLAIN_NUMBER = re.compile(r"-?(?:\d{1,4}|\d+\.\d{1,2})(?:[eE][+-]?\d+)?")
_QUOTA = re.compile(r"[\d./;:,= -]*")


class Cleaner:
    """Cleans the exchanges of one cassette; ``clean_request`` and ``clean_response`` are hooks of vcrpy.

    Args:
        secrets: become placeholders.
        keep_list: which leaves stay.
        pseudonyms: replace all other leaves.
        names: words that are replaced in any text, such as the merchant's host name.
        headers: response headers that stay, in lower case.
        cookies: the cookies of answers that stay, without their attributes.
        errors: tells the error answers, in which words of prose stay.
    """

    def __init__(
        self,
        secrets: Secrets,
        keep_list: KeepList,
        pseudonyms: Pseudonyms,
        *,
        names: Mapping[str, str],
        headers: Collection[str],
        cookies: Collection[str] = (),
        errors: ErrorAnswers | None = None,
    ) -> None:
        self._secrets = secrets
        self._keep_list = keep_list
        self._pseudonyms = pseudonyms
        self._names = names
        self._headers = headers
        self._cookies = cookies
        self._errors = errors or ErrorAnswers()
        self._ids: set[str] = set()
        self._hosts: set[str] = {*names.values()}
        named = [f"(?P<name>{pattern})"] if (pattern := name_pattern(names)) else []
        self._special = re.compile("|".join([f"(?P<url>{_URL})", *named, f"(?P<run>{_RUN})"]))

    # ------------------------------------------------------------------------------------------ learning

    def learn(self, request: Request, response: dict[str, Any]) -> None:
        """Notes the ids of an exchange, which stay, and its words, which no pseudonym may be."""
        self._hosts.add(self._rename(urlsplit(request.uri).netloc))
        for body in (request.body, response["body"]["string"]):
            is_json, value = read_json(_text(body))
            if is_json:
                self._learn_value(value, ())
            self._pseudonyms.avoid(_text(body))

    def learn_leaf(self, names: tuple[str, ...], text: str) -> None:
        """Notes one leaf."""
        if names and is_named_secret(names[-1], text) and not text.isdecimal():
            self._pseudonyms.hide_shape(text)
        if self._keep_list.keeps(names, text):
            self._pseudonyms.reserve(text)
            if self._keep_list.class_of(names) == "id":
                self._ids.add(text)

    def _learn_value(self, value: Any, names: tuple[str, ...]) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                self._learn_value(inner, (*names, key))
        elif isinstance(value, list):
            for inner in value:
                self._learn_value(inner, names)
        elif isinstance(value, str | Number):
            self.learn_leaf(names, value if isinstance(value, str) else value.text)

    # ------------------------------------------------------------------------------------------ rewriting

    def clean_request(self, request: Request) -> Request:
        """The request with pseudonyms and without secrets."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        allowed_headers = {name: value for name, value in headers.items() if name in allowed.REQUEST}
        return Request(request.method, self.clean_url(request.uri), self._clean_body(request.body, ()), allowed_headers)

    def clean_response(self, response: dict[str, Any]) -> dict[str, Any]:
        """The answer as it may be published. Every exchange must be learned before."""
        code = response["status"]["code"]
        headers = {name.lower(): values for name, values in response["headers"].items()}
        body = response["body"]["string"]
        is_refusal = code >= HTTPStatus.BAD_REQUEST
        plain = plain_words() if is_refusal else None if self._errors.is_error(_text(body)) else ()
        return {
            "status": {"code": code, "message": HTTPStatus(code).phrase if code in [*HTTPStatus] else ""},
            "headers": {
                name: cleaned
                for name, values in headers.items()
                if name in self._headers and (cleaned := [*self._clean_headers(name, values)])
            },
            "body": {"string": self._clean_body(body, plain, indent=True)},
        }

    def clean_leaf(self, names: tuple[str, ...], text: str, plain: Collection[str] | None = ()) -> str:
        """The replacement of the text at these names, outermost first.

        Args:
            names: keys of objects, or the name of a parameter.
            text: the leaf.
            plain: words that stay in prose; if None, those of usual error messages, and only in messages of errors.
        """
        if plain is None:
            plain = plain_words() if names in self._errors.messages else ()
        placeholder = self._secrets.placeholder(text)
        if placeholder is not None or not text.strip():
            return text if placeholder is None else placeholder
        is_json, embedded = read_json(text)
        if is_json:
            return write_json(self._clean_value(embedded, names, plain), indent=False)
        if self._names.get(text) is not None:
            return self._names[text]
        stays = self._keep_list.keeps(names, text) or self._is_id(text)
        return self._rename(text) if stays and self._secrets.find(text) is None else self.sweep(text, plain)

    def sweep(self, text: str, plain: Collection[str] = ()) -> str:
        """The text with pseudonyms; ids stay, and the merchant's names become examples.

        In an error, the texts that the provider's rules look for stay, too.
        """
        texts = self._errors.phrases.split(text) if plain else [text]
        return "".join(part if number % 2 else self._sweep(part, plain) for number, part in enumerate(texts))

    def _sweep(self, text: str, plain: Collection[str]) -> str:
        parts, last = [], 0
        for match in self._special.finditer(text):
            if match.lastgroup == "run" and not self._is_id(match[0]):
                continue
            special = self.clean_url(match[0]) if match.lastgroup == "url" else self._names.get(match[0], match[0])
            parts += [self._pseudonyms.pseudonym_of(text[last : match.start()], plain), special]
            last = match.end()
        return _without_surrogates("".join([*parts, self._pseudonyms.pseudonym_of(text[last:], plain)]))

    def clean_url(self, url: str) -> str:
        """The address with its host, the steps of its path and the values of its query cleaned, each by itself."""
        if self._is_id(url):
            return url
        parts = urlsplit(self._rename(url))
        host = parts.netloc
        if host and host not in self._hosts:
            host = f"{self._pseudonyms.pseudonym_of(host)}.example.test"
        steps = [self._clean_step(step) for step in parts.path.split("/")]
        fragment = self._clean_quoted("", parts.fragment, quote, unquote)
        return urlunsplit((parts.scheme, host, "/".join(steps), self._clean_query(parts.query), fragment))

    def _clean_step(self, step: str) -> str:
        """A step of a path; the ending of a file format, as in ``17.json``, stays."""
        name, dot, ending = step.partition(".")
        if self._is_id(name) and ending.isalpha():
            return f"{name}{dot}{ending}"
        return self._clean_quoted("path", step, quote, unquote)

    def _clean_query(self, query: str) -> str:
        pairs = [pair.partition("=") for pair in query.split("&")]
        return "&".join(
            f"{name}{equals}{self._clean_quoted(unquote(name), value, _quote_value, unquote_plus)}"
            for name, equals, value in pairs
        )

    def _clean_quoted(self, name: str, text: str, escape: Any, unescape: Any) -> str:
        plain = unescape(text)
        cleaned = self.clean_leaf((name,), plain)
        return text if cleaned == plain else escape(cleaned)

    def _clean_headers(self, name: str, values: Iterable[str]) -> Iterator[str]:
        for value in values:
            if name != "set-cookie":
                yield self._clean_header(name, value)
                continue
            cookie, _, text = value.partition(";")[0].partition("=")
            # Servers set other values with later answers: sessions that no later request needs.
            token = self._secrets.find(text.strip())
            if cookie.strip() in self._cookies and token is not None:
                yield f"{cookie.strip()}={token}"

    def _clean_header(self, name: str, value: str) -> str:
        if name == "link":
            links = _LINK.finditer(value)
            return ", ".join(f"<{self.clean_url(link[1])}>{link[2] or ''}" for link in links)
        if (name in allowed.RESPONSE and name != "location") or _QUOTA.fullmatch(value):
            return value
        return self.clean_leaf((name,), value)

    def _clean_body(self, body: Any, plain: Collection[str] | None, *, indent: bool = False) -> bytes:
        text = _text(body)
        is_json, value = read_json(text)
        if is_json:
            return write_json(self._clean_value(value, (), plain), indent=indent).encode()
        if _FORM.fullmatch(text):
            return self._clean_query(text).encode()
        return self.sweep(text, plain_words()).encode()

    def _clean_value(self, value: Any, names: tuple[str, ...], plain: Collection[str] | None) -> Any:
        if isinstance(value, dict):
            cleaned = {}
            for key, inner in value.items():
                is_document = not names and key == "query" and "variables" in value
                name = key if self._keep_list.keeps_key(key) and not self._secrets.find(key) else self.sweep(key)
                cleaned[name] = inner if is_document else self._clean_value(inner, (*names, key), plain)
            return cleaned
        if isinstance(value, list):
            return [self._clean_value(inner, names, plain) for inner in value]
        if isinstance(value, str):
            return _without_surrogates(self.clean_leaf(names, value, plain))
        return self._clean_number(value, names) if isinstance(value, Number) else value

    def _clean_number(self, value: Number, names: tuple[str, ...]) -> Number:
        """A number; a short number stays, and a longer number stays only because of its field's name."""
        text = value.text
        if text in self._names:
            return Number(self._names[text]) if self._names[text].isdecimal() else Number(f'"{self._names[text]}"')
        is_short = _PLAIN_NUMBER.fullmatch(text) is not None and not self._keep_list.is_personal(text)
        stays = is_short or self._keep_list.keeps(names, text) or self._is_id(text)
        if stays and self._secrets.find(text) is None:
            return value
        return Number(re.sub(r"\d+", lambda digits: self._pseudonyms.pseudonym_of(digits[0]), text))

    def _is_id(self, text: str) -> bool:
        return text in self._ids and not self._keep_list.is_personal(text)

    def _rename(self, text: str) -> str:
        return re.sub(name_pattern(self._names), lambda match: self._names[match[0]], text) if self._names else text


def _quote_value(text: str) -> str:
    return quote_plus(text, safe=":,/@")


def _text(body: Any) -> str:
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode() if any("\ud800" <= letter <= "\udfff" for letter in text) else text
