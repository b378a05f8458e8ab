"""docs/security.md names tests that exist, and every security event that the code can log."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.page import read_page, read_rows

ROOT = Path(__file__).parents[2]
PAGE = read_page("docs/security.md")
ATTACKS = read_rows(PAGE, "| attack | now | logged | tested by |")
EVENT = re.compile(r'security_event(?: = |=|\()"([a-z_]+)"')


def test_every_test_of_the_page_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", PAGE))

    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_every_attack_has_a_test() -> None:
    assert [attack for attack, _, _, tests in ATTACKS if "tests/" not in tests] == []


def test_the_page_names_every_security_event() -> None:
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "truto_unify").rglob("*.py"))
    named = {event for _, _, logged, _ in ATTACKS for event in re.findall("[a-z]+_[a-z]+", logged)}

    assert named == set(EVENT.findall(code))
