"""Reads the names of parameters as lenient stores read them, so that no spelling of a forbidden name passes.

PHP drops leading blanks, ends a name at a NUL or a bracket, and writes ``_`` for a dot, a blank or a lone bracket:
https://www.php.net/manual/en/language.variables.external.php ("Dots in incoming variable names"). Node's ``qs`` reads
``[name]`` as ``name``; some gateways decode percent signs twice, and some servers ignore capitals.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

_MAX_DECODINGS = 4
_UNDERSCORED = re.compile(r"[.\[+\s\x00-\x1f\x7f-\xa0]")
_OUTER = " \t\r\n\v\f+" + "".join(map(chr, (*range(32), 127, 0xA0, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)))


@lru_cache(maxsize=4096)
def parameter_names(name: str) -> frozenset[str]:
    r"""The names that some store may read from a query parameter or a form field, in normal form.

    The normal form is conservative: percent signs are decoded, compatible letters replaced (NFKC), blanks and control
    characters at both ends dropped, inner ones, dots and brackets written as ``_``, and capitals folded.

    >>> sorted(parameter_names(" .Method[x]"))
    ['_method', '_method_x]']
    >>> "_method" in parameter_names("%5fmethod\0z"), "_method" in parameter_names("[_method]")
    (True, True)
    >>> sorted(parameter_names("email"))
    ['email']
    """
    text = name
    for _ in range(_MAX_DECODINGS):
        decoded = unquote(text, errors="replace")
        if decoded == text:
            break
        text = decoded
    text = unicodedata.normalize("NFKC", text)
    whole = [text.partition("\0")[0], text.replace("\0", "")]
    names = set[str]()
    for form in (part.strip(_OUTER) for part in whole):
        names |= {form, form.partition("[")[0]}
        if form.startswith("["):
            names.add(form[1:].partition("]")[0])
    return frozenset(_UNDERSCORED.sub("_", part.strip(_OUTER)).casefold() for part in names) - {""}


@lru_cache(maxsize=1024)
def header_name(name: str) -> str:
    """A header in normal form: headers ignore capitals, and CGI writes ``-`` and ``_`` alike (RFC 3875, 4.1.18).

    >>> header_name("X_HTTP_Method-Override")
    'x-http-method-override'
    """
    return name.strip(_OUTER).replace("_", "-").casefold()
