"""Writes ``docs/keys.md``: every key of each kind of file, from the same models that check them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from truto_unify.config.json_schema import mapping_schema, model_schema, provider_schema
from truto_unify.config.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# Keys

Every key that a provider, mapping or model file may hold, and every rule of `truto-unify lint`. This page is written by
`truto-unify schema --format markdown` from the models that check the files; do not edit it.

For completion and checks while you type, give your editor the JSON Schemas:

```console
$ truto-unify schema provider > provider.schema.json
$ truto-unify schema mapping > mapping.schema.json
$ truto-unify schema model > model.schema.json
$ truto-unify schema mapping --overlay > mapping-overlay.schema.json
```

and name a schema in the first line of a file: `# yaml-language-server: $schema=../provider.schema.json`. In a schema
with `--overlay`, no key is required, and every key may be null, which removes it.

The column *takes* names the type of a value. An *expression* is [JMESPath](https://jmespath.org). A *path* is names
joined by dots, a list of names if a name contains a dot, or `"@"` for the whole body. A *template* is text with
`{context.<name>}`, `{credentials.<name>}` and, in an endpoint, `{id}`. Quote text that YAML reads differently without
quotes.
"""
_FILES = (
    ("providers/&lt;provider&gt;.yaml", "ProviderConfig", provider_schema),
    ("mappings/&lt;model&gt;/&lt;resource&gt;/&lt;provider&gt;.yaml", "MappingConfig", mapping_schema),
    ("models/&lt;model&gt;/&lt;resource&gt;.yaml", "ModelConfig", model_schema),
)
_LIST = "list of "
_FREE_KEY = {"description": "A part of each element, by its unified name.", "examples": ["email", {"const": "primary"}]}
_FORMATS = {"jmespath": "expression", "dotted-path": "path", "template": "template"}
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false", "object": "any"}


def key_reference() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, _, make in _FILES:
        schema = make()
        parts.append(f"## {title}\n\n{_paragraph(schema['description'])}\n\n{_table(schema)}")
        places = _places(schema)
        for name, places_of_name in places.items():
            inner = schema["$defs"][name]
            where = ", ".join(f"`{place}`" for place in places_of_name)
            parts.append(f"### {_words(name)}\n\n{_paragraph(inner['description'])} At {where}.\n\n{_table(inner)}")
    rows = "\n".join(f"| `{rule}` | {_cell(text)} |" for rule, text in RULES.items())
    parts.append(f"## Rules of lint\n\n| rule | what it finds |\n| --- | --- |\n{rows}")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _words(name: str) -> str:
    """A heading for a model.

    >>> _words("PageNumberPagination"), _words("OAuth2Authorization")
    ('Page number pagination', 'OAuth2 authorization')
    """
    first, *rest = re.findall(r"OAuth[12]|[A-Z][a-z]*", name)
    return " ".join([first, *(word.lower() for word in rest)])


def _paragraph(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _places(schema: dict[str, Any]) -> dict[str, list[str]]:
    """The places of each inner model, in the order of the page."""
    places: dict[str, list[str]] = {}

    def walk(model: dict[str, Any], place: str) -> None:
        free = model.get("additionalProperties")
        properties = {**model["properties"], **({"<name>": free} if place and isinstance(free, dict) else {})}
        for key, value in properties.items():
            for name, below in _references(value, f"{place}{key}"):
                is_new = name not in places
                places.setdefault(name, []).append(below)
                if is_new:
                    walk(schema["$defs"][name], f"{below}.")

    walk(schema, "")
    return {name: list(dict.fromkeys(below)) for name, below in places.items()}


def _references(value: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], place
    for branch in (*value.get("anyOf", ()), *value.get("oneOf", ())):
        yield from _references(branch, place)
    if isinstance(value.get("items"), dict):
        yield from _references(value["items"], f"{place}[]")
    if isinstance(value.get("additionalProperties"), dict):
        yield from _references(value["additionalProperties"], f"{place}.<name>")


def _table(model: dict[str, Any]) -> str:
    needed = set(model.get("required", ()))
    lines = ["| key | takes | what it means | example |", "| --- | --- | --- | --- |"]
    properties = dict(model["properties"])
    if isinstance(model.get("additionalProperties"), dict):
        properties["<name>"] = {**model["additionalProperties"], **_FREE_KEY}
    for key, value in properties.items():
        mark = " (needed)" if key in needed else ""
        examples = "<br>".join(f"`{_cell(_inline(example))}`" for example in value["examples"])
        meaning = _cell(_sentence(value))
        lines.append(f"| `{key}`{mark} | {_cell(_takes(value))} | {meaning} | {examples} |")
    return "\n".join(lines)


def _sentence(value: dict[str, Any]) -> str:
    default = value.get("default")
    left_out = default not in (None, [], {}, "", False) and not isinstance(default, dict)
    return f"{value['description']} Left out: {_inline(default)}." if left_out else str(value["description"])


def _takes(value: dict[str, Any]) -> str:
    """The values that a key takes, in words."""
    branches = [*value.get("anyOf", ()), *value.get("oneOf", ())]
    if branches:
        words = (_takes(branch) for branch in branches if branch.get("type") != "null")
        return _alternatives(list(dict.fromkeys(words)))
    if isinstance(value.get("items"), dict):
        return f"{_LIST}{_takes(value['items'])}"
    if isinstance(value.get("additionalProperties"), dict):
        return f"mapping of {_takes(value['additionalProperties'])}"
    return _takes_one(value)


def _takes_one(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = _words(value["$ref"].rpartition("/")[2]).lower()
        return f"[{name}](#{name.replace(' ', '-')})"
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    return _FORMATS.get(value.get("format", "")) or _TYPES.get(str(value.get("type")), "any")


def _alternatives(words: list[str]) -> str:
    """Alternatives in words; a path may always be a list of its names.

    >>> _alternatives(["text", "list of text"]), _alternatives(["path", "list of text"])
    ('text, or a list of them', 'path')
    """
    if "path" in words:
        words = [word for word in words if word != f"{_LIST}text"]
    lists = [word for word in words if word.startswith(_LIST)]
    single = " or ".join(word for word in words if word not in lists)
    if not lists:
        return single
    return f"{single}, or a list of them" if lists == [f"{_LIST}{single}"] else " or ".join(words)


def _inline(value: Any) -> str:
    """A value as YAML on one line.

    >>> _inline({"type": "bearer", "token": "{credentials.token}"}), _inline([204]), _inline(False)
    ('{type: bearer, token: "{credentials.token}"}', '[204]', 'false')
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_inline(key)}: {_inline(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][\w. /-]*", value) and value not in {"true", "false", "null"}:
        return value
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
