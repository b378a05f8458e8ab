"""The entry point: hands over to the commands, and turns every error into a message and an exit code."""

from __future__ import annotations

import sys

from truto_unify.errors import MissingCredential, UnifyError

USAGE = 3
INTERRUPTED = 130


def main() -> None:
    """Runs the command line and exits: 0 well, 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping."""
    try:
        import click

        from truto_unify.cli import output
        from truto_unify.cli.commands import commands
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("truto_unify"):
            raise
        sys.stderr.write(f'truto-unify needs "{error.name}": install it with  pip install "truto-unify[cli]"\n')
        raise SystemExit(USAGE) from None
    try:
        code = commands.main(prog_name="truto-unify", standalone_mode=False)
    except click.Abort:
        raise SystemExit(INTERRUPTED) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(USAGE) from None
    except UnifyError as error:
        output.note(f"{type(error).__name__}: {error.message}")
        if isinstance(error, MissingCredential):
            output.note("give it with --context or --credential, in TRUTO_UNIFY_<PROVIDER>_<NAME>, or an accounts file")
        raise SystemExit(error.exit_code) from None
    raise SystemExit(code or 0)


if __name__ == "__main__":
    main()
