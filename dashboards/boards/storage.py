"""Storage: what fills the store, how fast, and how far back it reaches."""

from __future__ import annotations

from dashboards import house
from dashboards.columns import Column, rising
from dashboards.house import CALM, NOW, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, days, figure, listing, ranking
from dashboards.sheet import Sheet
from dashboards.words import BACKUPS

TITLE = Text("Phố An · 8 · Lưu trữ", "Phố An · 8 · Storage")
NOTE = Text(
    "Cái gì chiếm chỗ, đầy nhanh cỡ nào, còn xem lại được tới ngày nào. Dành cho kỹ thuật viên.",
    "What takes the room, how fast it fills, how far back one can look. For technicians.",
)
VARIABLES: tuple[str, ...] = ()
PLAIN = ((None, CALM),)
STALE = rising(house.BACKUP_HOURS * 3600, 2 * house.BACKUP_HOURS * 3600)
TABLES = {
    "telemetry": Text("thiết bị đo", "devices"),
    "counts": Text("camera đếm", "counts of cameras"),
    "health": Text("sức khỏe hộp, camera", "health of boxes and cameras"),
    "events": Text("cảnh báo", "events"),
}
PARTS = {
    "chunks": Text("Số liệu mới, chưa nén", "Newest rows, not compressed"),
    "compressed": Text("Số liệu cũ, đã nén", "Older rows, compressed"),
    "aggregates": Text("Số liệu tổng hợp", "Aggregates"),
    "tables": Text("Bảng thường", "Ordinary tables"),
    "other": Text("Phần của hệ quản trị", "The engine's own"),
}


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Sao lưu", "Backups"))
    _backups(sheet)
    sheet.row(Text("Đầy dần", "Growth"))
    _growth(sheet)
    sheet.row(Text("Bảng", "Tables"))
    _tables(sheet)


def _figures(sheet: Sheet) -> None:
    database = figure(
        sheet,
        "database",
        Text("Cơ sở dữ liệu", "Database"),
        Text("Chỗ trên đĩa, cả chỉ mục.", "Room on the disk, with indexes.") + NOW,
        unit="decbytes",
        decimals=1,
    )
    sheet.place(database, 4, FIGURE_H)
    growth = figure(
        sheet,
        "growth",
        Text("Thêm mỗi ngày", "More each day"),
        Text(
            "Trung bình 7 ngày qua, trước khi nén; TimescaleDB nén sau 7 ngày còn khoảng một phần mười.",
            "The mean of the last 7 days, before compression; TimescaleDB compresses to about a tenth after 7 days.",
        ),
        unit="decbytes",
        decimals=1,
    )
    sheet.place(growth, 4, FIGURE_H)
    media = figure(
        sheet,
        "media_kept",
        Text("Hình và clip đang giữ", "Pictures and clips kept"),
        Text("Ngoài cơ sở dữ liệu, trong kho hình.", "Beside the database, in the media store.") + NOW,
        columns=(
            Column("bytes", Text("dung lượng", "size"), unit="decbytes", decimals=1, steps=PLAIN),
            Column("files", Text("tệp", "files"), steps=PLAIN),
        ),
    )
    sheet.place(media, 5, FIGURE_H)
    oldest = figure(
        sheet,
        "oldest",
        Text("Xem lại được từ", "Reaches back to"),
        Text("Ngày xa nhất của số liệu tổng hợp theo ngày.", "The oldest day of the daily aggregates.") + NOW,
        unit="time:DD/MM/YYYY",
        columns=tuple(Column(name, text, unit="time:DD/MM/YYYY", steps=PLAIN) for name, text in TABLES.items()),
    )
    sheet.place(oldest, 8, FIGURE_H)
    connections = figure(
        sheet,
        "connections",
        Text("Kết nối", "Connections"),
        Text("Đang mở, trên số cho phép.", "Open, of those that are allowed.") + NOW,
        columns=(
            Column("connections", Text("đang mở", "open"), steps=rising(70, 90)),
            Column("allowed", Text("cho phép", "allowed"), steps=PLAIN),
        ),
    )
    sheet.place(connections, 3, FIGURE_H)


def _backups(sheet: Sheet) -> None:
    newest = figure(
        sheet,
        "backup",
        Text("Bản sao lưu tốt gần nhất", "Newest good backup"),
        Text(
            "Cách đây bao lâu và lớn cỡ nào. Mỗi đêm một bản; quá 26 giờ là đêm qua đã hỏng.",
            "How long ago, and how large. One is made each night; beyond 26 hours last night's has failed.",
        )
        + NOW,
        columns=(
            Column("age", Text("cách đây", "ago"), unit="dtdurations", decimals=1, steps=STALE),
            Column("bytes", Text("dung lượng", "size"), unit="decbytes", decimals=1, steps=PLAIN),
        ),
    )
    sheet.place(newest.no_value(sheet.say(Text("Chưa có bản nào", "None yet"))), 6, GRAPH_H)
    failed = listing(
        sheet,
        "failed_backups",
        Text("Những lần sao lưu hỏng gần nhất", "The last backups that failed"),
        Text(
            "Hỏng ở bước nào và chương trình nói gì. Lần sau tốt thì lần hỏng trước không còn đáng lo.",
            "At which step, and what the program said. A failure before a good backup is no trouble any more.",
        )
        + NOW,
        (
            Column("time", Text("Lúc", "When"), width=170),
            Column("reason", Text("Hỏng ở đâu", "What failed"), words=BACKUPS, width=320),
            Column("detail", Text("Chương trình nói", "What the program said")),
        ),
        empty=Text("Chưa lần nào hỏng", "None has failed"),
    )
    sheet.place(failed, 18, GRAPH_H)


def _growth(sheet: Sheet) -> None:
    rows = days(
        sheet,
        "rows",
        Text("Bản ghi mỗi ngày", "Rows a day"),
        Text(
            "Loại nào tăng: thêm camera, thêm thiết bị, hay đo dày hơn. Chọn từ 7 ngày trở lên.",
            "Which kind grows: more cameras, more devices, or denser samples. Choose 7 days or more.",
        ),
        columns=tuple(Column(name, text) for name, text in TABLES.items()),
    )
    sheet.place(rows, 12, GRAPH_H)
    media = days(
        sheet,
        "media_days",
        Text("Hình và clip nhận mỗi ngày", "Pictures and clips a day"),
        Text(
            "Những gì nhận được và còn giữ. Chọn từ 7 ngày trở lên.",
            "What came and is still kept. Choose 7 days or more.",
        ),
        unit="decbytes",
        columns=(
            Column("images", Text("hình", "pictures")),
            Column("clips", Text("clip", "clips")),
        ),
    )
    sheet.place(media, 12, GRAPH_H)


def _tables(sheet: Sheet) -> None:
    tables = listing(
        sheet,
        "tables",
        Text("Bảng, lớn nhất trước", "Tables, the largest first"),
        Text("Số dòng là ước lượng của PostgreSQL.", "Rows are PostgreSQL's own estimate.") + NOW,
        (
            Column("name", Text("Bảng", "Table")),
            Column("bytes", Text("Dung lượng", "Size"), unit="decbytes", bar=True, width=220),
            Column("rows", Text("Số dòng", "Rows"), width=110),
            Column("row_bytes", Text("Mỗi dòng", "A row"), unit="decbytes", width=100),
            Column("chunks", Text("Số phần", "Chunks"), width=90),
            Column("indexes", Text("Chỉ mục", "Indexes"), unit="decbytes", width=110),
        ),
    )
    sheet.place(tables, 12, TABLE_H)
    parts = ranking(
        sheet,
        "parts",
        Text("Cái gì chiếm chỗ", "What takes the room"),
        Text(
            "Phần chưa nén chiếm nhiều: rút ngắn compress_after. PostgreSQL thường không có phần nén.",
            "If what is not compressed is large, shorten compress_after. A plain PostgreSQL compresses nothing.",
        )
        + NOW,
        unit="decbytes",
        columns=(Column("part", words=PARTS),),
    )
    sheet.place(parts, 6, TABLE_H)
    loudest = ranking(
        sheet,
        "loudest",
        Text("Hộp ghi nhiều nhất", "Boxes that write most"),
        Text(
            "Số bản ghi trong khoảng đã chọn. Chọn từ 7 ngày trở lên.",
            "Rows in the chosen time. Choose 7 days or more.",
        ),
    )
    sheet.place(loudest, 6, TABLE_H)
    dead = listing(
        sheet,
        "dead",
        Text("Chỗ chờ dọn", "Room that waits for vacuum"),
        Text("Trên 20 % kéo dài: autovacuum không theo kịp.", "Above 20 % for long: autovacuum does not keep up.")
        + NOW,
        (
            Column("name", Text("Bảng", "Table")),
            Column("dead", Text("Dòng chờ dọn", "Dead rows"), width=150),
            Column("share", Text("Tỷ lệ", "Share"), unit="percent", decimals=0, steps=rising(20, 50), width=110),
            Column("time", Text("Dọn lần cuối", "Last vacuum"), width=170),
        ),
    )
    sheet.place(dead, 24, TABLE_H)
