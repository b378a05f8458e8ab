"""Encrypts credentials and provider tokens for the database, and binds each value to its row."""

from __future__ import annotations

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from truto_unify.errors import InvalidSetting, StorageError

SETTING = "TRUTO_UNIFY_SECRET_KEY"
_NEW_KEY_HINT = "truto-unify database new-key  prints one"


class Vault:
    """Encrypts JSON values with Fernet (AES-128-CBC and HMAC-SHA256).

    Args:
        keys: Fernet keys separated by commas. The first encrypts; each of them decrypts.

    Raises:
        InvalidSetting: there is no key, or a key is malformed; no key is shown.

    >>> vault = Vault(new_key())
    >>> vault.unseal("accounts/1", vault.seal("accounts/1", {"api_key": "k"}))
    {'api_key': 'k'}
    """

    def __init__(self, keys: str) -> None:
        parts = [part for part in (part.strip() for part in keys.split(",")) if part]
        if not parts:
            raise InvalidSetting(f"no secret key: set {SETTING}; {_NEW_KEY_HINT}")
        fernets = []
        for number, part in enumerate(parts, start=1):
            try:
                fernets.append(Fernet(part))
            except ValueError:
                raise InvalidSetting(f"key {number} of {SETTING} is not a Fernet key; {_NEW_KEY_HINT}") from None
        self._fernet = MultiFernet(fernets)

    def seal(self, row: str, value: Any) -> str:
        """The ciphertext of a JSON value.

        Args:
            row: the name of its row and column; unsealing needs the same name.
            value: the JSON value.
        """
        content = json.dumps([row, value], ensure_ascii=False, separators=(",", ":"))
        return self._fernet.encrypt(content.encode("utf-8", "surrogatepass")).decode()

    def unseal(self, row: str, sealed: str) -> Any:
        """Decrypts a JSON value.

        Raises:
            InvalidSetting: no key decrypts it.
            StorageError: it was encrypted for another row.
        """
        sealed_row, value = json.loads(self._decrypt(row, sealed))
        if sealed_row != row:
            raise StorageError(f"the encrypted content of {row} belongs to another row")
        return value

    def reseal(self, row: str, sealed: str) -> str:
        """Encrypts the same content with the first key.

        Raises:
            InvalidSetting: no key decrypts it.
            StorageError: it was encrypted for another row.
        """
        return self.seal(row, self.unseal(row, sealed))

    def _decrypt(self, row: str, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            message = f"no key of {SETTING} decrypts {row}: add the key that encrypted it, after a comma"
            raise InvalidSetting(message) from None


def new_key() -> str:
    """A new Fernet key."""
    return Fernet.generate_key().decode()
