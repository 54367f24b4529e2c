"""Payment points: can people pay without cash now, why not, and how it goes from day to day."""

from __future__ import annotations

from dashboards.columns import ANY_IS_BAD, ANY_IS_ODD, Column, falling
from dashboards.house import BAD, CALM, GOOD, HINT, NOW, UNKNOWN, WARN, Text
from dashboards.panels import FIGURE_H, GRAPH_H, TABLE_H, days, figure, lines, listing, ranking
from dashboards.sheet import Sheet
from dashboards.words import OUTAGES, SITE_KINDS, VERDICTS, YES_NO, mapping

TITLE = Text("Phố An · 5 · Thanh toán không tiền mặt", "Phố An · 5 · Cashless payments")
NOTE = Text(
    "Có thanh toán được không, không được thì vì đâu, từng ngày ra sao. Không có số tiền, không có tài khoản.",
    "Whether people can pay now, why not, and how it goes day by day. There are no amounts and no accounts here.",
)
SHARE = falling(90, 70)
VERDICT_COLOURS = {
    "ours": GOOD,
    "partly": WARN,
    "not_ours": BAD,
    "foreign": BAD,
    "broken": WARN,
    "found": HINT,
    "unknown": UNKNOWN,
}


def fill(sheet: Sheet) -> None:
    """Put the panels on the sheet."""
    sheet.row(Text("Lúc này", "Now"))
    _figures(sheet)
    sheet.row(Text("Gián đoạn", "Outages"))
    _outages(sheet)
    sheet.row(Text("Từng ngày", "Day by day"))
    _days(sheet)
    sheet.row(Text("Mã thanh toán", "Payment codes"))
    _codes(sheet)


def _figures(sheet: Sheet) -> None:
    payable = figure(
        sheet,
        "payable",
        Text("Đang thanh toán được", "Payable now"),
        Text("Trong các điểm đang mở và có tin báo.", "Of the points that are open and heard of.") + NOW,
        unit="percent",
        decimals=1,
        steps=SHARE,
    )
    sheet.place(payable.data_links([sheet.links.payments("payability")]), 4, FIGURE_H)
    points = figure(
        sheet,
        "points",
        Text("Điểm thanh toán", "Payment points"),
        Text(
            "Đã xác minh là camera đang thấy đúng mã, hoặc người tuần tra đã quét đúng trong 7 ngày.",
            "Verified: a camera sees the right code now, or a patrol found it within 7 days.",
        )
        + NOW,
        columns=(
            Column("points", Text("đã đăng ký", "registered"), steps=((None, CALM),)),
            Column("verified", Text("mã đã xác minh", "verified"), steps=((None, CALM),)),
            Column("not_payable", Text("không thanh toán được", "not payable"), steps=ANY_IS_BAD),
            Column("unknown", Text("chưa rõ", "not known"), steps=ANY_IS_ODD),
        ),
    )
    sheet.place(points, 8, FIGURE_H)
    swapped = figure(
        sheet,
        "swapped",
        Text("Mã bị tráo, mã lạ", "Swapped and foreign codes"),
        Text("Vụ việc chưa xong: tới ngay, gỡ mã, giữ lại.", "Unfinished: go there now, take it down, keep it.") + NOW,
        steps=ANY_IS_BAD,
    )
    sheet.place(swapped.data_links([sheet.links.payments()]), 4, FIGURE_H)
    lost = figure(
        sheet,
        "lost",
        Text("Thời gian mất", "Time lost"),
        Text(
            "Cộng của mọi điểm trong những ngày đã chọn, trong giờ bán hàng.",
            "All points together, on the chosen days, within their hours.",
        ),
        unit="m",
        decimals=1,
    )
    sheet.place(lost, 4, FIGURE_H)
    waiting = figure(
        sheet,
        "waiting",
        Text("Thay đổi chờ duyệt", "Changes to approve"),
        Text("Cần người thứ hai duyệt.", "A second person has to approve them.") + NOW,
        steps=ANY_IS_ODD,
    )
    sheet.place(waiting.data_links([sheet.links.payments("changes")]), 4, FIGURE_H)


def _outages(sheet: Sheet) -> None:
    sites = listing(
        sheet,
        "sites",
        Text("Địa bàn so với chỉ tiêu, kém nhất trước", "Sites against their target, the worst first"),
        Text(
            "Địa bàn nào dưới chỉ tiêu. Không đặt chỉ tiêu thì là 90 %.",
            "Which site is below. Without a target it is 90 %.",
        )
        + NOW,
        (
            Column("place", Text("Địa bàn", "Site")),
            Column("kind", Text("Loại", "Kind"), words=SITE_KINDS, width=110),
            Column("points", Text("Điểm", "Points"), width=70),
            Column("verified", Text("Mã đã xác minh", "Verified"), unit="percent", decimals=0, width=120),
            Column("payable", Text("Thanh toán được", "Payable"), unit="percent", decimals=0, steps=SHARE, width=130),
            Column("target", Text("Chỉ tiêu", "Target"), unit="percent", decimals=0, width=90),
            Column("not_payable", Text("Không được", "Not payable"), steps=ANY_IS_BAD, width=110),
            Column("closed", Text("Ngoài giờ", "Closed"), width=90),
            Column("unknown", Text("Chưa rõ", "Not known"), steps=ANY_IS_ODD, width=90),
        ),
        empty=Text("Chưa có điểm thanh toán nào", "No payment points yet"),
    )
    sheet.place(sites, 24, GRAPH_H)
    outages = listing(
        sheet,
        "outages",
        Text("Các lần gián đoạn, đang diễn ra trước", "Outages, those that last first"),
        Text("Bao nhiêu điểm, vì đâu, bao lâu: gọi cho ai.", "How many points, why, how long: whom to call."),
        (
            Column("time", Text("Từ lúc", "Since"), width=170),
            Column("cause", Text("Nguyên nhân", "Cause"), words=OUTAGES, link=sheet.links.payments()),
            Column("place", Text("Nơi", "Place")),
            Column("points", Text("Số điểm", "Points"), width=90),
            Column("point", Text("Điểm", "Point"), link=sheet.links.point()),
            Column("lasted", Text("Kéo dài", "Lasted"), unit="dtdurations", width=130),
            Column("now", Text("Đang diễn ra", "Lasts"), words=YES_NO, colours={"0": CALM, "1": BAD}, width=110),
            Column("point_id", hidden=True),
        ),
        empty=Text("Không có gián đoạn nào", "No outages"),
    )
    sheet.place(outages, 16, TABLE_H)
    causes = ranking(
        sheet,
        "causes",
        Text("Mất thời gian vì đâu", "Lost by cause"),
        Text(
            "Phút của mọi điểm cộng lại: nên đầu tư vào điện, mạng hay thiết bị.",
            "Minutes of all points: where to invest, power, line or devices.",
        ),
        unit="m",
        columns=(Column("cause", words=OUTAGES),),
    )
    sheet.place(causes, 8, TABLE_H)
    worst = listing(
        sheet,
        "worst",
        Text("Điểm mất lâu nhất", "Points that were out longest"),
        Text(
            "Điểm nào cần thêm nguồn, thêm mạng, hoặc đổi thiết bị.",
            "Which point needs a supply, a line or another device.",
        ),
        (
            Column("point", Text("Điểm", "Point"), link=sheet.links.point()),
            Column("place", Text("Nơi", "Place")),
            Column("outages", Text("Số lần", "Times"), width=80),
            Column("lost", Text("Tổng thời gian", "Time"), unit="dtdurations", width=180),
            Column("point_id", hidden=True),
        ),
        empty=Text("Không có gián đoạn nào", "No outages"),
    )
    sheet.place(worst, 14, GRAPH_H)
    banks = ranking(
        sheet,
        "banks",
        Text("Tới được ngân hàng", "Banks that were reached"),
        Text(
            "Phần thời gian hộp biên kết nối được, kém nhất trước. Không ghi giao dịch nào.",
            "The share of the time in which boxes could connect, the worst first. No payments are involved.",
        ),
        unit="percent",
        steps=SHARE,
    )
    sheet.place(banks.max(100), 10, GRAPH_H)


def _days(sheet: Sheet) -> None:
    share = lines(
        sheet,
        "days",
        Text("Thời gian thanh toán được theo ngày", "Share of the time in which points could be paid at"),
        Text(
            "Tám địa bàn nhiều điểm nhất, trong giờ bán hàng. Chọn từ 7 ngày trở lên; chỉ tiêu chung là 90 %.",
            "The eight sites with most points, within their hours. Choose 7 days or more; the usual target is 90 %.",
        ),
        unit="percent",
        high=100,
        steps=SHARE,
    )
    sheet.place(share, 12, GRAPH_H)
    registered = lines(
        sheet,
        "registered",
        Text("Điểm đã đăng ký và mã đã xác minh", "Points registered, and verified"),
        Text(
            "Phong trào không tiền mặt đi tới đâu; tuần tra có theo kịp không.",
            "How far the street has come, and whether patrols keep up.",
        ),
        columns=(
            Column("points", Text("đã đăng ký", "registered"), colour=HINT),
            Column("verified", Text("mã đã xác minh", "verified"), colour=GOOD),
        ),
    )
    sheet.place(registered, 12, GRAPH_H)


def _codes(sheet: Sheet) -> None:
    codes = days(
        sheet,
        "codes",
        Text("Sự cố mã thanh toán theo ngày", "What became of codes, by day"),
        Text(
            "Có ai đang tráo mã không; mã nào hay bị che, mờ.",
            "Whether somebody swaps codes; whether they get covered.",
        ),
    )
    sheet.place(codes, 16, GRAPH_H)
    scans = ranking(
        sheet,
        "scans",
        Text("Tuần tra đã quét", "What patrols scanned"),
        Text("Quét bao nhiêu lần, kết quả ra sao.", "How often, and what they found."),
    )
    scans = scans.mappings(mapping(VERDICTS, sheet.language, VERDICT_COLOURS))
    sheet.place(scans.no_value(sheet.say(Text("Chưa ai quét", "Nobody has scanned"))), 8, GRAPH_H)
