"""Mapping overrides of environments; an override is stored only if the merged mapping is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from truto_unify.accounts.layers import EVERY_METHOD, METHODS, StoredOverride, check_overrides
from truto_unify.accounts.records import Override
from truto_unify.accounts.tables import ENVIRONMENT_OVERRIDES, as_id
from truto_unify.errors import InvalidInput, NotVisible, OutdatedVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from truto_unify.accounts.check_thread import CheckThread
    from truto_unify.accounts.database import Database
    from truto_unify.registry import Registry

_TABLE = ENVIRONMENT_OVERRIDES
METHOD_NAMES = (*METHODS, EVERY_METHOD)


class Overrides:
    """The overrides of one database.

    Args:
        database: the database.
        checks: runs the checks of overrides.
        now: the clock.
    """

    def __init__(self, database: Database, checks: CheckThread, now: Callable[[], datetime]) -> None:
        self._database = database
        self._checks = checks
        self._now = now

    async def create(
        self,
        environment_id: str,
        registry: Registry,
        *,
        resource: str,
        integration: str,
        config: Mapping[str, Any],
        method: str = EVERY_METHOD,
    ) -> Override:
        """Stores an override.

        Args:
            environment_id: the environment that it applies to.
            registry: the mappings below it.
            resource: ``model/resource``.
            integration: slug of the provider.
            config: the differing part of a mapping file.
            method: ``list``, ``get`` or ``all``.

        Raises:
            UnknownProvider, UnknownResource, InvalidInput: there is no such mapping or method.
            InvalidOverride: the merged mapping is not valid.
            OutdatedVersion: an override for this resource, provider and method exists already.
        """
        if method not in METHOD_NAMES:
            raise InvalidInput(f"method must be one of {', '.join(METHOD_NAMES)}")
        registry.mapping(resource, integration)
        others = await self.of_integration(environment_id, integration)
        await self._check(environment_id, registry, integration, [*others, (resource, method, config)])
        now = self._now()
        row: dict[str, Any] = {
            "id": str(uuid4()),
            "environment_id": environment_id,
            "resource": resource,
            "integration": integration,
            "method": method,
            "config": dict(config),
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(_TABLE).values(row))
        except IntegrityError:
            raise OutdatedVersion(
                f"the environment has an override of {method} of {resource} for {integration} already: change it"
            ) from None
        return Override(**row)

    async def all(self, environment_id: str) -> list[Override]:
        """The overrides of an environment, oldest first."""
        query = sa.select(_TABLE).where(_TABLE.c.environment_id == environment_id)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(_TABLE.c.created_at, _TABLE.c.id))
            return [_override(row) for row in rows]

    async def get(self, environment_id: str, override_id: str) -> Override:
        """One override.

        Raises:
            NotVisible: the environment has no override with this id.
        """
        query = sa.select(_TABLE).where(*_own(environment_id, override_id))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotVisible("there is no such override")
        return _override(row)

    async def update(
        self,
        environment_id: str,
        override_id: str,
        registry: Registry,
        config: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> Override:
        """Replaces the content of an override.

        Args:
            environment_id: the environment that it applies to.
            override_id: the override.
            registry: the mappings below it.
            config: the whole new content.
            version: change only if this is still the newest version.

        Raises:
            NotVisible: the environment has no override with this id.
            InvalidOverride: the merged mapping is not valid.
            OutdatedVersion: the override has changed since it was read.
        """
        stored = await self.get(environment_id, override_id)
        if version not in (None, stored.version):
            raise OutdatedVersion(f"the override now has version {stored.version}, not {version}")
        others = await self.of_integration(environment_id, stored.integration)
        same = (stored.resource, stored.method)
        unchanged = [other for other in others if other[:2] != same]
        await self._check(environment_id, registry, stored.integration, [*unchanged, (*same, config)])
        change = sa.update(_TABLE).where(_TABLE.c.id == stored.id, _TABLE.c.version == stored.version)
        values = {"config": dict(config), "updated_at": self._now(), "version": stored.version + 1}
        async with self._database.write() as connection:
            changed = (await connection.execute(change.values(values))).rowcount
        if not changed:
            raise OutdatedVersion("the override has changed since it was read")
        return await self.get(environment_id, override_id)

    async def _check(
        self, environment_id: str, registry: Registry, integration: str, overrides: list[StoredOverride]
    ) -> None:
        def check(is_wanted: Callable[[], bool]) -> None:
            check_overrides(registry, integration, overrides, is_wanted=is_wanted)

        await self._checks.run(environment_id, check)

    async def delete(self, environment_id: str, override_id: str) -> str:
        """Deletes an override and returns its id.

        Raises:
            NotVisible: the environment has no override with this id.
        """
        async with self._database.write() as connection:
            result = await connection.execute(sa.delete(_TABLE).where(*_own(environment_id, override_id)))
        if not result.rowcount:
            raise NotVisible("there is no such override")
        return str(as_id(override_id))

    async def of_integration(self, environment_id: str, integration: str) -> list[StoredOverride]:
        """The overrides of an environment for one provider."""
        async with self._database.read() as connection:
            return await read_overrides(connection, environment_id, integration)


async def read_overrides(connection: AsyncConnection, environment_id: str, integration: str) -> list[StoredOverride]:
    """The overrides of an environment for one provider, read within a transaction."""
    query = sa.select(_TABLE.c.resource, _TABLE.c.method, _TABLE.c.config).where(
        _TABLE.c.environment_id == environment_id, _TABLE.c.integration == integration
    )
    return [(row.resource, row.method, row.config) for row in await connection.execute(query)]


def _own(environment_id: str, override_id: str) -> tuple[Any, Any]:
    return _TABLE.c.environment_id == environment_id, _TABLE.c.id == as_id(override_id)


def _override(row: sa.Row[Any]) -> Override:
    return Override(**row._mapping)
