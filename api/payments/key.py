"""The centre's master key of payment codes: a file of random bytes from which each ward's own key is made.

Fingerprints can be compared only with others of the same key, so a file is never replaced: every point would look
swapped. What was stored under another key is noticed, and nothing is judged by it.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.problems import ProblemError
from contracts import payment_code
from contracts.payment_code import MIN_MASTER_BYTES
from contracts.settings import SettingsError

MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class WardKey:
    """What a ward's fingerprints are made with; `id` tells keys apart and nothing else."""

    key: bytes
    id: str


class PaymentKey:
    """Owns the master key; `master` is None where the settings name no file."""

    def __init__(self, master: bytes | None) -> None:
        self._master = master

    @property
    def there(self) -> bool:
        return self._master is not None

    def of(self, ward: str) -> WardKey:
        """The key of a ward. Raises ProblemError 503 where there is none."""
        if self._master is None:
            raise ProblemError(503, "no_payment_key", "The settings name no payment_key_file")
        key = payment_code.ward_key(self._master, ward)
        return WardKey(key, payment_code.key_id(key))

    def fits(self, stored: Iterable[tuple[str, str]]) -> bool:
        """Whether what is stored of these wards was made with this key; pairs of a ward and a key's id."""
        return all(self.of(ward).id == key_id for ward, key_id in stored)

    def require_fit(self, stored: Iterable[tuple[str, str]]) -> None:
        """Raises ProblemError 503 where the file is not the one that the registry was made with."""
        if not self.fits(stored):
            raise ProblemError(503, "payment_key_changed", "The registry was made with another payment_key_file")


def read(path: Path | None) -> PaymentKey:
    """The key of a file that nobody else may read. Raises SettingsError."""
    if path is None:
        return PaymentKey(None)
    try:
        with path.open("rb") as file:
            master = file.read(MOST_BYTES)
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except OSError as error:
        raise SettingsError(f"field payment_key_file: {path} cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise SettingsError(f"field payment_key_file: others may read {path}; `chmod 600` it.")
    if len(master) < MIN_MASTER_BYTES:
        raise SettingsError(
            f"field payment_key_file: {path} holds less than {MIN_MASTER_BYTES} bytes;"
            " `phoan-api payments key make FILE` makes one."
        )
    return PaymentKey(master)


def make(path: Path) -> None:
    """Make a key in a new file. Raises SettingsError, also where a file is already: fingerprints hang on it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(MIN_MASTER_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise SettingsError(f"{path}: is there already; a key is never replaced, the registry hangs on it.") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror}.") from None
