from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from truto_unify.config.yaml import load_yaml
from truto_unify.scaffold.yaml_text import Commented, write_yaml

KEYS = st.one_of(
    st.sampled_from(["id", "sort_by", "no", "12:30", "a.b", "created[gte]"]), st.text(min_size=1, max_size=8)
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-9999, 9999),
    st.text(max_size=30),
    st.sampled_from(
        ["yes", "~", "0777", "a: b", "a # b", "- x", "[email]", "{id}", "`true`", "1_000", "x || 'y'", "null"]
    ),
)
INNER = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)
VALUES = st.recursive(
    st.one_of(INNER, INNER.map(lambda value: Commented(value, ("why",)))),
    lambda inner: st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=6,
)


def plain(value: Any) -> Any:
    if isinstance(value, Commented):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return tuple(plain(item) for item in value) if isinstance(value, list) else value


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
@example({"a": {"b": {}}, "c": []})
def test_the_loader_reads_a_written_file_back_without_a_problem(content: dict[str, Any]) -> None:
    node, problems = load_yaml(write_yaml(content, header=("A header.",)), "a.yaml")

    assert problems == []
    assert node.plain() == plain(content)


def test_a_comment_is_wrapped_above_its_key() -> None:
    text = write_yaml({"a": {"b": Commented("x", ("guess: " + "word " * 40,))}})

    lines = text.splitlines()
    assert lines[0] == "a:"
    assert lines[-1] == "  b: x"
    assert all(line.startswith("  # ") and len(line) <= 112 for line in lines[1:-1])
    assert " ".join(line.removeprefix("  # ") for line in lines[1:-1]) == "guess:" + " word" * 40
