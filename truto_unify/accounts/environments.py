"""Environments: create and look up by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from truto_unify.accounts.records import Environment
from truto_unify.accounts.tables import ENVIRONMENTS
from truto_unify.errors import InvalidInput, NotVisible

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from truto_unify.accounts.database import Database

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}")


class Environments:
    """The environments of one database.

    Args:
        database: the database.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def ensure(self, name: str) -> Environment:
        """The environment of this name; created if absent.

        Raises:
            InvalidInput: the name is malformed.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput("an environment's name must have 1 to 100 letters, digits, blanks and any of . _ -")
        now = self._now()
        row = {"id": str(uuid4()), "name": name, "created_at": now, "updated_at": now, "version": 1}
        environment = await self._find(name)
        if environment is not None:
            return environment
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(ENVIRONMENTS).values(row))
        except IntegrityError:
            pass  # another process has just created it
        return await self.get(name)

    async def get(self, name: str) -> Environment:
        """The environment of this name.

        Raises:
            NotVisible: there is no such environment.
        """
        environment = await self._find(name)
        if environment is None:
            known = ", ".join(each.name for each in await self.all()) or "none"
            raise NotVisible(f'there is no environment "{name[:100]}"; the environments: {known}')
        return environment

    async def all(self) -> list[Environment]:
        """Every environment, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(sa.select(ENVIRONMENTS).order_by(ENVIRONMENTS.c.name))
            return [_environment(row) for row in rows]

    async def _find(self, name: str) -> Environment | None:
        if not _NAME.fullmatch(name):
            return None
        async with self._database.read() as connection:
            query = sa.select(ENVIRONMENTS).where(ENVIRONMENTS.c.name == name)
            row = (await connection.execute(query)).one_or_none()
        return _environment(row) if row is not None else None


def _environment(row: sa.Row[Any]) -> Environment:
    return Environment(**row._mapping)
