"""Cameras and boxes: what does not work and since when, and what will soon be too small."""

from __future__ import annotations

from grafana_foundation_sdk.builders import table

from dashboards import house
from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, falling, rising
from dashboards.house import CALM, NOW, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, days, figure, lines, listing, ranking, states
from dashboards.sheet import Sheet
from dashboards.words import BOX_STATES, CAMERA_STATES, FAULTS, LEVELS, SETTINGS, UPDATES, Words, mapping

TITLE = Text("Phố An · 3 · Camera và hộp biên", "Phố An · 3 · Cameras and boxes")
NOTE = Text(
    "Camera, hộp biên nào đang hỏng, từ lúc nào, hỏng vì sao; cái nào sắp quá tải hoặc hết chỗ.",
    "Which cameras and boxes do not work, since when and why; which will soon be too busy or full.",
)
HEARD: Words = {"1": Text("Có tin", "Heard of")}
TOTAL = ((None, CALM),)
DISK = falling(house.DISK_FREE_WARN, house.DISK_FREE_BAD)
LOAD = rising(80, 95)
SHARE = falling(99, 90)


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Camera", "Cameras"))
    _cameras(sheet)
    sheet.row(Text("Hộp biên", "Boxes"))
    _boxes(sheet)


def _figures(sheet: Sheet) -> None:
    dark = figure(
        sheet,
        "dark",
        Text("Camera không có hình", "Cameras without a picture"),
        Text("Kể cả camera sau một hộp biên mất liên lạc.", "Those behind a silent box count, too.") + NOW,
        columns=(
            Column("dark", Text("không có hình", "without a picture"), steps=ANY_IS_BAD),
            Column("cameras", Text("tổng số", "in all"), steps=TOTAL),
        ),
    )
    sheet.place(dark, 6, FIGURE_H)
    silent = figure(
        sheet,
        "silent",
        Text("Hộp biên không trực tuyến", "Boxes that are not online"),
        Text("Mất liên lạc, hoặc chưa từng kết nối.", "Silent, or never connected.") + NOW,
        columns=(
            Column("silent", Text("không trực tuyến", "not online"), steps=ANY_IS_BAD),
            Column("boxes", Text("tổng số", "in all"), steps=TOTAL),
        ),
    )
    sheet.place(silent, 6, FIGURE_H)
    available = figure(
        sheet,
        "available",
        Text("Thời gian có hình", "Time with a picture"),
        Text(
            "Trong khoảng thời gian đã chọn, các camera có hình bao nhiêu phần thời gian mà hộp biên có báo về.",
            "Of the chosen time in which boxes told of their cameras, the share in which these had a picture.",
        ),
        unit="percent",
        decimals=2,
        steps=SHARE,
    )
    sheet.place(available, 4, FIGURE_H)
    tightest = figure(
        sheet,
        "tightest",
        Text("Hộp biên căng nhất", "The tightest boxes"),
        Text(
            "Ổ đĩa còn ít nhất, bộ xử lý và bộ nhớ bận nhất trong 15 phút qua.",
            "The least free disk, the busiest processor and memory of the last 15 minutes.",
        ),
        columns=(
            Column("disk", Text("ổ đĩa còn", "disk free"), unit="decbytes", decimals=0, steps=DISK),
            Column("cpu", Text("bộ xử lý", "processor"), unit="percent", decimals=0, steps=LOAD),
            Column("memory", Text("bộ nhớ", "memory"), unit="percent", decimals=0, steps=LOAD),
        ),
    )
    sheet.place(tightest, 8, FIGURE_H)


def _cameras(sheet: Sheet) -> None:
    cameras = listing(
        sheet,
        "cameras",
        Text("Camera, hỏng trước", "Cameras, those that fail first"),
        Text(
            "Camera nào cần người tới, vì sao. Bấm vào tên để xem trên màn hình giám sát từ lúc đó.",
            "Which camera needs a visit, and why. Its name opens it on the wall, at that moment.",
        ),
        (
            Column("time", Text("Từ lúc", "Since"), width=170),
            Column("place", Text("Nơi", "Place")),
            Column("camera", Text("Camera", "Camera"), link=sheet.links.camera()),
            Column("box", Text("Hộp biên", "Box")),
            Column("state", Text("Tình trạng", "State"), words=CAMERA_STATES, coloured=True, width=190),
            Column("fault", Text("Lý do", "Why"), words=FAULTS),
            Column("available", Text("Có hình", "With a picture"), unit="percent", decimals=1, steps=SHARE, width=130),
            Column("fps", Text("Hình/giây", "Frames/s"), decimals=1, width=100),
            Column("analysed_fps", Text("Phân tích/giây", "Analysed/s"), decimals=1, width=130),
            Column("picture", Text("Độ phân giải", "Size"), width=120),
            Column("camera_id", hidden=True),
        ),
    )
    sheet.place(cameras, 24, TABLE_H + 2)
    availability = lines(
        sheet,
        "availability",
        Text("Tỷ lệ thời gian có hình", "Share of the time with a picture"),
        Text(
            "Tám địa bàn kém nhất. Cả địa bàn cùng tụt: mất điện hoặc mất mạng; tụt dần: dây, nguồn, camera.",
            "The eight worst sites. All at once: power or network; slowly: cables, supplies, cameras.",
        ),
        unit="percent",
        high=100,
    )
    sheet.place(availability, 12, GRAPH_H)
    trouble = days(
        sheet,
        "trouble",
        Text("Camera bị che, mờ, lệch, mất hình theo ngày", "Trouble of cameras, by day"),
        Text("Loại hỏng nào đang tăng. Chọn từ 7 ngày trở lên.", "Which kind grows. Choose 7 days or more."),
    )
    sheet.place(trouble, 12, GRAPH_H)
    sight = listing(
        sheet,
        "sight",
        Text("Camera được phân tích kém nhất", "Cameras that are analysed worst"),
        Text(
            "Dưới 2 lần phân tích mỗi giây hoặc hình tối, mờ thì dễ bỏ sót người đi nhanh. Số trung bình.",
            "Below 2 analysed frames a second, or in dark or soft pictures, fast walkers are missed. Means.",
        ),
        (
            Column("place", Text("Nơi", "Place")),
            Column("camera", Text("Camera", "Camera"), link=sheet.links.camera_now()),
            Column("analysed_fps", Text("Phân tích/giây", "Analysed/s"), decimals=1, steps=falling(4, 2), width=150),
            Column("fps", Text("Hình/giây", "Frames/s"), decimals=1, steps=falling(10, 5), width=120),
            Column(
                "brightness",
                Text("Độ sáng", "Brightness"),
                unit="percent",
                decimals=0,
                steps=falling(20, 10),
                width=120,
            ),
            Column("sharpness", Text("Độ nét", "Sharpness"), unit="percent", decimals=0, width=120),
            Column("skipped", Text("Vùng bỏ qua", "Regions skipped"), width=140),
            Column("camera_id", hidden=True),
        ),
    )
    sheet.place(sight, 24, TABLE_H)


def _boxes(sheet: Sheet) -> None:
    boxes = listing(
        sheet,
        "boxes",
        Text("Hộp biên, mất liên lạc trước", "Boxes, the silent ones first"),
        Text(
            "Hộp nào cần người tới; hộp nào còn phiên bản cũ. Bấm vào tên để mở trang thiết bị.",
            "Which box needs a visit, and which still has an old version. Its name opens the wall's page of boxes.",
        ),
        (
            Column("time", Text("Tin cuối", "Last heard"), width=170),
            Column("ward", Text("Phường, xã", "Ward")),
            Column("box", Text("Hộp biên", "Box"), link=sheet.links.boxes()),
            Column("state", Text("Tình trạng", "State"), words=BOX_STATES, coloured=True, width=150),
            Column("version", Text("Phiên bản", "Version"), width=120),
            Column("cpu", Text("Bộ xử lý", "Processor"), unit="percent", decimals=0, steps=LOAD, width=100),
            Column("memory", Text("Bộ nhớ", "Memory"), unit="percent", decimals=0, steps=LOAD, width=100),
            Column("disk", Text("Ổ đĩa còn", "Disk free"), unit="decbytes", decimals=0, steps=DISK, width=110),
            Column(
                "pending",
                Text("Chờ gửi", "Waiting"),
                steps=rising(house.PENDING_WARN, house.PENDING_BAD),
                width=110,
            ),
            Column("dropped", Text("Phải bỏ", "Dropped"), steps=ANY_IS_BAD, width=100),
            Column("missing", Text("Thiếu", "Missing"), steps=ANY_IS_ODD, width=100),
            Column("cameras", Text("Camera", "Cameras"), width=90),
        ),
    )
    sheet.place(boxes, 24, TABLE_H)
    sheet.place(_care(sheet), 24, TABLE_H)
    heard = states(
        sheet,
        "heard",
        Text("Lúc nào hộp biên có tin", "When boxes were heard of"),
        Text(
            "Khoảng trống là lúc hộp tắt hoặc mất mạng; hộp nhiều khoảng trống ở trên. Tin tới muộn sẽ lấp chỗ trống.",
            "A gap is a box that was off or cut off; those with most gaps first. What arrives late fills the gap.",
        ),
    )
    sheet.place(heard.mappings(mapping(HEARD, sheet.language, {"1": house.GOOD})), 16, GRAPH_H)
    versions = ranking(
        sheet,
        "versions",
        Text("Phiên bản đang chạy", "Versions that run"),
        Text("Bao nhiêu hộp chạy phiên bản nào: việc cập nhật tới đâu rồi.", "How far an update has come.") + NOW,
    )
    sheet.place(versions, 8, GRAPH_H)
    for metric, title in (
        ("box.cpu_percent", Text("Bộ xử lý, tám hộp bận nhất", "Processor, the eight busiest boxes")),
        ("box.memory_percent", Text("Bộ nhớ, tám hộp đầy nhất", "Memory, the eight fullest boxes")),
    ):
        load = lines(
            sheet,
            "highest",
            title,
            Text("Trên 80 % kéo dài: bớt camera hoặc thêm hộp.", "Above 80 % for long: fewer cameras or another box."),
            unit="percent",
            high=100,
            steps=LOAD,
            variant=metric,
        )
        sheet.place(load, 8, GRAPH_H)
    disk = lines(
        sheet,
        "disk",
        Text("Ổ đĩa còn trống, tám hộp ít nhất", "Free disk, the eight fullest boxes"),
        Text(
            "Đường đi xuống đều là sắp hết chỗ: kéo dài đường đó để biết còn mấy ngày.",
            "A line that falls steadily will end: draw it on to see when.",
        ),
        unit="decbytes",
        steps=DISK,
    )
    sheet.place(disk, 8, GRAPH_H)


def _care(sheet: Sheet) -> table.Panel:
    ends = falling(house.CERTIFICATE_WARN_DAYS, house.CERTIFICATE_BAD_DAYS)
    return listing(
        sheet,
        "care",
        Text("Chăm sóc hộp biên: chứng thư, cấu hình, phiên bản", "Care of boxes: certificates, settings, versions"),
        Text(
            "Chứng chỉ nào sắp hết hạn, hộp nào từ chối cấu hình, cập nhật hỏng, lần kiểm tra gần nhất ra sao.",
            "Which certificate ends, which box refused its settings or an update, what the last check-up found.",
        ),
        (
            Column("time", Text("Kiểm tra lúc", "Checked at"), width=170),
            Column("ward", Text("Phường, xã", "Ward")),
            Column("box", Text("Hộp biên", "Box"), link=sheet.links.boxes()),
            Column("level", Text("Kết quả", "Result"), words=LEVELS, coloured=True, width=110),
            Column("own", Text("Chứng chỉ còn (ngày)", "Certificate (days)"), decimals=0, steps=ends, width=160),
            Column("server", Text("Của máy chủ (ngày)", "The server's (days)"), decimals=0, steps=ends, width=150),
            Column("revision", Text("Cấu hình số", "Settings no."), width=110),
            Column("settings", Text("Cấu hình", "Settings"), words=SETTINGS, coloured=True, width=150),
            Column("reason", Text("Vì sao", "Why")),
            Column("version", Text("Phiên bản", "Version"), width=110),
            Column("wanted", Text("Cần lên", "Wanted"), width=110),
            Column("update", Text("Cập nhật", "Update"), words=UPDATES, coloured=True, width=150),
        ),
    )
