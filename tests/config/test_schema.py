from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from truto_unify.config.schema import (
    Expr,
    Path,
    Paths,
    Strict,
    Template,
    TemplateText,
    read_first,
    read_path,
    salvage_node,
    show_paths,
    validate_node,
)
from truto_unify.config.yaml import load_yaml


class Square(Strict):
    type: Literal["square"]
    side: int = Field(ge=1)


class Circle(Strict):
    type: Literal["circle"]
    radius: int


class Plan(Strict):
    name: str
    shapes: tuple[Annotated[Square | Circle, Field(discriminator="type")], ...] = ()
    size: int | tuple[int, ...] | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    rule: Expr | None = None
    place: Path | None = None
    places: Paths | None = None
    text: TemplateText | None = None
    in_: str | None = Field(default=None, alias="in")


BRACE = "a brace without its partner; a placeholder is {context.name}, and a brace that is sent is {{ or }}"


def check(text: str) -> list[str]:
    node, problems = load_yaml(text, "a.yaml")
    model, faults = validate_node(Plan, node)
    assert (model is None) == bool(faults)
    return [str(problem) for problem in [*problems, *faults]]


def plan(text: str) -> Plan:
    model, faults = validate_node(Plan, load_yaml(text, "a.yaml")[0])
    assert faults == []
    assert model is not None
    return model


def test_a_sound_tree_becomes_the_model() -> None:
    model = plan(
        "name: x\nshapes: [{type: square, side: 2}]\nsize: [1, 2]\nplace: a.b\nplaces: ['@', 'a[].b']\nin: here\n"
    )

    assert model.model_dump(exclude_defaults=True) == {
        "name": "x",
        "shapes": ({"type": "square", "side": 2},),
        "size": (1, 2),
        "place": ("a", "b"),
        "places": ((), ("a[]", "b")),
        "in_": "here",
    }


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("{}", ['a.yaml:1:1: missing key "name"']),
        ("name: x\nname_: z", ['a.yaml:2:1: unknown key "name_" (did you mean "name"?)']),
        (
            "name: x\nxyzzy: z",
            ['a.yaml:2:1: unknown key "xyzzy"; known here: in, name, place, places, rule, shapes, size, tags, text'],
        ),
        ("name: x\nin_: z", ['a.yaml:2:1: unknown key "in_" (did you mean "in"?)']),
        (
            "name: x\nshapes: [{type: square, sid: 1}]",
            ['a.yaml:2:10: missing key "side"', 'a.yaml:2:25: unknown key "sid" (did you mean "side"?)'],
        ),
        (
            "name: x\nshapes: [{type: circle, sid: 1, radius: 1}]",
            ['a.yaml:2:25: unknown key "sid"; known here: radius, type'],
        ),
        (
            "name: x\nshapes: [{type: squares, side: 1}]",
            ['a.yaml:2:17: "squares" is not known here (did you mean "square"?)'],
        ),
        ("name: x\nshapes: [{side: 1}]", ['a.yaml:2:10: missing key "type"']),
        ("name: x\nshapes: {type: square}", ["a.yaml:2:9: must be a list"]),
        ("name: x\nshapes: [5]", ["a.yaml:2:10: must be a mapping; known here: radius, side, type"]),
        ("name: x\nsize: big", ["a.yaml:2:7: must be a whole number or a list"]),
        ("name: x\nsize: [1, big]", ["a.yaml:2:11: must be a whole number"]),
        (
            "name: true\ntags: {a: 1, b: []}",
            [
                "a.yaml:1:7: must be text; quote it",
                "a.yaml:2:11: must be text; quote it",
                "a.yaml:2:17: must be text; quote it",
            ],
        ),
        (
            "name: x\nplace: a..b",
            ['a.yaml:2:8: a path is names joined by dots, as in data.customers, or "@" for the whole body'],
        ),
        (
            "name: x\nplaces: [a, 5]",
            ['a.yaml:2:9: a path is names joined by dots, as in data.customers, or "@" for the whole body'],
        ),
        ("name: x\ntext: '{a'", [f"a.yaml:2:7: {BRACE}"]),
        ("name: x\ntext: [a]", ["a.yaml:2:7: must be text"]),
        ("name: x\nrule: true", ["a.yaml:2:7: an expression must be text; quote it"]),
        ("name: x\nrule: a.", ["a.yaml:2:9: the expression ends too early\n    rule: a.\n            ^"]),
    ],
)
def test_a_fault_is_said_once_at_its_place_with_what_would_work(text: str, problems: list[str]) -> None:
    assert check(text) == problems


def test_the_parts_without_faults_are_checked_further() -> None:
    text = "name_: x\nshapes: [{type: square}, {type: circle, radius: 2}]\nsize: big\ntags: {a: 1, b: two}\n"

    model, node = salvage_node(Plan, load_yaml(text, "a.yaml")[0])

    assert model is not None
    assert model.model_dump(exclude_defaults=True) == {
        "name": "",
        "shapes": ({"type": "circle", "radius": 2},),
        "tags": {"b": "two"},
    }
    assert (node.faulty, node.at(["tags"]).faulty) == (frozenset({"name", "name_", "size"}), frozenset({"a"}))
    assert node.at(["tags"]).keys == ("b", "a")


def test_a_root_that_is_wrong_as_a_whole_cannot_be_saved() -> None:
    class Never(Strict):
        name: str

        def model_post_init(self, _context: Any) -> None:
            raise ValueError("never")

    assert salvage_node(Never, load_yaml("name: x", "a.yaml")[0])[0] is None


@pytest.mark.parametrize(
    ("text", "values", "filled"),
    [
        ("https://{context.shop}.example/{id}", {"context.shop": "acme", "id": "{context.shop}"}, None),
        ("{a}{a}", {"a": "1"}, "11"),
        ("plain", {}, "plain"),
    ],
)
def test_placeholders_are_filled_once(text: str, values: dict[str, str], filled: str | None) -> None:
    assert Template(text).fill(values) == (filled or "https://acme.example/{context.shop}")


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        Template("{a}").fill({})


@pytest.mark.parametrize(
    ("body", "path", "result"),
    [
        ({"a": None}, ("a",), (True, None)),
        ({"a": {}}, ("a", "b"), (False, None)),
        ([1], ("a",), (False, None)),
        ([1], (), (True, [1])),
        ({"a": [{"b": 1}, {}]}, ("a[]", "b"), (False, [1, None])),
        ({"a": []}, ("a[]", "b"), (True, [])),
        ({"a": {"b": 1}}, ("a[]", "b"), (False, None)),
    ],
)
def test_a_path_exists_where_every_step_of_it_does(body: Any, path: tuple[str, ...], result: tuple[bool, Any]) -> None:
    assert read_path(body, path) == result


def test_the_first_path_that_exists_counts() -> None:
    assert read_first({"b": 1, "c": 2}, (("a",), ("b",), ("c",))) == (True, 1)
    assert read_first({"b": 1}, (("a",),)) == (False, None)
    assert show_paths((("a", "b"), (), ("c[]",))) == "a.b or the whole body or c[]"
