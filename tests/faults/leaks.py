"""Counts what a client may leave behind: descriptors, threads and tasks."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the process holds.

    Attributes:
        descriptors: open files and sockets.
        threads: that run.
    """

    descriptors: int
    threads: int

    def __sub__(self, other: Holdings) -> Holdings:
        return Holdings(self.descriptors - other.descriptors, self.threads - other.threads)


def count_holdings() -> Holdings:
    """What the process holds now, after garbage was collected."""
    gc.collect()
    return Holdings(psutil.Process().num_fds(), threading.active_count())
