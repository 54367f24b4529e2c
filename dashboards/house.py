"""What all dashboards and alert rules have in common: the data source, languages, time, colours, bounds and names.

Whoever wants another colour or another bound changes it here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from grafana_foundation_sdk.models.common import DataSourceRef


class Language(StrEnum):
    """Every dashboard exists in each of these; Vietnamese is the one that people get unless they ask."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    vi: str
    en: str

    def of(self, language: Language) -> str:
        """The text in `language`."""
        return self.vi if language is Language.VI else self.en

    def __add__(self, more: Text) -> Text:
        """Both texts, one after the other."""
        return Text(f"{self.vi} {more.vi}", f"{self.en} {more.en}")


NOW: Final = Text("Số liệu lúc này, không theo khoảng thời gian đã chọn.", "As of now, whatever time is chosen.")

DATASOURCE_TYPE: Final = "grafana-postgresql-datasource"
DATASOURCE_UID: Final = "phoan-postgres"
DATASOURCE_NAME: Final = "Phố An"
DATASOURCE: Final = DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)
"""The one data source: the store, read with an account that can only read."""

FOLDERS: Final = {Language.VI: ("phoan", "Phố An"), Language.EN: ("phoan-en", "Phố An (English)")}
"""The folder of each language's dashboards: uid and title."""

TAG: Final = "phoan"
TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
WEEK_START: Final = "monday"
REFRESH: Final = "1m"
SLOW_REFRESH: Final = "15m"
"""For what changes slowly and costs the store more to tell."""
REFRESHES: Final = ("30s", "1m", "5m", "15m", "1h")
MOMENT: Final = "time:DD/MM/YYYY HH:mm"
"""How tables write a time, in the time zone of the house."""
SINCE: Final = "now-24h"
A_WEEK: Final = "now-7d"
A_MONTH: Final = "now-30d"
UNTIL: Final = "now"

WALL: Final = ""
"""Where the wall is, without a slash at its end. Empty is the server on which Grafana is the folder `/grafana/`."""

FINEST: Final = "5m"
"""The finest step of a line: the finest aggregate."""
POINTS: Final = 400
"""The most points of a line. With them a year is drawn in steps of 12 hours, so that a step never spans a day's end."""

GOOD: Final = "green"
HINT: Final = "blue"
WARN: Final = "orange"
BAD: Final = "red"
CALM: Final = "text"
UNKNOWN: Final = "#8e8e8e"
SEVERITIES: Final = {"low": "blue", "medium": "yellow", "high": "orange", "critical": "red"}

SILENT_MINUTES: Final = 3
"""After how long without a status message a box counts as silent."""
BACKUP_HOURS: Final = 26
"""After how long without a good backup somebody must look: one is made each night, and it takes its time."""
DISK_FREE_WARN: Final = 20e9
DISK_FREE_BAD: Final = 5e9
"""Free bytes on a box's disk; a day of main-stream clips of eight cameras is some 20 GB."""
CERTIFICATE_WARN_DAYS: Final = 21
CERTIFICATE_BAD_DAYS: Final = 7
LAG_WARN_S: Final = 30.0
LAG_BAD_S: Final = 300.0
"""How late records may be committed after they were measured, in seconds."""
PENDING_WARN: Final = 1_000
PENDING_BAD: Final = 50_000
"""How many records may wait in a box's outbox."""


def uid(name: str, language: Language) -> str:
    """The uid of the dashboard `name`, the same for ever: people keep it in bookmarks."""
    return f"{TAG}-{name}" if language is Language.VI else f"{TAG}-{name}-{language.value}"
