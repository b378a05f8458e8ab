"""Adds a resource to a provider whose files exist: the endpoints to its file, and the mapping beside its other ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.yaml import read_document

if TYPE_CHECKING:
    from truto_unify.scaffold.project import Draft

_RESOURCES = re.compile(r"^resources:[ \t]*(#.*)?\n", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^[^\s#]", re.MULTILINE)
_INDENT = 2
"""The blanks before the name of a native resource in a draft."""


@dataclass(frozen=True, slots=True)
class SecondResource:
    """The files that a further resource needs.

    Attributes:
        draft: its files, and what a person must check.
        block: the endpoints to add by hand to the provider file; None if the draft's provider file has them.
        reason: why they must be added by hand; empty if they need not.
    """

    draft: Draft
    block: str | None = None
    reason: str = ""


def is_provider_text(text: str) -> bool:
    """Whether the text is that of a provider file with resources."""
    content = _content(text)
    return isinstance(content, dict) and isinstance(content.get("resources"), dict)


def fit_in(draft: Draft, slug: str, native: str, text: str) -> SecondResource:
    """The draft of a resource, without the files that the provider has.

    Args:
        draft: the draft, as of a new provider.
        slug: the provider.
        native: the name of the drafted native resource.
        text: the provider file as it is; comments and everything else in it stay.
    """
    file = f"providers/{slug}.yaml"
    prefix = f"resources.{native}."
    remarks = [remark for remark in draft.remarks if remark.file != file or remark.path.startswith(prefix)]
    dropped = {f"`{remark.path}`" for remark in draft.remarks if remark not in remarks}
    files = dict(draft.files)
    drafted = files.pop(file)
    readme = files.pop(f"tests/{slug}/README.md")
    files.pop(f"tests/{slug}/test_{slug}.py")
    lines = [
        line for line in readme.splitlines() if not any(line.startswith((f"- [ ] {p} ", f"| {p} ")) for p in dropped)
    ]
    files[f"tests/{slug}/README_{native}.md"] = "\n".join(lines) + "\n"
    fitted = replace(draft, files=files, remarks=remarks)
    if native in _content(text)["resources"]:
        kept = [remark for remark in remarks if remark.file != file]
        return SecondResource(replace(fitted, remarks=kept))
    block = drafted[drafted.index("\nresources:\n") + len("\nresources:\n") :]
    changed, reason = add_endpoints(text, block, native)
    if changed is None:
        return SecondResource(fitted, block, reason)
    return SecondResource(replace(fitted, files={**files, file: changed}))


def add_endpoints(text: str, block: str, native: str) -> tuple[str | None, str]:
    r"""A provider file with the endpoints of a further native resource, or the reason why they cannot be added.

    >>> print(add_endpoints("resources:\n  a: {k: 1}  # mine\n# end\nquery: {}\n", "  b: {k: 2}\n", "b")[0])
    resources:
      a: {k: 1}  # mine
      b: {k: 2}
    # end
    query: {}
    <BLANKLINE>
    """
    text = text if text.endswith("\n") else f"{text}\n"
    start = _RESOURCES.search(text)
    if start is None:
        return None, "its resources are not written as a block of lines"
    indents = re.findall(r"^( +)\S", text[start.end() :], re.MULTILINE)
    if not indents or len(indents[0]) != _INDENT:
        return None, f"its resources are not indented by {_INDENT} blanks"
    fields = set(re.findall(r"\{((?:context|credentials)\.\w+)\}", block))
    content = _content(text)
    unknown = [
        field for field in sorted(fields) if field.partition(".")[2] not in (content.get(field.partition(".")[0]) or {})
    ]
    if unknown:
        return None, f"it does not declare {', '.join(unknown)}"
    end = _TOP_LEVEL.search(text, start.end())
    # Comments above the next key belong to it.
    inside = text[start.end() : end.start() if end is not None else len(text)]
    body = re.sub(r"(\n(#[^\n]*|[ \t]*))*\n?\Z", "\n", inside, count=1) if end is not None else f"{inside.rstrip()}\n"
    cut = start.end() + len(body)
    changed = f"{text[:cut]}{block}{text[cut:]}"
    expected = {
        **content,
        "resources": {**content["resources"], native: _content(f"resources:\n{block}")["resources"][native]},
    }
    return (changed, "") if _content(changed) == expected else (None, "they do not fit below its resources")


def _content(text: str) -> Any:
    """The content of a file; None if it is no YAML."""
    try:
        return read_document(text)
    except (ValueError, RecursionError):
        return None
