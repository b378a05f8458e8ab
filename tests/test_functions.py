from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.expressions import EvaluationError, parse_expression
from truto_unify.functions import ARITIES, FUNCTIONS
from truto_unify.values import strip_text

BLANK = ["", " ", "\t\n", None]
TEXTS = st.text(max_size=12)


def run(text: str, **document: Any) -> Any:
    return parse_expression(text).search(document)


@pytest.mark.parametrize(
    ("text", "document", "value"),
    [
        ("lower(a)", {"a": "ÀÉİ"}, "àéi̇"),
        ("upper(a)", {"a": "straße"}, "STRASSE"),
        ("trim(a)", {"a": "\u00a0 Ana\t"}, "Ana"),
        ("join_text(' ', [a, b, c])", {"a": " Ana ", "b": None, "c": "Ruiz"}, "Ana Ruiz"),
        ("join_text('-', [a, b])", {"a": 1, "b": 2.5}, "1-2.5"),
        ("join_text(' ', a)", {"a": []}, None),
        ("first_text([a, b, c])", {"a": "  ", "b": " x ", "c": "y"}, "x"),
        ("first_text([a, b])", {"a": 5, "b": "y"}, "y"),
        ("first_text(a)", {"a": BLANK}, None),
        ("after_last(a, '/')", {"a": "gid://x/17"}, "17"),
        ("after_last(a, '/')", {"a": "17/"}, ""),
        ("after_last(a, '/')", {"a": "17"}, "17"),
        ("after_last(a, '')", {"a": "17"}, "17"),
        ("before_first(a, '?')", {"a": "17?x?y"}, "17"),
        ("before_first(a, '?')", {"a": "?x"}, ""),
        ("before_first(a, '')", {"a": "17"}, "17"),
        ("without_prefix(a, 'US-')", {"a": "US-US-CA"}, "US-CA"),
        ("without_prefix(a, 'US-')", {"a": "CA"}, "CA"),
        ("split_text(a, ',')", {"a": " x ,, y,"}, ["x", "y"]),
        ("split_text(a, '')", {"a": "x,y"}, ["x,y"]),
        ("subtract(a, b)", {"a": 1, "b": 2.5}, -1.5),
        ("divide(a, b)", {"a": 1, "b": 0}, None),
        ("divide(a, b)", {"a": 0, "b": 4}, 0),
        ("shift_decimal(a, `2`)", {"a": 0}, "0.00"),
        ("shift_decimal(a, `2`)", {"a": "0.1"}, "0.001"),
        ("shift_decimal(a, `0`)", {"a": 12345678901234567890}, "12345678901234567890"),
        ("shift_decimal(a, `-2`)", {"a": "1.2345"}, "123.45"),
        ("shift_decimal(a, `2`)", {"a": ""}, None),
        ("from_minor_units(a, b)", {"a": 1234, "b": "jpy"}, "1234"),
        ("from_minor_units(a, b)", {"a": "1234", "b": "KWD"}, "1.234"),
        ("sum_decimals(a)", {"a": ["0.1", 0.2, None, "1.000"]}, "1.300"),
        ("sum_decimals(a)", {"a": [None]}, None),
        ("sum_decimals(a)", {"a": ["1", "", " ", False]}, "1"),
        ("subtract_decimals(a, `0.1`)", {"a": " "}, None),
        ("divide_decimals(a, `3`)", {"a": ""}, None),
        ("multiply_decimals(a, `3`)", {"a": ""}, None),
        ("without_sign(a)", {"a": ""}, None),
        ("shift_decimal(a, `2`)", {"a": " "}, None),
        ("from_minor_units(a, 'EUR')", {"a": ""}, None),
        ("subtract_decimals(a, `0.1`)", {"a": "0.3"}, "0.2"),
        ("divide_decimals(a, `3`)", {"a": "1980"}, "660"),
        ("divide_decimals(a, `3`)", {"a": "1"}, "0.3333"),
        ("divide_decimals(a, `100`)", {"a": 2599}, "25.99"),
        ("divide_decimals(a, `100`)", {"a": 1500}, "15"),
        ("divide_decimals(a, `8`)", {"a": "1.0"}, "0.125"),
        ("divide_decimals(a, `100`)", {"a": "0.00"}, "0.00"),
        ("divide_decimals(a, `0.001`)", {"a": 2}, "2000"),
        ("divide_decimals(a, `0`)", {"a": "1"}, None),
        ("multiply_decimals(a, `3`)", {"a": "9.90"}, "29.70"),
        ("multiply_decimals(a, a)", {"a": "123456789012345"}, "15241578753238669120562399025"),
        ("without_sign(a)", {"a": "-9.520"}, "9.520"),
        ("entries(a)", {"a": {"S": "L", "C": None}}, [{"key": "S", "value": "L"}, {"key": "C", "value": None}]),
        ("entries(a)", {}, None),
        (
            "items_with(a, 'id', `7`)",
            {"a": [{"id": "7"}, {"id": 7, "b": 1}, {"id": "07"}, 7]},
            [{"id": "7"}, {"id": 7, "b": 1}],
        ),
        ("items_with(a, 'id', 'True')", {"a": [{"id": True}, {"id": None}, {}]}, []),
        ("items_with(a, 'id', b)", {"a": [{"id": None}]}, None),
    ],
)
def test_a_function_gives_this_value(text: str, document: dict[str, Any], value: Any) -> None:
    assert run(text, **document) == value


@pytest.mark.parametrize(
    "text",
    [
        "lower(a)",
        "upper(a)",
        "trim(a)",
        "decode_entities(a)",
        "join_text(' ', a)",
        "first_text(a)",
        "after_last(a, '/')",
        "before_first(a, '/')",
        "without_prefix(a, '/')",
        "subtract(a, `1`)",
        "subtract(`1`, a)",
        "divide(a, `1`)",
        "divide(`1`, a)",
        "shift_decimal(a, `2`)",
        "from_minor_units(a, 'EUR')",
        "from_minor_units(`1`, a)",
        "sum_decimals(a)",
        "subtract_decimals(a, `1`)",
        "subtract_decimals(`1`, a)",
        "divide_decimals(a, `1`)",
        "divide_decimals(`1`, a)",
        "multiply_decimals(a, `1`)",
        "multiply_decimals(`1`, a)",
        "without_sign(a)",
        "entries(a)",
        "items_with(a, 'id', `1`)",
        "split_text(a, ',')",
        "when(a, 'x')",
    ],
)
def test_null_gives_null(text: str) -> None:
    assert run(text, a=None) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("when(a, 'x')", "x"),
        ("when(`0`, 'x')", "x"),
        ("when(' ', 'x')", "x"),
        ("when('', 'x')", None),
        ("when(`false`, 'x')", None),
        ("when(`[]`, 'x')", None),
        ("when(`{}`, 'x')", None),
        ("when(a, b)", None),
        ("when(a, {b: a})", {"b": "text"}),
        ("when(a == 'text', [a])", ["text"]),
    ],
)
def test_when_gives_its_value_where_the_condition_is_true_in_jmespath(text: str, value: object) -> None:
    assert run(text, a="text") == value


@pytest.mark.parametrize("places", ["two", "1.5", ""])
def test_an_amount_needs_a_whole_number_of_places(places: str) -> None:
    with pytest.raises(EvaluationError, match="expected a number"):
        run(f"shift_decimal('1', '{places}')", a=None)


@pytest.mark.parametrize("value", ["x", "n/a", "1,000", "1e999999999", "inf", "nan", 10**400])
@pytest.mark.parametrize(
    "text",
    [
        "shift_decimal(a, `2`)",
        "from_minor_units(a, 'EUR')",
        "sum_decimals(['0.1', a])",
        "subtract_decimals(a, `1`)",
        "subtract_decimals(`1`, a)",
        "divide_decimals(a, `3`)",
        "divide_decimals(`3`, a)",
        "multiply_decimals(a, `2`)",
        "multiply_decimals(`2`, a)",
        "without_sign(a)",
    ],
)
def test_what_is_no_number_is_a_fault_and_not_null(text: str, value: object) -> None:
    with pytest.raises(EvaluationError, match="expected a number, got"):
        run(text, a=value)


@pytest.mark.parametrize("value", [True, [], {}])
def test_a_sum_takes_numbers_alone(value: object) -> None:
    with pytest.raises(EvaluationError, match="expected a number, got"):
        run("sum_decimals(a)", a=[value])


def test_every_function_is_tried_with_null() -> None:
    marks = test_null_gives_null.pytestmark  # type: ignore[attr-defined]  # pytest puts the marks there

    assert {text.partition("(")[0] for text in marks[0].args[1]} == set(FUNCTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "lower(`1`)",
        "upper([a])",
        "trim(`true`)",
        "join_text(`1`, [a])",
        "join_text(' ', a)",
        "first_text(a)",
        "after_last(a, `1`)",
        "before_first(`1`, 'x')",
        "without_prefix(a, `null`)",
        "subtract(a, `1`)",
        "divide(`1`, a)",
        "shift_decimal(`true`, `2`)",
    ],
)
def test_another_type_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError, match=r"^In function \w+\(\), invalid type for value"):
        run(text, a="text")


@given(st.lists(TEXTS | st.none(), max_size=4), st.sampled_from([" ", ", ", ""]))
def test_joined_text_has_neither_blank_parts_nor_outer_white_space(parts: list[str | None], separator: str) -> None:
    stripped = [text for part in parts if part is not None and (text := strip_text(part))]

    assert run("join_text(s, p)", s=separator, p=parts) == (separator.join(stripped) or None)


@given(TEXTS, st.text(min_size=1, max_size=2))
def test_text_is_cut_at_the_separator_and_nothing_else_is_lost(text: str, separator: str) -> None:
    after, before = run("[after_last(t, s), before_first(t, s)]", t=text, s=separator)

    assert text in {after, text[: len(text) - len(after) - len(separator)] + separator + after}
    assert text in {before, before + separator + text[len(before) + len(separator) :]}
    assert separator not in before
    assert separator not in after


@given(st.integers(-(10**18), 10**18), st.integers(0, 6))
def test_decimals_are_shifted_exactly(number: int, places: int) -> None:
    shifted = run("shift_decimal(n, p)", n=number, p=places)

    assert Decimal(shifted) * 10**places == number
    assert "E" not in shifted


def test_official_functions_and_ours_are_known_with_their_arities() -> None:
    chosen = ("lower", "join_text", "shift_decimal", "length", "not_null", "merge", "sort_by", "contains")

    assert {name: ARITIES[name] for name in chosen} == {
        "lower": (1, False),
        "join_text": (2, False),
        "shift_decimal": (2, False),
        "length": (1, False),
        "not_null": (1, True),
        "merge": (1, True),
        "sort_by": (2, False),
        "contains": (2, False),
    }
