"""The memory options of the service process."""

from __future__ import annotations

import ctypes
import gc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from truto_unify.server import runtime

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_the_memory_of_a_page_is_kept_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    options: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda number, size: options.append((number, size)))
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)

    runtime.settle_memory()

    assert options == [(-3, 32 * 2**20), (-1, 64 * 2**20)]
    assert gc.get_threshold() == (50_000, 20, 20)
    assert gc.get_freeze_count() > 0


def _no_library(_: Any) -> Any:
    raise OSError("there is none")


@pytest.mark.parametrize("load", [_no_library, lambda _: SimpleNamespace()])
def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch, load: Any) -> None:
    monkeypatch.setattr(ctypes, "CDLL", load)

    runtime.settle_memory()

    assert gc.get_threshold() == (50_000, 20, 20)
