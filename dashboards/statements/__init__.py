"""The SQL of dashboards and alert rules, one file each; `-- name --` opens a statement, as in the store's own files.

Statements carry Grafana's macros and variables, so none of them is a query before Grafana has filled them in.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from storage.sql import split


@cache
def statements(name: str) -> dict[str, str]:
    """The statements of `<name>.sql` by name, without the comments, which are for readers here."""
    text = files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return {key: _bare(body) for key, body in split(text).items()}


def names() -> list[str]:
    """The files that there are."""
    return sorted(one.name[:-4] for one in files(__name__).iterdir() if one.name.endswith(".sql"))


def _bare(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.lstrip().startswith("--")).strip()
