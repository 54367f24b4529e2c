"""A query of Grafana's PostgreSQL data source as a dashboard stores it, which the SDK has no class for.

Panels, variables and annotations share it; alert rules take its `to_json` as the model of their query.
"""

from __future__ import annotations

from enum import StrEnum

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

from dashboards.house import DATASOURCE


class Format(StrEnum):
    """What Grafana makes of the rows: a table, or one line for each value of the text columns over a column `time`."""

    TABLE = "table"
    TIME_SERIES = "time_series"


class PostgresQuery(Dataquery):
    """One query, written by hand as SQL."""

    def __init__(self, raw_sql: str, form: Format, ref_id: str, datasource: DataSourceRef) -> None:
        self.raw_sql = raw_sql
        self.form = form
        self.ref_id = ref_id
        self.datasource = datasource

    def to_json(self) -> dict[str, object]:
        """As Grafana's query editor saves a query in its code mode."""
        return {
            "datasource": self.datasource.to_json(),
            "editorMode": "code",
            "format": self.form.value,
            "rawQuery": True,
            "rawSql": self.raw_sql,
            "refId": self.ref_id,
        }


class Query(Builder[PostgresQuery]):
    """Builds a query: `Query("SELECT ...").table()`."""

    def __init__(self, raw_sql: str, ref_id: str = "A") -> None:
        self._raw_sql = raw_sql
        self._ref_id = ref_id
        self._form = Format.TIME_SERIES

    def table(self) -> Query:
        """The rows as they are."""
        self._form = Format.TABLE
        return self

    def time_series(self) -> Query:
        """Lines over time."""
        self._form = Format.TIME_SERIES
        return self

    def build(self) -> PostgresQuery:
        """The finished query."""
        return PostgresQuery(self._raw_sql, self._form, self._ref_id, DATASOURCE)
