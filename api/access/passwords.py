"""Passwords: which may be chosen, and their hashes (argon2id, the library's defaults, RFC 9106's low-memory profile).

No rules of composition (ASVS 5.0 6.2): a password is refused where it is short, or where it is among the first that
anybody would try.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()

MIN_LENGTH = 8
"""ASVS 5.0 6.2.1."""

_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
_WORDS = (
    "password", "passw0rd", "matkhau", "admin", "administrator", "quantri", "congan", "kythuat", "phuong", "camera",
    "phoan", "vietnam", "hanoi", "saigon", "hochiminh", "iloveyou", "anhyeuem", "emyeuanh", "letmein", "welcome",
    "xinchao", "football", "bongda", "dragon", "monkey", "sunshine", "princess", "superman", "batman", "master",
    "changeme", "secret", "default", "hikvision", "dahua", "raspberry", "ubuntu", "server", "police", "security",
)  # fmt: skip


class WeakPasswordError(ValueError):
    """The password may not be chosen; the text says why."""


def hash_password(password: str, username: str = "") -> str:
    """The hash to store. Raises WeakPasswordError for a password that may not be chosen."""
    if len(password) < MIN_LENGTH:
        raise WeakPasswordError(f"a password needs {MIN_LENGTH} characters or more")
    if _is_guessed_first(_letters(password), _letters(username)):
        raise WeakPasswordError("this password is among the first that anybody would try")
    return _HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`. Takes as long for a user who does not exist (None)."""
    if stored is None:
        _HASHER.hash(password)
        return False
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _letters(text: str) -> str:
    """Small letters and digits alone, without Vietnamese marks: people write them or leave them out."""
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _is_guessed_first(letters: str, username: str) -> bool:
    """One sign or a piece of the keyboard repeated, or a well-known word or the user's own name beside some digits."""
    if not letters:
        return False
    word = letters.strip("0123456789")
    if word in _WORDS or (username and word == username.strip("0123456789")):
        return True
    pieces = [letters[:length] * (len(letters) // length + 1) for length in (1, 2, 3, 4)]
    if any(piece.startswith(letters) for piece in pieces):
        return True
    return any(letters in row or letters in row[::-1] for row in _ROWS)
