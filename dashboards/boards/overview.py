"""Ward overview: is all well now, and what happened since yesterday."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, falling
from dashboards.house import CALM, NOW, SEVERITIES, Text
from dashboards.links import To
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, figure, listing, ranking, stacks
from dashboards.sheet import Sheet
from dashboards.words import KINDS, SEVERITY, WORK

TITLE = Text("Phố An · 1 · Tổng quan phường", "Phố An · 1 · Ward overview")
NOTE = Text(
    "Bây giờ mọi thứ có ổn không, và từ hôm qua đến nay đã có những gì.",
    "Whether all is well now, and what has happened since yesterday.",
)

SEVERITY_LINES = tuple(Column(code, text, colour=SEVERITIES[code]) for code, text in SEVERITY.items())
TOTAL = ((None, CALM),)


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Việc cần làm", "What is to be done"))
    sheet.place(_open_incidents(sheet), 24, TABLE_H)
    sheet.row(Text("Trong khoảng thời gian đã chọn", "In the chosen time"))
    alerts = stacks(
        sheet,
        "alerts",
        Text("Cảnh báo theo mức độ", "Alerts by severity"),
        Text(
            "Số cảnh báo mở ra trong mỗi giờ. Cột cao bất thường: bấm vào để xem giờ đó ở bảng Phố và chợ.",
            "Alerts that opened in each hour. Where a bar stands out, look at that hour under Street and market.",
        ),
        columns=SEVERITY_LINES,
    ).interval("1h")
    board = sheet.links.board("places", Text("Phố và chợ", "Street and market"))
    sheet.place(alerts.data_links([board]), 12, GRAPH_H)
    sheet.place(
        ranking(
            sheet,
            "places",
            Text("Nơi có nhiều cảnh báo nhất", "Places with most alerts"),
            Text("Mười địa bàn đứng đầu: nơi cần tuần tra trước.", "The first ten: where to patrol first."),
        ),
        6,
        GRAPH_H,
    )
    sheet.place(
        ranking(
            sheet,
            "kinds",
            Text("Loại cảnh báo nhiều nhất", "Most frequent kinds"),
            Text("Mười loại đứng đầu: việc gì xảy ra nhiều nhất.", "The first ten: what happens most."),
        ),
        6,
        GRAPH_H,
    )


def _figures(sheet: Sheet) -> None:
    equipment = sheet.links.board("equipment", Text("Camera và hộp biên", "Cameras and boxes"))
    _figure(
        sheet,
        "cameras",
        Text("Camera", "Cameras"),
        Text(
            "Bao nhiêu camera không có hình, kể cả vì mất liên lạc với hộp biên.",
            "How many show nothing, also because their box is silent.",
        ),
        Column("dark", Text("không có hình", "without a picture"), steps=ANY_IS_BAD),
        Column("cameras", Text("tổng số", "in all"), steps=TOTAL),
        more=equipment,
    )
    _figure(
        sheet,
        "boxes",
        Text("Hộp biên", "Boxes"),
        Text("Bao nhiêu hộp biên không trực tuyến.", "How many boxes are not online."),
        Column("silent", Text("không trực tuyến", "not online"), steps=ANY_IS_BAD),
        Column("boxes", Text("tổng số", "in all"), steps=TOTAL),
        more=equipment,
    )
    _figure(
        sheet,
        "unfinished",
        Text("Vụ việc chưa xong", "Unfinished incidents"),
        Text(
            "Vụ từ mức cao trở lên chưa ai xem, và tất cả các vụ chưa xử lý xong.",
            "High and critical ones that nobody has looked at, and all that are not finished.",
        ),
        Column("urgent", Text("khẩn, chưa ai xem", "urgent, not seen"), steps=ANY_IS_BAD),
        Column("unfinished", Text("chưa xong", "unfinished"), steps=TOTAL),
        more=sheet.links.board("incidents", Text("Vụ việc", "Incidents")),
    )
    _figure(
        sheet,
        "payable",
        Text("Điểm thanh toán", "Payment points"),
        Text(
            "Tỷ lệ đang thanh toán được trong các điểm đang mở và có tin báo; bao nhiêu điểm không thanh toán được.",
            "Of the points that are open and heard of, the share that can be paid at; how many cannot.",
        ),
        Column("payable", Text("thanh toán được", "payable"), unit="percent", decimals=0, steps=falling(90, 70)),
        Column("not_payable", Text("không thanh toán được", "not payable"), steps=ANY_IS_BAD),
        more=sheet.links.board("payments", Text("Thanh toán", "Payments")),
    )
    _figure(
        sheet,
        "devices",
        Text("Thiết bị", "Devices"),
        Text(
            "Bao nhiêu cảm biến, đồng hồ, loa mất tín hiệu.",
            "How many sensors, meters, loudspeakers are silent.",
        ),
        Column("silent", Text("mất tín hiệu", "silent"), steps=ANY_IS_ODD),
        Column("devices", Text("tổng số", "in all"), steps=TOTAL),
        more=sheet.links.board("devices", Text("Thiết bị", "Devices")),
    )
    _figure(
        sheet,
        "records",
        Text("Dữ liệu", "Records"),
        Text(
            "Bản ghi còn nằm ở hộp biên chờ gửi, và bản ghi không bao giờ tới.",
            "Records that still wait in boxes, and those that never arrived.",
        ),
        Column("pending", Text("chờ gửi", "waiting"), steps=TOTAL),
        Column("missing", Text("thiếu", "missing"), steps=ANY_IS_BAD),
        more=sheet.links.board("pipeline", Text("Đường truyền dữ liệu", "Pipeline"), "ward"),
    )


def _figure(sheet: Sheet, name: str, title: Text, note: Text, *columns: Column, more: To) -> None:
    """A few numbers of this moment; a click leads to the board that has `more` about them."""
    panel = figure(sheet, name, title, note + NOW, columns=columns)
    sheet.place(panel.data_links([more]), 4, FIGURE_H)


def _open_incidents(sheet: Sheet) -> table.Panel:
    return listing(
        sheet,
        "open_incidents",
        Text("Vụ việc chưa xong, nặng nhất trước", "Unfinished incidents, the gravest first"),
        Text(
            "Những vụ chưa ai kết luận. Bấm vào loại vụ việc để mở trên màn hình giám sát.",
            "What nobody has finished. The kind opens it on the wall.",
        ),
        (
            Column("time", Text("Lúc", "At"), width=170),
            Column("severity", Text("Mức độ", "Severity"), words=SEVERITY, coloured=True, width=110),
            Column("kind", Text("Loại vụ việc", "Kind"), words=KINDS, link=sheet.links.incident()),
            Column("place", Text("Nơi", "Place")),
            Column("state", Text("Tình trạng", "State"), words=WORK, coloured=True, width=130),
            Column("waiting", Text("Đã chờ", "Waiting"), unit="dtdurations", width=150),
            Column("escalations", Text("Báo lên cấp trên", "Escalated"), width=150),
            Column("incident_id", hidden=True),
        ),
        empty=Text("Không còn vụ nào chưa xong", "Nothing is unfinished"),
    )
