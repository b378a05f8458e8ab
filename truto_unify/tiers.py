"""Quality tiers of a provider's resource: bronze, silver and gold, computed from evidence and never typed by hand.

``RULES`` is the table of rules; ``docs/quality.md`` explains them. A resource reaches a tier if every rule of that tier
and of the tiers below it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from truto_unify.config.evidence import LEVELS, PROOFS
from truto_unify.config.field_rules import ObjectRule, ValueRule, rules_at
from truto_unify.engine.plan import declared_parameters
from truto_unify.models.fields import nested_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from truto_unify.config.configuration import Configuration, LoadedMapping
    from truto_unify.config.evidence import Level, Proof
    from truto_unify.config.field_rules import Rule

Tier = Literal["bronze", "silver", "gold"]
TIERS: tuple[Tier, ...] = get_args(Tier)
MAX_DAYS = 365
"""An older recording proves nothing about the present API."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The input of the rules.

    Attributes:
        configuration: holds the evidence.
        mapping: the resource at the provider.
        today: the day to which ages are counted.
    """

    configuration: Configuration
    mapping: LoadedMapping
    today: date

    def proof(self, name: Proof) -> tuple[Level, str | None] | None:
        """The level of a proof and the day of its recording; None if it is not proven."""
        return self.configuration.proof(self.mapping, name)

    def cells(self) -> Mapping[str, Any]:
        """The evidence of every mapped field, and part of a list, that needs no side load."""
        cells = {}
        for name in _mapped_fields(self.mapping):
            cell = self.configuration.evidence(self.mapping, "fields", name)
            if cell.where != "side load":
                cells[name] = cell
        return cells


_Check: TypeAlias = "Callable[[Facts], Iterator[str]]"


@dataclass(frozen=True, slots=True)
class TierRule:
    """A condition of a tier.

    Attributes:
        name: of the rule.
        tier: the tier that needs it.
        text: the condition, for the documentation.
        missing: what an author must still show; empty if the rule holds.
    """

    name: str
    tier: Tier
    text: str
    missing: _Check


@dataclass(frozen=True, slots=True)
class Assessment:
    """The quality of a resource at a provider.

    Attributes:
        tier: the highest tier that the resource reaches; None below bronze.
        missing: what the next tier needs.
    """

    tier: Tier | None
    missing: tuple[str, ...]

    @property
    def next_tier(self) -> Tier | None:
        """The tier above; None at the top."""
        index = TIERS.index(self.tier) + 1 if self.tier is not None else 0
        return TIERS[index] if index < len(TIERS) else None

    def to_dict(self) -> dict[str, Any]:
        """A dictionary for JSON."""
        return {"tier": self.tier, "next": self.next_tier, "missing": list(self.missing)}


def assess(configuration: Configuration, mapping: LoadedMapping, today: date) -> Assessment:
    """The tier of a resource at a provider.

    Args:
        configuration: holds the evidence.
        mapping: the resource at the provider; a loaded mapping has no fault in its files.
        today: the day to which the age of recordings is counted.
    """
    facts = Facts(configuration, mapping, today)
    reached: Tier | None = None
    for tier in TIERS:
        missing = tuple(text for rule in RULES if rule.tier == tier for text in rule.missing(facts))
        if missing:
            return Assessment(reached, missing)
        reached = tier
    return Assessment(reached, ())


def assess_all(configuration: Configuration, slug: str, today: date | None = None) -> dict[str, Assessment]:
    """The tier of every resource of a provider, and of each edition: ``ecommerce/products (catalog: v3)``.

    Ages are counted to the present day if ``today`` is None.
    """
    day = today or datetime.now(UTC).date()
    tiers: dict[str, Assessment] = {}
    for name in (name for name, provider in configuration.mappings if provider == slug):
        tiers[name] = assess(configuration, configuration.mapping(name, slug), day)
        for edition, mapping in configuration.editions(name, slug).items():
            tiers[f"{name} ({edition})"] = assess(configuration, mapping, day)
    return tiers


def _mapped_fields(mapping: LoadedMapping) -> Iterator[str]:
    """Mapped fields of the unified model, without those that the engine derives or a side load fills."""
    rules = mapping.config.response_mapping
    side_loaded: tuple[str, ...] = ()
    for name, kind in nested_kinds(mapping.schema.record):
        own = rules_at(rules, name)
        if own and all(map(_is_side_loaded, own)):
            side_loaded += (f"{name}.",)
        elif own and not kind.is_derived and not name.startswith(side_loaded):
            yield name


def _is_side_loaded(rule: Rule) -> bool:
    """Whether only a side load fills the field."""
    if isinstance(rule, ValueRule):
        return rule.expression.root_names == {"loaded"}
    if isinstance(rule, ObjectRule):
        return all(map(_is_side_loaded, rule.parts.values()))
    return all(source.each is not None and source.each.root_names == {"loaded"} for source in rule)


def _needs_methods(facts: Facts) -> Iterator[str]:
    for name in ("list", "get"):
        if getattr(facts.mapping.config, name) is None:
            yield f"the mapping offers no {name}"


def _needs_fields_seen(facts: Facts) -> Iterator[str]:
    unseen = [name for name, cell in facts.cells().items() if cell.level == "declared"]
    if unseen:
        yield f"never seen filled, not even in a pretend store: {', '.join(unseen)}"


def _needs_fields_documented(facts: Facts) -> Iterator[str]:
    weak = [name for name, cell in facts.cells().items() if LEVELS.index(cell.level) < LEVELS.index("docs-example")]
    if weak:
        yield f"not seen in an example of the vendor or in a recording: {', '.join(weak)}"


def _needs_filters_tried(facts: Facts) -> Iterator[str]:
    method = facts.mapping.config.list
    names = declared_parameters(method) if method is not None else ()
    untried = [name for name in names if facts.configuration.evidence(facts.mapping, "query", name).level == "declared"]
    if untried:
        yield f"declared as native and never tried: {', '.join(untried)}"


def _needs_side_loads(facts: Facts) -> Iterator[str]:
    if facts.mapping.config.side_loads:
        yield from _needs_proof(("side loads",), "recorded")(facts)


def _needs_proof(names: tuple[Proof, ...], level: Level, max_days: int | None = None) -> _Check:
    """A check that each proof has this level, and is not older than ``max_days``."""

    def missing(facts: Facts) -> Iterator[str]:
        for name in names:
            known, day = facts.proof(name) or (None, None)
            if known is None or LEVELS.index(known) < LEVELS.index(level):
                yield f"{PROOFS[name]}: needs {level}, has {known or 'nothing'}"
            elif max_days and day is None:
                yield f"{PROOFS[name]}: recorded without a date"
            elif max_days and day and (facts.today - date.fromisoformat(day)).days > max_days:
                yield f"{PROOFS[name]}: recorded on {day}, more than {max_days} days ago"

    return missing


RULES: tuple[TierRule, ...] = (
    TierRule("methods", "bronze", "The mapping offers list and get, and its files pass lint.", _needs_methods),
    TierRule(
        "contract",
        "bronze",
        "The contract suite passes on native records, which may be invented.",
        _needs_proof(("contract",), "synthetic"),
    ),
    TierRule("fields seen", "bronze", "Every mapped field was seen filled.", _needs_fields_seen),
    TierRule(
        "fields documented",
        "silver",
        "Every mapped field was seen filled in an example of the vendor or in a recording.",
        _needs_fields_documented,
    ),
    TierRule(
        "filters tried",
        "silver",
        "Every native filter, with each of its operators, and every native sort was tried.",
        _needs_filters_tried,
    ),
    TierRule("paging", "silver", "A second page was read.", _needs_proof(("second page",), "synthetic")),
    TierRule(
        "refusals",
        "silver",
        "An error answer in the form of the vendor was understood.",
        _needs_proof(("refusal",), "docs-example"),
    ),
    TierRule(
        "recorded",
        "gold",
        f"A list, a get, a second page and a refusal were recorded from a real server in the last {MAX_DAYS} days.",
        _needs_proof(("list", "get", "second page", "refusal"), "recorded", MAX_DAYS),
    ),
    TierRule("side loads", "gold", "Every side load was called in a recording.", _needs_side_loads),
    TierRule(
        "proved",
        "gold",
        f"`truto-unify prove` found no difference on a real server in the last {MAX_DAYS} days, and left nothing out.",
        _needs_proof(("prove",), "recorded", MAX_DAYS),
    ),
)
