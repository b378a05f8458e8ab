"""Where the shared material lies: recorded and documented payloads beside the checkout, not in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
ABSENT = "shared/fixtures is not beside this checkout"

needs_shared = pytest.mark.skipif(not (SHARED / "fixtures").is_dir(), reason=ABSENT)
"""Marks a test that reads the shared material; without it the test is skipped, and the summary says so."""


def fixtures(provider: str) -> list[Path]:
    """List the payloads of one provider in a fixed order; the list is empty where the material is absent."""
    folder = SHARED / "fixtures" / provider
    return sorted(path for path in folder.glob("*") if path.is_file() and path.suffix != ".md")


def read_payload(provider: str, name: str) -> Any:
    """Read the JSON payload of this name, without its ending."""
    return json.loads((SHARED / "fixtures" / provider / f"{name}.json").read_text(encoding="utf-8"))


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every JSON object at any depth, inner objects first."""
    objects: list[dict[str, Any]] = []

    def collect(document: dict[str, Any]) -> dict[str, Any]:
        objects.append(document)
        return document

    json.loads(json.dumps(value), object_hook=collect)
    return objects
