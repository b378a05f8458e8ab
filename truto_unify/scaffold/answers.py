"""The answers of a person to the open questions of a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.security import authorization_of, is_address
from truto_unify.scaffold.yaml_text import Commented

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.scaffold.readme import Remark

AUTHORIZATION = "authorization"
_ABOUT_PAGES = "pagination: "
"""The beginning of a question about paging, which stands above the key of the list."""
_ADDRESSES = ("base_url", "documentation")
_PATH = re.compile(r"/(?!/)[^\s?#]*")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}?")


def is_answerable(question: Remark) -> bool:
    """Whether one line of text can answer the question; a question about paging or errors needs a look at the API."""
    is_text = isinstance(question.value, str) and not question.reason.startswith(_ABOUT_PAGES)
    return is_text or question.path == AUTHORIZATION


def answer_fault(question: Remark, answer: str) -> str | None:
    """What is wrong with an answer; None if nothing is."""
    key = question.path.rpartition(".")[2]
    if key == AUTHORIZATION and authorization_of(answer) is None:
        return "write basic, bearer, header NAME, query NAME, or oauth2 ADDRESS-OF-TOKENS"
    if key in _ADDRESSES and not is_address(answer):
        return "write an address that begins with https://, without a password"
    if key == "base_url" and "{" in answer:
        return "write the address of one account; its parts become context fields in the file"
    if key == "base_url" and ("?" in answer or "#" in answer):
        return "write the address alone, without parameters"
    return _path_fault(answer, str(question.value)) if key == "path" else None


def _path_fault(answer: str, drafted: str) -> str | None:
    if not _PATH.fullmatch(answer):
        return "write a path that begins with /, below the address, without parameters"
    if not {*_PLACEHOLDER.findall(answer)} <= {*_PLACEHOLDER.findall(drafted)}:
        return "write the path of one account; its parts become context fields in the file"
    return None


def with_answers(value: Any, answers: Mapping[str, str], path: tuple[str, ...] = ()) -> Any:
    """The content of a file with answers in place of what it asks for.

    Args:
        value: plain data with comments.
        answers: each answer, by the keys of its question, joined by dots.
        path: where the value stands.

    >>> with_answers({"a": Commented("x", ("ask: why?",)), "b": 1}, {"a": "y"})
    {'a': Commented(value='y', comments=()), 'b': 1}
    """
    answer = answers.get(".".join(path))
    if isinstance(value, Commented):
        comments = value.comments
        if answer is not None:
            comments = tuple(text for text in comments if not text.startswith("ask: ") or _ABOUT_PAGES in text)
        return Commented(with_answers(value.value, answers, path), comments)
    if isinstance(value, dict):
        return {key: with_answers(inner, answers, (*path, key)) for key, inner in value.items()}
    return answer if isinstance(value, str) and answer is not None else value
