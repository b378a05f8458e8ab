"""The golden table of a mapping's rules on awkward input: conditions, times, enums, filter values, side loads."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx

from truto_unify.config.field_rules import ValueRule, mapped_names, rules_at
from truto_unify.engine.side_loads import order_items
from truto_unify.expressions import is_true, search_or_null
from truto_unify.models.fields import nested_kinds
from truto_unify.testing.contract.enums import UNKNOWN, enum_paths, enum_rules, values_of
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.records import context_of
from truto_unify.testing.contract.requests import HOSTILE, arrived_value, sent_by_list
from truto_unify.testing.contract.scripted_server import (
    ListScript,
    ScriptedProvider,
    as_success,
    body_without_document,
    json_response,
    record_body,
)
from truto_unify.testing.native_json import paths_of, replace_node, walk_leaves
from truto_unify.testing.provider_under_test import attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from truto_unify.config.filters import NativeFilter
    from truto_unify.config.mapping import Batch, SideLoad
    from truto_unify.config.provider import Endpoint
    from truto_unify.config.schema import Expr
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Sample, Samples

TIMES: tuple[Any, ...] = (
    "2031-05-06T07:08:09Z",
    "2031-05-06T07:08:09+02:00",
    "2031-05-06T07:08:09",
    "2031-05-06",
    "Tue, 06 May 2031 07:08:09 +0000",
    "Tue, 06 May 2031 07:08:09",
    1935817689,
    1935817689000,
)
"""One moment in the forms that stores write, with and without a zone."""
TEXTS = (HOSTILE, "x:y", "a b", "a,b", "a*b", "5", "+15550100123", "ana@example.test", "ana+b.c@mail.example.test")
_INDEX = re.compile(r"\[\d+\]")


def rule_table(under_test: ProviderUnderTest, samples: Samples) -> dict[str, Any]:
    """The results of the rules, for a golden file.

    ``conditions`` has the results of ``where`` and ``is_partial`` for each sample; ``times`` the value of each time
    field, at any depth, for one moment in many forms; ``enums`` the value of each enum for native words; ``values`` how
    each filter sends a text, if it does; ``loads`` the side loads of each sample's call, the lengths of the record's
    lists, and the keys of a side load's items in order.
    """
    every = [sample for group in samples.values() for sample in group]
    return {
        "conditions": {
            method: [_conditions(under_test, sample) for sample in group] for method, group in samples.items()
        },
        "times": {name: _time_row(under_test, name, every) for name in _time_fields(under_test)},
        "enums": {name: _enum_row(under_test, name, rule, every) for name, rule in enum_rules(under_test)},
        "values": dict(_value_rows(under_test)),
        "loads": _load_rows(under_test, samples) if under_test.config.side_loads else {},
    }


def _conditions(under_test: ProviderUnderTest, sample: Sample) -> dict[str, bool]:
    mapper = under_test.mapper
    return {"kept": mapper.is_kept(sample.native), "partial": mapper.is_partial(sample.native)}


def _time_fields(under_test: ProviderUnderTest) -> Iterator[str]:
    kinds = dict(nested_kinds(under_test.mapping.schema.record))
    rules = under_test.config.response_mapping
    for name in dict.fromkeys(mapped_names(rules)):
        own = [rule for rule in rules_at(rules, name) if isinstance(rule, ValueRule)]
        if own and (kinds[name].name if name in kinds else own[0].type) == "time":
            yield name


def _time_row(under_test: ProviderUnderTest, name: str, samples: Sequence[Sample]) -> dict[str, str | None]:
    """The field's value for each form of the moment, at the first leaf that changes it; empty without such a leaf."""
    for sample in samples:
        whole = {"native": sample.native, "loaded": sample.loaded}
        before = _time(under_test, name, whole)
        # A part of a list shows nothing where the list is empty.
        for path, _ in walk_leaves(whole) if before is not None or "." not in name else ():
            if len(path) > 1 and _time(under_test, name, replace_node(whole, path, TIMES[0])) != before:
                row = {str(form): _time(under_test, name, replace_node(whole, path, form)) for form in TIMES}
                if any(value not in {before, None, "fault"} for value in row.values()):
                    return row
    return {}


def _time(under_test: ProviderUnderTest, name: str, whole: Any) -> str | None:
    """The values of a field in a record with its side loads."""
    mapped = under_test.mapper.map_record(whole["native"], context=context_of(under_test), loaded=whole["loaded"])
    is_faulty = any(_INDEX.sub("", field) == name for field, _ in mapped.faults)
    return "fault" if is_faulty else ", ".join(values_of(under_test, name, mapped.fields)) or None


def _enum_row(
    under_test: ProviderUnderTest, name: str, rule: ValueRule, samples: Sequence[Sample]
) -> dict[str, list[Any]]:
    """The field's values for native words in both cases, at the first leaf that reaches the enum."""
    for sample in samples:
        for path in enum_paths(under_test, name, sample):
            words = [*(rule.enum or {}), *(key.upper() for key in rule.enum or {}), UNKNOWN]
            changed = {word: replace_node(sample.native, path, word) for word in words}
            return {word: _words(under_test, name, sample, native) for word, native in changed.items()}
    return {}


def _words(under_test: ProviderUnderTest, name: str, sample: Sample, native: Any) -> list[Any]:
    mapped = under_test.mapper.map_record(native, context=context_of(under_test), loaded=sample.loaded)
    return values_of(under_test, name, mapped.fields)


def _value_rows(under_test: ProviderUnderTest) -> Iterator[tuple[str, dict[str, Any]]]:
    method = under_test.config.list
    for name, rule in method.filters.items() if method else ():
        for op in ("eq", "in", "like"):
            native = rule.native(op)
            if native is not None and name not in under_test.mapping.schema.time_filters:
                needs = "".join(f" with {part}={value}" for part, value in native.requires.items())
                yield f"{name}[{op}]{needs}", {text: _sent(under_test, name, op, native, text) for text in TEXTS}
                if native.requires:
                    yield f"{name}[{op}]", {TEXTS[-1]: _sent(under_test, name, op, native, TEXTS[-1], requires={})}
        for op in ("gt", "gte", "lt", "lte") if name in under_test.mapping.schema.time_filters else ():
            _, page = sent_by_list(under_test, under_test.account, **{name: {op: TIMES[0]}})
            yield f"{name}[{op}]", {"how": page.query_plan[0].how, "match": page.query_plan[0].match}
        if rule.native_range is not None:
            _, page = sent_by_list(under_test, under_test.account, **{name: {"gte": TIMES[0], "lte": TIMES[0]}})
            yield f"{name} range", {"matches": [entry.match for entry in page.query_plan]}


def _sent(
    under_test: ProviderUnderTest,
    name: str,
    op: str,
    native: NativeFilter,
    text: str,
    requires: Mapping[str, Any] | None = None,
) -> Any:
    element, _, part = name.partition(".")
    argument: Any = [text, "second"] if op == "in" else text
    needed = native.requires if requires is None else requires
    query = {element: [{part: argument, **needed}]} if part else {name: {op: argument}}
    request, page = sent_by_list(under_test, under_test.account, **query)
    is_native = page.query_plan[0].how == "native"
    return {"sent": arrived_value(under_test, native, request)} if is_native else page.query_plan[0].how


def _load_rows(under_test: ProviderUnderTest, samples: Samples) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    every = tuple(under_test.config.side_loads)
    if "get" in under_test.methods:
        selected = [sample for sample in samples.get("get", []) if under_test.mapper.is_kept(sample.native)]
        rows["get"] = [_completed_get(under_test, sample, ()) for sample in selected]
        rows["get with all"] = [_completed_get(under_test, sample, every) for sample in selected]
    if "list" in under_test.methods:
        whole = samples.get("get") or samples.get("list", [])
        natives = [sample.native for sample in samples.get("list", []) if under_test.mapper.is_kept(sample.native)]
        rows["list"] = _completed_list(under_test, natives, whole, ())
        rows["list with all"] = _completed_list(under_test, natives, whole, every)
        counts = {name: load.count for name, load in under_test.config.side_loads.items() if load.count is not None}
        if counts:
            stated = {name: [search_or_null(count, native) for native in natives] for name, count in counts.items()}
            rows["items that the record counts"] = stated
        for name, load in under_test.config.side_loads.items():
            if load.must_hold is not None and natives:
                others = [replace(sample, loaded={**sample.loaded, name: {"contract": "other"}}) for sample in whole]
                rows[f"another answer to {name}"] = _completed_list(under_test, natives[:1], others, (name,))["fills"]
            if load.order_by is not None:
                loaded = [sample.loaded.get(name) for sample in whole]
                rows[f"order of {name}"] = _keys_in_order(load, load.order_by, loaded)
            if load.batch is not None:
                natives_of_batches = _more_than_a_batch(under_test, load, whole)
                requests = _completed_list(under_test, natives_of_batches, whole, (name,))["requests"]
                rows[f"more than a batch of {name}"] = requests
    return rows


def _keys_in_order(load: SideLoad, order_by: Expr, loaded: Iterable[Any]) -> list[list[Any]]:
    """For each record with two items or more, their sort keys after the reversed items are put in order."""
    lists = [items for items in loaded if isinstance(items, list) and len(items) > 1]
    return [[search_or_null(order_by, item) for item in order_items(load, items[::-1])] for items in lists]


def _more_than_a_batch(under_test: ProviderUnderTest, load: SideLoad, samples: Sequence[Sample]) -> list[Any]:
    """One record more than a batch holds; every record needs the side load."""
    rule, size = under_test.config.response_mapping["id"], load.batch.size if load.batch is not None else 0
    templates = [sample.native for sample in samples if load.where is None or is_true(load.where, sample.native)]
    paths = paths_of(rule.expression.tree) if isinstance(rule, ValueRule) and templates else []
    natives = []
    for number in range(1001, 1002 + size):
        native = templates[0] if templates else {}
        for path in paths:
            native = replace_node(native, path, number)
        natives.append(native)
    return natives if paths else []


def _completed_get(under_test: ProviderUnderTest, sample: Sample, loads: tuple[str, ...]) -> dict[str, Any]:
    record_id = under_test.mapper.map_record(sample.native, loaded=sample.loaded).fields["id"]
    main = under_test.endpoint_name("get")
    scripts = {
        **_side_scripts(under_test, [sample]),
        main: _record_script(under_test, under_test.endpoint("get"), [sample]),
    }
    provider = ScriptedProvider(under_test, scripts)
    with under_test.client(provider) as client:
        record, error = attempt(lambda: client.get(under_test.schema, under_test.account, record_id, side_load=loads))
    fills = _fill(record) if error is None else type(error).__name__
    return {"requests": _side_requests(provider, main), "fills": fills}


def _completed_list(
    under_test: ProviderUnderTest, natives: list[Any], whole: Sequence[Sample], loads: tuple[str, ...]
) -> dict[str, Any]:
    main = under_test.endpoint_name("list")
    rules, script = under_test.provider.config.errors, ListScript(under_test.endpoint("list"), natives)
    scripts = {**_side_scripts(under_test, whole), main: lambda request: as_success(rules, script(request))}
    provider = ScriptedProvider(under_test, scripts)
    with under_test.client(provider) as client:
        page, error = attempt(lambda: client.list(under_test.schema, under_test.account, side_load=loads))
    fills = [_fill(record) for record in page.result] if error is None else type(error).__name__
    return {"requests": _side_requests(provider, main), "fills": fills}


def _side_scripts(
    under_test: ProviderUnderTest, samples: Sequence[Sample]
) -> dict[str, Callable[[httpx.Request], httpx.Response]]:
    scripts: dict[str, Callable[[httpx.Request], httpx.Response]] = {}
    for name, load in under_test.config.side_loads.items():
        endpoint = under_test.provider.endpoint(load.endpoint)
        if endpoint.list_path is None:
            shared: Any = next((sample.loaded[name] for sample in samples if sample.loaded.get(name) is not None), {})
            scripts[load.endpoint] = _record_script(under_test, endpoint, samples, shared if load.once else None)
        else:
            items = [item for sample in samples for item in sample.loaded.get(name) or []]
            scripts[load.endpoint] = _items_script(under_test, endpoint, items, load.batch)
            if load.whole is not None:
                of_all = under_test.provider.endpoint(load.whole.endpoint)
                scripts[load.whole.endpoint] = _items_script(under_test, of_all, items, None, says_totals=True)
    return scripts


def _items_script(
    under_test: ProviderUnderTest,
    endpoint: Endpoint,
    items: list[Any],
    batch: Batch | None,
    *,
    says_totals: bool = False,
) -> Callable[[httpx.Request], httpx.Response]:
    """A script that answers with these items; a request for a batch gets only the items of its records."""

    def answer(request: httpx.Request) -> httpx.Response:
        text = f"{unquote(str(request.url))} {request.content.decode(errors='replace')}"
        asked = {*re.findall(r"[\w-]+", text), *re.findall(r'"([^"]*)"', text)}
        of_batch = [item for item in items if batch is None or str(search_or_null(batch.key, item)) in asked]
        response = ListScript(endpoint, of_batch)(request)
        return as_success(under_test.provider.config.errors, response, keeps_headers=says_totals)

    return answer


def _record_script(
    under_test: ProviderUnderTest, endpoint: Endpoint, samples: Sequence[Sample], other: Any = None
) -> Callable[[httpx.Request], httpx.Response]:
    """A script that answers with the sample whose id is in the request, else with another record, or 404."""
    ids = {str(under_test.mapper.map_record(sample.native).fields["id"]): sample.native for sample in samples}

    def answer(request: httpx.Request) -> httpx.Response:
        request_text = f"{request.url} {request.content.decode(errors='replace')}"
        native = next((native for record_id, native in ids.items() if record_id in request_text), other)
        if native is None:
            return httpx.Response(404, json={})
        return json_response(good_body(under_test.provider.config.errors, record_body(endpoint, native)))

    return answer


def _side_requests(provider: ScriptedProvider, main: str) -> list[str]:
    """The requests except the first to the main endpoint, each once; sorted, since several run at the same time."""
    shown = [f"{name} {request.url.raw_path.decode()}{_body(request)}" for name, request in provider.sent]
    mains = [line for line in shown if line.startswith(f"{main} ")][:1]
    return sorted({line for line in shown if line not in mains})


def _body(request: httpx.Request) -> str:
    """The JSON of a request, without a GraphQL text."""
    body = body_without_document(request)
    return f" {json.dumps(body)}" if body else ""


def _fill(record: Any) -> dict[str, int]:
    content = record.model_dump(exclude={"remote_data"})
    return {name: len(value) for name, value in content.items() if isinstance(value, list)}
