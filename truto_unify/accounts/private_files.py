"""Says whether other users of this machine can read a file that holds secrets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = 0o077


def explain_exposure(file: Path) -> str | None:
    """What is wrong with the permissions of a file, and what would mend it; None if only its owner can read it."""
    if os.name != "posix" or not file.stat().st_mode & _OTHERS:
        return None
    return f"other users of this machine can read {file}, which holds secrets; run  chmod 600 {file}"
