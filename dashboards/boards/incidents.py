"""Incidents and response times: how much there is to do, how fast it is done, what is done in vain."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, rising
from dashboards.house import CALM, HINT, NOW, SEVERITIES, WARN, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, days, figure, hours, lines, listing
from dashboards.sheet import Sheet
from dashboards.words import KINDS, SEVERITY, WORK

TITLE = Text("Phố An · 6 · Vụ việc và thời gian phản hồi", "Phố An · 6 · Incidents and response times")
NOTE = Text(
    "Có bao nhiêu việc, làm nhanh hay chậm, giờ nào thiếu người, báo nhầm từ đâu ra.",
    "How much there is to do, how fast it is done, at which hours people are missing, where false alarms come from.",
)
SEEN = rising(120, 600)
DONE = rising(1800, 7200)
PLAIN = ((None, CALM),)
SEVERITY_BARS = tuple(Column(code, text, colour=SEVERITIES[code]) for code, text in SEVERITY.items())
HALF = Text("một nửa số vụ nhanh hơn", "half are faster")
TENTH = Text("1/10 số vụ chậm hơn", "one in ten is slower")
SEVERE = Text("Chỉ tính vụ từ mức cao trở lên.", "High and critical ones only.")


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Tóm tắt", "In short"))
    _figures(sheet)
    sheet.row(Text("Chưa xong", "Unfinished"))
    sheet.place(_waiting(sheet), 24, TABLE_H)
    sheet.row(Text("Nhanh hay chậm", "How fast"))
    _speed(sheet)
    sheet.row(Text("Nhiều hay ít", "How many"))
    _amount(sheet)
    sheet.row(Text("Báo nhầm và tin nhắn", "False alarms and messages"))
    _vain(sheet)


def _figures(sheet: Sheet) -> None:
    opened = figure(
        sheet,
        "opened",
        Text("Vụ việc mới", "Opened"),
        Text("Trong khoảng thời gian đã chọn.", "In the chosen time."),
        columns=(
            Column("opened", Text("tất cả", "all"), steps=PLAIN),
            Column("severe", Text("từ mức cao", "high and critical"), steps=PLAIN),
        ),
    )
    sheet.place(opened, 4, FIGURE_H)
    unfinished = figure(
        sheet,
        "unfinished",
        Text("Chưa xong", "Unfinished"),
        Text("Chưa xử lý xong, và trong đó chưa ai xem.", "Not finished, and of them not even seen.") + NOW,
        columns=(
            Column("unfinished", Text("chưa xong", "unfinished"), steps=PLAIN),
            Column("unseen", Text("chưa ai xem", "not seen"), steps=ANY_IS_ODD),
        ),
    )
    sheet.place(unfinished, 4, FIGURE_H)
    for name, title, note, steps in (
        (
            "acknowledge",
            Text("Từ lúc báo đến lúc có người xem", "Until somebody looks"),
            Text("Tính từ lúc trung tâm nhận tin.", "From when the centre learned of it."),
            SEEN,
        ),
        (
            "resolve",
            Text("Từ lúc báo đến lúc xong", "Until it is finished"),
            Text("Tính từ lúc trung tâm nhận tin đến lúc kết luận.", "From when the centre learned of it to its end."),
            DONE,
        ),
    ):
        panel = figure(
            sheet,
            name,
            title,
            note + SEVERE,
            columns=(
                Column("median", HALF, unit="dtdurations", steps=steps),
                Column("slowest", TENTH, unit="dtdurations", steps=PLAIN),
            ),
        )
        sheet.place(panel.no_value(sheet.say(Text("Chưa có vụ nào", "None yet"))), 5, FIGURE_H)
    false_alarms = figure(
        sheet,
        "false_alarms",
        Text("Báo nhầm", "False alarms"),
        Text(
            "Trong các vụ đã kết luận. Trên 30 % thì người trực sẽ thôi tin cảnh báo: chỉnh lại vùng, luật.",
            "Of those that are finished. Above 30 % people stop believing: mend zones and rules.",
        ),
        unit="percent",
        decimals=0,
        steps=rising(15, 30),
    )
    sheet.place(false_alarms.no_value(sheet.say(Text("Chưa có vụ nào", "None yet"))), 3, FIGURE_H)
    escalated = figure(
        sheet,
        "escalated",
        Text("Phải báo lên cấp trên", "Escalated"),
        Text("Vụ không ai xem kịp nên đã báo lên cấp trên.", "Nobody looked in time."),
        steps=ANY_IS_ODD,
    )
    sheet.place(escalated, 3, FIGURE_H)


def _waiting(sheet: Sheet) -> table.Panel:
    return listing(
        sheet,
        "waiting",
        Text("Chờ lâu nhất trước", "The longest waiting first"),
        Text("Vụ nào bị bỏ quên. Bấm vào loại vụ việc để mở.", "Which one was forgotten. The kind opens it."),
        (
            Column("time", Text("Lúc", "At"), width=170),
            Column("severity", Text("Mức độ", "Severity"), words=SEVERITY, coloured=True, width=110),
            Column("kind", Text("Loại vụ việc", "Kind"), words=KINDS, link=sheet.links.incident()),
            Column("place", Text("Nơi", "Place")),
            Column("state", Text("Tình trạng", "State"), words=WORK, coloured=True, width=130),
            Column("waiting", Text("Đã chờ", "Waiting"), unit="dtdurations", width=160),
            Column("escalations", Text("Báo lên cấp trên", "Escalated"), width=150),
            Column("events", Text("Số cảnh báo", "Alerts"), width=110),
            Column("incident_id", hidden=True),
        ),
        empty=Text("Không còn vụ nào chưa xong", "Nothing is unfinished"),
    )


def _speed(sheet: Sheet) -> None:
    by_day = lines(
        sheet,
        "acknowledge_days",
        Text("Thời gian đến lúc có người xem, theo ngày", "Until somebody looks, by day"),
        Text("Nhanh lên hay chậm đi. Chọn từ 7 ngày trở lên.", "Faster or slower. Choose 7 days or more.") + SEVERE,
        unit="dtdurations",
        steps=SEEN,
        columns=(Column("median", HALF, colour=HINT), Column("slowest", TENTH, colour=WARN)),
    )
    sheet.place(by_day, 12, GRAPH_H)
    by_hour = hours(
        sheet,
        "acknowledge_hours",
        Text("Giờ nào không ai xem kịp", "At which hours nobody looks in time"),
        Text(
            "Một nửa số vụ nhanh hơn cột này. Chọn 30 ngày: xếp ca trực theo đó.",
            "Half are faster. Choose 30 days: plan shifts by it.",
        ),
        unit="dtdurations",
        columns=(Column("median", HALF),),
    )
    sheet.place(by_hour, 12, GRAPH_H)


def _amount(sheet: Sheet) -> None:
    by_day = days(
        sheet,
        "by_day",
        Text("Vụ việc theo ngày và mức độ", "Incidents by day and severity"),
        Text("Việc nhiều lên hay ít đi. Chọn từ 7 ngày trở lên.", "More or fewer. Choose 7 days or more."),
        columns=SEVERITY_BARS,
    )
    sheet.place(by_day, 12, GRAPH_H)
    by_hour = hours(
        sheet,
        "by_hour",
        Text("Giờ nào nhiều việc", "At which hours there is most to do"),
        Text("Cộng theo giờ trong ngày.", "Added up by hour of the day."),
        columns=SEVERITY_BARS,
    )
    sheet.place(by_hour, 12, GRAPH_H)
    kinds = listing(
        sheet,
        "kinds",
        Text("Theo loại vụ việc", "By kind"),
        Text("Loại nào nhiều, loại nào chậm, loại nào hay nhầm.", "Which is frequent, slow, or often false."),
        (
            Column("kind", Text("Loại vụ việc", "Kind"), words=KINDS),
            Column("opened", Text("Số vụ", "Incidents"), bar=True, width=200),
            Column(
                "acknowledge", Text("Đến lúc có người xem", "Until seen"), unit="dtdurations", steps=SEEN, width=190
            ),
            Column("resolve", Text("Đến lúc xong", "Until finished"), unit="dtdurations", width=190),
            Column(
                "false_alarms", Text("Báo nhầm", "False"), unit="percent", decimals=0, steps=rising(15, 30), width=110
            ),
            Column("escalated", Text("Báo lên trên", "Escalated"), steps=ANY_IS_ODD, width=120),
        ),
    )
    sheet.place(kinds, 24, TABLE_H)


def _vain(sheet: Sheet) -> None:
    false_places = listing(
        sheet,
        "false_places",
        Text("Báo nhầm từ đâu ra", "Where false alarms come from"),
        Text(
            "Camera, loại nào nhầm nhiều nhất: vẽ lại vùng hoặc chỉnh luật. Bấm vào camera để xem lần gần nhất.",
            "Which camera and kind: redraw the zone or change the rule. The camera opens the latest one.",
        ),
        (
            Column("place", Text("Nơi", "Place")),
            Column("camera", Text("Camera", "Camera"), link=sheet.links.camera()),
            Column("kind", Text("Loại", "Kind"), words=KINDS),
            Column("false_alarms", Text("Số lần", "Times"), bar=True, width=140),
            Column("time", Text("Gần nhất", "Latest"), width=170),
            Column("camera_id", hidden=True),
        ),
        empty=Text("Không có báo nhầm", "No false alarms"),
    )
    sheet.place(false_places, 13, TABLE_H)
    messages = listing(
        sheet,
        "notifications",
        Text("Tin nhắn báo cho người trực", "Messages to people on duty"),
        Text(
            "Kênh nào không tới được người trực. Chậm là từ lúc phải gửi đến lúc gửi xong, một phần mười chậm hơn.",
            "Which channel does not reach people. The delay is until it was sent; one in ten is slower.",
        ),
        (
            Column("channel", Text("Kênh", "Channel")),
            Column("sent", Text("Đã gửi", "Sent"), width=90),
            Column("given_up", Text("Không gửi được", "Given up"), steps=ANY_IS_BAD, width=130),
            Column("pending", Text("Đang chờ", "Waiting"), width=100),
            Column("delay", Text("Chậm", "Delay"), unit="dtdurations", steps=rising(30, 120), width=120),
        ),
        empty=Text("Chưa gửi tin nào", "Nothing was sent"),
    )
    sheet.place(messages, 8, TABLE_H)
    handovers = figure(
        sheet,
        "handovers",
        Text("Giao ca", "Handovers"),
        Text("Ca đã giao mà chưa ai nhận, và số ca đã giao.", "Handed over and not accepted yet, and all."),
        columns=(
            Column("open", Text("chưa ai nhận", "not accepted"), steps=ANY_IS_ODD),
            Column("handovers", Text("đã giao", "handed over"), steps=PLAIN),
        ),
    )
    sheet.place(handovers, 3, TABLE_H)
