"""What bash puts in place of a word, of which it may take apart what stands at ``=`` and ``:``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from truto_unify.cli.bash_completion import WholeWordBash
from truto_unify.cli.commands import commands

CUSTOMERS = "truto-unify list ecommerce/customers --provider woocommerce"


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        (f"{CUSTOMERS} --context key", ["plain,keys_in="]),
        (f"{CUSTOMERS} --context keys_in=", ["plain,header", "plain,query"]),
        (f"{CUSTOMERS} --context keys_in=q", ["plain,query"]),
        (f"{CUSTOMERS} --context 'keys_in=q", ["plain,keys_in=query"]),
        (f'{CUSTOMERS} --context "keys_in=q', ["plain,keys_in=query"]),
        (f"{CUSTOMERS} --sort created_at:", ["plain,asc", "plain,desc"]),
        (f"{CUSTOMERS} --sort up", ["plain,updated_at:asc", "plain,updated_at:desc"]),
        ("truto-unify compl", ["plain,completion"]),
    ],
)
def test_the_part_that_bash_replaces_is_printed(
    line: str, completions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_BREAKS", " \"'><=;|&(:")
    bash = WholeWordBash(commands, {}, "truto-unify", "_TRUTO_UNIFY_COMPLETE")

    assert bash.complete().splitlines() == completions


def test_a_bash_without_word_breaks_replaces_the_whole_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMP_WORDS", f"{CUSTOMERS} --sort created_at:d")
    monkeypatch.setenv("COMP_BREAKS", " ")
    bash = WholeWordBash(commands, {}, "truto-unify", "_TRUTO_UNIFY_COMPLETE")

    assert bash.complete() == "plain,created_at:desc"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_real_bash_completes_a_value() -> None:
    program = Path(sys.executable).with_name("truto-unify")
    script = (
        f'eval "$({program} completion bash)"\n'
        f'COMP_LINE="{CUSTOMERS} --context keys_in=q" COMP_POINT=${{#COMP_LINE}}\n'
        f"COMP_POINT=${{#COMP_LINE}}; _truto_unify_completion {program}\n"
        'printf "%s\\n" "${COMPREPLY[@]}"; complete -p truto-unify'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines() == ["query", "complete -o nosort -F _truto_unify_completion truto-unify"]
