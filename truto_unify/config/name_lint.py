"""Finds custom fields that are probably misspelt fields of the unified model."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.field_rules import ObjectRule, tables_of, value_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.field_rules import Rule
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.models.fields import Kind

# Letters of other alphabets that look like Latin ones: https://www.unicode.org/reports/tr39/#Confusable_Detection
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһοανρτιϲ", "aeopcyxijsdhoavpticc"[:19])

_DOUBLED = re.compile(r"(.)\1")


def check_custom_names(config: MappingConfig, node: Node, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """A warning for each custom name that is nearly one of the model, unless its rule has a ``type``."""
    yield from _check_names("", config.response_mapping, node.at(("response_mapping",)), kinds)


def _check_names(above: str, rules: Mapping[str, Rule], node: Node, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    for name, rule in rules.items():
        place, kind = node.at((name,)), kinds.get(name)
        if kind is None and name != "remote_data" and all(value.type is None for value in value_rules(rule)):
            yield from _warn(name, f"{above}{name}", kinds, place)
        if kind is None or kind.item is None:
            continue
        for number, table in enumerate(tables_of(rule)):
            inner = place if isinstance(rule, ObjectRule) else place.at((number,))
            yield from _check_names(f"{above}{name}.", table.parts, inner, kind.parts)


def _warn(name: str, label: str, known: Mapping[str, Kind], place: Node) -> Iterator[Problem]:
    near = next((field for field in known if is_near(name, field)), None)
    if near is not None:
        message = (
            f'custom field "{label}" is nearly "{near}" of the unified model; write "{near}", '
            "or give it a type if it is meant"
        )
        yield replace(place.problem(message, rule="near-field-name", at_key=True), is_warning=True)


def is_near(name: str, field: str) -> bool:
    """Whether the name is probably a misspelling of the field.

    >>> is_near("skuu", "sku"), is_near("skus", "sku")
    (True, False)
    >>> [is_near(name, "company_name") for name in ("comapny_name", "companyName", "company_\u200bname", "company_id")]
    [True, True, True, False]
    """
    if _skeleton(name).replace("_", "") == field.replace("_", ""):
        return True
    words, wanted = _skeleton(name).split("_"), field.split("_")
    return len(words) == len(wanted) and all(map(_is_near_word, words, wanted))


def _is_near_word(word: str, wanted: str) -> bool:
    """Whether few letters differ; in a short word, only whether a letter is typed twice."""
    is_alike = abs(len(word) - len(wanted)) <= _allowed(wanted) >= _distance(word, wanted)
    return is_alike or _DOUBLED.sub(r"\1", word) == wanted


def _skeleton(name: str) -> str:
    """The name in lower-case Latin letters, without invisible characters."""
    plain = unicodedata.normalize("NFKC", name)
    visible = "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Mn"})
    return visible.casefold().translate(_LOOK_ALIKES).strip().replace("-", "_").replace(" ", "_")


def _allowed(word: str) -> int:
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def _distance(word: str, wanted: str) -> int:
    """How many letters are missing, added, changed or swapped (optimal string alignment)."""
    rows = [list(range(len(wanted) + 1))]
    for i, letter in enumerate(word, start=1):
        row = [i]
        for j, wanted_letter in enumerate(wanted, start=1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != wanted_letter))
            if i > 1 and j > 1 and letter == wanted[j - 2] and word[i - 2] == wanted_letter:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
