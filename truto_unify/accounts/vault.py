"""Encrypts what the database keeps of credentials and provider tokens, and binds each piece to its row."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from truto_unify.errors import InvalidSetting, StorageError

SETTING = "TRUTO_UNIFY_SECRET_KEY"
_HOW = "truto-unify database new-key  prints one"


class Vault:
    """Seals JSON values with Fernet (AES-128-CBC and HMAC-SHA256).

    Args:
        keys: Fernet keys separated by commas. The first one seals; each of them opens.

    Raises:
        InvalidSetting: there is no key, or one is malformed; no key is shown.

    >>> vault = Vault(new_key())
    >>> vault.unseal("accounts/1", vault.seal("accounts/1", {"api_key": "k"}))
    {'api_key': 'k'}
    """

    def __init__(self, keys: str) -> None:
        parts = [part for part in (one.strip() for one in keys.split(",")) if part]
        if not parts:
            raise InvalidSetting(f"no secret key: set {SETTING}; {_HOW}")
        fernets = []
        for number, part in enumerate(parts, start=1):
            try:
                fernets.append(Fernet(part))
            except ValueError:
                raise InvalidSetting(f"key {number} of {SETTING} is no Fernet key; {_HOW}") from None
        self._fernet = MultiFernet(fernets)

    def seal(self, row: str, value: Any) -> str:
        """The ciphertext of a JSON value.

        Args:
            row: names the row and column it is for; without that name it cannot be read again.
            value: what is kept.
        """
        content = json.dumps([row, value], ensure_ascii=False, separators=(",", ":"))
        return self._fernet.encrypt(content.encode("utf-8", "surrogatepass")).decode()

    def unseal(self, row: str, sealed: str) -> Any:
        """The JSON value.

        Raises:
            InvalidSetting: none of the keys opens it.
            StorageError: it was sealed for another row.
        """
        place, value = json.loads(self._opened(row, sealed))
        if place != row:
            raise StorageError(f"the encrypted content of {row} belongs to another row")
        return value

    def reseal(self, row: str, sealed: str) -> str:
        """The same content under the first key.

        Raises:
            InvalidSetting: none of the keys opens it.
            StorageError: it was sealed for another row.
        """
        return self.seal(row, self.unseal(row, sealed))

    def _opened(self, row: str, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            message = f"no key of {SETTING} opens {row}: add the key that it was encrypted with, after a comma"
            raise InvalidSetting(message) from None


def new_key() -> str:
    """A fresh Fernet key."""
    return Fernet.generate_key().decode()
