"""Tells which parts of a request may stand in a draft; each other part becomes a placeholder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.vocabulary import fold, snake
from truto_unify.secret_shapes import KNOWN_PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECRET_NAME = re.compile(
    r"token|key|secret|auth|pass|pwd|\bpin\b|access|\bcode\b|otp|session|signature|\bsig\b|credential|hmac|jwt|nonce"
    r"|hash",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]+([_.-][A-Za-z]+)*[_.-]?v?\d{0,2}")
"""A word, or words: ``billing_address_line1``."""
_DAY = re.compile(r"\d{4}-\d\d(-\d\d)?(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
_KEY = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{12,}|[0-9a-fA-F]{16,}")
_PLAIN = re.compile(r"[\w .,:;=/*+()\[\]@-]{0,200}", re.ASCII)
_SEPARATORS = re.compile(r"[\s,;:=/*+()\[\]]+")
_HARMLESS_HEADERS = re.compile(r"(?i)(.+-)?(version|revision|language|locale|currency|time-?zone|format|prefer)")
"""Headers that say how an answer looks."""
_VERSION = re.compile(r"[vV]?\d[\w.-]{0,20}|[A-Za-z][A-Za-z_, =.-]{0,30}")
_NUMBERS = frozenset(
    {
        "page", "pagenumber", "pageno", "pageindex", "perpage", "pagesize", "limit", "size", "count", "take",
        "top", "first", "last", "offset", "skip", "start", "startindex", "itemsperpage", "maxresults",
        "resultsperpage", "depth", "level",
    }
)  # fmt: skip
"""Folded names of parameters that take a number, whatever account asks."""
_WORDS = frozenset(
    {
        "sort", "sortby", "sorton", "sortorder", "sortdirection", "sortkey", "order", "orderby", "ordering",
        "orderdirection", "direction", "dir", "reverse", "status", "state", "view", "fields", "field", "select",
        "include", "includes", "included", "expand", "embed", "embeds", "populate", "with", "exclude",
        "without", "format", "outputformat", "output", "responseformat", "type", "kind", "version",
        "apiversion", "v", "api", "lang", "language", "locale", "currency", "currencycode", "timezone",
        "method", "jsonrpc", "operationname", "operator", "op", "condition", "scope", "module", "mode",
        "visibility", "channel", "role", "roles", "resource", "object", "entity", "unit", "units",
    }
)  # fmt: skip
"""Folded names of parameters that take words, which are the same for every account."""
_HARMLESS_VALUES = frozenset(
    {
        "true", "false", "yes", "no", "on", "off", "any", "all", "none", "null", "asc", "desc", "ascending",
        "descending", "json", "xml", "csv", "full", "basic", "compact", "default", "created_at", "updated_at",
        "created", "updated", "id", "name", "email", "customer", "customers", "order", "orders", "product",
        "products",
    }
)  # fmt: skip
_MAX_SMALL = 999
"""The greatest number that may stand under any name that is not one of a secret."""
_MAX_DIGITS = 9
_STEP = re.compile(
    r"[A-Za-z]+([_.~-][A-Za-z]+)*"
    r"|[vV]?\d{1,4}([._-]\d{1,2})*((alpha|beta|rc)\d{0,2})?"
    r"|(?i:api|rest|oauth|odata|soap|web|app|graphql|public|open|admin)[_.-]?v?\d{1,2}(\.\d{1,2})?"
)
"""A step of a path that is words or a version."""
_LITERAL = re.compile(r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\$?[A-Za-z_]\w*|-?\d[\d.eE+-]*|\{id\}|[:=(){]')


def looks_secret(name: str, value: Any) -> bool:
    """Whether the name or the form of a value is that of a secret.

    >>> looks_secret("apiKey", "x"), looks_secret("shop", "aB3dE5gH7jK9mN1p"), looks_secret("since", "2026-01-01")
    (True, True, False)
    """
    return _SECRET_NAME.search(name) is not None or any(map(is_key, _SEPARATORS.split(str(value))))


def is_key(text: str) -> bool:
    """Whether a text looks like a key: long, and neither words nor a time.

    >>> is_key("SuperSecret99x"), is_key("billing_address_line1"), is_key("2026-01-01T00:00:00Z")
    (True, False, False)
    """
    if KNOWN_PREFIXES.search(text):
        return True
    if re.fullmatch(r"(?=.*\d)[0-9a-fA-F]{16,}", text):
        return True
    return bool(_KEY.fullmatch(text)) and not (_DAY.fullmatch(text) or _WORD.fullmatch(text))


def may_stay(name: str, value: Any) -> bool:
    """Whether the value of a parameter is known to be harmless.

    >>> may_stay("status", "any"), may_stay("u", "correct-horse-battery-staple"), may_stay("filter[status]", "any")
    (True, False, True)
    """
    if value is None or value == "" or isinstance(value, bool):
        return True
    if looks_secret(name, value):
        return False
    text = str(value)
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", text) and abs(float(text)) <= _MAX_SMALL:
        return True
    if text.lower() in _HARMLESS_VALUES or _DAY.fullmatch(text):
        return True
    steps = [fold(step) for step in re.split(r"[.\[\]]+", name) if step]
    ends = {*steps[:1], *steps[-1:]}
    if text.isdecimal() and len(text) <= _MAX_DIGITS:
        return not ends.isdisjoint(_NUMBERS)
    return not ends.isdisjoint(_WORDS) and _PLAIN.fullmatch(text) is not None


def header_may_stay(name: str, value: str) -> bool:
    """Whether a header is known to be harmless.

    >>> header_may_stay("Acme-Version", "2026-01"), header_may_stay("X-Shop", "acme")
    (True, False)
    """
    is_known = _HARMLESS_HEADERS.fullmatch(name) is not None and not looks_secret(name, value)
    return is_known and _VERSION.fullmatch(value) is not None


def placeholder(name: str, value: Any) -> str:
    """The placeholder in place of a value: a credential if it looks like a secret, or else a context field.

    >>> placeholder("apiKey", "x"), placeholder("shop", "acme")
    ('{credentials.api_key}', '{context.shop}')
    """
    group = "credentials" if looks_secret(name, value) else "context"
    return f"{{{group}.{field_name(name)}}}"


def field_name(name: str) -> str:
    """The account's field for a header or a parameter.

    >>> field_name("X-Acme-Access-Token"), field_name("apiKey"), field_name("2fa")
    ('acme_access_token', 'api_key', 'field_2fa')
    """
    text = snake(name, "api_key").removeprefix("x_")
    return text if text[0].isalpha() else f"field_{text}"


def hide_in_body(value: Any, name: str = "", *, is_inside: bool = False) -> Any:
    """A JSON body with placeholders for the values that are not known to be harmless.

    Args:
        value: the body, or a part of it.
        name: the name of the part; empty for the body.
        is_inside: whether the part is below a name of a secret.

    >>> hide_in_body({"limit": 5, "shop": "acme", "auth": {"user": "ana"}})
    {'limit': 5, 'shop': '{context.shop}', 'auth': {'user': '{credentials.user}'}}
    """
    is_inside = is_inside or _SECRET_NAME.search(name) is not None
    if isinstance(value, dict):
        parts = {str(key): inner for key, inner in value.items() if not is_key(str(key))}
        return {key: hide_in_body(inner, key, is_inside=is_inside) for key, inner in parts.items()}
    if isinstance(value, list):
        return [hide_in_body(inner, name, is_inside=is_inside) for inner in value]
    if value is None or value == "" or isinstance(value, bool):
        return value
    if is_inside:
        return f"{{credentials.{field_name(name)}}}"
    if isinstance(value, str) and re.match(r"\s*(#.*\s*)*(\{|(query|mutation|subscription|fragment)\b.*\{)", value):
        return hide_in_graphql(value)
    return value if may_stay(name, value) else placeholder(name, value)


def hide_in_graphql(document: str) -> str:
    r"""A GraphQL document with placeholders for the texts and numbers that are not known to be harmless.

    >>> hide_in_graphql('{ people(first: 2, apiKey: "hunter2", status: "any") { id } }')
    '{ people(first: 2, apiKey: "{credentials.api_key}", status: "any") { id } }'
    """
    name, last = "", ""

    def hide(match: re.Match[str]) -> str:
        nonlocal name, last
        piece = match[0]
        if piece in {":", "="}:
            name = last
        elif piece in {"(", ")", "{"}:
            name = ""
        elif piece == "{id}":
            return "{ id }"  # {id} is a placeholder of a body
        elif piece.startswith("#"):
            return ""
        elif piece[0].isalpha() or piece[0] in "$_":
            # The type of a variable stands between its name and its default.
            last = last if name.startswith("$") and name == last and not piece.startswith("$") else piece
        elif piece.startswith('"'):
            text = piece.strip('"')
            return piece if may_stay(name, text) else f'"{placeholder(name.lstrip("$"), text)}"'
        elif not may_stay(name, piece):
            return placeholder(name.lstrip("$"), piece)
        return piece

    return _LITERAL.sub(hide, document)


def hide_in_address(address: str, placeholders: dict[str, str], *, has_id: bool) -> str:
    """An address whose steps that are neither words nor versions are placeholders, and a host's parts that are keys.

    Args:
        address: it begins with http:// or https:// and has no query.
        placeholders: the name of the placeholder of each hidden text; gets the new ones.
        has_id: whether the last step is the id of a record, which stays.

    >>> hide_in_address("https://api.acme.test/v1/SuperSecret99x/customers.json", {}, has_id=False)
    'https://api.acme.test/v1/{path_key}/customers.json'
    """

    def hide(text: str, name: str) -> str:
        if text not in placeholders:
            count = sum(known.startswith(name) for known in placeholders.values())
            placeholders[text] = name if not count else f"{name}_{count + 1}"
        return f"{{{placeholders[text]}}}"

    scheme, _, rest = address.partition("://")
    host, *steps = rest.split("/")
    labels = [hide(label, "host_key") if is_key(label) else label for label in host.split(".")]
    shown = [step.partition(";")[0] for step in steps]
    last = shown.pop() if has_id and shown else None
    shown = [step if not step or _STEP.fullmatch(step) or "{" in step else hide(step, "path_key") for step in shown]
    return "/".join([f"{scheme}://{'.'.join(labels)}", *shown, *([last] if last is not None else [])])


def secret_values(query: Mapping[str, str], body: Any) -> Iterator[str]:
    """The texts of a query and a body that look like secrets, which no sample may repeat."""
    yield from (value for name, value in query.items() if looks_secret(name, value))
    yield from _secrets_of_body(body, "", is_inside=False)


def _secrets_of_body(value: Any, name: str, *, is_inside: bool) -> Iterator[str]:
    is_inside = is_inside or _SECRET_NAME.search(name) is not None
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _secrets_of_body(inner, str(key), is_inside=is_inside)
    elif isinstance(value, list):
        for inner in value:
            yield from _secrets_of_body(inner, name, is_inside=is_inside)
    elif isinstance(value, str) and (is_inside or looks_secret(name, value)):
        yield value
