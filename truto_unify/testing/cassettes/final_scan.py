"""The last scan of a cassette before it is written, for secrets in any spelling and for known people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from truto_unify.testing.cassettes.pseudonyms import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.testing.cassettes.secrets import Secrets

_RARE = re.compile(r"@|\w\s+\w|(?:\d\D{0,2}){7}")
"""Finds texts that do not occur by chance: an e-mail address, several words, a long number."""


def scan_text(text: str, secrets: Secrets, people: Iterable[str]) -> list[str]:
    """The lines of a cassette or sidecar that hold a secret or a person; a message never shows the value.

    Args:
        text: YAML or JSON.
        secrets: the secrets that the text must not hold.
        people: texts of people; texts that may occur by chance are skipped.
    """
    lines = list(enumerate(text.splitlines(), start=1))
    findings: list[str] = []
    if (placeholder := secrets.find(text)) is not None:
        places = [f"line {number}: " for number, line in lines if secrets.find(line) is not None]
        findings += [f"{place}the secret that {placeholder} stands for" for place in places or [""]]
    names = "|".join(re.escape(fold(person)) for person in set(people) if _RARE.search(person))
    pattern = re.compile(rf"(?<!\w)(?:{names})(?!\w)")
    if names and pattern.search(fold(text)):
        findings += [f"line {number}: a text of a person" for number, line in lines if pattern.search(fold(line))]
    return findings
