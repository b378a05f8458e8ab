"""The contract of requests: authorization, and the native request of every filter, operator and sort."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx

from truto_unify.config.authorization import QueryAuthorization, TokenAuthorization
from truto_unify.config.filter_lint import filter_ops
from truto_unify.config.filters import OPERATORS
from truto_unify.config.schema import read_path
from truto_unify.config.spread import LAST
from truto_unify.engine.account_fields import account_values
from truto_unify.engine.json_body import set_path
from truto_unify.errors import UnsupportedParameter
from truto_unify.redaction import Redactor
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import read_json
from truto_unify.testing.contract.scripted_server import (
    ListScript,
    ScriptedProvider,
    as_success,
    body_without_document,
    json_response,
    record_body,
)
from truto_unify.testing.provider_under_test import attempt, outcome_text, secrets_of
from truto_unify.testing.samples import candidate_ids, native_with_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.filters import NativeFilter
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Sample
    from truto_unify.types import Account

TIMES = {"gt": "2024-02-29T12:30:45.678Z", "lt": "2024-03-31T23:59:59.123456Z"}
"""Awkward times: a leap day, fractions of a second."""
_PART_VALUES: Mapping[str, Any] = {"boolean": True, "integer": 5}
"""Values of parts that are not text."""
TEXT = "Zoë O'Neil-Ruiz"
OTHER_TEXT = f"2 {TEXT}"
SIMPLER = (
    ("Zoe Ruiz", "2 Zoe Ruiz"),
    ("1234567", "7654321"),
    ("0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
)
"""What a filter gets if its ``pattern`` refuses both texts: plain texts, and the usual kinds of ids."""
EMAIL = "zoe.o'neil+test@example.test"
PHONE = "+15550100123"
HOSTILE = "a\"b' OR c:d & e=f, (g) \\h #i?j%20+"
"""Characters that a native query language could read as syntax."""


def empty_list(under_test: ProviderUnderTest, name: str | None = None) -> Any:
    """A script that answers with an empty list: for this endpoint, or by default for the unified list call."""
    script = ListScript(under_test.provider.endpoint(name) if name else under_test.endpoint("list"), [])

    rules = under_test.provider.config.errors
    return lambda request: as_success(rules, script(request), keeps_headers=False)


def sent_by_list(under_test: ProviderUnderTest, account: Account, **query: Any) -> tuple[httpx.Request, Any]:
    """The first native request of a list call, and its page.

    Raises:
        UnifyError: the call fails.
    """
    provider = ScriptedProvider(under_test, {under_test.endpoint_name("list"): empty_list(under_test)}, account)
    with under_test.client(provider) as client:
        page = client.list(under_test.schema, account, **query)
    return provider.requests_of(under_test.endpoint_name("list"))[0], page


def sent_by_get(under_test: ProviderUnderTest, account: Account, record_id: str) -> httpx.Request:
    """The first native request of a get call, whatever its result.

    Raises:
        CallError: the client refuses the id and sends nothing.
    """
    provider = ScriptedProvider(under_test, {}, account)
    with under_test.client(provider) as client:
        error = attempt(lambda: client.get(under_test.schema, account, record_id))[1]
    if not provider.sent:
        raise error or AssertionError("nothing was sent")
    return provider.sent[0][1]


def find_record_id(under_test: ProviderUnderTest, samples: Sequence[Sample] = ()) -> str:
    """An id that matches the provider's id_pattern.

    Raises:
        AssertionError: no known id matches; a sample would help.
    """
    for record_id in candidate_ids(samples, under_test):
        if attempt(lambda value=record_id: sent_by_get(under_test, under_test.account, value))[1] is None:  # type: ignore[misc]  # mypy infers no lambda with a default
            return record_id
    pattern = under_test.endpoint("get").id_pattern
    raise AssertionError(under_test.problem("get", f"no known id matches {pattern}; give samples of get"))


def request_table(under_test: ProviderUnderTest, samples: Sequence[Sample] = ()) -> dict[str, Any]:
    """Every native request that the mapping can send, for a golden file.

    Every call sends the ``headers``, with secrets masked. ``requests`` has a row for each method, for each filter
    with its operators and each sort that the provider serves, and for each side load of a get call. GraphQL texts
    are left out.
    """
    account = under_test.account
    rows: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if "list" in under_test.methods:
        request, _ = sent_by_list(under_test, account)
        headers = _own_headers(request, account)
        rows["list"] = _row(request)
        rows["list limit=3"] = _row(sent_by_list(under_test, account, limit=3)[0])
        inline = [name for name, load in under_test.config.side_loads.items() if load.inline is not None]
        if inline:
            rows["list with side loads"] = _row(sent_by_list(under_test, account, side_load=inline)[0])
        for label, query in list_calls(under_test):
            sent = _sent_natively(under_test, account, query)
            if sent is not None:
                rows[label] = {**_row(sent[0]), "match": [entry.match for entry in sent[1].query_plan]}
    if "get" in under_test.methods:
        record_id = find_record_id(under_test, samples)
        request = sent_by_get(under_test, account, record_id)
        headers = headers or _own_headers(request, account)
        rows["get"] = _row(request)
        rows |= {name: _row(sent) for name, sent in _side_requests(under_test, record_id, samples)}
    return {"headers": headers, "requests": rows}


def _sent_natively(
    under_test: ProviderUnderTest, account: Account, query: dict[str, Any]
) -> tuple[httpx.Request, Any] | None:
    """As ``sent_by_list``, with simpler values if the awkward values are refused; None if all are refused."""
    for values in ((TEXT, OTHER_TEXT), *SIMPLER):
        try:
            return sent_by_list(under_test, account, unsupported="error", **_with_values(query, *values))
        except UnsupportedParameter:
            continue
    return None


def _with_values(query: Any, text: str, other: str) -> Any:
    """The query with these values in place of the awkward texts."""
    if isinstance(query, dict):
        return {key: _with_values(value, text, other) for key, value in query.items()}
    if isinstance(query, list):
        return [_with_values(value, text, other) for value in query]
    return {TEXT: text, OTHER_TEXT: other}.get(query, query) if isinstance(query, str) else query


def _side_requests(
    under_test: ProviderUnderTest, record_id: str, samples: Sequence[Sample]
) -> Iterator[tuple[str, httpx.Request]]:
    """The first request of each side load that a get call sends beside its own request."""
    main, loads = under_test.endpoint_name("get"), under_test.config.side_loads
    body = record_body(under_test.endpoint("get"), native_with_id(under_test, record_id, samples))
    good = good_body(under_test.provider.config.errors, body)
    scripts = {
        load.endpoint: empty_list(under_test, load.endpoint)
        for load in loads.values()
        if under_test.provider.endpoint(load.endpoint).list_path is not None
    }
    provider = ScriptedProvider(under_test, {**scripts, main: lambda _request: json_response(good)})
    with under_test.client(provider) as client:
        client.get(under_test.schema, under_test.account, record_id, side_load=list(loads))
    for name, load in loads.items():
        sent = provider.requests_of(load.endpoint)
        if sent and load.endpoint != main:
            yield f"side_load {name}", sent[0]


def list_calls(under_test: ProviderUnderTest) -> Iterator[tuple[str, dict[str, Any]]]:
    """A label and the arguments of a list call, for every filter with each operator and word, and for every sort."""
    schema = under_test.mapping.schema
    method = under_test.config.list
    for name, ops in filter_ops(schema).items():
        element, _, part = name.partition(".")
        rule = method.filters.get(name) if method else None
        for op in (operator for operator in OPERATORS if operator in ops):
            if part:
                if op == "eq":
                    native = rule.native("eq") if rule else None
                    needed = dict(native.requires) if native else {}
                    value = _PART_VALUES.get(schema.element_filters[element][part]) or _text(part)
                    wanted = {part: value, **needed}
                    yield f"{element}[] {', '.join(wanted)}", {element: [wanted]}
            elif name in schema.time_filters:
                yield f"{name}[{op}]", {name: {op: TIMES["lt" if op.startswith("l") else "gt"]}}
            else:
                many = [_text(name), OTHER_TEXT if name != "email" else "second@example.test"]
                yield f"{name}[{op}]", {name: {op: many if op == "in" else _text(name)}}
                words = list(native.words) if (native := rule.native(op) if rule else None) else []
                if op == "in" and words:
                    yield f"{name}[in] {', '.join(words)}", {name: {"in": words}}
                elif op == "eq":
                    yield from ((f"{name}[eq] {word}", {name: word}) for word in words)
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
    body = body_without_document(request)
    return row if body is None else {**row, "body": body}


def _own_headers(request: httpx.Request, account: Account) -> dict[str, str]:
    hide = Redactor(secrets_of(account)).text
    usual = {"host", "accept-encoding", "connection", "user-agent", "content-length"}
    return {name: hide(value) for name, value in sorted(request.headers.items()) if name not in usual}


def check_authorization(under_test: ProviderUnderTest) -> list[str]:
    """Each scheme is sent as declared, no secret stands in an address, and a refused token is renewed once."""
    problems = []
    for account, rule in zip(under_test.accounts, under_test.provider.config.authorization, strict=False):
        place = f"authorization {rule.type}"
        outcome, error = attempt(lambda account=account: sent_by_list(under_test, account))  # type: ignore[misc]  # as above
        if error is not None:
            problems.append(under_test.problem(place, f"a call with an invented account fails: {outcome_text(error)}"))
            continue
        request = outcome[0]
        parts = (str(request.url), *request.headers.values(), request.content.decode(errors="replace"))
        hidden = [Redactor(secrets_of(account)).text(part) != part for part in parts]
        if not any(hidden) and not rule.unsent_secrets and not isinstance(rule, TokenAuthorization):
            problems.append(under_test.problem(place, "the request has no credential; the rule uses none of them"))
        fields = account_values(under_test.provider, account)
        unsent = Redactor([secret.fill(fields) for secret in rule.unsent_secrets])
        if any(unsent.text(part) != part for part in parts):
            problems.append(under_test.problem(place, "the secret that signs the request is sent"))
        if hidden[0] and not rule.unsent_secrets and not isinstance(rule, QueryAuthorization):
            problems.append(under_test.problem(place, "a credential stands in the address, which logs keep"))
        if isinstance(rule, TokenAuthorization):
            problems += _check_renewal(under_test, account)
    return problems


def _check_renewal(under_test: ProviderUnderTest, account: Account) -> Iterator[str]:
    name = under_test.endpoint_name("list")
    refused: list[httpx.Request] = []
    good = empty_list(under_test)

    def refuse_once(request: httpx.Request) -> httpx.Response:
        if not refused:
            refused.append(request)
            return httpx.Response(401, json={})
        return good(request)  # type: ignore[no-any-return]  # a script answers with a response

    provider = ScriptedProvider(under_test, {name: refuse_once}, account)
    with under_test.client(provider) as client:
        _, error = attempt(lambda: client.list(under_test.schema, account))
    fetched = provider.counts["token"]
    had_no_token = refused and not any("contract-fetched-token" in value for value in refused[0].headers.values())
    if error is not None or fetched != (1 if had_no_token else 2):
        result = f"{fetched} tokens were fetched, {outcome_text(error)}"
        what = f"a token refused with 401 must be renewed once, and the call must go on; {result}"
        yield under_test.problem("authorization oauth2", what)


def check_no_syntax(under_test: ProviderUnderTest) -> list[str]:
    """The provider reads no caller's value as syntax: the value arrives unchanged, or the engine does not send it."""
    method = under_test.config.list
    problems: list[str] = []
    for name, rule in method.filters.items() if method else ():
        for op in ("eq", "in", "like"):
            native = rule.native(op)
            if native is not None and name not in under_test.mapping.schema.time_filters:
                problems += _check_value(under_test, name, op, native)
    return problems


def _check_value(under_test: ProviderUnderTest, name: str, op: str, native: NativeFilter) -> Iterator[str]:
    element, _, part = name.partition(".")
    for text in (HOSTILE, "x:y", "a b", "a,b"):
        argument: Any = [text, "second"] if op == "in" else text
        query = {element: [{part: argument, **native.requires}]} if part else {name: {op: argument}}
        label = f"filter {name}[{op}]"
        try:
            request, page = sent_by_list(under_test, under_test.account, **query)
        except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
            yield under_test.problem(label, f"the value {text!r} breaks the call: {outcome_text(error)}")
            return
        if page.query_plan[0].how != "native":
            continue
        arrived = arrived_value(under_test, native, request)
        is_list = op == "in" and native.takes_list
        fault = _list_fault(native, [text, "second"], arrived) if is_list else _fault(native, text, arrived, op)
        if fault:
            yield under_test.problem(label, f"the value {text!r} arrives as {arrived!r}: {fault}")
            return


def arrived_value(under_test: ProviderUnderTest, native: NativeFilter, request: httpx.Request) -> Any:
    """The value that a request has where the native filter writes."""
    search = under_test.config.list.search if under_test.config.list and native.search else None
    param, path = (search.param, search.path) if search else native.value_place[:2]
    if param is not None:
        return dict(parse_qsl(str(request.url.query, "ascii"), keep_blank_values=True)).get(param)
    body = read_json(request)
    for place in under_test.endpoint("list").json_texts:
        is_there, text = read_path(body, place)
        if body is not None and is_there:
            set_path(body, place, json.loads(text))
    if path is None:
        return None
    for index, step in enumerate(path):
        if step == LAST:
            listed = read_path(body, path[:index])[1]
            path = (*path[:index], str(len(listed or ()) - 1), *path[index + 1 :])
    return read_path(body, path)[1]


def _list_fault(native: NativeFilter, texts: list[str], arrived: Any) -> str | None:
    expected = [native.value_place[2].replace("{value}", text) for text in texts]
    return "it must arrive in a list, unchanged" if native.encode == "plain" and arrived != expected else None


def _fault(native: NativeFilter, text: str, arrived: Any, op: str) -> str | None:
    whole = native.search.text if native.search is not None else native.value_place[2]
    expected = f"{text}{native.join}second" if op == "in" else text
    if native.search is not None:
        if arrived == whole.replace("{value}", expected):
            return "the search text is not escaped; give encode: quoted or words, or a pattern"
        return None
    if op == "in" and native.join and native.join in text:
        return f"{native.join!r} inside a value cuts it in two; give encode: list_item"
    if native.encode == "plain" and arrived != whole.replace("{value}", expected):
        return "it must arrive unchanged; check query_safe of the provider"
    if native.encode == "list_item" and "," in text:
        return "a comma inside a value cuts it in two"
    return None
