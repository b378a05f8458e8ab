"""The last look at a cassette before it is written: no secret in any spelling, no person who was seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from truto_unify.testing.cassettes.pseudonyms import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.testing.cassettes.secrets import Secrets

_TELLING = re.compile(r"@|\w\s+\w|(?:\d\D{0,2}){7}")


def scan_text(text: str, secrets: Secrets, people: Iterable[str]) -> list[str]:
    """Where the text of a cassette or sidecar still holds what it must not; a message never shows the value.

    Args:
        text: YAML or JSON.
        secrets: what must not be there.
        people: texts of people; those that may occur by chance are not looked for.
    """
    lines = list(enumerate(text.splitlines(), start=1))
    found: list[str] = []
    if (placeholder := secrets.find(text)) is not None:
        places = [f"line {number}: " for number, line in lines if secrets.find(line) is not None]
        found += [f"{place}the secret that {placeholder} stands for" for place in places or [""]]
    telling = "|".join(re.escape(fold(person)) for person in set(people) if _TELLING.search(person))
    pattern = re.compile(rf"(?<!\w)(?:{telling})(?!\w)")
    if telling and pattern.search(fold(text)):
        found += [f"line {number}: a text of a person" for number, line in lines if pattern.search(fold(line))]
    return found
