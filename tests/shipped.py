"""The registry of what ships, made once in a process: each file is checked once, and each mapping compiled once."""

from __future__ import annotations

from truto_unify import Registry

REGISTRY = Registry()
