from __future__ import annotations

from typing import Any

from truto_unify.engine.json_body import merge_objects, set_path


def test_a_path_is_made_in_the_body_as_it_is_needed() -> None:
    body: dict[str, Any] = {"a": {"x": 1}, "b": "text"}
    set_path(body, ("a", "b", "c"), 2)
    set_path(body, ("b", "d"), 3)
    set_path(body, ("e",), 4)

    assert body == {"a": {"x": 1, "b": {"c": 2}}, "b": {"d": 3}, "e": 4}


def test_objects_are_merged_and_other_values_replaced() -> None:
    body: dict[str, Any] = {"a": {"x": 1}, "b": {"y": 1}, "c": 1}
    extra: dict[str, Any] = {"a": {"z": [2]}, "b": 3, "c": {"w": 4}}
    merged = merge_objects(body, extra)

    assert merged == {"a": {"x": 1, "z": [2]}, "b": 3, "c": {"w": 4}}
    assert body == {"a": {"x": 1}, "b": {"y": 1}, "c": 1}
