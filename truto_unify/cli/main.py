"""The entry point: hands over to the commands, and turns every error into a message and an exit code."""

from __future__ import annotations

import os
import sys

from truto_unify.errors import UnifyError

USAGE = 3
INTERRUPTED = 130


def main() -> None:
    """Runs the command line and exits: 0 well, 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping."""
    try:
        import click

        from truto_unify.cli.commands import commands
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("truto_unify"):
            raise
        sys.stderr.write(f'truto-unify needs "{error.name}": install it with  pip install "truto-unify[cli]"\n')
        raise SystemExit(USAGE) from None
    try:
        commands.main(prog_name="truto-unify", standalone_mode=False)
    except click.exceptions.Exit as end:
        raise SystemExit(end.exit_code) from None
    except click.Abort:
        raise SystemExit(INTERRUPTED) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(USAGE) from None
    except UnifyError as error:
        sys.stderr.write(f"{type(error).__name__}: {error.message}\n")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        # The reader went away, as `| head` does; nothing is left to say, and flushing must not say it either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
