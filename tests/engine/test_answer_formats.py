"""Answers in other formats than JSON: what is read, what is left as it is, and what is refused."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, RESOURCE, account
from truto_unify.config.provider import Endpoint
from truto_unify.engine.answer_formats import in_json
from truto_unify.engine.bodies import UnreadableBody
from truto_unify.engine.xml_answers import MAX_DEPTH, MAX_ELEMENTS, read_xml
from truto_unify.errors import InvalidEnvironment, NotFoundError, ProviderUnavailableError, UnifyError
from truto_unify.registry import Registry
from truto_unify.types import Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTITY = '<!DOCTYPE a [<!ENTITY x "{}">]><a>&x;</a>'
BOMB = '<!DOCTYPE a [<!ENTITY b "bomb"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]><a>&d;&d;&d;&d;</a>'


def read(answers: str, body: bytes, status: int = 200, content_type: str = "", **endpoint: Any) -> Any:
    rule = Endpoint.model_validate({"path": "/x", "answers": answers, "list_path": "@", **endpoint})
    headers = (("content-type", content_type),) if content_type else ()
    return json.loads(in_json(rule, Response(status, headers, body)).body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<a/>", {"a": None}),
        (b"<a> \n </a>", {"a": None}),
        (b"<a>0</a>", {"a": "0"}),
        (b"<a>one <b/> two</a>", {"a": {"b": None, "#text": "one  two"}}),
        (b"<a><b>1</b><c/><b>2</b></a>", {"a": {"b": ["1", "2"], "c": None}}),
        (b'<a xmlns:x="u:x" x:y="1"><x:b>1</x:b></a>', {"a": {"@y": "1", "b": "1"}}),
        (b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>', {"a": None}),
        (b"<a><!-- no --><?go on?>1</a>", {"a": "1"}),
        ("<a>é</a>".encode(), {"a": "é"}),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', {"a": "é"}),
        ('<?xml version="1.0" encoding="UTF-16"?><a>é</a>'.encode("utf-16"), {"a": "é"}),
    ],
)
def test_xml_is_read_by_one_rule(body: bytes, expected: Any) -> None:
    assert read_xml(body) == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f'<a xmlns:n="{"u" * 1001}"/>', "is XML with a namespace of more than 1000 letters"),
        (
            '<a xmlns:n="u:n" xmlns:m="u:m" n:id="1" m:id="2"/>',
            "is XML with attributes that differ only by their prefix",
        ),
        (BOMB, "is XML with a document type or entities, which are never read"),
        (ENTITY.format("text"), "is XML with a document type or entities, which are never read"),
        (
            '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
            "is XML with a document type or entities, which are never read",
        ),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]><a>&x;</a>', "is XML with a document type or entities"),
        ("<a><b></a>", "is broken XML: mismatched tag"),
        ("<a>", "is broken XML: no element found"),
        ("<a/><b/>", "is broken XML: junk after document element"),
        ("<a>&nbsp;</a>", "is broken XML: undefined entity"),
        ("<a>" * (MAX_DEPTH + 1), f"is XML of more than {MAX_DEPTH} levels"),
        (f"<a>{'<b/>' * MAX_ELEMENTS}</a>", f"is XML of more than {MAX_ELEMENTS} elements"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_data_is_refused(body: str, words: str) -> None:
    with pytest.raises(UnreadableBody) as caught:
        read_xml(body.encode())

    assert str(caught.value).startswith(words)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml", None)

    with pytest.raises(InvalidEnvironment) as caught:
        read_xml(b"<a/>")

    assert caught.value.message == ('answers in XML need "defusedxml": install it with  pip install "truto-unify[xml]"')


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        (b"id,name\r\n1,Ana\r\n", {}, [{"id": "1", "name": "Ana"}]),
        (
            b"\xef\xbb\xbfid;name\n1;\n\n2\n",
            {"csv_delimiter": ";"},
            [{"id": "1", "name": None}, {"id": "2", "name": None}],
        ),
        (b'id,note\n1,"two\nlines, ""quoted"""\n', {}, [{"id": "1", "note": 'two\nlines, "quoted"'}]),
        (b"id,name\n", {}, []),
    ],
)
def test_csv_is_a_list_of_objects(body: bytes, options: dict[str, Any], expected: Any) -> None:
    assert read("csv", body, **options) == expected


@pytest.mark.parametrize(
    ("answers", "body", "words"),
    [
        ("csv", b"a" * 100_000 + b"\n" + b"1\n" * 400, "holds more than 33554432 letters, with the names of each row"),
        (
            "csv",
            ",".join(map(str, range(1000))).encode() + b"\n" + b"1\n" * 1001,
            "holds more than 1000000 cells",
        ),
        ("csv", b"id,id\n1,2\n", 'is not CSV with a name for each column: "id" stands twice in the first line'),
        ("csv", b"id\n1,2\n", "is not CSV: line 2 has 2 cells and the first one 1"),
        ("csv", b'id\n"1\n', "is not CSV: unexpected end of data at line 2"),
        ("csv", b"id\n\xe9\n", "is not CSV in UTF-8: invalid continuation byte at byte 3"),
        ("json_lines", b'{"id": 1}\n{"id": 2', "is not JSON lines: line 2: "),
        ("json_lines", b'{"id": 1}, {"id": 2}', "is not JSON lines: line 1: "),
    ],
)
def test_a_body_in_another_format_is_refused(answers: str, body: bytes, words: str) -> None:
    with pytest.raises(UnreadableBody) as caught:
        read(answers, body)

    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("answers", ["xml", "csv", "json_lines"])
@pytest.mark.parametrize(("status", "body"), [(200, b'[{"id": 1}]'), (404, b'{"message": "no"}')])
def test_an_answer_that_says_that_it_is_json_stays_json(answers: str, status: int, body: bytes) -> None:
    assert read(answers, body, status, "application/json; charset=utf-8") == json.loads(body)


# ------------------------------------------------------------------------------- calls

PROVIDER = """
label: Store
documentation: https://docs.example.test
base_url: https://acme.example.test/api
context: {shop: {title: Shop, default: acme}}
credentials: {token: {title: Token}}
authorization: {type: bearer, token: "{credentials.token}"}
errors: {message: [errors.error.message], code: [errors.error.code]}
resources:
  people:
    list: {path: /people, LIST}
    get: {path: "/people/{id}", answers: xml, record_path: person}
"""
LISTS = {
    "xml": (
        "answers: xml, list_path: people.person, missing_list: empty",
        b"<people><person><id>1</id><name>Ana</name></person></people>",
        b"<people/>",
    ),
    "csv": ('answers: csv, list_path: "@"', b"id,name\n1,Ana\n", b"id,name\n"),
    "json_lines": ('answers: json_lines, list_path: "@"', b'{"id": "1", "name": "Ana"}\n', b""),
}


@pytest.fixture
def open_store(tmp_path: Path) -> Callable[[str, Response], Driver]:
    """Writes a provider with this list, which gives one answer to all calls."""

    def write(form: str, response: Response) -> Driver:
        (tmp_path / "providers").mkdir()
        (tmp_path / "mappings" / RESOURCE).mkdir(parents=True)
        (tmp_path / "providers" / "acme.yaml").write_text(PROVIDER.replace("LIST", LISTS[form][0]))
        rest = MAPPING.partition("is_partial")[2].partition("\n")[2]
        mapping = f"list: {{endpoint: people.list}}\n{rest}".replace("query.since", "nick")
        (tmp_path / "mappings" / RESOURCE / "acme.yaml").write_text(mapping)
        return Driver(Registry(overlay=[tmp_path]), lambda _: response)

    return write


@pytest.mark.parametrize("form", LISTS)
def test_a_list_is_read_in_its_format(form: str, open_store: Callable[[str, Response], Driver]) -> None:
    page = open_store(form, Response(200, (), LISTS[form][1])).page(account("acme"))

    assert [(record["id"], record["name"], record["remote_data"]) for record in page.result] == [
        ("1", "Ana", {"id": "1", "name": "Ana"})
    ]


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            "text/plain",
            b"Maintenance, please retry later\n",
            "is one line of text/plain, which is no empty list in CSV",
        ),
        ("text/csv", b'{"errors": [{"code": 17}]}', "no list of records at the whole body"),
        ("text/csv", b"", "empty"),
    ],
)
def test_an_error_is_no_empty_list(
    kind: str, body: bytes, words: str, open_store: Callable[[str, Response], Driver]
) -> None:
    driver = open_store("csv", Response(200, (("content-type", kind),), body))

    with pytest.raises(UnifyError, match=re.escape(words)):
        driver.page(account("acme"))


@pytest.mark.parametrize("form", LISTS)
def test_a_list_without_records_is_empty(form: str, open_store: Callable[[str, Response], Driver]) -> None:
    assert open_store(form, Response(200, (), LISTS[form][2])).page(account("acme")).result == []


def test_an_error_in_xml_is_read_by_the_same_rule(open_store: Callable[[str, Response], Driver]) -> None:
    body = b"<shop><errors><error><code>52</code><message>No such person</message></error></errors></shop>"
    driver = open_store("xml", Response(404, (), body.replace(b"<shop>", b"").replace(b"</shop>", b"")))

    with pytest.raises(NotFoundError) as caught:
        driver.get(account("acme"), "1")

    assert (caught.value.message, caught.value.code) == ("acme GET /people/1: No such person (HTTP 404)", "52")


def test_an_answer_that_cannot_be_read_says_why(open_store: Callable[[str, Response], Driver]) -> None:
    with pytest.raises(ProviderUnavailableError, match="the answer is XML with a document type or entities"):
        open_store("xml", Response(200, (), BOMB.encode())).page(account("acme"))
