"""What the rules of a mapping make of the awkward: a golden table of conditions, times, filter values, side loads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule
from truto_unify.expressions import is_true
from truto_unify.models.fields import field_kinds
from truto_unify.testing.contract.enums import UNKNOWN, enum_levers, enum_rules, values_of
from truto_unify.testing.contract.error_bodies import good_body
from truto_unify.testing.contract.page_servers import read_json
from truto_unify.testing.contract.records import context_of
from truto_unify.testing.contract.requests import HOSTILE, arrived_value, sent_by_list
from truto_unify.testing.contract.scripted_server import (
    ListScript,
    ScriptedProvider,
    json_response,
    record_body,
)
from truto_unify.testing.native_json import paths_of, replace_node, walk_leaves
from truto_unify.testing.provider_under_test import attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import httpx

    from truto_unify.config.filters import NativeFilter
    from truto_unify.config.mapping import SideLoad
    from truto_unify.config.provider import Endpoint
    from truto_unify.testing.provider_under_test import Subject
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
"""One moment as stores write it, with its zone and without."""
TEXTS = (HOSTILE, "x:y", "a b", "a,b", "a*b", "5", "+15550100123", "ana@example.test", "ana+b.c@mail.example.test")


def rule_table(subject: Subject, samples: Samples) -> dict[str, Any]:
    """What the rules say, ready for a golden file.

    ``conditions`` has ``where`` and ``is_partial`` of each sample; ``times`` what each time field makes of one moment
    written in many ways, ``enums`` what each enum makes of native words; ``values`` how each filter sends a text, or
    that it does not; ``loads`` which side loads are made for which sample, and how many elements its lists have then.
    """
    every = [one for many in samples.values() for one in many]
    return {
        "conditions": {method: [_told(subject, one) for one in many] for method, many in samples.items()},
        "times": {name: _time_row(subject, name, every) for name in _time_fields(subject)},
        "enums": {name: _enum_row(subject, name, rule, every) for name, rule in enum_rules(subject)},
        "values": dict(_value_rows(subject)),
        "loads": _load_rows(subject, samples) if subject.config.side_loads else {},
    }


def _told(subject: Subject, sample: Sample) -> dict[str, bool]:
    mapper = subject.mapper
    return {"kept": mapper.is_kept(sample.native), "partial": mapper.is_partial(sample.native)}


def _time_fields(subject: Subject) -> Iterator[str]:
    kinds = field_kinds(subject.mapping.schema.record)
    for name, rule in subject.config.response_mapping.items():
        if isinstance(rule, ValueRule) and (kinds[name].name if name in kinds else rule.type) == "time":
            yield name


def _time_row(subject: Subject, name: str, samples: Sequence[Sample]) -> dict[str, str | None]:
    """What each form gives at the first leaf that moves the field; nothing where no leaf does."""
    for sample in samples:
        before = _time(subject, name, sample, sample.native)
        for path, _ in walk_leaves(sample.native):
            row = {str(one): _time(subject, name, sample, replace_node(sample.native, path, one)) for one in TIMES}
            if any(one not in {before, None, "fault"} for one in row.values()):
                return row
    return {}


def _time(subject: Subject, name: str, sample: Sample, native: Any) -> str | None:
    mapped = subject.mapper.map_record(native, context=context_of(subject), loaded=sample.loaded)
    is_faulty = any(field == name for field, _ in mapped.faults)
    value: str | None = mapped.fields[name]
    return "fault" if is_faulty else value


def _enum_row(subject: Subject, name: str, rule: ValueRule, samples: Sequence[Sample]) -> dict[str, list[Any]]:
    """What the field holds when a native word, in whatever case, stands at the first leaf that reaches it."""
    for sample in samples:
        for path in enum_levers(subject, name, sample):
            words = [*(rule.enum or {}), *(key.upper() for key in rule.enum or {}), UNKNOWN]
            changed = {word: replace_node(sample.native, path, word) for word in words}
            return {word: _words(subject, name, sample, native) for word, native in changed.items()}
    return {}


def _words(subject: Subject, name: str, sample: Sample, native: Any) -> list[Any]:
    mapped = subject.mapper.map_record(native, context=context_of(subject), loaded=sample.loaded)
    return values_of(subject, name, mapped.fields)


def _value_rows(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    method = subject.config.list
    for name, rule in method.filters.items() if method else ():
        for op in ("eq", "in", "like"):
            native = rule.native(op)
            if native is not None and name not in subject.mapping.schema.time_filters:
                needs = "".join(f" with {part}={value}" for part, value in native.requires.items())
                yield f"{name}[{op}]{needs}", {text: _sent(subject, name, op, native, text) for text in TEXTS}
                if native.requires:
                    yield f"{name}[{op}]", {TEXTS[-1]: _sent(subject, name, op, native, TEXTS[-1], requires={})}
        for op in ("gt", "gte", "lt", "lte") if name in subject.mapping.schema.time_filters else ():
            _, page = sent_by_list(subject, subject.account, **{name: {op: TIMES[0]}})
            yield f"{name}[{op}]", {"how": page.query_plan[0].how, "match": page.query_plan[0].match}
        if rule.native_range is not None:
            _, page = sent_by_list(subject, subject.account, **{name: {"gte": TIMES[0], "lte": TIMES[0]}})
            yield f"{name} range", {"matches": [entry.match for entry in page.query_plan]}


def _sent(
    subject: Subject, name: str, op: str, native: NativeFilter, text: str, requires: Mapping[str, Any] | None = None
) -> Any:
    element, _, part = name.partition(".")
    given: Any = [text, "second"] if op == "in" else text
    needed = native.requires if requires is None else requires
    query = {element: [{part: given, **needed}]} if part else {name: {op: given}}
    request, page = sent_by_list(subject, subject.account, **query)
    is_native = page.query_plan[0].how == "native"
    return {"sent": arrived_value(subject, native, request)} if is_native else page.query_plan[0].how


def _load_rows(subject: Subject, samples: Samples) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    every = tuple(subject.config.side_loads)
    if "get" in subject.methods:
        kept = [one for one in samples.get("get", []) if subject.mapper.is_kept(one.native)]
        rows["get"] = [_completed_get(subject, one, ()) for one in kept]
        rows["get with all"] = [_completed_get(subject, one, every) for one in kept]
    if "list" in subject.methods:
        whole = samples.get("get") or samples.get("list", [])
        natives = [one.native for one in samples.get("list", []) if subject.mapper.is_kept(one.native)]
        rows["list"] = _completed_list(subject, natives, whole, ())
        rows["list with all"] = _completed_list(subject, natives, whole, every)
        for name, load in subject.config.side_loads.items():
            if load.batch is not None:
                many = _many(subject, load, whole)
                rows[f"more than a batch of {name}"] = _completed_list(subject, many, whole, (name,))["requests"]
    return rows


def _many(subject: Subject, load: SideLoad, samples: Sequence[Sample]) -> list[Any]:
    """One record more than a batch holds, each as one that needs the side load."""
    rule, size = subject.config.response_mapping["id"], load.batch.size if load.batch is not None else 0
    needy = [one.native for one in samples if load.where is None or is_true(load.where, one.native)]
    paths = paths_of(rule.expression.tree) if isinstance(rule, ValueRule) and needy else []
    made = []
    for number in range(1001, 1002 + size):
        native = needy[0] if needy else {}
        for path in paths:
            native = replace_node(native, path, number)
        made.append(native)
    return made if paths else []


def _completed_get(subject: Subject, sample: Sample, loads: tuple[str, ...]) -> dict[str, Any]:
    record_id = subject.mapper.map(sample.native, loaded=sample.loaded)["id"]
    main = subject.endpoint_name("get")
    scripts = {**_side_scripts(subject, [sample]), main: _record_script(subject, subject.endpoint("get"), [sample])}
    provider = ScriptedProvider(subject, scripts)
    with subject.client(provider) as client:
        record, error = attempt(lambda: client.get(subject.resource_name, subject.account, record_id, side_load=loads))
    made = _fill(record) if error is None else type(error).__name__
    return {"requests": _asked(provider, main), "fills": made}


def _completed_list(
    subject: Subject, natives: list[Any], whole: Sequence[Sample], loads: tuple[str, ...]
) -> dict[str, Any]:
    main = subject.endpoint_name("list")
    script = ListScript(subject.endpoint("list"), natives)

    def answer(request: httpx.Request) -> httpx.Response:
        response = script(request)
        headers = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return json_response(good_body(subject.provider.config.errors, response.json()), headers)

    provider = ScriptedProvider(subject, {**_side_scripts(subject, whole), main: answer})
    with subject.client(provider) as client:
        page, error = attempt(lambda: client.list(subject.resource_name, subject.account, side_load=loads))
    made = [_fill(one) for one in page.result] if error is None else type(error).__name__
    return {"requests": _asked(provider, main), "fills": made}


def _side_scripts(subject: Subject, samples: Sequence[Sample]) -> dict[str, Callable[[httpx.Request], httpx.Response]]:
    scripts: dict[str, Callable[[httpx.Request], httpx.Response]] = {}
    for name, load in subject.config.side_loads.items():
        endpoint = subject.provider.endpoint(load.endpoint)
        if endpoint.list_path is None:
            scripts[load.endpoint] = _record_script(subject, endpoint, samples)
        else:
            items = [item for one in samples for item in one.loaded.get(name) or []]
            scripts[load.endpoint] = _items_script(subject, endpoint, items)
    return scripts


def _items_script(subject: Subject, endpoint: Endpoint, items: list[Any]) -> Callable[[httpx.Request], httpx.Response]:
    script = ListScript(endpoint, items)

    def answer(request: httpx.Request) -> httpx.Response:
        return json_response(good_body(subject.provider.config.errors, script(request).json()))

    return answer


def _record_script(
    subject: Subject, endpoint: Endpoint, samples: Sequence[Sample]
) -> Callable[[httpx.Request], httpx.Response]:
    """Answers with the sample whose id the request names."""
    ids = {str(subject.mapper.map_record(one.native).fields["id"]): one.native for one in samples}

    def answer(request: httpx.Request) -> httpx.Response:
        asked = f"{request.url} {request.content.decode(errors='replace')}"
        native = next((one for record_id, one in ids.items() if record_id in asked), None)
        return json_response(good_body(subject.provider.config.errors, record_body(endpoint, native)))

    return answer


def _asked(provider: ScriptedProvider, main: str) -> list[str]:
    """The requests beside the first of the main endpoint, each once; sorted, as several are sent at a time."""
    shown = [f"{name} {request.url.raw_path.decode()}{_body(request)}" for name, request in provider.sent]
    mains = [one for one in shown if one.startswith(f"{main} ")][:1]
    return sorted({one for one in shown if one not in mains})


def _body(request: httpx.Request) -> str:
    """The JSON that a request carries, without a GraphQL text."""
    body = read_json(request) or {}
    told = {name: value for name, value in body.items() if name != "query" or "operationName" not in body}
    return f" {json.dumps(told)}" if told else ""


def _fill(record: Any) -> dict[str, int]:
    content = record.model_dump(exclude={"remote_data"})
    return {name: len(value) for name, value in content.items() if isinstance(value, list)}
