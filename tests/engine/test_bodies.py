from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.bodies import UnreadableBody, in_utf8, parse_body, plain_text
from truto_unify.types import Response

JSON = "application/json; charset=UTF-8"
NOTICE = b"<br />\n<b>Deprecated</b>:  strlen(): Passing null in <b>/srv/x.php</b> on line <b>7</b><br />\n"
FATAL = b"PHP Fatal error:  Uncaught Error: no such function in /srv/x.php:3\nStack trace:\n#0 {main}\n  thrown"


def respond(body: bytes, content_type: str = "", **headers: str) -> Response:
    pairs = [("content-type", content_type)] if content_type else []
    return Response(200, (*pairs, *((name.replace("_", "-"), value) for name, value in headers.items())), body)


def explain(response: Response) -> tuple[str, bool]:
    with pytest.raises(UnreadableBody) as caught:
        parse_body(response)
    return str(caught.value), caught.value.is_page


@pytest.mark.parametrize(
    ("body", "content_type", "title"),
    [
        (b"<!DOCTYPE html><title>Just a moment...</title>", "", "Just a moment..."),
        (b"<html><head><title>\n 404 &ndash; gone </title></head>", "", "404 \u2013 gone"),
        (b"<!-- cached -->\n<HTML><body><h1>502 <i>Bad</i> Gateway</h1></body>", "", "502 Bad Gateway"),
        (b"<html><style>p {}</style><script>let a</script><p>Sorry</p>", "", "Sorry"),
        (b"error code: 520", "text/html; charset=UTF-8", "error code: 520"),
        (b"<p>" + b"word " * 90, "text/html", "word " * 19 + "word\u2026"),
        ("<title>Zoë</title>".encode("latin-1"), "text/html", "Zo\ufffd"),
    ],
)
def test_a_page_is_named_by_its_title_or_by_how_it_begins(body: bytes, content_type: str, title: str) -> None:
    assert explain(respond(body, content_type)) == (f'is an HTML page and not JSON: "{title}"', True)


@pytest.mark.parametrize(
    "body",
    [
        b"<!---->" * 5000 + b"x",
        b"<!--" * 5000 + b"x",
        b"<html>" + b"<title>" * 5000,
        b"<html>" + b"<title " * 5000,
        b"<html>" + b"<!--" * 5000,
        b"<svg" * 5000,
    ],
)
def test_no_page_takes_longer_than_its_length_warrants(body: bytes) -> None:
    message, _ = explain(respond(body, "text/html"))

    assert message.startswith("is an HTML page and not JSON")


@pytest.mark.parametrize("body", [b"<html></html>", b"<html><script>1</script>"])
def test_a_page_without_text_has_no_title(body: bytes) -> None:
    assert explain(respond(body)) == ("is an HTML page and not JSON", True)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "has an empty body"),
        (b" \r\n", "has an empty body"),
        (
            NOTICE + b'[{"id": 17}]',
            'holds a message of PHP before its JSON: "Deprecated: strlen(): Passing null in /srv/x.php on line 7"',
        ),
        (b"\nWarning: no $x\n{}", 'holds a message of PHP before its JSON: "Warning: no $x"'),
        (b"Notice: a [b] {c}\n[]", 'holds a message of PHP before its JSON: "Notice: a [b] {c}"'),
        (NOTICE + b'[{"id": ', 'is a message of PHP and not JSON: "Deprecated: strlen(): Passing null in /srv/x.php'),
        (
            FATAL,
            'is a message of PHP and not JSON: "PHP Fatal error: Uncaught Error: no such function in /srv/x.php:3"',
        ),
        (b"hello [] {}\n[1, 2]", 'holds text before its JSON: "hello [] {}"'),
        (b"<!-- hit -->{}", 'holds text before its JSON: "<!-- hit -->"'),
        (b'{"a": 1}\n<!-- Page cached -->', 'holds text after its JSON: "<!-- Page cached -->"'),
        (b"[]<script>track()</script>", 'holds text after its JSON: "<script>track()</script>"'),
        (b'{"a": 1', "is cut off: its JSON does not end within 7 characters"),
        (b'[{"a": "b', "is cut off: its JSON does not end within 9 characters"),
        (b'{"a": 1,}', "holds broken JSON: "),
        (b'{"a": 1 "b": 2}', "holds broken JSON: Expecting ',' delimiter at line 1, column 9 (character 8)"),
        (b"[" * 100_000, "holds JSON that is nested too deeply"),
        (b"502 Bad Gateway", 'is text and not JSON: "502 Bad Gateway"'),
        (b'"x" y', 'is text and not JSON: ""x" y"'),
        (b'<?xml version="1.0"?><error/>', "is XML and not JSON"),
        (b"\x01\x00\x02", "is not text (application/json)"),
        (b"\x89PNG\r\n", "is neither JSON nor text in UTF-8 (application/json)"),
        (b'{"a": "caf\xe9"}', "is not UTF-8, as JSON must be: byte 0xe9 at 10 (its Content-Type says UTF-8)"),
        (gzip.compress(b"{}", mtime=0), "is compressed with gzip, but has no Content-Encoding header that says so"),
        ('{"a":'.encode("utf-16"), "is cut off: its JSON does not end within 5 characters"),
    ],
)
def test_the_message_says_what_a_body_that_is_not_json_is(body: bytes, text: str) -> None:
    message, is_page = explain(respond(body, JSON))

    assert message.startswith(text)
    assert is_page is False


def test_a_compression_that_was_not_undone_is_named() -> None:
    assert explain(respond(b"\x0b\x02\x80{}\x03", JSON, content_encoding="br")) == (
        "is compressed with br, which was not asked for",
        False,
    )
    assert explain(respond(gzip.compress(b"{}", mtime=0), JSON, content_encoding="gzip, gzip")) == (
        "is compressed with gzip (Content-Encoding gzip, gzip)",
        False,
    )


def test_the_json_behind_a_message_may_be_longer_than_what_is_looked_at() -> None:
    body = NOTICE + json.dumps([{"id": number, "note": "x" * 100} for number in range(4000)]).encode()

    assert explain(respond(body, JSON))[0].startswith("holds a message of PHP before its JSON")


@given(st.binary() | st.text().map(str.encode) | st.sampled_from([NOTICE, FATAL, b"<html>", b"{", b"["]))
def test_every_body_is_json_or_explained_in_one_short_line(body: bytes) -> None:
    text = ""
    try:
        parse_body(respond(body, "text/plain"))
    except UnreadableBody as fault:
        text = str(fault)

    assert text == "" or 5 < len(text) < 250
    assert text.isprintable()


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("ISO-8859-1", "Zoë"),
        ('"windows-1252"', "Zoë €"),
        ("Shift_JIS", "日本"),
        ("gb18030", "拒绝访问"),
        ("koi8-r", "Анна"),
        ("utf-16", "Zoë"),
    ],
)
def test_an_announced_charset_is_written_anew_in_utf8(charset: str, text: str) -> None:
    body = json.dumps({"name": text}, ensure_ascii=False)
    response = respond(body.encode(charset.strip('"')), f"application/json; charset={charset}", x_a="1")

    assert in_utf8(response) == respond(body.encode(), "application/json; charset=utf-8", x_a="1")


@pytest.mark.parametrize(
    "response",
    [
        respond('"Zoë"'.encode(), "application/json; charset=ISO-8859-1"),  # said so, but is UTF-8
        respond(b'"Zo\xeb"', "application/json"),
        respond(b'"Zo\xeb"', "application/json; charset=utf-8"),
        respond(b'"Zo\xeb"', "application/json; charset=punycode"),
        respond(b'"Zo\xeb"', "application/json; charset=unicode_escape"),
        respond(b'"Zo\xeb"', "application/json; charset=iso-8859-99"),
        respond(b'"Zo\xff"', "application/json; charset=ascii"),
    ],
)
def test_utf8_and_what_cannot_be_read_stay_as_they_are(response: Response) -> None:
    assert in_utf8(response) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain  text ", "plain  text"),
        ("Tom &amp; Ana &#8211; AT&T", "Tom & Ana – AT&T"),
        ("5 < 6 and <id> & <ana@shop.test>", "5 < 6 and <id> & <ana@shop.test>"),
        ("<b>Error</b>: no &quot;x&quot;<br/>at all", 'Error: no "x" at all'),
        ("<p>one</p><p>two</p>", "one two"),
        ("<P CLASS='a'>one<!-- two --></P>", "one"),
        ("<h1></h1>", ""),
    ],
)
def test_tags_are_left_out_of_a_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(st.text())
def test_a_text_without_tags_stays_what_it_is(text: str) -> None:
    assert "<" in text or "&" in text or plain_text(text) == text.strip()


def test_a_good_body_is_parsed_whatever_its_header_says() -> None:
    good: list[tuple[bytes, Any]] = [(b"[]", []), (b"\xef\xbb\xbf{}", {}), ('{"a": "ë"}'.encode("utf-16"), {"a": "ë"})]

    assert [parse_body(respond(body, "text/html"))[0] for body, _ in good] == [value for _, value in good]
