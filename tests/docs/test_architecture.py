"""docs/architecture.md names modules that exist, and its picture is drawn from its source."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.docs.page import ROOT, read_page

PACKAGE = ROOT / "truto_unify"


def exists(name: str) -> bool:
    """Whether a module, package or folder of this name, as `engine/plan` or `providers/<provider>.yaml`, exists."""
    path = name.partition("<")[0]
    return any((root / f"{path}{ending}").exists() for root in (PACKAGE, ROOT) for ending in ("", ".py"))


def picture_lines(source: str) -> list[str]:
    return [line.strip() for label in re.findall(r'label="([^"]*)"', source) for line in label.split(r"\n")]


def test_every_module_that_the_page_names_exists() -> None:
    page = read_page("docs/architecture.md")
    names = re.findall(r"`((?:engine|mapping|config|cli|providers|mappings|sandbox)/[\w./<>]*)`", page)

    assert len(names) > 20
    assert [name for name in names if not exists(name)] == []


def test_every_step_of_the_engine_that_the_picture_names_exists() -> None:
    source = read_page("docs/architecture.dot")
    cluster = source[source.index("cluster_engine") : source.index("  mapping [")]
    names = [name for line in picture_lines(cluster) for name in line.split(", ") if re.fullmatch("[a-z_]+", name)]

    assert len(names) > 10
    assert [name for name in names if not exists(f"engine/{name}")] == []


def test_the_picture_is_drawn_from_its_source() -> None:
    picture = ElementTree.parse(ROOT / "docs" / "architecture.svg")
    drawn = {(text.text or "").strip() for text in picture.iter("{http://www.w3.org/2000/svg}text")}

    assert drawn == set(picture_lines(read_page("docs/architecture.dot"))), "run make drawings"
