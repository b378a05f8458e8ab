from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.config.parameter_names import header_name, parameter_names

SPELLINGS = [
    *("_method", "_METHOD", " _method", "\t_method", "+_method", "_method ", "_method\0", "_method\0x", "_me\0thod"),
    *(".method", " .method", "_method[]", "_method[x][y]", "_method[", "[_method]", "[_method]x", "[method"),
    *("%5Fmethod", "%5fMethod", "%255Fmethod", "%2Emethod", "%00_method", "\u00a0_method", "\ufeff_method"),
    *("\uff3f\uff4dethod", "\u200b_method"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_that_a_store_may_read_as_the_name_counts_as_it(spelling: str) -> None:
    assert "_method" in parameter_names(spelling)


@pytest.mark.parametrize("name", ["method", "a_method", "_methods", "filter[_method]", "email", "id:in", "page"])
def test_other_names_are_other_names(name: str) -> None:
    assert "_method" not in parameter_names(name)


@given(st.text(max_size=30))
def test_any_text_has_names_in_normal_form(name: str) -> None:
    for form in parameter_names(name):
        assert form == form.casefold()
        assert not set(form) & set(". [\0\n+")


@given(st.text(alphabet=" \t\r\n+", max_size=6), st.sampled_from(["_method", ".method", "%5fMETHOD[x]"]))
def test_blanks_before_a_name_hide_nothing(before: str, spelling: str) -> None:
    assert "_method" in parameter_names(before + spelling)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x_http_method_override", " X-Http-Method_Override "])
def test_headers_are_read_as_cgi_reads_them(name: str) -> None:
    assert header_name(name) == "x-http-method-override"
