"""Each example of the page becomes the JSON that follows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from truto_unify.config.provider import Endpoint
from truto_unify.engine.answer_formats import in_json
from truto_unify.types import Response

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "answer-formats.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(xml|csv|jsonl)\n(.*?)^```\n\n```json\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
FORMATS = {"jsonl": "json_lines"}
ENDPOINT = yaml.safe_load(re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[0])["resources"][
    "customers"
]["list"]


@pytest.mark.parametrize(("form", "text", "expected"), EXAMPLES, ids=[form for form, _, _ in EXAMPLES])
def test_an_answer_becomes_the_json_of_the_page(form: str, text: str, expected: str) -> None:
    endpoint = Endpoint.model_validate({**ENDPOINT, "xml_lists": ("address",), "answers": FORMATS.get(form, form)})

    response = in_json(endpoint, Response(200, (("content-type", f"text/{form}"),), text.encode()))

    assert json.loads(response.body) == json.loads(expected)


def test_the_page_has_an_example_of_each_format() -> None:
    assert [form for form, _, _ in EXAMPLES] == ["xml", "csv", "jsonl"]
