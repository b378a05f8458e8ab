"""Reads the body of an answer as JSON; if it is not JSON, says in a sentence what it is."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.mapping.json_input import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.types import Response

_MAX_QUOTED_CHARS = 100  # of a body in a message
_MAX_SEARCHED_BYTES = 256 * 1024  # for a title, a PHP message or the start of the JSON
_MAX_STARTS = 50
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]+)[\"']?", re.IGNORECASE)
# Python's other codecs (punycode, unicode_escape) do not encode text on the web, and some are slow.
_TEXT_CODEC = re.compile(
    r"utf-?(8|16|32)(-?[lb]e)?|us-ascii|ascii|latin-?1|iso-?8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}|koi8-[rtu]"
    r"|shift_?jis|euc-?(jp|kr)|iso-2022-(jp|kr)|gb2312|gbk|gb18030|big5|macintosh",
    re.IGNORECASE,
)
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}
_TAG = re.compile(
    r"</?(a|abbr|address|article|aside|b|blockquote|body|br|button|center|code|dd|div|dl|dt|em|figure|font|footer|form"
    r"|h[1-6]|head|header|hr|html|i|img|input|label|li|link|main|meta|nav|ol|p|pre|s|section|small|span|strong|sub|sup"
    r"|table|tbody|td|th|thead|title|tr|tt|u|ul)(\s[^<>]*)?/?>|<!doctype[^<>]*>|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(rf"&(#\d+|#x[0-9a-f]+|[a-z]\w*);|{_TAG.pattern}", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|noscript|svg)\b.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TITLES = tuple(
    (re.compile(rf"<{tag}\b[^<>]*>", re.IGNORECASE), re.compile(rf"</{tag}", re.IGNORECASE)) for tag in ("title", "h1")
)
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
# Possessive: a comment that may also end at a later mark would be tried in every combination with the others.
_PAGE = re.compile(
    r"(?:<!--(?>.*?-->)|<\?xml[^>]*>|\s)*+<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
# https://www.php.net/manual/en/errorfunc.configuration.php#ini.display-errors
_PHP = re.compile(
    r"(?:<b>)?(?:PHP )?(Deprecated|Warning|Notice|Fatal error|Parse error|Strict Standards|Recoverable fatal error"
    r"|Catchable fatal error)(?:</b>)?:\s"
)


class UnreadableBody(ValueError):
    """A body is not JSON; the message completes a sentence that begins with "the answer".

    Attributes:
        is_page: whether it is an HTML page, which does not come from an API.
    """

    def __init__(self, message: str, *, is_page: bool = False) -> None:
        super().__init__(message)
        self.is_page = is_page


def parse_body(response: Response) -> tuple[Any, bool]:
    """The value of a JSON body, and whether it is strict JSON.

    Raises:
        UnreadableBody: the body is not JSON.

    >>> from truto_unify.types import Response
    >>> parse_body(Response(200, (), b'{"id": 1}'))
    ({'id': 1}, True)
    """
    try:
        return parse_json(response.body)
    except RecursionError:
        raise UnreadableBody("holds JSON that is nested too deeply") from None
    except ValueError as error:
        raise _explain(response, error) from None


def in_utf8(response: Response) -> Response | None:
    r"""The response in UTF-8 if its ``Content-Type`` announces another encoding and it is not UTF-8; None otherwise.

    JSON is UTF-8 (RFC 8259, 8.1), so text that is valid UTF-8 counts as UTF-8, whatever the header says.

    >>> from truto_unify.types import Response
    >>> in_utf8(Response(200, (("content-type", "application/json; charset=latin1"),), b'"\xe9"')).body.decode()
    '"é"'
    """
    charset = _charset(response)
    if charset is None or not _TEXT_CODEC.fullmatch(charset) or _is_utf8(response.body):
        return None
    try:
        body = response.body.decode(charset).encode()
    except (LookupError, UnicodeError):
        return None
    headers = tuple(
        (name, _CHARSET.sub("charset=utf-8", value) if name == "content-type" else value)
        for name, value in response.headers
    )
    return replace(response, body=body, headers=headers)


def plain_text(text: str) -> str:
    r"""The text that a browser would show, without HTML tags and entities; on one line if it had any.

    >>> plain_text('<h1>No database</h1>\n<p>Ask the <a href="/help">host</a> &amp; wait</p> for <x@y.test>')
    'No database Ask the host & wait for <x@y.test>'
    """
    if _MARKUP.search(text) is None:
        return text.strip()
    seen = _TAG.sub(lambda tag: "" if tag[1] and tag[1].lower() in _INLINE else " ", _UNSEEN.sub(" ", text))
    return " ".join(html.unescape(seen).split())


def is_page(response: Response) -> bool:
    """Whether the body is an HTML page, which does not come from an API.

    >>> from truto_unify.types import Response
    >>> is_page(Response(200, (), b"<!doctype html><title>Shop</title>")), is_page(Response(200, (), b"<shop/>"))
    (True, False)
    """
    head = response.body[:_MAX_SEARCHED_BYTES].decode(errors="replace").lstrip("\ufeff").lstrip()
    return _PAGE.match(head) is not None


_INLINE = frozenset(
    {"a", "abbr", "b", "code", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "tt", "u"}
)


def _explain(response: Response, error: ValueError) -> UnreadableBody:
    body = response.body
    coding = _compression(response)
    if coding is not None or not body.strip():
        return UnreadableBody(coding or "has an empty body")
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    head = body[:_MAX_SEARCHED_BYTES].decode(encoding, errors="replace").lstrip("\ufeff").lstrip()
    looks_like_json = head.startswith(("{", "["))
    is_page = _PAGE.match(head) is not None
    php = None if looks_like_json or is_page else _PHP.search(head[:2000])
    if php is not None:
        return UnreadableBody(_explain_php(head, php))
    if is_page or _media_type(response) in _PAGE_TYPES:
        return UnreadableBody(f"is an HTML page and not JSON{_quoted(_title(head))}", is_page=True)
    if isinstance(error, UnicodeDecodeError):
        return UnreadableBody(_explain_bytes(response, error))
    return UnreadableBody(_explain_fault(error) if looks_like_json else _explain_text(response, head))


def _explain_text(response: Response, head: str) -> str:
    before = _before_json(head)
    if before:
        return f"holds text before its JSON{_quoted(plain_text(before) or before)}"
    if "\x00" in head:
        return f"is not text ({_media_type(response)})"
    return "is XML and not JSON" if head.startswith("<") else f"is text and not JSON{_quoted(plain_text(head))}"


def _explain_php(head: str, php: re.Match[str]) -> str:
    before = _before_json(head)
    line = _quoted(plain_text(head[php.start() : len(before) if before else None].splitlines()[0]))
    return f"holds a message of PHP before its JSON{line}" if before else f"is a message of PHP and not JSON{line}"


def _explain_bytes(response: Response, error: UnicodeDecodeError) -> str:
    charset = _charset(response)
    header = f"its Content-Type says {charset}" if charset else "its Content-Type names no charset"
    if not response.body.lstrip().startswith((b"{", b"[")):
        return f"is neither JSON nor text in UTF-8 ({_media_type(response)})"
    return f"is not UTF-8, as JSON must be: byte 0x{error.object[error.start]:02x} at {error.start} ({header})"


def _explain_fault(error: ValueError) -> str:
    """Describes what is wrong with a text that begins like JSON."""
    assert isinstance(error, json.JSONDecodeError)  # noqa: S101 - the only other ValueError is about bytes
    if error.msg.startswith("Extra data"):
        after = error.doc[error.pos :][: 10 * _MAX_QUOTED_CHARS]
        return f"holds text after its JSON{_quoted(plain_text(after) or after)}"
    if _is_at_the_end(error):
        return f"is cut off: its JSON does not end within {len(error.doc)} characters"
    return f"holds broken JSON: {error.msg} at line {error.lineno}, column {error.colno} (character {error.pos})"


def _is_at_the_end(error: json.JSONDecodeError) -> bool:
    """Whether the text is valid JSON up to its end."""
    return error.msg.startswith("Unterminated string") or not error.doc[error.pos :].strip()


def _before_json(text: str) -> str:
    """The text before a JSON object or list; empty if the text holds none."""
    decoder = json.JSONDecoder()
    for start in _starts(text):
        try:
            value, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            is_json = len(text) > _MAX_SEARCHED_BYTES // 2 and _is_at_the_end(
                error
            )  # then the text is only the searched part
        except (ValueError, RecursionError):
            is_json = False
        else:
            is_json = isinstance(value, dict | list) and not text[end:].strip()
        if is_json:
            return text[:start]
    return ""


def _starts(text: str) -> Iterator[int]:
    for number, start in enumerate(re.finditer(r"[\[{]", text)):
        if number == _MAX_STARTS:
            return
        yield start.start()


def _compression(response: Response) -> str | None:
    """Describes a body that is still compressed; HTTP libraries decompress only what the headers announce."""
    announced = next((value for name, value in response.headers if name == "content-encoding"), "").strip().lower()
    for magic, name in _MAGIC.items():
        if response.body.startswith(magic):
            return f"is compressed with {name}" + (f" (Content-Encoding {announced})" if announced else _NOT_ANNOUNCED)
    if announced in {"br", "zstd", "compress", "x-compress"}:
        return f"is compressed with {announced}, which was not asked for"
    return None


_NOT_ANNOUNCED = ", but has no Content-Encoding header that says so"


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _title(page: str) -> str:
    """The title of a page, or the beginning of its text."""
    for begin, end in _TITLES:
        opening = begin.search(page)
        closing = end.search(page, opening.end()) if opening is not None else None
        if opening is not None and closing is not None:
            title = plain_text(page[opening.end() : closing.start()])
            if title:
                return title
    return plain_text(page)


def _quoted(text: str) -> str:
    """The beginning of a text after a colon, in quotes; empty for a blank text."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not line:
        return ""
    return f': "{line}"' if len(line) <= _MAX_QUOTED_CHARS else f': "{line[:_MAX_QUOTED_CHARS].rstrip()}…"'


def _charset(response: Response) -> str | None:
    value = next((value for name, value in response.headers if name == "content-type"), "")
    charset = _CHARSET.search(value)
    return charset[1] if charset else None


def _media_type(response: Response) -> str:
    value = next((value for name, value in response.headers if name == "content-type"), "")
    return value.partition(";")[0].strip().lower() or "no content type"
