"""Makes pytest-recording compare requests as ``native_defaults`` does."""

from __future__ import annotations

from typing import Any

from tests.providers.native_defaults import match_anonymity, match_telling_query


def pytest_recording_configure(vcr: Any) -> None:
    vcr.register_matcher("telling_query", match_telling_query)
    vcr.register_matcher("anonymity", match_anonymity)
