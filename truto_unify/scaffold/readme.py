"""Writes the page beside a new provider: the guesses, the questions, and the next commands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.scaffold.sources import Findings


@dataclass(frozen=True, slots=True)
class Remark:
    """A guess or a question that a person must check.

    Attributes:
        kind: ``guess`` or ``ask``.
        file: the file that holds it.
        path: its keys, joined by dots.
        value: the value in the file.
        reason: the reason of a guess, or what to find out.
    """

    kind: str
    file: str
    path: str
    value: Any
    reason: str


def write_readme(
    slug: str, resource: str, findings: Findings, remarks: list[Remark], masked: Sequence[str] = ()
) -> str:
    """The page as Markdown.

    Args:
        slug: the provider.
        resource: ``model/resource``.
        findings: the conclusions from the sources.
        remarks: every guess and every question.
        masked: the paths of what looked like a secret in a sample.
    """
    questions = [remark for remark in remarks if remark.kind == "ask"]
    guesses = [remark for remark in remarks if remark.kind == "guess"]
    parts = [
        f"# {slug}: {resource}",
        _steps(slug, resource, findings, masked),
        f"## To find out\n\n{_questions(questions)}" if questions else "",
        f"## Guesses\n\n{_table(guesses)}" if guesses else "",
        f"## Not mapped yet\n\n{_missing(findings)}" if findings.mapped.missing else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _steps(slug: str, resource: str, findings: Findings, masked: Sequence[str]) -> str:
    method = next(iter(findings.samples), "list")
    sample = f"tests/{slug}/samples/{slug}/{resource}/{method}.json"
    if not findings.samples:
        sample_text = (
            f"Save a real answer of the list as `{sample}`; `truto-unify scaffold --from-sample` also reads it."
        )
    elif "sample" in findings.origin:
        change = f"with a mask at {_names(masked)}" if masked else "unchanged"
        sample_text = f"`{sample}` is your sample, {change}: **remove real people before you commit it.**"
    else:
        sample_text = f"`{sample}` comes from {findings.origin}; a real answer proves more."
    return f"""\
What to do next, from the folder that holds `providers/`:

1. Answer the questions under "To find out", and check each guess; delete the comments `ask` and `guess` as you go.
2. `truto-unify lint .` shows every fault of the files with its line and column.
3. {sample_text}
4. `truto-unify map {resource} --provider {slug} --overlay . {sample}`
   shows the unified records: read them field by field.
5. `truto-unify list {resource} --provider {slug} --overlay . --context … --credential … --limit 3` asks the real API.
6. `pytest --update-golden` writes the expected results beside the tests; read them. After that, `pytest` reports every
   change. It fails if the contract suite misses something, such as samples of the other method (`list.json` or
   `get.json` beside the existing file).
7. `truto-unify record {resource} list --provider {slug} --overlay . --context … --limit 10 --pages 2 --into
   tests/{slug}/cassettes/list.yaml` records a call without secrets and people; `pytest` then replays it. Record a
   `get`, each filter and sort, and errors (`--expect-error`) too.
8. `truto-unify evidence --provider {slug}` computes what samples and cassettes prove, and says what the next quality
   tier needs."""


def _questions(remarks: list[Remark]) -> str:
    lines = [f"- [ ] `{remark.path}` in `{remark.file}`: {remark.reason.rstrip('?')}." for remark in remarks]
    return "\n".join(lines)


def _table(remarks: list[Remark]) -> str:
    rows = [f"| `{remark.path}` | `{_cell(_shown(remark.value))}` | {_cell(remark.reason)} |" for remark in remarks]
    return "\n".join(["| path | guess | reason |", "| --- | --- | --- |", *rows])


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}..."


def _missing(findings: Findings) -> str:
    return "\n".join(f"- `{name}`: {reason}." for name, reason in findings.mapped.missing.items())


def _names(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in dict.fromkeys(paths))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
