"""What the process of the service is told before it serves."""

from __future__ import annotations

import importlib.machinery
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from truto_unify.server import runtime

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


def test_a_module_that_is_not_installed_is_not_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sniffio", ModuleType("sniffio"))  # so that it is put back as it was
    monkeypatch.setattr(runtime, "find_spec", lambda _: None)

    runtime.settle_imports()

    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("sniffio")


def test_a_module_that_is_installed_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ModuleType("sniffio")
    monkeypatch.setitem(sys.modules, "sniffio", there)

    def find(_: str) -> ModuleSpec | None:
        return importlib.machinery.ModuleSpec("sniffio", None)

    monkeypatch.setattr(runtime, "find_spec", find)

    runtime.settle_imports()

    assert importlib.import_module("sniffio") is there
