from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contract.acme import acme
from truto_unify.testing.contract.requests import request_table

if TYPE_CHECKING:
    from pathlib import Path

BY_NAME = 'name: {eq: "name:{value}", encode: quoted}'


def test_a_filter_with_a_pattern_gets_a_plain_value(tmp_path: Path) -> None:
    plain = BY_NAME.replace("quoted}", 'quoted, pattern: "[A-Za-z ]+"}')

    table = request_table(acme(tmp_path, mapping={BY_NAME: plain}))

    assert table["requests"]["name[eq]"]["body"]["search"] == 'name:"Zoe Ruiz"'


def test_a_filter_without_a_pattern_gets_an_awkward_value(tmp_path: Path) -> None:
    table = request_table(acme(tmp_path))

    assert table["requests"]["name[eq]"]["body"]["search"] == 'name:"Zoë O\'Neil-Ruiz"'
    assert "first_name[eq]" not in table["requests"]
