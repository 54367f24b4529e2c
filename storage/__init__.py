"""The one database: pool, migrations and a typed function per query. Everything here blocks; callers bring threads."""
