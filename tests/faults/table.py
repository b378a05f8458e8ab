"""The page of results: a table of fault and door for each provider."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.cells import DOORS_TRIED
from truto_unify.chaos import FAULTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.cells import Result
    from tests.faults.many import ManyResult

HEAD = """\
# Calls under faults

Written by `make faults`; do not edit. The command puts the [chaos proxy](chaos.md) between each pretend store and each
way to read it, over sockets, and plants one fault at a time. Each field has two outcomes: the fault strikes the second
page (or the one answer of `get`) once, and it strikes every answer.

| word | means |
|---|---|
| exact | every record came exactly once |
| a word such as `pagination_loop` | one typed error with this code, or of this class; no record came twice before it |
| a number such as 502 | the service answered with this status and an error of its documented shape |
| flagged | records are missing, and a page said that it may be incomplete |
| marked | a record that is no object came without values, and `record_errors` says why (`proxy`: as it is) |
| - | the fault does not fit: a store without a total cannot state a wrong one |
| **wrong** | records lost, repeated or strange without an error; an exception of another kind; no end |

"""


def write_page(results: Sequence[Result], leaks: Sequence[str], many: Sequence[ManyResult]) -> str:
    """The whole page."""
    parts = [HEAD, _write_totals(results, leaks), _write_many(many), _write_faults()]
    slugs = dict.fromkeys(result.key[0] for result in results)
    parts += [_write_provider(slug, [result for result in results if result.key[0] == slug]) for slug in slugs]
    return "\n".join(parts)


def _write_totals(results: Sequence[Result], leaks: Sequence[str]) -> str:
    kinds = Counter(_kind(result) for result in results)
    slowest = max((result.seconds for result in results), default=0.0)
    rows = {
        **{name: kinds[name] for name in ("exact", "typed error", "flagged", "marked", "-", "wrong")},
        "secrets that showed": sum(bool(result.leaked) for result in results),
        "descriptors, threads or tasks left behind": "; ".join(leaks) or 0,
        "longest call, in seconds": f"{slowest:.1f}",
    }
    lines = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    return f"## Totals\n\n| | of {len(results)} calls |\n|---|---|\n{lines}"


def _kind(result: Result) -> str:
    if result.is_wrong:
        return "wrong"
    return result.outcome if result.outcome in {"exact", "flagged", "marked", "-"} else "typed error"


def _write_many(many: Sequence[ManyResult]) -> str:
    lines = "".join(
        f"| {result.slug} | {result.customers} | {result.answers} | {result.faults} | {result.exact} "
        f"| {result.errors.total()} | {result.unprovable} | {len(result.failures)} |\n"
        for result in many
    )
    return (
        "## Ten thousand customers, 20 % of the answers faulty\n\n"
        "The customers of each provider are in shops of different sizes, and each shop is listed once. A list ends "
        "with an error or is exactly right. It is unprovable if the last page comes empty and says so; "
        "a store whose last customers were deleted says the same.\n\n"
        "| | customers | answers | faults | lists exactly right | lists with an error | unprovable | wrong |\n"
        f"|---|---|---|---|---|---|---|---|\n{lines}"
    )


def _write_faults() -> str:
    lines = "".join(f"| {fault.name} | {fault.summary} |\n" for fault in FAULTS.values() if not fault.needs_transport)
    return f"## The faults\n\n| fault | what the client sees |\n|---|---|\n{lines}"


def _write_provider(slug: str, results: Sequence[Result]) -> str:
    outcomes = {result.key[1:]: result for result in results}
    names = dict.fromkeys(result.key[1] for result in results)
    doors = [door.name for door in DOORS_TRIED]
    head = f"## {slug}\n\n| | {' | '.join(doors)} |\n|{'---|' * (len(doors) + 1)}\n"
    lines = []
    for name in names:
        fields = [_show(outcomes.get((name, door, "once")), outcomes.get((name, door, "always"))) for door in doors]
        lines.append(f"| {name} | {' | '.join(fields)} |\n")
    return head + "".join(lines)


def _show(*results: Result | None) -> str:
    words = dict.fromkeys(_word(result) for result in results if result is not None)
    return ", ".join(words) or "-"


def _word(result: Result) -> str:
    if result.is_wrong:
        return f"**wrong**: {result.outcome[:60]}"
    return show_outcome(result.outcome)


def show_outcome(outcome: str) -> str:
    """An outcome as the table shows it: the code of an error if it has one, else its class; the status of the service.

    >>> show_outcome("ProviderError(pagination_loop)"), show_outcome("502 Bad Gateway"), show_outcome("exact")
    ('`pagination_loop`', '502', 'exact')
    """
    if outcome in {"exact", "flagged", "marked", "-"}:
        return outcome
    if outcome[:3].isdecimal():
        return outcome[:3]
    name, _, code = outcome.partition("(")
    return f"`{code.removesuffix(')')}`" if code else f"`{name}`"
