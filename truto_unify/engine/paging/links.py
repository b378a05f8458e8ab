"""Reads the header ``Link`` (RFC 8288)."""

from __future__ import annotations

import re

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\";,]+))*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))")


def read_links(value: str) -> dict[str, str]:
    """The targets of a ``Link`` header by relation (RFC 8288); several headers may be joined by commas.

    >>> read_links('<https://a.test/?page=2>; rel="next", <https://a.test/>; rel="https://api.w.org/"')["next"]
    'https://a.test/?page=2'
    """
    targets: dict[str, str] = {}
    for target, parameters in _LINK.findall(value):
        values = [quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters) if name.lower() == "rel"]
        for relation in values[0].split() if values else ():
            targets.setdefault(relation.lower(), target)
    return targets
