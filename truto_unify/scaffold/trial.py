"""Runs a draft on its own sample, and names the fields whose rules fail there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from truto_unify.errors import ConfigError
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def failing_fields(files: Mapping[str, str], slug: str, resource: str, records: Iterable[Any]) -> dict[str, str]:
    """The unified fields whose rules fail on a record, each with what is wrong.

    Args:
        files: the configuration, content by path.
        slug: the provider.
        resource: ``model/resource``.
        records: native records.

    Returns:
        No field if the files have a fault, which the caller reports.
    """
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
        try:
            mapper = Registry(overlay=folder).mapper(resource, slug)
        except ConfigError:
            return {}  # the caller checks the files where they are written
    faults: dict[str, str] = {}
    for record in records:
        for place, message in mapper.map_record(record).faults:
            faults.setdefault(place.partition("[")[0].partition(".")[0], message)
    return faults
