"""Looks for invented secrets, in whatever spelling, in everything that values show or hold."""

from __future__ import annotations

import base64
import html
import json
import pickle
import re
import traceback
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from truto_unify import UnifyError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, SECRET, TOKEN = "ck_K3y/+=%&word", "cs_S3cret\"'<w/o=r+d>&%41", "shpat_T0ken\"'<w/o=r+d>&%41"


def spellings(secret: str) -> set[str]:
    """A secret as it stands, as URLs, JSON and HTML write it, and the core of it in any base64."""
    raw = secret.encode()
    cores = {base64.b64encode(b"x" * shift + raw).decode()[shift + shift // 2 + 1 : -4] for shift in range(3)}
    percent = {quote(secret, safe=""), quote_plus(secret), quote(secret)}
    lower = {re.sub("%..", lambda code: code[0].lower(), text) for text in percent}
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], html.escape(secret), *percent, *lower, *cores}


FORBIDDEN = sorted({spelling for secret in (KEY, SECRET, TOKEN) for spelling in spellings(secret)})


def leaks(*evidence: object) -> list[str]:
    """The spellings that occur in what these values show or hold."""
    text = "\n".join(piece for value in evidence for piece in [repr(value), str(value), *pieces(value, set())])
    return [spelling for spelling in FORBIDDEN if spelling in text]


def pieces(value: Any, seen: set[int]) -> Iterator[str]:
    """Every text that can be reached from a value by attributes, items, causes and contexts."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str | bytes):
        yield value if isinstance(value, str) else value.decode("latin-1")
        return
    for inner in members(value):
        yield from pieces(inner, seen)


def members(value: Any) -> list[Any]:
    inner: list[Any] = [*getattr(value, "__dict__", {}).values()]
    inner += [part for pair in value.items() for part in pair] if isinstance(value, dict) else []
    inner += list(value) if isinstance(value, list | tuple | set) else []
    inner += [getattr(value, attribute.name) for attribute in fields(value)] if is_dataclass(value) else []
    inner += [value.args, value.__cause__, value.__context__] if isinstance(value, BaseException) else []
    return inner


def told_by(error: BaseException) -> list[object]:
    """What an error shows wherever it goes: tracebacks, other processes, the answer of a service."""
    copied = pickle.loads(pickle.dumps(error))
    assert (type(copied), str(copied), vars(copied)) == (type(error), str(error), vars(error))
    shown = error.to_dict() if isinstance(error, UnifyError) else {}
    return [error, "".join(traceback.format_exception(error)), shown, pickle.dumps(error), repr(vars(error))]
