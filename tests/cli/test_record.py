"""The command ``record`` as its user sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.cli.conftest import account_flags
from tests.testing.cassettes.play import replay

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS: Final = "ecommerce/customers"


def flags(loopback: Loopback, slug: str) -> list[str]:
    return account_flags(loopback, slug)


def test_a_list_is_recorded_and_replayed(run: Run, loopback: Loopback) -> None:
    call = ("record", CUSTOMERS, "list", *flags(loopback, "woocommerce"))

    done = run(*call, "--limit", "2", "--pages", "2", "--into", "cassettes")
    cassette = Path("cassettes/woocommerce/customers-list.yaml")
    about = json.loads(Path("cassettes/woocommerce/customers-list.about.json").read_text())

    assert (done.code, done.out) == (0, f"{cassette}\n")
    assert done.err == f"synthetic on {about['date']}: 2 interactions, 4 records; expires {about['expires']}\n"
    assert about["call"] == {"arguments": {"limit": 2}, "pages": 2}
    assert len(replay(cassette)) == 4
    assert run("record", "--check", "cassettes").err == "1 cassettes, nothing found\n"


def test_a_get_into_a_named_file(run: Run, loopback: Loopback) -> None:
    call = ("record", CUSTOMERS, "get", "2", *flags(loopback, "woocommerce"), "--into", "one.yaml")

    first, second, third = run(*call), run(*call), run(*call, "--overwrite")

    assert (first.code, first.out, second.code, third.code) == (0, "one.yaml\n", 3, 0)
    assert "one.yaml is there already; --overwrite replaces it" in second.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "say what to record: RESOURCE METHOD [ID], for example ecommerce/customers list"),
        ((CUSTOMERS, "delete"), 'METHOD is list or get, not "delete"'),
        ((CUSTOMERS, "get"), "get takes one ID"),
        ((CUSTOMERS, "list", "1"), "list takes no ID"),
        ((CUSTOMERS, "list"), "--into tests/cassettes"),
        ((CUSTOMERS, "get", "1", "--into", "x", "--sort", "name"), "get takes no sort_by"),
        (("--check", "nowhere"), "there is no nowhere"),
    ],
)
def test_a_call_that_cannot_be_recorded_is_refused(words: tuple[str, ...], message: str, run: Run) -> None:
    done = run("record", *words, "--provider", "wix")

    assert (done.code, done.out) == (3, "")
    assert message in done.err


def test_the_check_says_everything_at_once_and_ends_with_2(run: Run) -> None:
    for name, mail in (("a", "ana@gmail.com"), ("b", "bo@shop.fr")):
        Path(f"{name}.yaml").write_text(
            "interactions:\n- request: {method: GET, uri: 'https://a.test/', headers: {}, body: ''}\n"
            f'  response: {{status: {{code: 200}}, headers: {{}}, body: {{string: \'{{"mail": "{mail}"}}\'}}}}\n'
        )

    done = run("record", "--check", "a.yaml", "b.yaml")

    what = "interactions[0].response.body.mail: an e-mail address outside example.*, .example, .test and .invalid"
    assert done.code == 2
    assert done.err.splitlines() == [
        "UnsafeCassette: a.yaml: no sidecar; a.about.json must say where the cassette comes from",
        f"a.yaml: {what}",
        "b.yaml: no sidecar; b.about.json must say where the cassette comes from",
        f"b.yaml: {what}",
        "4 findings in 2 of 2 cassettes",
    ]
