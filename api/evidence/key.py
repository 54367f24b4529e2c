"""The key that signs evidence: Ed25519, in a PEM file that only the API's account can read.

A key is named by its fingerprint, the SHA-256 of the public key's SubjectPublicKeyInfo. Who checks an export compares
it with the one that the ward made known by another way.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from contracts.ids import Digest

_MAX_FILE: Final = 16 * 1024


class KeyFileError(Exception):
    """A key cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What checks signatures."""

    pem: bytes
    id: Digest
    key: Ed25519PublicKey

    def signed(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` is this key's over `data`."""
        try:
            self.key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """Owns the private key."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = _public(private.public_key())

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)


def public_key(pem: bytes) -> PublicKey:
    """The key in a PEM text. Raises ValueError for what is none."""
    try:
        key = load_pem_public_key(pem)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")  # noqa: TRY004
    return _public(key)


def read_public(path: Path) -> PublicKey:
    """The public key of a file that holds it. Raises KeyFileError."""
    content = _content(path)
    try:
        if not content.lstrip().startswith(b"-----BEGIN"):  # an export holds such a text, and proves nothing by itself
            raise ValueError
        return public_key(content)
    except ValueError:
        raise KeyFileError(f"{path}: holds no public Ed25519 key in PEM.") from None


def read_signing(path: Path) -> SigningKey:
    """The private key of a file that nobody else may read. Raises KeyFileError."""
    content = _content(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(f"{path}: others may read it; `chmod 600` it, or make a new key if they have.")
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"{path}: holds no private Ed25519 key in PEM; `phoan-api evidence-key new` makes one.")
    return SigningKey(private)


def make(path: Path) -> SigningKey:
    """Make a key and keep it in a new file. Raises KeyFileError, also where a file is already: it may have signed."""
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyFileError(f"{path}: is there already; a key is never replaced, since it may have signed.") from None
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written: {error.strerror}.") from None
    return SigningKey(private)


def _public(key: Ed25519PublicKey) -> PublicKey:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(pem, hashlib.sha256(der).hexdigest(), key)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE)
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be read: {error.strerror}.") from None
