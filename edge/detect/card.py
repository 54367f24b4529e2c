"""What goes on a network's card: the digest of its files and its licence in short.

The digest can be checked by hand: `sha256sum FILE`, or `cd FOLDER; LC_ALL=C; sha256sum * | sha256sum`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

UNKNOWN_LICENCE: Final = "unknown"
MAX_LICENCE: Final = 80
_CHUNK = 1 << 20


def digest_of(weights: Path) -> str:
    """SHA-256 of a file, or of a folder's files with their names."""
    if not weights.is_dir():
        return _file_digest(weights)
    files = sorted(file for file in weights.iterdir() if file.is_file() and not file.name.startswith("."))
    lines = "".join(f"{_file_digest(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def short_licence(text: str | None) -> str:
    """A licence as a card has it: "AGPL-3.0 License (https://...)" becomes AGPL-3.0."""
    name = (text or "").split("(")[0].strip().removesuffix(" License").strip()
    return name[:MAX_LICENCE] or UNKNOWN_LICENCE


def _file_digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
