"""docs/errors.md describes each error as its class does, and says which error a provider's status becomes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.docs.mapping_page import RESOURCE, acme_account, write_acme
from tests.docs.page import Fence, read_blocks, read_page, read_rows
from truto_unify import Client, Registry, errors
from truto_unify.cli import main
from truto_unify.errors import (
    InvalidOverride,
    Problem,
    ProviderError,
    ProviderUnavailableError,
    UnifyError,
    UnsupportedParameter,
    reason_phrase,
)
from truto_unify.server.errors import error_body

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = read_page("docs/errors.md")
FENCES = [block for block in read_blocks(PAGE) if isinstance(block, Fence)]
CLASSES = {
    kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, UnifyError)
}
ROWS = read_rows(PAGE, "| error | status | exit | retryable | when | what to do |")
STATUSES = [
    (int(status), error, again)
    for numbers, error, again in read_rows(PAGE, "| status | error | retried |")
    for status in re.findall(r"\b\d{3}\b", numbers)
]
BODIES = [(fence.info.partition(" ")[2], json.loads(fence.text)) for fence in FENCES if fence.info.startswith("json ")]


def error_for(kind: str, body: dict[str, Any]) -> UnifyError:
    """The error of this class with the content of the page's body."""
    failures = body.get("details", {}).get("failures", ())
    problems = [Problem(failure["field"], 1, 1, failure["message"]) for failure in failures]
    message = body["message"]
    remote = {"status_code": body["statusCode"], "raw_response": body.get("raw_response")}
    makers: dict[str, Callable[[], UnifyError]] = {
        "InvalidOverride": lambda: InvalidOverride(problems),
        "UnsupportedParameter": lambda: UnsupportedParameter(message, parameter="company"),
    }
    return makers.get(kind, lambda: CLASSES[kind](message, **remote))()


def ask(status: int, folder: Path, body: bytes = b"{}") -> tuple[UnifyError, int]:
    """The error that a provider's answer with this status becomes, and the number of requests."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(status, content=body, headers={"content-type": "application/json"})

    registry = Registry(overlay=[write_acme(folder)])
    with (
        Client(registry, transport=httpx.MockTransport(answer), sleep=lambda _: None) as client,
        pytest.raises(UnifyError) as caught,
    ):
        client.list(RESOURCE, acme_account())
    return caught.value, len(asked)


def test_the_tree_of_the_page_is_that_of_the_module() -> None:
    shown = next(fence.text for fence in FENCES if fence.info == "text")
    drawn = (errors.__doc__ or "").split("\n\n")[1].strip()

    assert shown.split("\n")[:-1] == [re.split(r"(?<=\w)(?=\s|$)", line)[0] for line in drawn.split("\n")]


def test_each_class_has_one_row_with_its_exit_code_and_whether_to_try_again() -> None:
    rows = sorted((name, int(code), again) for name, _, code, again, *_ in ROWS)

    assert rows == sorted(
        (name, kind.exit_code, "yes" if kind.retryable else "no")
        for name, kind in CLASSES.items()
        if kind is not UnifyError
    )


def test_each_row_has_the_status_of_its_class() -> None:
    assert {name: int(re.findall(r"\d+", status)[0]) for name, status, *_ in ROWS} == {
        name: kind.status for name, kind in CLASSES.items() if kind is not UnifyError
    }


def test_the_page_says_which_errors_take_the_status_of_the_provider() -> None:
    kinds = {name: kind for name, kind in CLASSES.items() if issubclass(kind, ProviderError)}

    assert {name for name, status, *_ in ROWS if status.endswith(", or the provider's")} == {
        name for name, kind in kinds.items() if kind("m", status_code=418).status == 418
    }


@pytest.mark.parametrize(("status", "error", "again"), STATUSES)
def test_a_status_of_the_provider_becomes_the_error_of_the_page(
    status: int, error: str, again: str, tmp_path: Path
) -> None:
    raised, times = ask(status, tmp_path)

    assert (type(raised).__name__, times) == (error, {"yes": 5, "no": 1}[again])


def test_a_good_status_with_something_else_than_json_is_an_outage(tmp_path: Path) -> None:
    raised, times = ask(200, tmp_path, b"<html>")

    assert isinstance(raised, ProviderUnavailableError)
    assert (raised.code, times) == ("not_json", 5)


@pytest.mark.parametrize(("kind", "body"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_the_service_answers_with_the_body_of_the_page(kind: str, body: dict[str, Any]) -> None:
    assert error_body(error_for(kind, body)) == body | {"error": reason_phrase(body["statusCode"])}


def test_every_exit_code_is_listed() -> None:
    listed = {int(code) for code, _ in read_rows(PAGE, "| exit code | |")}
    ours = {kind.exit_code for kind in CLASSES.values() if kind is not UnifyError}

    assert listed == {0, 1, main.USAGE, main.FAULT, main.INTERRUPTED, *ours}


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = [fence.text for fence in FENCES if fence.info == "python"]
    registry = Registry(overlay=[write_acme(tmp_path)])
    answers = iter([(404, {}), (429, {"Retry-After": "3600"}), (503, {"Retry-After": "3600"})])

    def answer(request: httpx.Request) -> httpx.Response:
        status, headers = next(answers)
        return httpx.Response(status, json={}, headers=headers)

    with Client(registry, transport=httpx.MockTransport(answer)) as client:
        for _ in range(3):
            exec(code, {"client": client, "account": acme_account()})
        exec(code.replace('"17"', '" "'), {"client": client, "account": acme_account()})

    gone, again, later, mistake = capsys.readouterr().out.splitlines()
    assert (gone, again) == ("gone", "again in 3600.0 seconds")
    assert later.startswith("later ProviderUnavailableError {'statusCode': 503,")
    assert mistake == "a mistake of ours: get needs an id"
