from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.expressions import (
    CALL_NAMES,
    EvaluationError,
    ExpressionError,
    bind_names,
    nearest,
    of_record,
    parse_expression,
    root_offset,
    suggest,
    variable,
)
from truto_unify.functions import ARITIES

if TYPE_CHECKING:
    from collections.abc import Callable

LOWER = '(did you mean "lower"?)'
NAMES = st.sampled_from(["a", "b", '"a b"', "lowr"])
EXPRESSIONS = st.recursive(
    NAMES | st.sampled_from(["@", "`1`", "'a(b'", '"x(y"', "a[0]", "a[-1]", "a[1:2]", "a[*]", "a.*", "*"]),
    lambda inner: st.one_of(
        st.builds("{}.{}".format, inner, NAMES),
        st.builds("{} || {}".format, inner, inner),
        st.builds("({} && !{})".format, inner, NAMES),
        st.builds("{} | {}".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{a: {}, lowr: {}}}".format, inner, inner),
        st.builds("a[?{} == {}].b".format, inner, inner),
        st.builds("a[].{{b: {}}}".format, inner),
        st.builds("lower({})".format, inner),
        st.builds("sort_by(a, &{})".format, inner),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("▶", "empty expression"),
        ("   ▶", "the expression ends too early"),
        ("a.▶", "the expression ends too early"),
        ("a[▶", "the expression ends too early"),
        ("a ||▶", "the expression ends too early"),
        ("a[0▶", "the expression ends too early"),
        ("a ▶b", "bad expression: unexpected 'b'"),
        ("a.▶.b", "bad expression: unexpected '.'"),
        ("a▶)", "bad expression: unexpected ')'"),
        ("a ▶= b", "bad expression: unexpected '='"),
        ("a.display▶-name", "bad expression: unexpected '-'; quote a name with a hyphen: \"display-name\""),
        ("▶é", "bad expression: unexpected 'é'"),
        ("f(▶0 a)", "bad expression: unexpected 0"),
        ("a == ▶'b", "bad expression: no closing '"),
        ('a == ▶"b', 'bad expression: no closing "'),
        ("a == ▶`1", "bad expression: no closing `"),
        ("'`' == ▶`b`", "`b` is not JSON; write 'b' for text"),
        ("a || ▶` {`", "` {` is not JSON; write '{' for text"),
        ("▶lowr(a)", f"unknown function lowr() {LOWER}"),
        ("lower(lowr) || ▶lowr (a)", f"unknown function lowr() {LOWER}"),
        ("'lowr(' == a[?▶lowr(b)].c", f"unknown function lowr() {LOWER}"),
        ("a[?lower(b)].c.▶lowr(d)", f"unknown function lowr() {LOWER}"),
        ("{lowr: ▶lowr(a)}", f"unknown function lowr() {LOWER}"),
        ("▶xyzzy(a)", f"unknown function xyzzy(); known: {', '.join(sorted(ARITIES))}"),
        ("▶xyzzy(a, &b)", f"unknown function xyzzy(); known: {', '.join(sorted(ARITIES))}"),
        ("lower(a) || ▶lower(a, b)", "lower() takes 1 argument, not 2"),
        ("▶join_text(a)", "join_text() takes 2 arguments, not 1"),
        ("▶not_null()", "not_null() takes 1 or more arguments, not 0"),
        ("▶sort_by(a)", "sort_by() takes 2 arguments, not 1"),
    ],
)
def test_a_fault_is_named_and_placed_at_the_very_character(marked: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(marked.replace("▶", ""))

    assert (caught.value.message, caught.value.offset) == (message, marked.index("▶"))


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("a.b.c", {"a"}),
        ("a || b.c", {"a", "b"}),
        ("a[?b == c].d | e", {"a"}),
        ("a[].b", {"a"}),
        ("a[*].[b, c]", {"a"}),
        ("[a, b.c]", {"a", "b"}),
        ("{x: a, y: b}", {"a", "b"}),
        ("@.a", {"a"}),
        ("@ | a", {"a"}),
        ("join_text(a, [b, `1`])", {"a", "b"}),
        ("sort_by(a, &b)", {"a"}),
        ("*.a", set()),
        ("'a'", set()),
        ('"a b".c', {"a b"}),
        ("a && !b", {"a", "b"}),
    ],
)
def test_root_names_are_those_that_are_looked_up_in_the_root(text: str, roots: set[str]) -> None:
    assert parse_expression(text).root_names == roots


@given(EXPRESSIONS.map(lambda text: text.replace("lower(", "to_string(")))
def test_every_sound_expression_gives_what_the_official_library_gives(text: str) -> None:
    document = {"a": [{"a": "x", "b": "Y"}, {"b": "z"}], "b": "Text", "a b": {"a": 1}, "lowr": None}

    assert outcome(parse_expression(text).search, document) == outcome(jmespath.compile(text).search, document)


@given(EXPRESSIONS)
def test_a_misspelt_call_is_found_anywhere(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(f"[{text}, lowr(a), {text}]")

    assert caught.value.offset == len(f"[{text}, ")


@given(st.text(max_size=30) | st.text("ab.[]{}()|&!<>='\"`@*:,?0 -", max_size=30))
def test_any_text_is_parsed_or_refused_with_an_offset_inside_it(text: str) -> None:
    assert -1 <= offset_of_fault(text) <= len(text)


def outcome(search: Callable[[Any], Any], document: Any) -> Any:
    try:
        return search(document)
    except (ValueError, TypeError, AttributeError):
        return "failed"


def offset_of_fault(text: str) -> int:
    """Where the fault is; -1 where there is none."""
    try:
        parse_expression(text)
    except ExpressionError as error:
        return error.offset
    return -1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(" * 1_900 + "a" + ")" * 1_900, "bad expression: "),
        ("||".join("a" * 102), "the expression is nested more than 100 levels deep"),
        ("||".join("a" * 20_000), "the expression has 59998 letters; 4000 are allowed"),
        (f"`{'1' * 5_000}`", "the expression has 5002 letters; 4000 are allowed"),
    ],
)
def test_an_expression_has_a_size_and_a_depth(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=f"^{re.escape(message)}"):
        parse_expression(text)


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("(length)(@)", "a function is called by its bare name, as length(@)", 8),
        ("paid == true", 'true is the name of a key here; the value is `true` in back quotes (and a key "true")', 8),
        ("ok != null && x", 'null is the name of a key here; the value is `null` in back quotes (and a key "null")', 6),
        ("&a", "&… has no value of its own; it is for functions such as sort_by(list, &key)", 0),
        ("to_string(&a)", "&… has no value of its own; it is for functions such as sort_by(list, &key)", 10),
        ("sort_by(a, &b) | {x: &c}", "&… has no value of its own; it is for functions such as sort_by(list, &key)", 21),
        ("[`NaN`]", "`NaN` is not JSON; write 'NaN' for text", 1),
        ("'\ud83d'", "half of a character (a lone surrogate), which no text can hold", 1),
        ('`"a\\ud83d"`', "half of a character (a lone surrogate), which no text can hold", 3),
    ],
)
def test_what_parses_but_means_nothing_is_refused(text: str, message: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)

    assert (caught.value.message, caught.value.offset) == (message, offset)


@pytest.mark.parametrize("text", ["sort_by(a, &b)", "map(&x, a)", '`"\\ud83d\\ude00"`', r"'\ud83d'"])
def test_what_means_something_is_not_refused(text: str) -> None:
    assert parse_expression(text).text == text


@pytest.mark.parametrize(
    ("text", "document", "message"),
    [
        ("lower(a)", {"a": 5}, "In function lower(), invalid type for value: 5"),
        ("sort(a)", {"a": ["x", 1]}, "In function sort(), invalid type for value"),
        ("contains(a, `1`)", {"a": 5}, "In function contains(), invalid type for value: 5"),
    ],
)
def test_a_function_that_meets_another_type_fails_with_one_line(text: str, document: Any, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        parse_expression(text).search(document)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


CALL = {name: variable(name) for name in CALL_NAMES}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("context.shop", "acme"),
        ("query.limit", 5),
        ("loaded", None),
        ("@.context", "native"),
        ("@ | context", "native"),
        ("a.context", "inner"),
        ("[context.shop, id]", ["acme", 1]),
        ("list[?context].context | [0]", "element"),
        ("sort_by(list, &context)[0].context", "element"),
        ("list[?context == 'element'] && context.shop", "acme"),
        ("{context: context.shop}", {"context": "acme"}),
    ],
)
def test_a_name_that_was_bound_hides_the_native_key_at_the_root_and_nowhere_else(text: str, value: object) -> None:
    native = {"context": "native", "id": 1, "a": {"context": "inner"}, "list": [{"context": "element"}]}
    names = {"query": {"limit": 5}, "context": {"shop": "acme"}}

    assert bind_names(parse_expression(text), CALL).search(native, names) == value


def test_a_definition_equals_its_tree_and_reads_the_record_everywhere() -> None:
    tree = bind_names(parse_expression("city || context.shop"), CALL).tree
    names = {"record": {"city": "Rome"}, "context": {"shop": "acme"}}
    expression = parse_expression("[home, city, list[0].home]")
    element = {"city": "Oslo", "home": "native", "list": [{"home": "inner"}]}

    assert bind_names(expression, {"home": tree}).search(element, names) == ["Oslo", "Oslo", "inner"]
    assert bind_names(expression, {"home": of_record(tree)}).search(element, names) == ["Rome", "Oslo", "inner"]


def test_binding_leaves_an_expression_alone_that_has_no_such_name() -> None:
    expression = parse_expression("a.context")

    assert bind_names(expression, CALL) is expression


@pytest.mark.parametrize("marked", ["▶item", "lower(▶item.name)", "a.item || ▶item.b", "[{item: ▶item}]"])
def test_a_name_of_the_root_is_found_in_the_text(marked: str) -> None:
    assert root_offset(parse_expression(marked.replace("▶", "")), "item") == marked.index("▶")


@pytest.mark.parametrize(
    ("word", "hint"),
    [("lenght", ' (did you mean "length"?)'), ("xyzzy", ""), ("keys", ' (did you mean "keys"?)')],
)
def test_only_a_near_word_is_suggested(word: str, hint: str) -> None:
    assert suggest(word, ["length", "keys"]) == hint


def test_a_word_is_compared_with_few_of_many_words() -> None:
    assert nearest("zone0", [f"zone{number}" for number in range(1, 200)]) == "zone90"
    assert nearest("zone0", [f"zone{number}" for number in range(1, 2000)]) is None
    assert nearest("Europe/Berln", ["Europe/Berlin", *(f"Asia/{number}" for number in range(1000))]) == "Europe/Berlin"
    assert nearest("x" * 101, ["x" * 100]) is None
