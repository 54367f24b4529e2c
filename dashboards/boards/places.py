"""Street and market: how many people, at which hours, and what happens there."""

from __future__ import annotations

from dashboards.columns import ANY_IS_BAD, Column
from dashboards.house import NOW, SEVERITIES, Text
from dashboards.panels import GRAPH_H, TABLE_H, days, hours, lines, listing, ranking, stacks
from dashboards.sheet import Sheet
from dashboards.words import CROSSINGS, SEVERITY, SITE_KINDS

TITLE = Text("Phố An · 2 · Phố và chợ", "Phố An · 2 · Street and market")
NOTE = Text(
    "Nơi nào đông, giờ nào đông, và ở đó hay xảy ra việc gì: để xếp lịch tuần tra và sắp chỗ.",
    "Where and at which hours it is busy, and what happens there: to plan patrols and room.",
)
SEVERITY_BARS = tuple(Column(code, text, colour=SEVERITIES[code]) for code, text in SEVERITY.items())


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Đông người", "People"))
    _people(sheet)
    sheet.row(Text("Qua lại", "Passing"))
    _passing(sheet)
    sheet.row(Text("Cảnh báo", "Alerts"))
    _alerts(sheet)
    sheet.row(Text("Địa bàn", "Sites"))
    _sites(sheet)


def _people(sheet: Sheet) -> None:
    now = ranking(
        sheet,
        "people_now",
        Text("Số người lúc này", "People now"),
        Text("Cộng các khu vực đếm người của từng địa bàn.", "The counted zones of each site together.") + NOW,
    )
    sheet.place(now, 6, GRAPH_H)
    over_time = lines(
        sheet,
        "people",
        Text("Số người theo thời gian", "People over time"),
        Text(
            "Trung bình số người trong các khu vực đếm, tám địa bàn đông nhất. Khoảng trống là lúc không đếm được.",
            "The mean of people in the counted zones, the eight busiest sites. A gap is when nobody could count.",
        ),
    )
    sheet.place(over_time, 12, GRAPH_H)
    by_hour = hours(
        sheet,
        "people_hours",
        Text("Giờ nào đông", "Which hours are busy"),
        Text(
            "Trung bình số người ở mỗi giờ trong ngày. Chọn 30 ngày để thấy thói quen.",
            "The mean of people at each hour of the day. Choose 30 days to see the habit.",
        ),
        columns=(Column("people", Text("số người", "people")),),
    )
    sheet.place(by_hour.decimals(1), 6, GRAPH_H)
    fullest = listing(
        sheet,
        "zones",
        Text("Khu vực đông nhất và lúc đông nhất", "The fullest zones, and when"),
        Text(
            "Có chen chúc không, ở đâu, lúc nào. Bấm vào camera để xem đúng lúc đó.",
            "Whether, where and when it was too full. The camera opens that moment.",
        ),
        (
            Column("time", Text("Đông nhất lúc", "Fullest at"), width=170),
            Column("place", Text("Nơi", "Place")),
            Column("camera", Text("Camera", "Camera"), link=sheet.links.camera()),
            Column("zone", Text("Khu vực", "Zone")),
            Column("mean", Text("Trung bình", "Mean"), decimals=1, width=110),
            Column("peak", Text("Cao nhất", "Most"), width=140, bar=True),
            Column("camera_id", hidden=True),
        ),
    )
    sheet.place(fullest, 24, TABLE_H)


def _passing(sheet: Sheet) -> None:
    crossings = stacks(
        sheet,
        "crossings",
        Text("Lượt qua vạch đếm", "Crossings of counting lines"),
        Text("Người và xe vào, ra trong mỗi giờ.", "People and vehicles in and out in each hour."),
        columns=tuple(Column(code, text) for code, text in CROSSINGS.items()),
    )
    sheet.place(crossings.interval("1h"), 12, GRAPH_H)
    visitors = days(
        sheet,
        "visitors",
        Text("Lượt người vào theo ngày", "People who came in, by day"),
        Text(
            "Tám địa bàn có nhiều lượt nhất. Chọn từ 7 ngày trở lên.",
            "The eight sites with most. Choose 7 days or more.",
        ),
    )
    sheet.place(visitors, 12, GRAPH_H)


def _alerts(sheet: Sheet) -> None:
    by_hour = hours(
        sheet,
        "alert_hours",
        Text("Giờ nào hay có cảnh báo", "At which hours alerts come"),
        Text("Cộng theo giờ trong ngày: nên tuần tra lúc nào.", "Added up by hour of the day: when to patrol."),
        columns=SEVERITY_BARS,
    )
    sheet.place(by_hour, 12, GRAPH_H)
    by_day = days(
        sheet,
        "alert_days",
        Text("Cảnh báo theo ngày và loại", "Alerts by day and kind"),
        Text(
            "Tám loại nhiều nhất: việc gì đang tăng. Chọn từ 7 ngày trở lên.",
            "The eight most frequent kinds: what grows. Choose 7 days or more.",
        ),
    )
    sheet.place(by_day, 12, GRAPH_H)


def _sites(sheet: Sheet) -> None:
    sites = listing(
        sheet,
        "sites",
        Text("Mỗi địa bàn có gì, cái gì đang hỏng", "What there is at each site, and what does not work"),
        Text(
            "Số cảnh báo là của khoảng thời gian đã chọn; còn lại là lúc này.",
            "Alerts are of the chosen time, the rest is now.",
        ),
        (
            Column("place", Text("Địa bàn", "Site")),
            Column("kind", Text("Loại", "Kind"), words=SITE_KINDS, width=130),
            Column("cameras", Text("Camera", "Cameras"), width=100),
            Column("dark", Text("Không có hình", "Without a picture"), steps=ANY_IS_BAD, width=150),
            Column("devices", Text("Thiết bị", "Devices"), width=100),
            Column("points", Text("Điểm thanh toán", "Payment points"), width=150),
            Column("unfinished", Text("Vụ chưa xong", "Unfinished"), steps=ANY_IS_BAD, width=130),
            Column("alerts", Text("Cảnh báo", "Alerts"), width=220, bar=True),
        ),
    )
    sheet.place(sites, 24, TABLE_H)
