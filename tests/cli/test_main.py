from __future__ import annotations

import builtins
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify.cli.commands import commands
from truto_unify.cli.main import main

if TYPE_CHECKING:
    from tests.cli.conftest import Run

NAMES = sorted(commands.commands)
PIPE = "import sys; from truto_unify.cli.main import main; sys.argv = ['truto-unify', *{!r}]; main()"


def test_the_commands_are_these() -> None:
    assert [
        *(
            "account",
            "capabilities",
            "chaos",
            "check",
            "completion",
            "coverage",
            "database",
            "demo",
            "drift",
            "evidence",
            "explain",
            "get",
            "init",
            "lint",
            "list",
        ),
        *("map", "prove", "record", "sandbox", "scaffold", "schema", "serve", "token"),
    ] == NAMES


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_with_its_description(run: Run, flag: str) -> None:
    outcome = run(flag)

    lines = [line.split(maxsplit=1) for line in outcome.out.splitlines() if line.startswith("  ")]
    listed = {line[0]: line[1] for line in lines if line[0] in NAMES}
    assert (outcome.code, outcome.err) == (0, "")
    assert sorted(listed) == NAMES
    assert [line for line in listed.values() if not line.endswith(".") or line.endswith("...")] == []
    assert "Exit codes: 2 configuration, 3 the call, 4 the provider, 5 transport, 6" in outcome.out


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_and_each_of_its_options(run: Run, name: str) -> None:
    outcome = run(name, "--help")

    first, _, rest = outcome.out.partition("\n\n")
    assert (outcome.code, outcome.err) == (0, "")
    assert first.startswith(f"Usage: truto-unify {name} ")
    assert "\\b" not in outcome.out
    assert rest.strip().partition("\n")[0].strip()


@pytest.mark.parametrize("name", NAMES)
def test_every_option_has_a_help_text_or_choices(name: str) -> None:
    options: list[Any] = [param for param in commands.commands[name].params if param.param_type_name == "option"]

    assert [
        option.name
        for option in options
        if not option.help and not hasattr(option.type, "choices") and not option.show_default
    ] == []


def test_the_version_is_that_of_the_installed_package(run: Run) -> None:
    outcome = run("--version")

    assert (outcome.code, outcome.out, outcome.err) == (0, "truto-unify 0.1.0\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lst"], "No such command 'lst'"),
        (["list"], "Missing argument 'RESOURCE'"),
        (["list", "ecommerce/customers", "--limit", "0"], "Invalid value for '--limit'"),
        (["list", "ecommerce/customers", "--format", "xml"], "Invalid value for '--format'"),
        (["list", "ecommerce/customers", "--sideways"], "No such option"),
        (["schema", "account"], "Invalid value for '[provider|mapping|model]'"),
        (["sandbox", "--port", "0"], "Invalid value for '--port'"),
    ],
)
def test_a_wrong_command_line_ends_with_3_and_says_why_on_standard_error(
    run: Run, arguments: list[str], message: str
) -> None:
    outcome = run(*arguments)

    assert (outcome.code, outcome.out) == (3, "")
    assert message in outcome.err


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    official = builtins.__import__

    def refuse(name: str, *arguments: Any) -> Any:
        if name == "click":
            raise ModuleNotFoundError("No module named 'click'", name="click")
        return official(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(SystemExit) as end:
        main()

    assert end.value.code == 3
    assert capsys.readouterr().err == ('truto-unify needs "click": install it with  pip install "truto-unify[cli]"\n')


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, EOFError])
def test_an_interrupt_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch, interrupt: type[BaseException]) -> None:
    def stop(*_arguments: Any) -> None:
        raise interrupt

    monkeypatch.setattr(commands.commands["schema"], "invoke", stop)

    assert run("schema", "mapping").code == 130


def test_an_internal_error_is_reported_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise RuntimeError("dictionary changed\nsize")

    monkeypatch.setattr(commands.commands["schema"], "invoke", fail)
    plain = run("schema", "mapping")
    monkeypatch.setenv("TRUTO_UNIFY_TRACEBACK", "1")
    asked = run("schema", "mapping")

    assert (plain.code, plain.out, plain.err) == (
        70,
        "",
        "truto-unify itself is at fault, please report it: RuntimeError: dictionary changed size\n"
        "TRUTO_UNIFY_TRACEBACK=1 shows where it happened\n",
    )
    assert asked.code == 70
    assert asked.err.startswith("Traceback (most recent call last):\n")
    assert asked.err.endswith(plain.err)


def test_a_file_that_cannot_be_written_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise PermissionError(13, "Permission denied", "/answers/one.yaml")

    monkeypatch.setattr(commands.commands["schema"], "invoke", fail)
    outcome = run("schema", "mapping")

    assert (outcome.code, outcome.err) == (3, "/answers/one.yaml: Permission denied\n")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "InvalidEnvironment: ALL_PROXY of the environment names a proxy"),
        ("TRUTO_UNIFY_CA_BUNDLE", "nowhere.pem", "InvalidInput: the certificates in nowhere.pem cannot be read"),
    ],
)
def test_unusable_environment_variables_are_named_in_the_error(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    account = ("--provider", "wix", "--context", "site_id=s", "--credential", "api_key=key-1")

    outcome = run("list", "ecommerce/customers", *account)

    assert outcome.code in {2, 3}
    assert outcome.err.startswith(message)


@pytest.mark.parametrize("arguments", [["schema", "mapping"], ["capabilities"], ["lint"]])
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PIPE.format(arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        error = process.stderr.read()

    assert (process.returncode, error.partition("no problems")[0]) == (0, "")
