from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.config.yaml import Node, Place, load_yaml, merge_nodes, nodes_from

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def load(text: str) -> Any:
    node, problems = load_yaml(text, "a.yaml")
    assert problems == []
    return node.plain()


def problems_of(text: str, *, is_secret: bool = False) -> list[str]:
    return [str(problem) for problem in load_yaml(text, "a.yaml", is_secret=is_secret)[1]]


def as_tuples(value: Any) -> Any:
    return nodes_from(value, "x").plain()


def merged(*layers: dict[str, Any]) -> Node:
    first, *others = [nodes_from(layer, f"layer {number}") for number, layer in enumerate(layers)]
    for other in others:
        first = merge_nodes(first, other)
    return first


def test_only_words_in_lower_case_and_plain_numbers_are_more_than_text() -> None:
    text = """
    "true": [true, false, null, 12, -3, 0, 1.5, -0.25]
    text: [yes sir, 1e3, .5, +5, 1.2.3, .inf, 2024-01-01, 12:30:45 o'clock, a:b, 0.0.0.0]
    quoted: ["true", 'no', "12", '~', "", ' a ']
    empty:
    """

    assert load(text) == {
        "true": (True, False, None, 12, -3, 0, 1.5, -0.25),
        "text": ("yes sir", "1e3", ".5", "+5", "1.2.3", ".inf", "2024-01-01", "12:30:45 o'clock", "a:b", "0.0.0.0"),
        "quoted": ("true", "no", "12", "~", "", " a "),
        "empty": None,
    }


def test_keys_that_are_numbers_are_text() -> None:
    assert load("{1: a, 22: b}") == {"1": "a", "22": "b"}


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("y", "older YAML reads it as a truth value"),
        ("N", "older YAML reads it as a truth value"),
        ("yes", "older YAML reads it as a truth value"),
        ("NO", "older YAML reads it as a truth value"),
        ("On", "older YAML reads it as a truth value"),
        ("off", "older YAML reads it as a truth value"),
        ("True", "write true, false or null in lower case"),
        ("FALSE", "write true, false or null in lower case"),
        ("Null", "write true, false or null in lower case"),
        ("~", "write true, false or null in lower case"),
        ("12:30", "older YAML reads it as a number in base 60"),
        ("-1:20:30.5", "older YAML reads it as a number in base 60"),
        ("0123", "older YAML reads it as an octal or hex number"),
        ("0x1F", "older YAML reads it as an octal or hex number"),
        ("0b01", "older YAML reads it as an octal or hex number"),
        ("1_000", "older YAML reads it as a number"),
    ],
)
def test_what_older_yaml_reads_otherwise_must_be_quoted(word: str, why: str) -> None:
    assert problems_of(f"a: {word}\nb: '{word}'\n{word}: c\n") == [
        f'a.yaml:1:4: unquoted "{word}": {why}; put it in quotes',
        f'a.yaml:3:1: unquoted "{word}": {why}; put it in quotes',
    ]


def test_every_refused_construct_is_reported_in_one_pass() -> None:
    text = "a: &x 1\nb: *x\nc: !!int '1'\nd: text #cut\ne: no\ne: 2\n<<: {f: 1}\n? [g]\n: 1\n"

    assert problems_of(text) == [
        'a.yaml:1:4: anchor "&x": quote the text, or write the value out each time',
        'a.yaml:2:4: alias "*x": quote the text, or write the value out',
        'a.yaml:3:4: tag "tag:yaml.org,2002:int": quote the text; types follow from the key',
        'a.yaml:4:4: " #" ends the value "text"; quote it, or move the comment to a line of its own',
        'a.yaml:5:4: unquoted "no": older YAML reads it as a truth value; put it in quotes',
        'a.yaml:6:1: duplicate key "e" (first at line 5)',
        'a.yaml:7:1: merge key "<<": write the values out',
        "a.yaml:8:3: a key must be text; quote it",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\na: b\n",
        "a: 'b' # after a quoted value\n",
        "a: # before a value\n  b: c\n",
        "a: [b, # inside\n  c]\n",
    ],
)
def test_a_comment_that_cuts_nothing_is_welcome(text: str) -> None:
    assert problems_of(text) == []


def test_a_file_of_secrets_never_shows_a_value_in_its_problems() -> None:
    text = "a: *secret\nb: &secret x\nc: !secret x\nd: 0123\ne: secret #x\nf: no\n"

    assert problems_of(text, is_secret=True) == [
        "a.yaml:1:4: alias text: quote the text, or write the value out",
        "a.yaml:2:4: anchor text: quote the text, or write the value out each time",
        "a.yaml:3:4: tag text: quote the text; types follow from the key",
        "a.yaml:4:4: unquoted text: older YAML reads it as an octal or hex number; put it in quotes",
        'a.yaml:5:4: " #" ends the value text; quote it, or move the comment to a line of its own',
        "a.yaml:6:4: unquoted text: older YAML reads it as a truth value; put it in quotes",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_are_the_same_whatever_ends_the_lines(newline: str) -> None:
    assert problems_of(newline.join(["a: 1", "b:", "  c: no", ""])) == [
        'a.yaml:3:6: unquoted "no": older YAML reads it as a truth value; put it in quotes'
    ]


def test_every_node_knows_where_it_and_its_key_stand() -> None:
    node, _ = load_yaml("a:\n  b: [x, 'y']\n", "a.yaml")

    assert (node.at(["a", "b", 1]).place, node.at(["a", "b"]).key_place) == (
        Place("a.yaml", 2, 10),
        Place("a.yaml", 2, 3),
    )
    assert (node.at(["a", "b", 7]).place, node.at(["a", "z"]).place) == (Place("a.yaml", 2, 6), Place("a.yaml", 2, 3))


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.sampled_from([None, 1, 4]))
def test_json_is_read_as_it_is(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=indent)

    node, problems = load_yaml(text, "a.yaml")

    assert (node.plain(), problems) == (as_tuples(document), [])


@given(
    before=st.lists(st.sampled_from(["a", "it's", 'say "x"', "\\", "ü", "日本"]), max_size=6).map(" ".join),
    after=st.sampled_from(["", " b", "\n  c"]),
    style=st.sampled_from(["'", '"', "|", ">"]),
    width=st.integers(min_value=4, max_value=40),
)
def test_the_caret_is_under_the_character_in_every_style(before: str, after: str, style: str, width: int) -> None:
    value = f"{before} ® {after}".strip()
    text = yaml.safe_dump({"key": value}, default_style=style, allow_unicode=True, width=width)
    node = load_yaml(text, "a.yaml")[0].at(["key"])

    problem = node.problem("here", rule="bad-expression", offset=str(node.value).index("®"))

    line, caret = problem.snippet.split("\n")
    assert text.splitlines()[problem.line - 1][problem.column - 1] == "®"
    assert line[len(caret) - 1] == "®"


@given(st.text(max_size=40))
def test_any_text_gives_a_mapping_or_problems_and_never_raises(text: str) -> None:
    node, problems = load_yaml(text, "a.yaml")

    assert isinstance(node.value, dict)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


def test_without_libyaml_a_file_is_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
    plain: [one, 1, {a: b}]   # a comment
    'single': "double \\n"
    block: |
      two
      lines
    folded: >-
      ñandú
    empty:
    wrong: [yes, *alias, &anchor x, !tag text, 012]
    cut: a #b
    ? key
    : value
    """
    quick = load_yaml(text, "a.yaml")
    monkeypatch.setattr("truto_unify.config.yaml._Loader", yaml.SafeLoader)

    assert load_yaml(text, "a.yaml") == quick
    assert [problem.rule.removeprefix("yaml-") for problem in quick[1]] == [
        *("surprise", "alias", "anchor", "tag", "surprise", "cut-text"),
    ]


@pytest.mark.parametrize("text", ["a: b\tc", "a: b\t# note", "a: b\n\ufeff\nc: d"])
def test_a_tab_and_a_byte_order_mark_inside_are_refused_although_libyaml_accepts_them(text: str) -> None:
    assert [problem.rule for problem in load_yaml(text, "a.yaml")[1]] == ["yaml-syntax"]


def test_an_overlay_changes_adds_and_removes_key_by_key() -> None:
    base = {"a": {"x": 1, "y": 2, "list": [1, 2]}, "b": "base", "c": {"z": 1}}
    over = {"a": {"y": 3, "w": 4, "list": [9]}, "b": None, "c": "over", "d": {"new": True}}

    assert merged(base, over).plain() == {
        "a": {"x": 1, "y": 3, "list": (9,), "w": 4},
        "c": "over",
        "d": {"new": True},
    }


def test_what_an_overlay_removed_is_remembered_until_another_adds_it() -> None:
    gone = merged({"a": 1, "b": 2}, {"a": None, "b": None, "never": None})
    back = merge_nodes(gone, nodes_from({"a": 3}, "x"))

    assert (gone.plain(), gone.removed) == ({}, frozenset({"a", "b", "never"}))
    assert (back.plain(), back.removed) == ({"a": 3}, frozenset({"b", "never"}))


def test_a_merged_mapping_has_the_place_of_its_last_layer() -> None:
    node = merged({"a": {"x": 1}, "b": {"x": 1}}, {"a": {"y": 2}})

    assert [node.at(path).place.file for path in (["a"], ["a", "x"], ["a", "y"], ["b"])] == [
        "layer 1",
        "layer 0",
        "layer 1",
        "layer 0",
    ]


@given(st.dictionaries(TEXTS, VALUES, max_size=3))
def test_laying_a_file_over_itself_changes_nothing_but_takes_its_nulls_away(document: dict[str, Any]) -> None:
    node = nodes_from(document, "x")

    once = merge_nodes(node, node)

    assert merge_nodes(once, once).plain() == once.plain()
    assert once.plain().keys() == {key for key, value in document.items() if value is not None}


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 2000 + "]" * 2000 + "\n", "a: " + "[" * 100_000, "a: " + "[" * 100_000 + "\t"]
)
def test_a_file_that_is_nested_too_deep_is_a_problem_at_its_place(text: str) -> None:
    assert [str(problem) for problem in load_yaml(text, "a.yaml")[1]] == [
        "a.yaml:1:103: nested more than 100 levels deep"
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("".join(f"k{number}: 1\n" for number in range(200_000)), 10_000), ("a: 1\n---\n" * 50_000, 7_000)],
    ids=["keys", "documents"],
)
def test_a_file_of_too_many_values_is_one_problem(text: str, line: int) -> None:
    (problem,) = load_yaml(text, "a.yaml")[1]

    assert problem.message == "the file is too large: a file holds at most 20000 keys and values"
    assert abs(problem.line - line) < 1_500
