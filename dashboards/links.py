"""Where a click leads: to the wall at that moment, or to another dashboard.

The wall's addresses are those of `api/web/route.js`: a page behind `#`, an id, a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import DashboardLink, DashboardLinkType

from dashboards.house import TAG, Language, Text, uid

MOMENT: Final = "${__value.time:date:iso}"
"""The time of the point or row that was clicked, as the wall reads it."""

OPEN_CAMERA: Final = Text("Xem camera lúc đó trên màn hình giám sát", "Show the camera at that moment on the wall")
OPEN_CAMERA_NOW: Final = Text("Xem camera trên màn hình giám sát", "Show the camera on the wall")
OPEN_INCIDENT: Final = Text("Mở vụ việc trên màn hình giám sát", "Open the incident on the wall")
OPEN_POINT: Final = Text("Mở điểm thanh toán trên màn hình giám sát", "Open the payment point on the wall")
OPEN_PAYMENTS: Final = Text("Mở trang Thanh toán trên màn hình giám sát", "Open the payments page on the wall")
OPEN_BOXES: Final = Text("Mở trang thiết bị trên màn hình giám sát", "Open the page of boxes on the wall")
MORE: Final = Text("Các bảng khác", "Other dashboards")


class _PlainLink(DashboardLink):
    """A link above the panels; the SDK would hide it in a menu."""

    def to_json(self) -> dict[str, object]:
        return {key: value for key, value in super().to_json().items() if key != "placement"}


class _DataLink(DashboardLink):
    """A link of values, which knows fewer fields than one of a dashboard."""

    def to_json(self) -> dict[str, object]:
        return {"title": self.title, "url": self.url or "", "targetBlank": self.target_blank}


@dataclass(frozen=True, slots=True)
class To(Builder[DashboardLink]):
    """A link of a panel's values."""

    title: str
    url: str
    new_tab: bool = True

    def build(self) -> DashboardLink:
        return _DataLink(title=self.title, url=self.url, target_blank=self.new_tab)


@dataclass(frozen=True, slots=True)
class Others(Builder[DashboardLink]):
    """The list of all dashboards of a language, which keeps the time and the choices."""

    language: Language

    def build(self) -> DashboardLink:
        return _PlainLink(
            title=MORE.of(self.language),
            type_val=DashboardLinkType.DASHBOARDS,
            icon="external link",
            tags=[TAG, self.language.value],
            as_dropdown=True,
            keep_time=True,
            include_vars=True,
        )


@dataclass(frozen=True, slots=True)
class Wall(Builder[DashboardLink]):
    """The wall itself."""

    language: Language

    def build(self) -> DashboardLink:
        return _PlainLink(
            title=Text("Màn hình giám sát", "The wall").of(self.language),
            type_val=DashboardLinkType.LINK,
            icon="cloud",
            url="${wall}/#/",
            target_blank=True,
        )


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the links of one dashboard."""

    language: Language

    def camera(self, camera: str = "${__data.fields.camera_id}") -> To:
        """A camera's timeline at the moment that was clicked."""
        return To(OPEN_CAMERA.of(self.language), f"${{wall}}/#/cameras/{camera}?at={MOMENT}")

    def camera_now(self) -> To:
        """A camera's live picture."""
        return To(OPEN_CAMERA_NOW.of(self.language), "${wall}/#/cameras/${__data.fields.camera_id}")

    def incident(self) -> To:
        """The incident of the row."""
        return To(OPEN_INCIDENT.of(self.language), "${wall}/#/incidents/${__data.fields.incident_id}")

    def point(self) -> To:
        """The payment point of the row."""
        return To(OPEN_POINT.of(self.language), "${wall}/#/payments/points?point=${__data.fields.point_id}")

    def payments(self, tab: str = "troubles") -> To:
        """What is wrong with payments now."""
        return To(OPEN_PAYMENTS.of(self.language), f"${{wall}}/#/payments/{tab}")

    def boxes(self) -> To:
        """The cards of the boxes."""
        return To(OPEN_BOXES.of(self.language), "${wall}/#/boxes")

    def board(self, name: str, title: Text, variables: str = "ward,site") -> To:
        """Another dashboard, over the same time and with the same choices."""
        kept = "".join(f"&${{{variable}:queryparam}}" for variable in variables.split(",") if variable)
        url = f"/d/{uid(name, self.language)}?${{__url_time_range}}{kept}"
        return To(title.of(self.language), url, new_tab=False)
