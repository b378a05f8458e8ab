"""Finds the records in a native answer, and what its envelope says about paging."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from truto_unify.scaffold.fields import guess_fields
from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.shape import known_values
from truto_unify.scaffold.vocabulary import first_named, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.shape import Path
    from truto_unify.scaffold.vocabulary import Vocabulary

_MAX_DEPTH = 5
_ASK = (
    "nothing in the answer says how to read the next page; look for page, offset or cursor parameters, or a Link header"
)
_NEXT_CURSOR = (
    "nextcursor",
    "cursor",
    "endcursor",
    "nextpagetoken",
    "pagetoken",
    "nexttoken",
    "nextpagecursor",
    "after",
)
_CURSOR_PARAMS = {"nextpagetoken": "pageToken", "pagetoken": "pageToken", "nexttoken": "token", "endcursor": "after"}
_OFFSETS = ("offset", "skip", "start", "startindex", "from")
_PAGES = ("page", "currentpage", "pagenumber", "pageno", "pageindex")
_SIZES = ("perpage", "pagesize", "limit", "itemsperpage", "size")
_TOTALS = ("total", "totalcount", "totalresults", "totalitems", "totalrecords", "count")
_MORE = ("hasmore", "hasmorepage", "hasnextpage", "hasnext", "more")


@dataclass(frozen=True, slots=True)
class Records:
    """The native records of a document.

    Attributes:
        path: from the body's root; () is the whole body.
        items: the records.
        is_list: whether the document answers a list call; otherwise it is one record.
    """

    path: Path
    items: list[Any]
    is_list: bool


def find_records(document: Any, schema: ResourceSchema, words: Vocabulary) -> Records | None:
    """The list of records, or the record, that fills most unified fields; None if nothing looks like a record.

    Args:
        document: a native answer.
        schema: the unified resource.
        words: what providers call its fields.
    """
    best: tuple[int, Records] | None = None
    for candidate in _candidates(document, ()):
        guesses = guess_fields(candidate.items, schema, words)
        # A record has an id. The list's name decides between two lists that look alike.
        is_named = bool(candidate.path) and fold(candidate.path[-1]) in {fold(name) for name in words.resource_names}
        score = (2 * len(guesses.rules) + is_named) * ("id" in guesses.rules)
        if score and (best is None or score > best[0]):
            best = score, candidate
    return best[1] if best else None


def _candidates(value: Any, path: Path) -> Iterator[Records]:
    if len(path) > _MAX_DEPTH:
        return
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if objects and len(objects) == len(value):
            if all(isinstance(item.get("node"), dict) for item in objects):
                yield Records((*path[:-1], f"{path[-1]}[]", "node"), [item["node"] for item in objects], is_list=True)
            else:
                yield Records(path, objects, is_list=True)
    elif isinstance(value, dict):
        yield Records(path, [value], is_list=False)
        for key, inner in value.items():
            yield from _candidates(inner, (*path, str(key)))


def guess_paging(document: Any, records: Records) -> Guess | Question:
    """The pagination block that the envelope suggests.

    >>> records = Records(("data",), [{}], is_list=True)
    >>> guess_paging({"data": [{}], "meta": {"next_cursor": "b2s"}}, records).value
    {'type': 'cursor', 'cursor_path': 'meta.next_cursor', 'cursor_param': 'cursor', 'page_size_param': 'limit', \
'max_page_size': 100}
    """
    around = list(_around(document, (), records))
    names = _names(document, records)
    if "endcursor" in names and "hasnextpage" in names and any(step in records.path for step in ("nodes", "edges[]")):
        return _connection(records.path)
    by_address = next((guess for path, value in around if (guess := _by_address(path, value, names))), None)
    return _by_page(names) or _by_cursor(names) or _by_offset(names) or by_address or Question(None, _ASK)


def guess_ends(document: Any, records: Records) -> dict[str, Any]:
    """What the envelope says about the end of a list, for any kind of paging: ``total_path``, ``has_more_path``."""
    return _extras(_names(document, records), total_path=_TOTALS, has_more_path=_MORE)


def _names(document: Any, records: Records) -> dict[str, tuple[Path, Any]]:
    """The plain values of the envelope by folded name; the outermost value wins."""
    names: dict[str, tuple[Path, Any]] = {}
    for path, value in _around(document, (), records):
        names.setdefault(fold(path[-1]), (path, value))
    count = names.get("count", ((), 0))[1]
    if not (_is_number(count) and int(count) > len(records.items)):
        names.pop("count", None)  # the size of this page
    return names


def _around(value: Any, path: Path, records: Records) -> Iterator[tuple[Path, Any]]:
    """Every plain value of the envelope, outside of the records and of other lists."""
    if not isinstance(value, dict) or len(path) > _MAX_DEPTH:
        return
    for key, inner in value.items():
        inner_path = (*path, str(key))
        if isinstance(inner, dict) and inner_path != records.path:
            yield from _around(inner, inner_path, records)
        elif not isinstance(inner, dict | list):
            yield inner_path, inner


def _size(names: dict[str, tuple[Path, Any]], default: str) -> dict[str, Any]:
    size = first_named(names, _SIZES[:-1])
    return {"page_size_param": size[0][-1] if size else default, "max_page_size": 100}


def _extras(names: dict[str, tuple[Path, Any]], **wanted: tuple[str, ...]) -> dict[str, Any]:
    values = {key: first_named(names, words) for key, words in wanted.items()}
    return {key: write_path(value[0]) for key, value in values.items() if value is not None}


def _connection(path: Path) -> Guess:
    cut = next(index for index, step in enumerate(path) if step in {"nodes", "edges[]"})
    rule = {
        "type": "graphql_connection",
        "connection_path": write_path(path[:cut]),
        "cursor_body_path": "variables.after",
        "page_size_body_path": "variables.first",
        "max_page_size": 50,
    }
    return Guess(rule, "pageInfo stands beside the records; max_page_size was not seen")


def _by_cursor(names: dict[str, tuple[Path, Any]]) -> Guess | None:
    for name in _NEXT_CURSOR:
        path, value = names.get(name, ((), 0))
        if path and (value is None or (isinstance(value, str) and "://" not in value and not value.startswith("/"))):
            param = _CURSOR_PARAMS.get(name, "cursor" if name.endswith("cursor") else path[-1])
            rule: dict[str, Any] = {"type": "cursor", "cursor_path": write_path(path), "cursor_param": param}
            rule |= _extras(names, has_more_path=_MORE) | _size(names, "limit")
            return Guess(
                rule, f'"{".".join(path)}" looks like a cursor; the parameters and max_page_size were not seen'
            )
    return None


def _by_page(names: dict[str, tuple[Path, Any]]) -> Guess | None:
    page = first_named(names, _PAGES)
    if page is None or not _is_number(page[1]):
        return None
    path, value = page
    param = "page" if fold(path[-1]) in {"currentpage"} else path[-1]
    rule: dict[str, Any] = {"type": "page_number", "page_param": param}
    rule |= {"first_page": 0} if str(value) == "0" else {}
    rule |= _size(names, "limit") | _extras(names, total_path=_TOTALS, has_more_path=_MORE)
    return Guess(rule, f'"{".".join(path)}" looks like a page number; max_page_size was not seen')


def _by_offset(names: dict[str, tuple[Path, Any]]) -> Guess | None:
    offset = first_named(names, _OFFSETS)
    total = first_named(names, _TOTALS)
    if offset is None or not _is_number(offset[1]):
        return None
    rule: dict[str, Any] = {"type": "offset", "offset_param": offset[0][-1]} | _size(names, "limit")
    if total is not None:
        rule["total_path"] = write_path(total[0])
    return Guess(rule, f'"{".".join(offset[0])}" looks like the offset of the page; max_page_size was not seen')


def _by_address(path: Path, value: Any, names: dict[str, tuple[Path, Any]]) -> Guess | None:
    """Paging by page number or offset, from the parameters of the next page's address, or by the address itself."""
    is_next = fold(path[-1]) in {"next", "nextpage", "nexturl", "nextlink", "nextpageurl"} or "next" in path
    if not is_next or not isinstance(value, str) or not re.match(r"https?://|[/?]", value):
        return None
    query = {fold(name): (name, text) for name, text in parse_qsl(urlsplit(value).query)}
    size = first_named(query, (*_SIZES, "top")) or ("limit", "")
    is_seen = size[1].isdecimal() and int(size[1]) > 0
    sizes = {"page_size_param": size[0], "max_page_size": int(size[1]) if is_seen else 100}
    note = "; a larger max_page_size may work" if is_seen else "; max_page_size was not seen"
    for kind, wanted, key in (("page_number", _PAGES, "page_param"), ("offset", _OFFSETS, "offset_param")):
        parameter = next((query[name] for name in wanted if name in query and query[name][1].isdigit()), None)
        if parameter is not None:
            rule = {"type": kind, key: parameter[0], **sizes, **_extras(names, total_path=_TOTALS)}
            return Guess(rule, f'the address at "{".".join(path)}" holds {parameter[0]}={parameter[1]}{note}')
    rule = {"type": "next_url", "next_url_path": write_path(path), **sizes}
    return Guess(rule, f'the address at "{".".join(path)}" leads to the next page{note}')


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and bool(known_values([value])) and str(value).isdigit()


def write_path(path: Path) -> Any:
    """A path as an author writes it: with dots, or as a list of names if a name holds a dot.

    >>> write_path(("data", "edges[]", "node")), write_path(()), write_path(("a.b", "c"))
    ('data.edges[].node', '@', ['a.b', 'c'])
    """
    if not path:
        return "@"
    return (
        ".".join(path) if all(re.fullmatch(r"[A-Za-z_][\w-]*(\[\])?", step, re.ASCII) for step in path) else list(path)
    )
