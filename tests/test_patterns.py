from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shipped import REGISTRY
from truto_unify.config.filters import OPERATORS
from truto_unify.patterns import compile_pattern, linear_fault


def shipped_patterns() -> set[str]:
    """The patterns of every filter."""
    methods = [REGISTRY.mapping(*name).config.list for name in REGISTRY.mappings]
    forms = [rule.native(op) for method in methods if method for rule in method.filters.values() for op in OPERATORS]
    return {form.pattern for form in forms if form is not None and form.pattern is not None}


def test_a_pattern_that_makes_other_engines_hang_is_answered() -> None:
    assert compile_pattern("(a+)+b").fullmatch("a" * 5_000) is None


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=.{6,}).*", "(?<!a)b"])
def test_what_needs_backtracking_is_no_pattern_of_an_override(pattern: str) -> None:
    assert "must be one that RE2 knows" in str(linear_fault(pattern))
    assert compile_pattern(pattern) is re.compile(pattern)


@pytest.mark.parametrize("pattern", sorted(shipped_patterns()))
@given(text=st.text(alphabet="ab1@.:+- ü\n", max_size=12) | st.just("ana@shop.example") | st.just("+15550100123"))
def test_both_engines_agree_on_the_shipped_patterns(pattern: str, text: str) -> None:
    assert bool(compile_pattern(pattern).fullmatch(text)) == bool(re.fullmatch(pattern, text))
