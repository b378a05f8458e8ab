"""Side loads that cannot be asked for: said, and never left out in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, RESOURCE, ROOT, SIDES, account, person, reply
from truto_unify import Registry
from truto_unify.types import PlanEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.types import Request, Response

ACME = account("blocked")


def registry(folder: Path, load: str, *, id_rule: str = "number") -> Registry:
    """A store whose records have a number and no ``id``."""
    (folder / "providers").mkdir()
    (folder / "mappings" / RESOURCE).mkdir(parents=True)
    (folder / "providers" / "blocked.yaml").write_text(SIDES)
    rules = f"side_loads:\n  notes: {load}\nresponse_mapping:\n  notes: {{expr: 'loaded.notes[].text'}}"
    mapping = MAPPING.replace("people.get", "people.one").replace("response_mapping:", rules)
    mapping = mapping.replace("  id: id\n", f"  id: {id_rule}\n")
    (folder / "mappings" / RESOURCE / "blocked.yaml").write_text(mapping)
    return Registry(overlay=[folder])


def native(number: int, **changes: Any) -> dict[str, Any]:
    record = person(number) | {"number": number} | changes
    del record["id"]
    return record


def store(*people: dict[str, Any]) -> Callable[[Request], Response]:
    def provider(request: Request) -> Response:
        steps = request.url.removeprefix(f"{ROOT}/").split("/")
        if steps == ["people"]:
            return reply({"people": list(people)})
        if steps[-1] == "notes":
            return reply({"notes": [{"text": f"note of {steps[1]}"}]})
        return reply({"person": people[0]})

    return provider


def test_a_side_load_asks_by_the_unified_id_if_the_record_has_no_native_id(tmp_path: Path) -> None:
    driver = Driver(registry(tmp_path, "people.notes"), store(native(1), native(2)))
    page = driver.page(ACME, side_load=("notes",))

    assert [record["notes"] for record in page.result] == [["note of 1"], ["note of 2"]]
    assert (page.is_partial_response, page.partial_reasons, page.query_plan) == (False, (), ())
    assert driver.get(ACME, "1", side_load=("notes",))["notes"] == ["note of 1"]


def test_the_native_id_comes_first_as_the_store_asks_by_it(tmp_path: Path) -> None:
    people = native(1) | {"id": "gid/1"}
    driver = Driver(registry(tmp_path, "people.notes"), store(people))

    driver.page(ACME, side_load=("notes",))

    assert driver.sent[-1].url == f"{ROOT}/people/gid%2F1/notes"


def test_a_record_that_get_would_complete_by_its_unified_id_is_partial(tmp_path: Path) -> None:
    page = Driver(registry(tmp_path, "{endpoint: people.notes, methods: [get]}"), store(native(1))).page(ACME)

    assert page.is_partial_response


@pytest.mark.parametrize(
    ("load", "reason", "how", "asked"),
    [
        ("{endpoint: people.notes, id: extra}", 'the id "extra" is null in record 2 of 3', "native", 2),
        ("{endpoint: people.notes, id: no_number}", 'the id "no_number" is null in record 1 of 3', "ignored", 0),
        ("{endpoint: people.notes, id: floor(status)}", 'the id "floor(status)" cannot', "ignored", 0),
        ("{endpoint: people.notes, where: length(number) > `0`}", "where", "ignored", 0),
    ],
)
def test_a_side_load_that_cannot_be_asked_for_makes_the_page_partial_and_is_said(
    tmp_path: Path, load: str, reason: str, how: Any, asked: int
) -> None:
    people = [native(1, extra=7), native(2), native(3, extra=7)]
    page = Driver(registry(tmp_path, load), store(*people)).page(ACME, side_load=("notes",))

    assert page.is_partial_response
    (text,) = page.partial_reasons
    assert text.startswith(f"notes: {reason}")
    native_text, reason = f"people.notes for {asked} of 3 records", text.removeprefix("notes: ")
    plan = PlanEntry("side_load[notes]", how, native=native_text, reason=reason)
    assert page.query_plan == (plan,)
    assert sum(record["notes"] is None for record in page.result) == 3 - asked


def test_the_reason_counts_the_other_records_that_cannot_be_completed(tmp_path: Path) -> None:
    folder = registry(tmp_path, "{endpoint: people.notes, id: extra}")
    page = Driver(folder, store(native(1), native(2), native(3))).page(ACME, side_load=("notes",))

    assert page.partial_reasons == (
        'notes: the id "extra" is null in record 1 of 3, and 2 more cannot be asked for either',
    )


def test_a_record_that_needs_no_side_load_is_whole(tmp_path: Path) -> None:
    folder = registry(tmp_path, "{endpoint: people.notes, id: extra, where: is_open}")
    page = Driver(folder, store(native(1, is_open=False), native(2))).page(ACME, side_load=("notes",))

    assert (page.is_partial_response, page.partial_reasons, page.query_plan) == (False, (), ())


def test_a_get_logs_that_its_side_load_cannot_be_asked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    driver = Driver(registry(tmp_path, "{endpoint: people.notes, id: extra}"), store(native(1)))

    assert driver.get(ACME, "1", side_load=("notes",))["notes"] is None
    assert caplog.messages == ['items are missing: notes: the id "extra" is null in record 1 of 1']


def test_a_whole_list_names_the_records_that_it_cannot_complete(tmp_path: Path) -> None:
    load = "{endpoint: people.notes, id: extra, whole: {endpoint: people.all_notes, key: owner}}"
    paging = "{type: page_number, page_param: page, page_size_param: size, max_page_size: 2, total_path: total}"
    listed = f"resources:\n  people:\n    all_notes: {{path: /all, list_path: notes, pagination: {paging}}}"
    folder = registry(tmp_path, load)
    (tmp_path / "providers" / "blocked.yaml").write_text(SIDES.replace("resources:\n  people:", listed))
    folder = Registry(overlay=[tmp_path])
    page = Driver(folder, store(native(1, extra=7), native(2))).page(ACME, side_load=("notes",))

    assert page.partial_reasons == ('notes: the id "extra" is null in record 2 of 2',)
    reason = 'people.all_notes would save little; the id "extra" is null in record 2 of 2'
    assert [entry.reason for entry in page.query_plan] == [reason]
