"""The clock of the pretend stores."""

from __future__ import annotations

import pytest

from tests.sandbox.in_process import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()
