"""Every link of every page leads somewhere, and the README leads to every page."""

from __future__ import annotations

import re

import pytest

from tests.docs.page import ROOT, read_page

PAGES = [file.relative_to(ROOT).as_posix() for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))]
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://)(?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page, flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links_of(name: str) -> list[tuple[str, str]]:
    """The targets of the relative links of a page: path from the root, and anchor."""
    folder = (ROOT / name).parent
    links = _LINK.finditer(_CODE.sub("", read_page(name)))
    targets = ((folder / link["file"] if link["file"] else ROOT / name, link["anchor"] or "") for link in links)
    return [(path.resolve().relative_to(ROOT).as_posix(), anchor) for path, anchor in targets]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_links_of_a_page_lead_somewhere(name: str) -> None:
    links = links_of(name)

    assert [path for path, _ in links if not (ROOT / path).exists()] == []
    assert [(path, anchor) for path, anchor in links if anchor and anchor not in anchors(read_page(path))] == []


def test_the_readme_leads_to_every_page() -> None:
    assert {path for path, _ in links_of("README.md")} >= set(PAGES) - {"README.md"}
