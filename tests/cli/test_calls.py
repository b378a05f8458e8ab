from __future__ import annotations

import json
import socket
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.cli.conftest import account_flags
from tests.spans import collect_spans
from truto_unify import Client, NotFoundError
from truto_unify.cli import calls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.loopback import Loopback

CUSTOMERS: Final = "ecommerce/customers"
SLUGS = ("shopify", "woocommerce")
"""A GraphQL store and a REST store; what the others do is tested with their providers."""
LIST = ("list", CUSTOMERS)
GET = ("get", CUSTOMERS)
READ_IDS: dict[str, Callable[[str], list[str]]] = {
    "json": lambda text: [record["id"] for record in records_in(json.loads(text))],
    "ndjson": lambda text: [json.loads(line)["id"] for line in text.splitlines()],
    "csv": lambda text: [line.partition(",")[0] for line in text.splitlines()[1:]],
    "table": lambda text: [line.split()[0] for line in text.splitlines() if line][2:],
}
PIPE = "import sys; from truto_unify.cli.main import main; sys.argv = ['truto-unify', *{!r}]; main()"


def records_in(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of an envelope, or the answer as a single record."""
    records: list[dict[str, Any]] = answer.get("result", [answer])
    return records


def page_of(loopback: Loopback, slug: str, **query: Any) -> tuple[list[dict[str, Any]], str | None]:
    """The page of the client for the same call."""
    with Client() as client:
        page = client.list(CUSTOMERS, loopback.account(slug), **query)
    return [record.model_dump(mode="json") for record in page.result], page.next_cursor


def secrets_of(loopback: Loopback, slug: str) -> list[str]:
    return list(loopback.account(slug).credentials.values())


@pytest.mark.parametrize("slug", SLUGS)
def test_json_is_the_envelope_of_the_page(run: Run, loopback: Loopback, slug: str) -> None:
    records, _ = page_of(loopback, slug, limit=3)

    outcome = run(*LIST, *account_flags(loopback, slug), "--limit", "3", "--format", "json")

    envelope = json.loads(outcome.out)
    assert outcome.code == 0
    assert isinstance(envelope.pop("next_cursor"), str)
    assert isinstance(envelope.pop("is_partial_response"), bool)
    assert envelope.pop("may_have_changed") is False
    assert envelope.pop("partial_reasons") == []
    assert envelope == {"result": records, "prev_cursor": None, "result_count": 3}


@pytest.mark.parametrize("slug", SLUGS)
def test_ndjson_has_one_record_a_line(run: Run, loopback: Loopback, slug: str) -> None:
    records, _ = page_of(loopback, slug, limit=3)

    outcome = run(*LIST, *account_flags(loopback, slug), "--limit", "3", "--format", "ndjson")

    assert [json.loads(line) for line in outcome.out.splitlines()] == records


@pytest.mark.parametrize("slug", SLUGS)
def test_csv_and_table_hold_a_line_for_each_record(run: Run, loopback: Loopback, slug: str) -> None:
    records, _ = page_of(loopback, slug, limit=3)
    flags = (*LIST, *account_flags(loopback, slug), "--limit", "3")

    csv_lines = run(*flags, "--format", "csv").out.splitlines()
    table_lines = [line for line in run(*flags).out.splitlines() if line]

    ids = [record["id"] for record in records]
    assert csv_lines[0].split(",") == [name for name in records[0] if name != "remote_data"]
    assert [line.partition(",")[0] for line in csv_lines[1:]] == ids
    assert [line.split()[0] for line in table_lines[2:]] == ids


@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "table"])
def test_all_reads_every_page(run: Run, loopback: Loopback, form: str) -> None:
    with Client() as client:
        ids = [customer.id for customer in client.iterate(CUSTOMERS, loopback.account("woocommerce"))]

    outcome = run(*LIST, *account_flags(loopback, "woocommerce"), "--all", "--limit", "50", "--format", form)

    assert (outcome.code, outcome.err) == (0, "")
    assert len(ids) > 100
    assert READ_IDS[form](outcome.out) == ids


def test_a_page_names_the_cursor_that_gives_the_next_page(run: Run, loopback: Loopback) -> None:
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--limit", "2", "--format", "ndjson")

    first = run(*flags)
    cursor = first.err.removeprefix("more records follow: --next-cursor ").strip()
    second = run(*flags, "--next-cursor", cursor)

    ids = [json.loads(line)["id"] for line in (first.out + second.out).splitlines()]
    assert ids == [record["id"] for record in page_of(loopback, "woocommerce", limit=4)[0]]


def test_filters_and_the_order_are_sent(run: Run, loopback: Loopback) -> None:
    (record, *_), _ = page_of(loopback, "woocommerce", limit=1)
    email = record["emails"][0]["email"]
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--format", "json")

    outcome = run(*flags, "--query", f"emails[][email]={email}&emails[][is_primary]=true")
    newest = run(*flags, "--sort", "created_at:desc", "--limit", "5")

    assert json.loads(outcome.out)["result"] == [record]
    assert (
        json.loads(newest.out)["result"] == page_of(loopback, "woocommerce", limit=5, sort_by={"created_at": "desc"})[0]
    )


def test_a_native_parameter_is_passed_on(run: Run, loopback: Loopback) -> None:
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--format", "json")

    outcome = run(*flags, "--remote-query", "include=5", "--limit", "2")

    assert [record["id"] for record in json.loads(outcome.out)["result"]] == ["5"]


def test_filters_that_the_store_lacks_are_reported_on_standard_error(run: Run, loopback: Loopback) -> None:
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--limit", "1", "--query", "first_name=Priya")

    emulated = run(*flags)
    ignored = run(*flags, "--unsupported", "ignore")
    refused = run(*flags, "--unsupported", "error")

    assert emulated.err.startswith("note: first_name is emulated on the records that were read: ")
    assert ignored.err.startswith("warning: first_name is ignored, so the result may hold more records: ")
    assert (emulated.code, ignored.code, refused.code, refused.out) == (0, 0, 3, "")
    assert refused.err.startswith("UnsupportedParameter: ")


def test_fields_and_native_records_are_left_out_when_asked(run: Run, loopback: Loopback) -> None:
    records, _ = page_of(loopback, "woocommerce", limit=2)
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--limit", "2", "--format", "json")

    outcome = run(*flags, "--no-remote-data", "--exclude-field", "name", "--exclude-field", "phones")

    left_out = {"remote_data", "name", "phones"}
    assert json.loads(outcome.out)["result"] == [
        {name: value for name, value in record.items() if name not in left_out} for record in records
    ]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "table"])
def test_get_gives_one_record_in_every_form(run: Run, loopback: Loopback, slug: str, form: str) -> None:
    (listed, *_), _ = page_of(loopback, slug, limit=1)

    outcome = run(*GET, listed["id"], *account_flags(loopback, slug), "--format", form)

    assert (outcome.code, outcome.err) == (0, "")
    assert READ_IDS[form](outcome.out) == [listed["id"]]


@pytest.mark.parametrize("slug", SLUGS)
def test_get_is_the_record_that_the_client_gets(run: Run, loopback: Loopback, slug: str) -> None:
    (listed, *_), _ = page_of(loopback, slug, limit=1)
    with Client() as client:
        record = client.get(CUSTOMERS, loopback.account(slug), listed["id"])

    outcome = run(*GET, listed["id"], *account_flags(loopback, slug))

    assert json.loads(outcome.out) == record.model_dump(mode="json")


def test_get_leaves_the_native_record_out_when_asked(run: Run, loopback: Loopback) -> None:
    (listed, *_), _ = page_of(loopback, "woocommerce", limit=1)

    outcome = run(*GET, listed["id"], *account_flags(loopback, "woocommerce"), "--no-remote-data")

    assert json.loads(outcome.out) == {name: value for name, value in listed.items() if name != "remote_data"}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_record_that_does_not_exist_is_an_answer_of_the_provider(run: Run, loopback: Loopback, slug: str) -> None:
    outcome = run(*GET, "999999999", *account_flags(loopback, slug))

    assert (outcome.code, outcome.out) == (4, "")
    assert outcome.err.startswith(f"{NotFoundError.__name__}: ")


@pytest.mark.parametrize("slug", SLUGS)
def test_a_refused_credential_is_an_answer_of_the_provider_and_is_never_shown(
    run: Run, loopback: Loopback, slug: str
) -> None:
    account = loopback.account(slug)
    wrong = {name: f"{value}-but-wrong" for name, value in account.credentials.items()}
    flags = [flag for name, value in wrong.items() for flag in ("--credential", f"{name}={value}")]

    outcome = run(*LIST, *account_flags(loopback, slug), *flags)

    assert (outcome.code, outcome.out) == (4, "")
    assert outcome.err.startswith(("AuthenticationError: ", "PermissionDeniedError: "))
    assert [secret for secret in (*wrong.values(), *secrets_of(loopback, slug)) if secret in outcome.err] == []


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "table"])
def test_no_secret_is_printed(run: Run, loopback: Loopback, slug: str, form: str) -> None:
    outcome = run(*LIST, *account_flags(loopback, slug), "--limit", "5", "--format", form)

    assert outcome.code == 0
    assert [secret for secret in secrets_of(loopback, slug) if secret in outcome.out + outcome.err] == []


def test_no_answer_is_an_error_of_the_transport(run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "Client", partial(Client, sleep=lambda _seconds: None))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    flags = account_flags(loopback, "woocommerce")

    outcome = run(*LIST, *flags, "--base-url", address)

    assert (outcome.code, outcome.out) == (5, "")
    assert outcome.err.startswith("TransportError: ")


def test_a_record_that_breaks_its_mapping_is_a_warning_or_ends_the_command(
    run: Run, loopback: Loopback, tmp_path: Path
) -> None:
    mapping = tmp_path / "mine/mappings" / CUSTOMERS / "woocommerce.yaml"
    mapping.parent.mkdir(parents=True)
    mapping.write_text("response_mapping: {tier: lower(id)}\n", "utf-8")
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--limit", "1", "--overlay", "mine")

    raised = run(*flags, "--on-record-error", "raise")

    assert (raised.code, raised.out) == (6, "")
    assert raised.err.startswith("MappingError: woocommerce ecommerce/customers: tier: In function lower(), ")
    assert raised.err.endswith("(mine/mappings/ecommerce/customers/woocommerce.yaml:1:26)\n")


def test_one_record_that_breaks_its_mapping_is_a_warning(run: Run, loopback: Loopback, tmp_path: Path) -> None:
    mapping = tmp_path / "mine/mappings" / CUSTOMERS / "woocommerce.yaml"
    mapping.parent.mkdir(parents=True)
    mapping.write_text("response_mapping: {tier: id == `3` && lower(id) || first_name}\n", "utf-8")
    records, _ = page_of(loopback, "woocommerce", limit=9)
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--limit", "9", "--overlay", "mine", "--format", "json")

    outcome = run(*flags)

    assert outcome.code == 0
    assert [record["id"] for record in json.loads(outcome.out)["result"]] == [record["id"] for record in records]
    assert outcome.err.startswith(
        "warning: record 1 of the page: tier: In function lower(), invalid type for value: 3, "
    )


def test_a_long_read_shows_its_progress_on_a_terminal_and_nothing_of_it_in_the_result(
    run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = (*LIST, *account_flags(loopback, "woocommerce"), "--all", "--format", "ndjson")
    quiet = run(*flags)
    monkeypatch.setenv("FORCE_COLOR", "1")

    outcome = run(*flags)

    assert (outcome.code, outcome.out, quiet.err) == (0, quiet.out, "")
    assert "records" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name an account: --provider SLUG with --context and --credential, or --account NAME"),
        (["--provider", "wocommerce"], 'UnknownProvider: unknown provider "wocommerce" (did you mean "woocommerce"?)'),
        (["--provider", "woocommerce", "--context", "store_url"], "--context must be NAME=VALUE"),
        (["--provider", "woocommerce", "--credential", "s3cret"], "--credential must be NAME=VALUE"),
        (["--provider", "woocommerce", "--credential", "=s3cret"], "--credential must be NAME=VALUE"),
        (["--provider", "woocommerce"], "MissingCredential: an account of woocommerce needs"),
        (["--provider", "woocommerce"], "give it with --context or --credential, in TRUTO_UNIFY_<PROVIDER>_<NAME>, or"),
        (["--provider", "woocommerce", "--context", "shop=x"], 'an account of woocommerce has no context field "shop"'),
        (["--provider", "woocommerce", "-q", "limit=5"], '--query must hold filters; "limit" is --limit'),
        (["--provider", "woocommerce", "-q", "sort_by[name]=asc"], '--query must hold filters; "sort_by" is --sort'),
        (
            ["--provider", "woocommerce", "-q", "response_format=raw"],
            '--query must hold filters; "response_format" is not offered on the command line',
        ),
        (["--provider", "woocommerce", "-q", "a[=1"], 'InvalidInput: cannot read the query parameter "a["'),
        (["--provider", "woocommerce", "-q", "emial=x"], 'no query parameter "emial" (did you mean "email"?)'),
        (["--provider", "woocommerce", "-q", "created_at[gte]=soon"], "InvalidInput: created_at[gte] must be an ISO"),
        (["--provider", "woocommerce", "--sort", "name:asc"], 'cannot be sorted by "name"'),
        (["--provider", "woocommerce", "--sort", "created_at:up"], "sort_by[created_at] must be asc or desc"),
        (["--provider", "woocommerce", "--exclude-field", "name_"], 'no field "name_" (did you mean "name"?)'),
    ],
)
def test_a_call_that_cannot_be_meant_ends_with_3_before_anything_is_sent(
    run: Run, loopback: Loopback, arguments: list[str], message: str
) -> None:
    outcome = run(*LIST, *arguments)

    assert (outcome.code, outcome.out) == (3, "")
    assert message in outcome.err
    assert "s3cret" not in outcome.err
    assert loopback.store("woocommerce").requests == []


def test_credentials_come_from_the_environment(run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    account = loopback.account("woocommerce")
    for name, value in {**account.credentials, **account.context}.items():
        monkeypatch.setenv(f"TRUTO_UNIFY_WOOCOMMERCE_{name.upper()}", value)

    outcome = run(*LIST, "--provider", "woocommerce", "--base-url", str(account.base_url), "--limit", "1")

    assert outcome.code == 0
    assert [secret for secret in secrets_of(loopback, "woocommerce") if secret in outcome.out + outcome.err] == []


@pytest.fixture
def accounts_file(loopback: Loopback, tmp_path: Path) -> Path:
    """A file with an account of each pretend store, named after it."""
    accounts = {}
    for slug in SLUGS:
        account = loopback.account(slug)
        accounts[f"my-{slug}"] = {
            "provider": slug,
            "credentials": dict(account.credentials),
            "context": dict(account.context),
            "base_url": account.base_url,
        }
    file = tmp_path / "accounts.yaml"
    file.write_text(json.dumps({"accounts": accounts}), "utf-8")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("slug", SLUGS)
def test_an_account_comes_from_a_file_that_an_option_or_the_environment_names(
    run: Run, loopback: Loopback, accounts_file: Path, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = (*LIST, "--account", f"my-{slug}", "--limit", "2", "--format", "ndjson")

    by_option = run(*flags, "--accounts-file", str(accounts_file))
    monkeypatch.setenv("TRUTO_UNIFY_ACCOUNTS_FILE", str(accounts_file))
    by_environment = run(*flags)

    records, _ = page_of(loopback, slug, limit=2)
    assert [json.loads(line) for line in by_option.out.splitlines()] == records
    assert by_environment == by_option


def test_an_accounts_file_that_others_can_read_is_used_and_reported(
    run: Run, loopback: Loopback, accounts_file: Path
) -> None:
    accounts_file.chmod(0o640)
    outcome = run(*LIST, "--account", "my-woocommerce", "--accounts-file", str(accounts_file), "--limit", "1")

    assert (outcome.code, f"run  chmod 600 {accounts_file}" in outcome.err) == (0, True)


def test_flags_win_over_the_environment_and_both_over_the_file(
    run: Run, loopback: Loopback, accounts_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = loopback.account("woocommerce").credentials["consumer_secret"]
    flags = (*LIST, "--account", "my-woocommerce", "--accounts-file", str(accounts_file), "--limit", "1")

    monkeypatch.setenv("TRUTO_UNIFY_WOOCOMMERCE_CONSUMER_SECRET", "cs_wrong")

    assert [run(*flags).code, run(*flags, "--credential", f"consumer_secret={good}").code] == [4, 0]


def test_an_account_is_never_used_for_another_provider(run: Run, loopback: Loopback, accounts_file: Path) -> None:
    flags = ("--account", "my-woocommerce", "--accounts-file", str(accounts_file), "--provider", "shopify")

    outcome = run(*LIST, *flags)

    assert (outcome.code, outcome.out) == (3, "")
    assert 'the account "my-woocommerce" belongs to woocommerce, not to shopify' in outcome.err
    assert loopback.store("woocommerce").requests == []


def test_a_faulty_accounts_file_is_an_error_of_the_configuration(run: Run, tmp_path: Path) -> None:
    (tmp_path / "accounts.yaml").write_text("accounts: {mine: {provider: wix, credentials: {api_key: 0777}}}", "utf-8")

    outcome = run(*LIST, "--account", "mine", "--accounts-file", "accounts.yaml")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "ConfigError: accounts.yaml:1:57: unquoted text: older YAML reads it as an octal or hex number; "
        "put it in quotes\n"
    )


def test_an_answer_cannot_steer_the_terminal(run: Run, loopback: Loopback) -> None:
    outcome = run(*GET, "1\x1b[31m", *account_flags(loopback, "woocommerce"))

    assert (outcome.code, outcome.out) == (3, "")
    assert {letter for letter in outcome.err if not letter.isprintable()} == {"\n"}


def test_a_reader_that_goes_away_is_no_error(loopback: Loopback) -> None:
    arguments = [*LIST, *account_flags(loopback, "woocommerce"), "--all", "--format", "ndjson"]
    with subprocess.Popen(
        [sys.executable, "-c", PIPE.format(arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        error = process.stderr.read()

    assert first == page_of(loopback, "woocommerce", limit=1)[0][0]
    assert (process.returncode, error) == (0, "")


@pytest.mark.parametrize("slug", SLUGS)
def test_explain_shows_the_request_without_credentials_and_without_sending_it(
    run: Run, loopback: Loopback, slug: str
) -> None:
    flags = ("explain", CUSTOMERS, "--provider", slug, "--query", "first_name=Ana", "--sort", "created_at:desc")

    as_json = json.loads(run(*flags, "--format", "json").out)
    table = run(*flags)

    request = as_json["request"]
    assert [row["parameter"] for row in as_json["query_plan"]] == ["first_name", "sort_by[created_at]"]
    assert set(request) == {"method", "url", "headers", "body"}
    assert f"{request['method']} {request['url']}\n" in table.out
    assert [name for name, value in request["headers"].items() if "[redacted]" in value] != []
    assert table.err == ""
    assert loopback.store(slug).requests == []


@pytest.mark.parametrize("slug", SLUGS)
def test_explain_never_shows_secrets(run: Run, loopback: Loopback, slug: str) -> None:
    outcomes = [
        run("explain", CUSTOMERS, *more, *account_flags(loopback, slug), "--format", form)
        for form in ("json", "table")
        for more in ([], ["17"])
    ]

    assert [outcome.code for outcome in outcomes] == [0] * 4
    shown = "".join(outcome.out + outcome.err for outcome in outcomes)
    assert [secret for secret in secrets_of(loopback, slug) if secret in shown] == []


def test_native_requests_are_spans(run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = collect_spans(monkeypatch)
    outcome = run(*LIST, *account_flags(loopback, "woocommerce"), "--limit", "1")

    assert (outcome.code, [span.name for span in exporter.get_finished_spans()]) == (0, ["GET woocommerce"])
