"""The rules that the pytest plugin holds a test's cassettes to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.sidecar import read_sidecar, sidecar_path

if TYPE_CHECKING:
    import pytest

_SHOWN = 5


def unplayed(cassette: Any, mark: pytest.Mark | None) -> list[str]:
    """The problem of a cassette with unplayed interactions, unless the test is marked ``unplayed`` with a reason.

    Args:
        cassette: the cassette of vcrpy.
        mark: the test's marker.
    """
    if mark is not None:
        reason = mark.args[0] if mark.args else mark.kwargs.get("reason")
        is_said = isinstance(reason, str) and reason.strip()
        return [] if is_said else ["the marker unplayed needs a reason: @pytest.mark.unplayed('why')"]
    left = [request for index, request in enumerate(cassette.requests) if not cassette.play_counts[index]]
    if not left:
        return []
    shown = ", ".join(f"{request.method} {urlsplit(request.uri).path}" for request in left[:_SHOWN])
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    return [
        f"{len(left)} of {len(cassette.requests)} interactions of the cassette were never asked for: {shown}{more}. "
        "Shorten the cassette, or mark the test: @pytest.mark.unplayed('why')"
    ]


def written(cassette: Any) -> list[str]:
    """The problem of a test that lets pytest-recording write."""
    mode = getattr(cassette.record_mode, "value", cassette.record_mode)
    return [] if mode == "none" else [f"record_mode={mode} lets the test reach the network; see --allow-network"]


def expired_cassettes(item: pytest.Function, cassette: Any) -> list[str]:
    """The expired cassettes of a test, each with its last day; a cassette without a sidecar does not expire."""
    today = datetime.now(UTC).date()
    folder = Path(str(item.funcargs.get("vcr_cassette_dir", "")))
    named = [folder / str(name) for mark in item.iter_markers("vcr") for name in mark.args]
    messages = []
    for file in dict.fromkeys([Path(str(cassette._path)), *named]):
        if sidecar_path(file).is_file():
            try:
                sidecar = read_sidecar(file)
            except UnsafeCassette as error:
                messages.append(error.message)
                continue
            if sidecar.is_expired(today):
                messages.append(f"{file}: expired on {sidecar.expires}")
    return messages
