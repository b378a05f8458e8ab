"""The four campaigns that compare the compiler with the oracle, in rounds that can each be repeated.

A round creates one subject (an expression, a tree, a field table) and tries it on several inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from tests.compiler.fuzz import shrink
from tests.compiler.fuzz.compare import Compared, expression_difference, has_loose_reference, parse
from tests.compiler.fuzz.documents import DocumentMaker, TextWriter
from tests.compiler.fuzz.grammar import Grammar
from tests.compiler.fuzz.mapped import COMPILED, MappedTwice
from tests.compiler.fuzz.shapes import shape_of
from tests.compiler.fuzz.tables import Case, TableMaker, make_case
from tests.compiler.fuzz.trees import TreeMaker
from truto_unify import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

Subject = tuple[str, str]
"""A unified resource and a provider."""
_DOCUMENTS = 8
_RECORDS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, and how to reproduce it.

    Attributes:
        subject: the compiled expression, tree or table.
        data: its input.
        text: how the outcomes differ.
    """

    subject: Any
    data: Any
    text: str

    def __str__(self) -> str:
        return f"{self.subject!r}\nin {self.data!r}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Round:
    """The result of one round: the number of evaluations, and the first difference, simplified."""

    evaluations: int
    finding: Finding | None = None


def try_expression(random: Random) -> Round:
    """One random expression on documents of its shape."""
    text = Grammar(random).expression(random.choice((2, 3, 4, 4, 5)))
    tree = parse(text)
    if tree is None or has_loose_reference(tree):
        return Round(0)
    compared, maker, shape = Compared(tree), DocumentMaker(random, random.choice((6, 12, 60))), shape_of(tree)
    for count in range(1, _DOCUMENTS + 1):
        document = maker.value(shape)
        if compared.difference(document) is not None:
            return Round(count, _small_expression(text, document))
    return Round(_DOCUMENTS)


def try_tree(random: Random) -> Round:
    """One random syntax tree on documents of its shape."""
    tree = TreeMaker(random).tree(random.choice((2, 4, 5)))
    if has_loose_reference(tree):
        return Round(0)
    compared, maker, shape = Compared(tree), DocumentMaker(random), shape_of(tree)
    for count in range(1, _DOCUMENTS + 1):
        document = maker.value(shape)
        if compared.difference(document) is not None:
            return Round(count, _small_tree(tree, document))
    return Round(_DOCUMENTS)


def try_records(random: Random) -> Round:
    """A shipped mapping or a random table in its place, on native records of its shape."""
    subject, table, mapped = _mapping(random)
    maker = DocumentMaker(random, random.choice((8, 40, 200)))
    for count in range(1, _RECORDS + 1):
        case = make_case(maker, random, mapped.shape)
        if mapped.record_difference(case) is not None:
            return Round(count, _small_record(subject, table, case))
    return Round(_RECORDS)


def try_page(random: Random) -> Round:
    """A mapping on the bytes of a page: records that fit, records that do not, and some that are not Unicode."""
    subject, table, mapped = _mapping(random, shipped=2)
    maker = DocumentMaker(random, random.choice((100, 400)))
    cases = [make_case(maker, random, mapped.shape) for _ in range(_RECORDS)]
    call = cases[0].call
    fitting = [case for case in cases if isinstance(case.native, dict) and not mapped.is_faulty(case.native, call)]
    chosen = fitting if random.randrange(4) else cases[: random.randrange(_RECORDS)]
    records = [TextWriter(random).write(case.native) for case in chosen]
    if records and not random.randrange(10):
        half = random.choice(("\\ud83d", "\\ud83dx", "\\uD83D\\u0041", "\\ud83d\\ude00"))  # the last is a whole pair
        records[0] = f'{{"id": 1, "unread": "{half}"}}'
    if mapped.page_difference(records, call) is not None:
        return Round(len(records), _small_page(subject, table, records, call))
    return Round(len(records))


CAMPAIGNS: dict[str, Callable[[Random], Round]] = {
    "expressions": try_expression,
    "trees": try_tree,
    "records": try_records,
    "pages": try_page,
}


def run_round(campaign: str, seed: int, number: int) -> Round:
    """One round of a campaign; equal seeds and numbers give equal rounds."""
    return CAMPAIGNS[campaign](Random(f"{campaign} {seed} {number}"))


def _mapping(random: Random, shipped: int = 5) -> tuple[Subject, dict[str, Any] | None, MappedTwice]:
    """A shipped mapping once in ``shipped`` times, otherwise a random table."""
    while True:
        subject = random.choice(COMPILED.mappings)
        table = TableMaker(random, COMPILED.mapping(*subject)).table() if random.randrange(shipped) else None
        try:
            return subject, table, MappedTwice(*subject, table)
        except ConfigError:  # an expression that does not parse, or a default that does not fit
            continue


def _small_expression(text: str, document: Any) -> Finding:
    text = shrink.shrink(text, lambda shorter: bool(shorter) and expression_difference(shorter, document) is not None)
    data = shrink.shrink(document, lambda inner: expression_difference(text, inner) is not None, shrink.simpler_texts)
    return Finding(text, data, str(expression_difference(text, data)))


def _small_tree(tree: dict[str, Any], document: Any) -> Finding:
    tree = shrink.shrink_tree(tree, lambda smaller: Compared(smaller).difference(document) is not None)
    data = shrink.shrink(document, lambda inner: Compared(tree).difference(inner) is not None, shrink.simpler_texts)
    return Finding(tree, data, str(Compared(tree).difference(data)))


def _small_record(subject: Subject, table: dict[str, Any] | None, case: Case) -> Finding:
    def differs(changed: Any) -> bool:
        return (
            _is_table(changed) and _mapped(subject, changed, lambda mapped: mapped.record_difference(case)) is not None
        )

    table = shrink.shrink(table, differs) if table is not None else None
    mapped = MappedTwice(*subject, table)

    def still(changed: Any) -> bool:
        call = changed[1] if isinstance(changed, list) and len(changed) == 2 else None
        return isinstance(call, dict) and mapped.record_difference(Case(changed[0], call)) is not None

    native, call = shrink.shrink([case.native, case.call], still, shrink.simpler_texts)
    return Finding([subject, table], [native, call], str(mapped.record_difference(Case(native, call))))


def _small_page(subject: Subject, table: dict[str, Any] | None, records: list[str], call: dict[str, Any]) -> Finding:
    def differs(changed: Any) -> bool:
        return (
            _is_table(changed)
            and _mapped(subject, changed, lambda mapped: mapped.page_difference(records, call)) is not None
        )

    while True:
        mapped = MappedTwice(*subject, table)
        fewer = (records[:index] + records[index + 1 :] for index in range(len(records)))
        smaller = next((rest for rest in fewer if mapped.page_difference(rest, call) is not None), None)
        if smaller is None:
            break
        records = smaller
    table = shrink.shrink(table, differs) if table is not None else None
    return Finding([subject, table], [records, call], str(MappedTwice(*subject, table).page_difference(records, call)))


def _mapped(subject: Subject, table: Any, ask: Callable[[MappedTwice], str | None]) -> str | None:
    try:
        return ask(MappedTwice(*subject, table))
    except ConfigError:
        return None


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(rule, dict | list) for rule in value.values())
