"""Devices: which sensors, meters and loudspeakers are silent or weak, and what they measure."""

from __future__ import annotations

from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, falling
from dashboards.house import BAD, CALM, GOOD, NOW, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, days, figure, lines, listing, states
from dashboards.sheet import Sheet
from dashboards.words import DEVICE_KINDS, LIVES, Words, mapping

TITLE = Text("Phố An · 4 · Thiết bị", "Phố An · 4 · Devices")
NOTE = Text(
    "Cảm biến, đồng hồ, loa nào mất tín hiệu hoặc sắp hết pin; nhiệt độ, dòng điện, điện lưới, đường mạng ra sao.",
    "Which sensors, meters and loudspeakers are silent or low; how temperature, load, mains and the line fare.",
)
THERE: Words = {"0": Text("Không có", "None"), "1": Text("Có", "There")}
REACHED: Words = {"0": Text("Không tới được", "Not reached"), "1": Text("Tới được", "Reached")}
ON_OFF = {"0": BAD, "1": GOOD}
LIFE = {"0": BAD, "1": CALM, "2": GOOD}


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Danh sách", "List"))
    _list(sheet)
    sheet.row(Text("Điện và đường mạng", "Mains and line"))
    _lines(sheet)
    sheet.row(Text("Số đo", "Measurements"))
    _measurements(sheet)


def _figures(sheet: Sheet) -> None:
    silent = figure(
        sheet,
        "silent",
        Text("Thiết bị mất tín hiệu", "Silent devices"),
        Text(
            "Chưa rõ là thiết bị sau một bộ trung tâm hoặc hộp biên mất liên lạc.",
            "Not known are those behind a silent gateway or box.",
        )
        + NOW,
        columns=(
            Column("silent", Text("mất tín hiệu", "silent"), steps=ANY_IS_BAD),
            Column("unknown", Text("chưa rõ", "not known"), steps=ANY_IS_ODD),
            Column("devices", Text("tổng số", "in all"), steps=((None, CALM),)),
        ),
    )
    sheet.place(silent, 9, FIGURE_H)
    for name, width, title, note, steps in (
        (
            "ringing",
            5,
            Text("Đang báo động", "Ringing"),
            Text(
                "Đầu báo khói, nhiệt, khí gas, CO, nước đang báo.",
                "Smoke, heat, gas, CO and water detectors that ring.",
            ),
            ANY_IS_BAD,
        ),
        (
            "mains_out",
            5,
            Text("Nơi mất điện lưới", "Places without mains"),
            Text("Cảm biến điện hoặc bộ lưu điện nói mất điện.", "A mains sensor or UPS says so."),
            ANY_IS_BAD,
        ),
        (
            "weak",
            5,
            Text("Sắp hết pin", "Low batteries"),
            Text(
                "Tự báo pin yếu, hoặc còn dưới 20 %: mang pin đi thay.",
                "They say so, or hold less than 20 %: bring new ones.",
            ),
            ANY_IS_ODD,
        ),
    ):
        sheet.place(figure(sheet, name, title, note + NOW, steps=steps), width, FIGURE_H)


def _list(sheet: Sheet) -> None:
    table = listing(
        sheet,
        "devices",
        Text("Thiết bị, mất tín hiệu trước", "Devices, the silent ones first"),
        Text(
            "Thiết bị nào cần người tới. Tin cuối là trong 7 ngày qua.",
            "Which one needs a visit. Last heard within a week.",
        ),
        (
            Column("time", Text("Tin cuối", "Last heard"), width=170),
            Column("place", Text("Nơi", "Place")),
            Column("device", Text("Thiết bị", "Device")),
            Column("kind", Text("Loại", "Kind"), words=DEVICE_KINDS, width=150),
            Column("box", Text("Hộp biên", "Box")),
            Column("life", Text("Tình trạng", "State"), words=LIVES, colours=LIFE, width=130),
            Column("battery", Text("Pin", "Battery"), unit="percent", decimals=0, steps=falling(30, 20), width=90),
            Column("quality", Text("Sóng (0–255)", "Link (0–255)"), steps=falling(60, 20), width=120),
            Column("gateway", Text("Qua bộ trung tâm", "Over gateway"), width=160),
            Column("device_id", hidden=True),
        ),
    )
    sheet.place(table, 24, TABLE_H)


def _lines(sheet: Sheet) -> None:
    mains = states(
        sheet,
        "mains",
        Text("Có điện lưới", "Mains power"),
        Text(
            "Mất điện lúc nào, bao lâu: cần bộ lưu điện lớn cỡ nào. Khoảng trống là lúc không rõ.",
            "When it was gone and for how long: how large a UPS must be. A gap is not known.",
        ),
    )
    sheet.place(mains.mappings(mapping(THERE, sheet.language, ON_OFF)), 12, GRAPH_H)
    probes = states(
        sheet,
        "probes",
        Text("Đường mạng, DNS, ngân hàng", "Internet, names, banks"),
        Text(
            "Hộp biên có ra được internet và tới được ngân hàng không: gọi nhà mạng hay gọi ngân hàng.",
            "Whether boxes reach the internet and banks: whom to call, the line's provider or the bank.",
        ),
    )
    sheet.place(probes.mappings(mapping(REACHED, sheet.language, ON_OFF)), 12, GRAPH_H)
    alarms = days(
        sheet,
        "alarms",
        Text("Báo động của thiết bị theo ngày", "Alarms of devices, by day"),
        Text("Loại nào đang tăng. Chọn từ 7 ngày trở lên.", "Which kind grows. Choose 7 days or more."),
    )
    sheet.place(alarms, 16, GRAPH_H)
    kinds = listing(
        sheet,
        "kinds",
        Text("Theo loại", "By kind"),
        Text("Loại nào hay mất tín hiệu.", "Which kind falls silent."),
        (
            Column("kind", Text("Loại", "Kind"), words=DEVICE_KINDS),
            Column("devices", Text("Số lượng", "Devices"), width=100),
            Column("silent", Text("Mất tín hiệu", "Silent"), steps=ANY_IS_BAD, width=120),
        ),
    )
    sheet.place(kinds, 8, GRAPH_H)


def _measurements(sheet: Sheet) -> None:
    for metric, unit, title, note in (
        (
            "temperature",
            "celsius",
            Text("Nhiệt độ, tám nơi nóng nhất", "Temperature, the eight hottest"),
            Text(
                "Tủ điện, kho nào nóng dần lên. Báo động từ 60 °C.", "Which cabinet grows hot. The alarm is at 60 °C."
            ),
        ),
        (
            "current_a",
            "amp",
            Text("Dòng điện, tám nơi lớn nhất", "Current, the eight highest"),
            Text(
                "Dây nào gần quá tải, nơi nào dùng điện ngoài giờ.",
                "Which line is near its limit, who draws power at night.",
            ),
        ),
        (
            "pm25",
            "conμgm3",
            Text("Bụi mịn PM2.5, tám nơi cao nhất", "PM2.5, the eight highest"),
            Text("Từ 150 µg/m³ là rất xấu.", "From 150 µg/m³ on it is very bad."),
        ),
        (
            "water_cm",
            "suffix: cm",
            Text("Mực nước, tám nơi cao nhất", "Water level, the eight highest"),
            Text("Nước dâng nhanh cỡ nào: còn bao lâu để chuẩn bị.", "How fast it rises: how much time is left."),
        ),
    ):
        panel = lines(sheet, "measured", title, note, unit=unit, low=None, variant=metric)
        sheet.place(panel, 12, GRAPH_H)
