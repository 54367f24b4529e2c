"""Pipeline: how records get from boxes into the store, how late, what is missing, what was refused."""

from __future__ import annotations

from dashboards import house
from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, rising
from dashboards.house import CALM, NOW, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, figure, lines, listing, ranking, stacks
from dashboards.sheet import Sheet
from dashboards.words import BOX_STATES

TITLE = Text("Phố An · 7 · Đường truyền dữ liệu", "Phố An · 7 · Pipeline")
NOTE = Text(
    "Dữ liệu từ hộp biên về trung tâm có kịp không, có thiếu không, bản tin nào bị loại. Dành cho kỹ thuật viên.",
    "Whether records arrive in time and whole, and which messages were refused. For technicians.",
)
VARIABLES = ("ward",)
LAG = rising(house.LAG_WARN_S, house.LAG_BAD_S)
HELD = rising(house.PENDING_WARN, house.PENDING_BAD)


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Chậm và chờ", "Late and waiting"))
    _late(sheet)
    sheet.row(Text("Thiếu", "Missing"))
    _missing(sheet)
    sheet.row(Text("Bị loại", "Refused"))
    _refused(sheet)


def _figures(sheet: Sheet) -> None:
    missing = figure(
        sheet,
        "missing",
        Text("Bản ghi thiếu", "Records missing"),
        Text(
            "Số thứ tự mà hộp đã cấp nhưng trung tâm không có. Hộp đang gửi bù thì số này giảm dần.",
            "Numbers that boxes gave out and the centre does not have. It falls while a box sends what it held.",
        )
        + NOW,
        steps=ANY_IS_BAD,
    )
    sheet.place(missing, 3, FIGURE_H)
    outboxes = figure(
        sheet,
        "outboxes",
        Text("Hộp thư đi của các hộp biên", "Outboxes"),
        Text("Đang chờ gửi; và đã phải bỏ vì đầy chỗ.", "Waiting; and given up because the disk was full.") + NOW,
        columns=(
            Column("pending", Text("chờ gửi", "waiting"), steps=HELD),
            Column("dropped", Text("phải bỏ", "dropped"), steps=ANY_IS_BAD),
        ),
    )
    sheet.place(outboxes, 5, FIGURE_H)
    delay = figure(
        sheet,
        "delay",
        Text("Về tới trung tâm sau", "Arrives after"),
        Text(
            "Từ lúc đo đến lúc lưu, trong giờ cuối của khoảng thời gian đã chọn.",
            "From measured to committed, in the last hour of the chosen time.",
        ),
        columns=(
            Column("median", Text("một nửa nhanh hơn", "half are faster"), unit="s", decimals=1, steps=LAG),
            Column("slowest", Text("1/20 chậm hơn", "1 in 20 is slower"), unit="s", decimals=1, steps=LAG),
        ),
    )
    sheet.place(delay, 6, FIGURE_H)
    quarantined = figure(
        sheet,
        "quarantined",
        Text("Bản tin bị loại", "Messages refused"),
        Text("Trong khoảng thời gian đã chọn.", "In the chosen time."),
        steps=ANY_IS_ODD,
    )
    sheet.place(quarantined, 3, FIGURE_H)
    suspect = figure(
        sheet,
        "suspect",
        Text("Sai giờ", "From the future"),
        Text(
            "Bản ghi mang giờ của ngày sắp tới: đồng hồ của hộp chạy sai. Vẫn lưu, không tính vào số liệu.",
            "Records that bear a time of the coming day: a box's clock is wrong. They are kept and not counted.",
        )
        + NOW,
        steps=ANY_IS_BAD,
    )
    sheet.place(suspect, 3, FIGURE_H)
    queues = figure(
        sheet,
        "queues",
        Text("Trung tâm chưa làm kịp", "The centre's own queues"),
        Text(
            "Cảnh báo chưa gom thành vụ; tin nhắn quá hạn gửi; băng ghi hình đã yêu cầu mà hộp chưa trả.",
            "Events without an incident yet; messages that are overdue; video asked for and not here yet.",
        )
        + NOW,
        columns=(
            Column("correlation", Text("chờ gom", "events"), steps=rising(100, 1000)),
            Column("notifications", Text("tin trễ", "messages"), steps=ANY_IS_ODD),
            Column("recordings", Text("chờ hình", "video"), steps=((None, CALM),)),
        ),
    )
    sheet.place(queues, 4, FIGURE_H)


def _late(sheet: Sheet) -> None:
    lag = lines(
        sheet,
        "lag",
        Text("Độ trễ lớn nhất của từng hộp", "The greatest delay of each box"),
        Text(
            "Mười hai hộp đang giữ nhiều nhất, trong ngày cuối của khoảng đã chọn. Dốc xuống: hộp mất mạng rồi gửi bù;"
            " dưới 0: đồng hồ của hộp chạy nhanh.",
            "The twelve boxes that hold most, over the last day of the time. A slope down is a box that was cut off"
            " and sent what it held; below zero its clock is fast.",
        ),
        unit="s",
        low=None,
        steps=LAG,
    )
    sheet.place(lag, 12, GRAPH_H)
    pending = lines(
        sheet,
        "pending",
        Text("Chờ gửi, tám hộp nhiều nhất", "Waiting, the eight fullest outboxes"),
        Text(
            "Tăng đều là hộp không gửi được: mạng, tài khoản, chứng thư.",
            "A steady rise is a box that cannot send: network, account, certificate.",
        ),
        steps=HELD,
    )
    sheet.place(pending, 12, GRAPH_H)


def _missing(sheet: Sheet) -> None:
    boxes = listing(
        sheet,
        "boxes",
        Text("Từng hộp, thiếu nhiều nhất trước", "Box by box, most missing first"),
        Text(
            "Hộp nào có vấn đề: im lặng, đầy, gửi lặp, thiếu.",
            "Which box has trouble: silent, full, repeating, missing.",
        ),
        (
            Column("time", Text("Trạng thái từ", "State since"), width=170),
            Column("ward", Text("Phường, xã", "Ward")),
            Column("box", Text("Hộp biên", "Box"), link=sheet.links.boxes()),
            Column("state", Text("Tình trạng", "State"), words=BOX_STATES, coloured=True, width=140),
            Column("age", Text("Số đo mới nhất cách đây", "Newest is old"), unit="dtdurations", steps=LAG, width=190),
            Column("pending", Text("Chờ gửi", "Waiting"), steps=HELD, width=100),
            Column("dropped", Text("Phải bỏ", "Dropped"), steps=ANY_IS_BAD, width=90),
            Column("repeats", Text("Gửi lặp", "Repeats"), width=90),
            Column("missing", Text("Thiếu", "Missing"), steps=ANY_IS_BAD, width=90),
        ),
    )
    sheet.place(boxes, 24, TABLE_H)
    gaps = listing(
        sheet,
        "gaps",
        Text("Các đoạn thiếu", "Gaps"),
        Text("Thiếu từ số nào đến số nào, gần đây nhất trước.", "From which number to which, the latest first."),
        (
            Column("time", Text("Hộp gửi lần cuối", "Last heard"), width=170),
            Column("box", Text("Hộp biên", "Box")),
            Column("first_seq", Text("Từ số", "From"), unit="none", width=100),
            Column("last_seq", Text("Đến số", "To"), unit="none", width=100),
            Column("missing", Text("Thiếu", "Missing"), width=90),
            Column("epoch", Text("Đợt", "Epoch"), width=100),
        ),
        empty=Text("Không thiếu bản ghi nào", "Nothing is missing"),
    )
    sheet.place(gaps, 14, TABLE_H)
    pictures = ranking(
        sheet,
        "pictures",
        Text("Hình chưa về", "Pictures that have not arrived"),
        Text(
            "Cảnh báo của ngày cuối mà trung tâm chưa có hình, theo hộp: đường lên của hộp quá hẹp.",
            "Alerts of the last day without their picture, by box: its uplink is too narrow.",
        ),
    )
    sheet.place(pictures.no_value(sheet.say(Text("Đủ hình", "All are here"))), 10, TABLE_H)


def _refused(sheet: Sheet) -> None:
    refused = stacks(
        sheet,
        "refused",
        Text("Bản tin bị loại theo lý do", "Messages refused, by reason"),
        Text(
            "Nhiều lên sau khi cập nhật: hộp và trung tâm khác phiên bản.",
            "A rise after an update: box and centre differ.",
        ),
    )
    refused = refused.interval("1h").no_value(sheet.say(Text("Không có bản tin nào bị loại", "Nothing was refused")))
    sheet.place(refused, 8, TABLE_H)
    refusals = listing(
        sheet,
        "refusals",
        Text("Bản tin bị loại gần đây", "The latest refused messages"),
        Text("Từ đâu, vì sao: để gửi cho kỹ sư.", "From where and why: for an engineer."),
        (
            Column("time", Text("Lúc", "At"), width=170),
            Column("topic", Text("Chủ đề", "Topic")),
            Column("reason", Text("Lý do", "Reason"), width=140),
            Column("detail", Text("Chi tiết", "Detail")),
            Column("bytes", Text("Kích thước", "Size"), unit="bytes", width=100),
        ),
        empty=Text("Không có bản tin nào bị loại", "Nothing was refused"),
    )
    sheet.place(refusals, 16, TABLE_H)
