"""The pairs of docs/how-do-i-say.md: each fragment is laid over the provider of the page, and its calls are made."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import httpx
import pytest
import yaml

from tests.docs.page import Fence, read_blocks, read_page
from truto_unify import Account, Client, Registry, Settings, UnifyError
from truto_unify.query_string import read_query, split_query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = read_page("docs/how-do-i-say.md")
RESOURCE: Final = "ecommerce/customers"
SHOP = "demo"
ORIGIN = "https://api.acme.example"


@dataclass(frozen=True)
class Pair:
    """What the page shows under one heading: fences by their words, of which an ``http`` fence names the call."""

    title: str
    fences: dict[str, str] = field(default_factory=dict[str, str])
    call: str = ""

    def read(self, info: str, default: Any) -> Any:
        return yaml.safe_load(self.fences[info]) if info in self.fences else default


def read_pairs() -> Iterator[Pair]:
    for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        blocks = [block for block in read_blocks(text) if isinstance(block, Fence)]
        calls = [block.info.removeprefix("http").strip() for block in blocks if block.info.startswith("http")]
        fences = {"http" if block.info.startswith("http") else block.info: block.text for block in blocks}
        yield Pair(title, fences, "".join(calls))


PAIRS = list(read_pairs())


def base(kind: str) -> Any:
    (text,) = [
        block.text for block in read_blocks(PAGE) if isinstance(block, Fence) and block.info == f"yaml {kind} base"
    ]
    return yaml.safe_load(text)


def laid_over(below: Any, above: Any) -> Any:
    """The fragment over the file; another way of authorization takes the place of the whole block."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    inner = {key: laid_over(below.get(key), value) for key, value in above.items()}
    return {**below, **inner, **({"authorization": above["authorization"]} if "authorization" in above else {})}


def registry_of(pair: Pair, folder: Path) -> Registry:
    """The files of a pair, with ``unsupported`` for what lint misses."""
    provider, mapping = (laid_over(base(kind), pair.read(f"yaml {kind}", {})) for kind in ("provider", "mapping"))
    write(folder / "providers/acme.yaml", provider)
    write(folder / f"mappings/{RESOURCE}/acme.yaml", mapping)
    messages = [problem.message for problem in Registry(overlay=folder).problems() if problem.rule == "unmapped-field"]
    names = [re.findall('"([^"]+)"', message)[0] for message in messages]
    write(folder / f"mappings/{RESOURCE}/acme.yaml", {**mapping, "unsupported": dict.fromkeys(names, "It has none.")})
    return Registry(overlay=folder)


def write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


class Api:
    """Gives the answers of a pair in their order, the last again and again, and writes the requests down."""

    def __init__(self, pair: Pair) -> None:
        self.answers = pair.read("json answers", [{"customers": [{"id": 1}], "customer": {"id": 17}}])
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = dict(self.answers[min(len(self.sent), len(self.answers) - 1)])
        self.sent.append(request)
        return httpx.Response(200, headers=answer.pop("headers", None), json=answer)


def account_of(registry: Registry) -> Account:
    config = registry.provider("acme").config
    return Account(
        provider="acme",
        credentials={name: f"acme_{name}" for name in config.credentials},
        context=dict.fromkeys(config.context, SHOP),
    )


def call(pair: Pair, registry: Registry, api: Api) -> list[Any]:
    """The unified records of the pair's call: a list with its query, or ``get`` with the id."""
    account = account_of(registry)
    with Client(registry, transport=httpx.MockTransport(api), settings=Settings()) as client:
        words = pair.call.split()
        record_id = words[1] if words[:1] == ["get"] else None
        query = read_query(split_query("&".join(word for word in words if "=" in word)))
        if record_id is not None:
            return [client.get(RESOURCE, account, record_id, **query)]
        return list(client.iterate(RESOURCE, account, **query))


def shown(request: httpx.Request, headers: set[str]) -> str:
    """A request as the page writes it."""
    lines = [f"{request.method} {unquote(str(request.url).removeprefix(ORIGIN))}"]
    lines += [f"{name}: {request.headers[name]}" for name in headers if name in request.headers]
    body = unquote(request.read().decode())
    return "\n".join([*lines, "", body] if body else lines)


@pytest.mark.parametrize("pair", [pytest.param(pair, id=pair.title) for pair in PAIRS])
def test_a_pair_is_as_the_page_says(pair: Pair, tmp_path: Path) -> None:
    registry, api = registry_of(pair, tmp_path), Api(pair)
    assert [problem.message for problem in registry.problems() if "acme" in problem.file] == []

    if "text error" in pair.fences:
        with pytest.raises(UnifyError) as caught:
            call(pair, registry, api)
        assert f"{type(caught.value).__name__}: {caught.value}" == pair.fences["text error"].strip()
        return
    records = call(pair, registry, api)

    if "http" in pair.fences:
        text = pair.fences["http"]
        headers = set(re.findall(r"^([A-Z][\w-]*): ", text, re.MULTILINE))
        requests = [shown(request, headers) for request in api.sent]
        assert "\n".join(requests).split() == text.split()
    expected = pair.read("json records", None)
    if expected is not None:
        assert [
            {name: record.model_dump(mode="json")[name] for name in fields}
            for record, fields in zip(records, expected, strict=True)
        ] == expected


def test_the_page_has_thirty_pairs_and_each_shows_something() -> None:
    assert len(PAIRS) >= 30
    assert [pair.title for pair in PAIRS if not pair.fences.keys() & {"http", "json records", "text error"}] == []
    assert len({pair.title for pair in PAIRS}) == len(PAIRS)
