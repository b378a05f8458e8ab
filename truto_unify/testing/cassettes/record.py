"""Records a unified call: it makes the call, cleans the exchanges, replays them with pseudonyms, scans and writes."""

from __future__ import annotations

import os
import re
import secrets as randomness
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from vcr.cassette import Cassette

from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.client import Client
from truto_unify.engine.route import find_route
from truto_unify.engine.send import Settings
from truto_unify.errors import InvalidInput, ProviderError, UnifyError
from truto_unify.sandbox.store import SERVER
from truto_unify.testing.answer_checks import check_call
from truto_unify.testing.cassettes import headers as allowed
from truto_unify.testing.cassettes.cassette_file import cassette_text
from truto_unify.testing.cassettes.check import check_cassette
from truto_unify.testing.cassettes.cleaning import Cleaner
from truto_unify.testing.cassettes.error_answers import ErrorAnswers
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.final_scan import scan_text
from truto_unify.testing.cassettes.keep_list import KeepList, personal_texts
from truto_unify.testing.cassettes.pseudonyms import Pseudonyms, fold
from truto_unify.testing.cassettes.recorder import record_exchanges
from truto_unify.testing.cassettes.replay import make_call
from truto_unify.testing.cassettes.replay_check import Rehearsal, shape_differences
from truto_unify.testing.cassettes.secrets import Secrets
from truto_unify.testing.cassettes.sidecar import Sidecar, sidecar_path, sidecar_text
from truto_unify.testing.cassettes.subject_account import disguise_account
from truto_unify.testing.exchanges import Exchange, parse_body
from truto_unify.testing.provenance import find_provenance
from truto_unify.testing.provider_under_test import ProviderUnderTest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx
    from pydantic import BaseModel

    from truto_unify.registry import Registry
    from truto_unify.testing.provenance import Provenance
    from truto_unify.types import Account, Limits, Token

Method = Literal["list", "get"]
KEY_VARIABLE = "TRUTO_UNIFY_CASSETTE_KEY"
"""Seeds the pseudonyms; with the same key, a text has the same pseudonym in every cassette."""
LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Plan:
    """The call to record.

    Attributes:
        resource: the unified resource.
        method: ``list`` or ``get``.
        record_id: the id of the record, for ``get``.
        arguments: the arguments of ``Client.list``.
        pages: the number of pages of a list; None for all.
        expects_error: whether the provider must refuse the call, so that its refusal is recorded.
        provenance: what answers, ``recorded`` or ``synthetic``, as the person who records says; None if not said.
        settings: the settings of the client.
    """

    resource: str
    method: Method
    record_id: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    pages: int | None = 1
    expects_error: bool = False
    provenance: Provenance | None = None
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True)
class Recording:
    """The files that were written, and how much they hold.

    Attributes:
        cassette: the file.
        sidecar: its sidecar.
        interactions: how many exchanges it holds.
        records: how many unified records they give.
        doubts: places that the scan of cassettes would report.
    """

    cassette: Path
    sidecar: Sidecar
    interactions: int
    records: int
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    records: list[dict[str, Any]]
    error: str | None


def record_call(
    registry: Registry,
    account: Account,
    plan: Plan,
    target: Path,
    *,
    transport: httpx.BaseTransport | None = None,
    limits: Limits | None = None,
    key: bytes | None = None,
    overwrite: bool = False,
) -> Recording:
    """Makes the call and writes its cassette and sidecar.

    Args:
        registry: providers and mappings.
        account: the real account.
        plan: the call.
        target: the file, or the folder for a file that is named after the call.
        transport: sends the requests; the network by default.
        limits: time-outs and certificates of the connections.
        key: seeds the pseudonyms; by default the key of the environment, or else a random key.
        overwrite: whether to replace a cassette of that name.

    Raises:
        UnsafeCassette: the cassette would hold a secret or personal data, or would not replay; nothing was written.
        InvalidInput: there is a cursor among the arguments, the provenance is missing or wrong, or no refusal came.
        FileExistsError: there is a cassette of that name, and ``overwrite`` is false.
        CallError, ProviderError, TransportError, MappingError: the call failed; nothing was written.
    """
    overrides = account.overrides.get(plan.resource, ())
    mapping = registry.mapping(plan.resource, account.provider, overrides, account.context)
    route = find_route(mapping, account, plan.method)
    if "next_cursor" in plan.arguments:
        raise InvalidInput("a cursor belongs to its account and cannot be replayed: record the pages from the first on")
    secrets, keep_list = Secrets(), KeepList(mapping)
    disguised, names = disguise_account(account, route.provider.config, secrets)
    keep_list.public.update(_public_texts(disguised))
    pseudonyms = Pseudonyms(key or os.environ.get(KEY_VARIABLE, "").encode() or randomness.token_bytes(32))
    config = route.provider.config
    cleaner = Cleaner(
        secrets,
        keep_list,
        pseudonyms,
        names=names,
        headers=allowed.response_headers(config),
        cookies=allowed.token_cookies(config),
        errors=ErrorAnswers(config),
    )
    with record_exchanges() as raw:
        client = Client(
            registry, settings=plan.settings, limits=limits, transport=transport, tokens=_WatchedTokens(secrets)
        )
        outcome = _call(client, account, plan)
    hosts = {urlsplit(request.uri).hostname or "" for request, _ in raw.data}
    is_sandbox = any([SERVER] in response["headers"].values() for _, response in raw.data)
    provenance = find_provenance(hosts, plan.provenance, is_sandbox=is_sandbox)

    people = {*personal_texts(mapping, outcome.records)}
    for text in people:
        keep_list.learn_person(text)
    for request, response in raw.data:
        cleaner.learn(request, response)
    if plan.record_id is not None:
        cleaner.learn_leaf(("id",), plan.record_id)
    disguised_plan = disguise_plan(plan, cleaner)

    cleaned = Cassette(
        "in memory", before_record_request=cleaner.clean_request, before_record_response=cleaner.clean_response
    )
    for request, response in raw.data:
        cleaned.append(request, response)
    rehearsal = Rehearsal(cleaned.data)
    client = Client(registry, transport=rehearsal, sleep=lambda _: None)
    _compare(mapping.schema.record, outcome, _rehearse(client, disguised, disguised_plan), rehearsal.left)

    if outcome.error is None:
        _check_answers(
            ProviderUnderTest.of_account(registry, plan.resource, disguised),
            disguised,
            disguised_plan,
            rehearsal.played,
        )
    sidecar = _sidecar(
        disguised_plan, disguised, provenance, outcome, client.settings, route.provider.config.api_version
    )
    file = target if target.suffix == ".yaml" else target / account.provider / _file_name(disguised_plan)
    texts = {file: cassette_text(rehearsal.played), sidecar_path(file): sidecar_text(sidecar)}
    faults = [f"{path}: {fault}" for path, text in texts.items() for fault in scan_text(text, secrets, people)]
    if faults:
        raise UnsafeCassette([*faults, "nothing was written"])
    for path, text in texts.items():
        _write(path, text, overwrite=overwrite)
    doubts = check_cassette(file, sidecar.date, registry)
    return Recording(file, sidecar, len(rehearsal.played), len(outcome.records), tuple(map(str, doubts)))


def _check_answers(
    under_test: ProviderUnderTest, account: Account, plan: Plan, played: list[tuple[Any, dict[str, Any]]]
) -> None:
    """Refuses a cassette whose answers do not fit their requests, since it would be wrong evidence.

    Raises:
        UnsafeCassette: an answer does not fit.
    """
    exchanges = [
        Exchange(
            uri=request.uri,
            request=parse_body(request.body),
            status=response["status"]["code"],
            answer=parse_body(response["body"]["string"]),
            level="recorded",
            method=request.method,
        )
        for request, response in played
    ]
    problems = check_call(under_test, account, plan.arguments, exchanges).problems
    if problems:
        raise UnsafeCassette([*problems, "nothing was written: mend the mapping, or record what the store does serve"])


def disguise_plan(plan: Plan, cleaner: Cleaner) -> Plan:
    """The call with pseudonyms in its filters; other arguments hold no personal data."""
    arguments = {
        name: value if name in _CONTROLS else _disguised(value, name, cleaner) for name, value in plan.arguments.items()
    }
    record_id = None if plan.record_id is None else cleaner.clean_leaf(("id",), plan.record_id)
    return replace(plan, arguments=arguments, record_id=record_id)


def _disguised(value: Any, name: str, cleaner: Cleaner) -> Any:
    if isinstance(value, dict):
        return {key: _disguised(inner, name if key in _OPERATORS else key, cleaner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_disguised(inner, name, cleaner) for inner in value]
    return cleaner.clean_leaf((name,), value) if isinstance(value, str) else value


_CONTROLS = {"limit", "sort_by", "unsupported", "response_format", "exclude_fields", "side_load", "on_record_error"}
_OPERATORS = {"eq", "in", "like", "gt", "gte", "lt", "lte"}


def _public_texts(disguised: Account) -> Iterator[str]:
    """The texts that requests hold because of the account: the examples of its context, the steps of its addresses."""
    yield from (fold(value) for value in disguised.context.values())
    for url in (disguised.base_url, disguised.token_url):
        yield from (fold(step) for step in urlsplit(url or "").path.split("/"))


class _WatchedTokens(MemoryTokenStore):
    """Keeps tokens, and notes them as secrets."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def write(self, key: str, token: Token) -> None:
        self._secrets.add(token.access_token, "access_token")
        if token.refresh_token:
            self._secrets.add(token.refresh_token, "refresh_token")
        super().write(key, token)


def _call(client: Client, account: Account, plan: Plan) -> _Outcome:
    with client:
        try:
            records = make_call(client, account, plan.resource, plan.record_id, plan.arguments, plan.pages)
        except ProviderError as error:
            if not plan.expects_error:
                raise
            return _Outcome([], type(error).__name__)
    if plan.expects_error:
        raise InvalidInput("the provider did not refuse the call: leave --expect-error away to record its answer")
    return _Outcome([record.model_dump(mode="json") for record in records], None)


def _rehearse(client: Client, account: Account, plan: Plan) -> _Outcome:
    try:
        return _call(client, account, plan)
    except UnifyError as error:
        # Its message may show an address, and nothing has searched it yet.
        raise UnsafeCassette([f"the cleaned answers do not carry the call: {type(error).__name__}", *_HOW_TO]) from None


_HOW_TO = (
    "nothing was written",
    "a filter compares whole words: a part of a word has another pseudonym. Or the mapping depends on a text that is "
    "replaced: an id, a cursor or a context field in an unusual form",
)


def _compare(model: type[BaseModel], real: _Outcome, rehearsed: _Outcome, left: int) -> None:
    """Refuses a cassette whose replay differs from the call.

    Raises:
        UnsafeCassette: the replay differs.
    """
    faults = []
    if left:
        faults.append(f"{left} recorded answers would never be asked for")
    if real.error != rehearsed.error:
        faults.append(
            f"the call ended with {real.error or 'a result'}, and its replay with {rehearsed.error or 'a result'}"
        )
    if len(real.records) != len(rehearsed.records):
        faults.append(f"the call gave {len(real.records)} records, and its replay {len(rehearsed.records)}")
    else:
        faults += shape_differences(model, real.records, rehearsed.records)
    if faults:
        raise UnsafeCassette([*faults, *_HOW_TO])


def _sidecar(
    plan: Plan, account: Account, provenance: Provenance, outcome: _Outcome, settings: Settings, api_version: str | None
) -> Sidecar:
    today = settings.now().date()
    addresses = {"base_url": account.base_url, "token_url": account.token_url}
    call = {
        "id": plan.record_id,
        "arguments": dict(plan.arguments),
        "pages": plan.pages if plan.method == "list" else None,
    }
    return Sidecar(
        provenance=provenance,
        date=today,
        expires=today + LIFETIME,
        provider=account.provider,
        api_version=api_version,
        resource=plan.resource,
        method=plan.method,
        tool=f"truto-unify {version('truto-unify')}",
        people="replaced by stand-ins",
        account={
            "credentials": dict(account.credentials),
            "context": dict(account.context),
            **{name: url for name, url in addresses.items() if url},
        },
        call={name: value for name, value in call.items() if value},
        error=outcome.error,
    )


def _file_name(plan: Plan) -> str:
    named = sorted({*plan.arguments} - _NOT_IN_FILE_NAMES)
    parts = [plan.resource.rpartition("/")[2], plan.method, plan.record_id or "", *named]
    if plan.expects_error:
        parts.append("refused")
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-").lower() for part in parts if part)[:100] + ".yaml"


_NOT_IN_FILE_NAMES = {"limit", "side_load"}
"""Arguments that a file name leaves out."""


def _write(file: Path, text: str, *, overwrite: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w" if overwrite else "x", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
