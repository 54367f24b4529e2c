"""Who may write into the table `backups` what became of one: the role of `deploy/backup.sh`, which reads everything.

Nothing else of ours writes there. Where there is no such role, the owner of the database backs up.
"""

from __future__ import annotations

from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow

ROLE: Final = "backup"
"""As `deploy/database/roles.sh` names it."""


def allow(connection: Connection[TupleRow]) -> None:
    """Let the role add rows, where there is such a role: it can neither change nor remove one."""
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
        connection.execute(sql.SQL("GRANT INSERT ON backups TO {}").format(sql.Identifier(ROLE)))
