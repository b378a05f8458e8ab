"""What secrets look like, whoever they belong to: how vendors begin their keys, and how fields of secrets are named."""

from __future__ import annotations

import re

KNOWN_PREFIXES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,}"
    r"|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|npm_[A-Za-z0-9]{30,}"
    r"|shp(?:at|ca|pa|ss|rt)_[A-Za-z0-9]{16,}|c[ks]_[0-9a-f]{32,}"
    r"|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|xox[abeprs]-[\w-]{10,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|1000\.[0-9a-f]{32}\.[0-9a-f]{32}|EAA[A-Za-z0-9]{40,}|sq0[a-z]{3}-[\w-]{20,}"
    r"|(?:[A-Z]{3}\.)?eyJ[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r")"
)
"""The beginnings by which vendors make their keys known, each with what follows; and JSON Web Tokens."""
NAMES_A_SECRET = re.compile(
    r"(?i)(token|secret|passw(or)?d|(api|private|access|order)[ _-]?key|signature|credential|nonce)$"
)
