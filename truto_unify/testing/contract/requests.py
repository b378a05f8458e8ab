"""The contract of what is sent: authorization, and the native request of every filter, operator and sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx

from truto_unify.config.authorization import OAuth2Authorization, QueryAuthorization
from truto_unify.config.filter_lint import filter_ops
from truto_unify.config.filters import OPERATORS
from truto_unify.config.schema import read_path
from truto_unify.errors import UnsupportedParameter
from truto_unify.redaction import Redactor
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import read_json
from truto_unify.testing.contract.scripted_server import (
    ListScript,
    ScriptedProvider,
    json_response,
    record_body,
)
from truto_unify.testing.provider_under_test import attempt, secrets_of, told
from truto_unify.testing.samples import candidate_ids, native_with_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.config.filters import NativeFilter
    from truto_unify.testing.provider_under_test import Subject
    from truto_unify.testing.samples import Sample
    from truto_unify.types import Account

TIMES = {"gt": "2024-02-29T12:30:45.678Z", "lt": "2024-03-31T23:59:59.123456Z"}
"""Awkward instants: a leap day, a fraction of a second."""
TEXT = "Zoë O'Neil-Ruiz"
PLAIN = "Zoe Ruiz"
EMAIL = "zoe.o'neil+test@example.test"
PHONE = "+15550100123"
HOSTILE = "a\"b' OR c:d & e=f, (g) \\h #i?j%20+"
"""What a native query language could take for syntax."""


def empty_answer(subject: Subject, name: str | None = None) -> Any:
    """A script that answers a list call, that of the unified list where no endpoint is named, with no record."""
    script = ListScript(subject.provider.endpoint(name) if name else subject.endpoint("list"), [])

    def answer(request: httpx.Request) -> httpx.Response:
        response = script(request)
        body = good_body(subject.provider.config.errors, response.json())
        return json_response(body)

    return answer


def sent_by_list(subject: Subject, account: Account, **query: Any) -> tuple[httpx.Request, Any]:
    """The first native request of a list call, and its page.

    Raises:
        UnifyError: the call was refused.
    """
    provider = ScriptedProvider(subject, {subject.endpoint_name("list"): empty_answer(subject)}, account)
    with subject.client(provider) as client:
        page = client.list(subject.resource_name, account, **query)
    return provider.requests_of(subject.endpoint_name("list"))[0], page


def sent_by_get(subject: Subject, account: Account, record_id: str) -> httpx.Request:
    """The first native request of a get call, whatever comes of it.

    Raises:
        CallError: the id is refused unsent.
    """
    provider = ScriptedProvider(subject, {}, account)
    with subject.client(provider) as client:
        error = attempt(lambda: client.get(subject.resource_name, account, record_id))[1]
    if not provider.sent:
        raise error or AssertionError("nothing was sent")
    return provider.sent[0][1]


def find_record_id(subject: Subject, samples: Sequence[Sample] = ()) -> str:
    """An id that the provider's id_pattern takes.

    Raises:
        AssertionError: none was found; a sample would help.
    """
    for one in candidate_ids(samples, subject):
        if attempt(lambda record_id=one: sent_by_get(subject, subject.account, record_id))[1] is None:  # type: ignore[misc]
            return one
    pattern = subject.endpoint("get").id_pattern
    raise AssertionError(subject.problem("get", f"no id is known that matches {pattern}; give samples of get"))


def request_table(subject: Subject, samples: Sequence[Sample] = ()) -> dict[str, Any]:
    """Every native request that the mapping can send, ready for a golden file.

    ``headers`` are sent whatever the call, secrets masked; ``requests`` holds one row for each method, filter with
    its operators, and sort that the provider serves, and for each side load of a get. GraphQL texts are left out.
    """
    account = subject.account
    rows: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if "list" in subject.methods:
        request, _ = sent_by_list(subject, account)
        headers = _own_headers(request, account)
        rows["list"] = _row(request)
        rows["list limit=3"] = _row(sent_by_list(subject, account, limit=3)[0])
        for label, query in list_calls(subject):
            sent = _sent_natively(subject, account, query) or _sent_natively(subject, account, _plain(query))
            if sent is not None:
                rows[label] = {**_row(sent[0]), "match": [one.match for one in sent[1].query_plan]}
    if "get" in subject.methods:
        record_id = find_record_id(subject, samples)
        request = sent_by_get(subject, account, record_id)
        headers = headers or _own_headers(request, account)
        rows["get"] = _row(request)
        rows |= {name: _row(one) for name, one in _side_requests(subject, record_id, samples)}
    return {"headers": headers, "requests": rows}


def _sent_natively(subject: Subject, account: Account, query: dict[str, Any]) -> tuple[httpx.Request, Any] | None:
    """As ``sent_by_list``; None where the provider does not serve the query."""
    try:
        return sent_by_list(subject, account, unsupported="error", **query)
    except UnsupportedParameter:
        return None


def _plain(query: Any) -> Any:
    """The query without awkward letters, for a filter whose ``pattern`` wants none."""
    if isinstance(query, dict):
        return {key: _plain(value) for key, value in query.items()}
    if isinstance(query, list):
        return [_plain(value) for value in query]
    return PLAIN if query == TEXT else query


def _side_requests(subject: Subject, record_id: str, samples: Sequence[Sample]) -> Iterator[tuple[str, httpx.Request]]:
    """The first request of each side load that a get sends beside its own."""
    main, loads = subject.endpoint_name("get"), subject.config.side_loads
    body = record_body(subject.endpoint("get"), native_with_id(subject, record_id, samples))
    good = good_body(subject.provider.config.errors, body)
    scripts = {
        load.endpoint: empty_answer(subject, load.endpoint)
        for load in loads.values()
        if subject.provider.endpoint(load.endpoint).list_path is not None
    }
    provider = ScriptedProvider(subject, {**scripts, main: lambda _request: json_response(good)})
    with subject.client(provider) as client:
        client.get(subject.resource_name, subject.account, record_id, side_load=list(loads))
    for name, load in loads.items():
        sent = provider.requests_of(load.endpoint)
        if sent and load.endpoint != main:
            yield f"side_load {name}", sent[0]


def list_calls(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    """A label and the arguments of one list call for every filter with each operator, and for every sort."""
    schema = subject.mapping.schema
    method = subject.config.list
    for name, ops in filter_ops(schema).items():
        element, _, part = name.partition(".")
        rule = method.filters.get(name) if method else None
        for op in (one for one in OPERATORS if one in ops):
            if part:
                if op == "eq":
                    native = rule.native("eq") if rule else None
                    needed = dict(native.requires) if native else {}
                    value = True if part == "is_primary" else _text(part)
                    wanted = {part: value, **needed}
                    yield f"{element}[] {', '.join(wanted)}", {element: [wanted]}
            elif name in schema.time_filters:
                yield f"{name}[{op}]", {name: {op: TIMES["lt" if op.startswith("l") else "gt"]}}
            else:
                many = [_text(name), f"2 {_text(name)}" if name != "email" else "second@example.test"]
                yield f"{name}[{op}]", {name: {op: many if op == "in" else _text(name)}}
        if name in schema.time_filters:
            yield f"{name} range", {name: {"gte": TIMES["gt"], "lte": TIMES["lt"]}}
    for name in schema.sorts:
        for direction in ("asc", "desc"):
            yield f"sort_by[{name}]={direction}", {"sort_by": {name: direction}}


def _text(name: str) -> str:
    return EMAIL if name == "email" else PHONE if name == "number" else TEXT


def _row(request: httpx.Request) -> dict[str, Any]:
    row: dict[str, Any] = {"method": request.method, "url": str(request.url.copy_with(query=None))}
    query = str(request.url.query, "ascii")
    if query:
        row["query"] = query
    body = read_json(request)
    if body is not None:
        row["body"] = {name: value for name, value in body.items() if name != "query" or "operationName" not in body}
    return row


def _own_headers(request: httpx.Request, account: Account) -> dict[str, str]:
    hide = Redactor(secrets_of(account)).text
    usual = {"host", "accept-encoding", "connection", "user-agent", "content-length"}
    return {name: hide(value) for name, value in sorted(request.headers.items()) if name not in usual}


def check_authorization(subject: Subject) -> list[str]:
    """Each way in is used as declared, no secret stands in an address, and a refused token is renewed once."""
    problems = []
    for account, rule in zip(subject.accounts, subject.provider.config.authorization, strict=False):
        place = f"authorization {rule.type}"
        outcome, error = attempt(lambda account=account: sent_by_list(subject, account))  # type: ignore[misc]
        if error is not None:
            problems.append(subject.problem(place, f"an invented account cannot be used: {told(error)}"))
            continue
        request = outcome[0]
        parts = (str(request.url), *request.headers.values(), request.content.decode(errors="replace"))
        hidden = [Redactor(secrets_of(account)).text(one) != one for one in parts]
        if not any(hidden) and not isinstance(rule, OAuth2Authorization):
            problems.append(subject.problem(place, "no credential is sent; the rule uses none of them"))
        if hidden[0] and not isinstance(rule, QueryAuthorization):
            problems.append(subject.problem(place, "a credential stands in the address, where logs keep it"))
        if isinstance(rule, OAuth2Authorization):
            problems += _check_renewal(subject, account)
    return problems


def _check_renewal(subject: Subject, account: Account) -> Iterator[str]:
    name = subject.endpoint_name("list")
    refused: list[httpx.Request] = []
    good = empty_answer(subject)

    def refuse_once(request: httpx.Request) -> httpx.Response:
        if not refused:
            refused.append(request)
            return httpx.Response(401, json={})
        return good(request)  # type: ignore[no-any-return]

    provider = ScriptedProvider(subject, {name: refuse_once}, account)
    with subject.client(provider) as client:
        _, error = attempt(lambda: client.list(subject.resource_name, account))
    asked = provider.counts["token"]
    had_none = refused and not any("contract-fetched-token" in value for value in refused[0].headers.values())
    if error is not None or asked != (1 if had_none else 2):
        what = f"a token refused with 401 must be renewed once and the call go on; {asked} were fetched, {told(error)}"
        yield subject.problem("authorization oauth2", what)


def check_no_syntax(subject: Subject) -> list[str]:
    """No value of a caller is read as syntax by the provider: it arrives as it was given, or is not sent at all."""
    method = subject.config.list
    problems: list[str] = []
    for name, rule in method.filters.items() if method else ():
        for op in ("eq", "in", "like"):
            native = rule.native(op)
            if native is not None and name not in subject.mapping.schema.time_filters:
                problems += _check_value(subject, name, op, native)
    return problems


def _check_value(subject: Subject, name: str, op: str, native: NativeFilter) -> Iterator[str]:
    element, _, part = name.partition(".")
    for text in (HOSTILE, "x:y", "a b", "a,b"):
        given: Any = [text, "second"] if op == "in" else text
        query = {element: [{part: given, **native.requires}]} if part else {name: {op: given}}
        label = f"filter {name}[{op}]"
        try:
            request, page = sent_by_list(subject, subject.account, **query)
        except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
            yield subject.problem(label, f"the value {text!r} breaks the call: {told(error)}")
            return
        if page.query_plan[0].how != "native":
            continue
        arrived = arrived_value(subject, native, request)
        fault = _fault(native, text, arrived, op)
        if fault:
            yield subject.problem(label, f"the value {text!r} arrives as {arrived!r}: {fault}")
            return


def arrived_value(subject: Subject, native: NativeFilter, request: httpx.Request) -> Any:
    """What a request holds in the place that a native filter fills."""
    search = subject.config.list.search if subject.config.list and native.search else None
    param, path = (search.param, search.path) if search else (native.param, native.path)
    if param is not None:
        return dict(parse_qsl(str(request.url.query, "ascii"), keep_blank_values=True)).get(param)
    return read_path(read_json(request), path)[1] if path else None


def _fault(native: NativeFilter, text: str, arrived: Any, op: str) -> str | None:
    template = native.search or native.value
    whole = template.text if template else "{value}"
    given = f"{text}{native.join}second" if op == "in" else text
    if native.search is not None:
        if arrived == whole.replace("{value}", given):
            return "a search text without escaping; give encode: quoted or words, or a pattern"
        return None
    if op == "in" and native.join and native.join in text:
        return f"{native.join!r} inside a value cuts it in two; give encode: list_item"
    if native.encode == "plain" and arrived != whole.replace("{value}", given):
        return "it must arrive as it was given; look at query_safe of the provider"
    if native.encode == "list_item" and "," in text:
        return "a comma inside a value cuts it in two"
    return None
