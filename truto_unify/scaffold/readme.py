"""The page beside a new provider: what is a guess, what is unknown, and which command comes next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from truto_unify.scaffold.sources import Findings


@dataclass(frozen=True, slots=True)
class Remark:
    """A value that a person must look at.

    Attributes:
        kind: ``guess`` or ``ask``.
        file: where it stands.
        place: its keys, joined by dots.
        value: what stands there.
        reason: why, or what to find out.
    """

    kind: str
    file: str
    place: str
    value: Any
    reason: str


def write_readme(slug: str, resource: str, findings: Findings, remarks: list[Remark]) -> str:
    """The page as Markdown."""
    asked = [one for one in remarks if one.kind == "ask"]
    guessed = [one for one in remarks if one.kind == "guess"]
    parts = [
        f"# {slug}: {resource}",
        _steps(slug, resource, findings),
        f"## To find out\n\n{_questions(asked)}" if asked else "",
        f"## Guesses\n\n{_table(guessed)}" if guessed else "",
        f"## Not mapped yet\n\n{_missing(findings)}" if findings.mapped.missing else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _steps(slug: str, resource: str, findings: Findings) -> str:
    method = next(iter(findings.samples), "list")
    sample = f"tests/{slug}/samples/{slug}/{resource}/{method}.json"
    if not findings.samples:
        sample_text = (
            f"Save a real answer of the list as `{sample}`; `truto-unify scaffold --from-sample` reads it too."
        )
    elif "sample" in findings.origin:
        sample_text = f"`{sample}` is your sample as it was: **take real people out of it before you commit it.**"
    else:
        sample_text = f"`{sample}` was made up from the OpenAPI document; a real answer in its place proves more."
    return f"""\
What to do next, from the folder that holds `providers/`:

1. Answer what is under "To find out", and look at each guess; take the words `ask` and `guess` away as you go.
2. `truto-unify lint .` shows every fault of the files at its place.
3. {sample_text}
4. `truto-unify map {resource} --provider {slug} --overlay . {sample}`
   shows the unified records: read them field by field.
5. `truto-unify list {resource} --provider {slug} --overlay . --context … --credential … --limit 3` asks the real API.
6. `pytest --update-golden` writes the expected results beside the tests; look at them. From then on `pytest` says what
   changed. It fails while the contract misses something, such as samples of the other method (`list.json` or
   `get.json` beside the one that is there).
7. `truto-unify record {slug} {resource} list --overlay . --context … --limit 10 --pages 2 --into
   tests/{slug}/cassettes/list.yaml` records a call without secrets and people; `pytest` then plays it again. Record a
   `get`, each filter and sort, and refusals (`--expect-error`) too.
8. `truto-unify evidence {slug}` computes what samples and cassettes prove, and says what the next quality tier
   needs."""


def _questions(remarks: list[Remark]) -> str:
    return "\n".join(f"- [ ] `{one.place}` in `{one.file}`: {one.reason.rstrip('?')}." for one in remarks)


def _table(remarks: list[Remark]) -> str:
    rows = [f"| `{one.place}` | `{_cell(_shown(one.value))}` | {_cell(one.reason)} |" for one in remarks]
    return "\n".join(["| where | guess | why |", "| --- | --- | --- |", *rows])


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}..."


def _missing(findings: Findings) -> str:
    return "\n".join(f"- `{name}`: {reason}." for name, reason in findings.mapped.missing.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
