"""The entry point: hands over to the commands, and turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

from truto_unify.errors import MissingCredential, UnifyError

USAGE = 3
FAULT = 70
"""A fault of this program itself: ``EX_SOFTWARE`` of ``sysexits.h``."""
INTERRUPTED = 130
_TRACEBACK = "TRUTO_UNIFY_TRACEBACK"


def main() -> None:
    """Runs the command line and exits: 0 well, 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping."""
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as fault:  # noqa: BLE001 - nobody may see a traceback who did not ask for it
        code = _explain_fault(fault)
    raise SystemExit(code)


def _run() -> int:
    try:
        import click

        from truto_unify.cli import output
        from truto_unify.cli.commands import commands
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("truto_unify"):
            raise
        sys.stderr.write(f'truto-unify needs "{error.name}": install it with  pip install "truto-unify[cli]"\n')
        return USAGE
    output.prepare_streams()
    try:
        return commands.main(prog_name="truto-unify", standalone_mode=False) or 0
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return USAGE
    except UnifyError as error:
        output.fault(f"{type(error).__name__}: {error.message}")
        if isinstance(error, MissingCredential):
            output.note("give it with --context or --credential, in TRUTO_UNIFY_<PROVIDER>_<NAME>, or an accounts file")
        return error.exit_code
    except OSError as error:
        output.note(f"{error.filename or 'a file'}: {error.strerror or error}")
        return USAGE


def _explain_fault(fault: Exception) -> int:
    if os.environ.get(_TRACEBACK):
        traceback.print_exception(fault)
    words = " ".join(str(fault).split())[:300]
    sys.stderr.write(
        f"truto-unify itself is at fault, please report it: {type(fault).__name__}: {words}\n"
        f"{_TRACEBACK}=1 shows where it happened\n"
    )
    return FAULT


if __name__ == "__main__":
    main()
