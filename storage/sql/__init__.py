"""The SQL files, found beside this module: `-- name --` opens a query, the text below it says what it is for."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import LiteralString

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*) --$", re.MULTILINE)


def text(name: str) -> LiteralString:
    """The whole of one .sql file of this package. It ships with the program, hence counts as a literal."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def split(body: str) -> dict[str, LiteralString]:
    """The queries of a text by the names in their headers. Raises ValueError when one stands there twice."""
    parts = _HEADER.split(body)
    names = parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError("a query stands there twice")
    return {key: body.strip() for key, body in zip(names, parts[2::2], strict=True)}


@cache
def queries(name: str) -> dict[str, LiteralString]:
    """The queries of `<name>.sql`."""
    return split(text(f"{name}.sql"))
