"""Matches texts against regular expressions in linear time, as far as RE2 knows the expression.

RE2 is part of the ``server`` extra. Without it, and for what it does not know (``(?=…)``), Python's own engine serves
the patterns of files; overrides of tenants may hold only what RE2 knows. https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Protocol

try:
    import re2
except ImportError:  # the core install has no RE2
    re2 = None

_MAX_MEMORY = 1 << 20
"""Bytes that RE2 may use for one pattern."""


class Pattern(Protocol):
    """What both engines compile to."""

    def fullmatch(self, text: str, /) -> Any:
        """A match of the whole text; None if there is none."""
        raise NotImplementedError


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Pattern:
    """The pattern in the engine that serves it.

    Raises:
        re.error: it is no regular expression.
    """
    return _compile_linear(pattern) or re.compile(pattern)


def linear_fault(pattern: str) -> str | None:
    """Why a pattern cannot be matched in linear time; None if it can."""
    if re2 is None:
        return "a pattern in an override needs google-re2: pip install 'truto-unify[server]'"
    if _compile_linear(pattern) is None:
        return "a pattern in an override must be one that RE2 knows: no look-around, no back reference"
    return None


def _compile_linear(pattern: str) -> Pattern | None:
    if re2 is None:
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    try:
        compiled: Pattern = re2.compile(pattern, options=options)
    except re2.error:
        return None
    return compiled
