"""What the codes of the store are called by people: the same words as on the wall, with the colours of the house.

Grafana shows a code as it is unless a mapping says otherwise; each mapping here is one kind of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from grafana_foundation_sdk.models.dashboard import ValueMap, ValueMapping, ValueMappingResult

from dashboards.house import BAD, CALM, GOOD, HINT, SEVERITIES, UNKNOWN, WARN, Language, Text

Words = Mapping[str, Text]

KINDS: Final[Words] = {
    "intrusion": Text("Xâm nhập ngoài giờ", "Intrusion out of hours"),
    "occupancy": Text("Quá số người cho phép", "Too many people"),
    "crowding": Text("Tụ tập đông, chen chúc", "Crowding"),
    "loitering": Text("Nán lại lâu bất thường", "Loitering"),
    "wrong_way": Text("Đi ngược chiều", "Wrong way"),
    "stopped_vehicle": Text("Xe dừng, đỗ sai nơi", "Stopped vehicle"),
    "blocked_fire_lane": Text("Chắn lối xe chữa cháy", "Blocked fire lane"),
    "left_object": Text("Đồ vật bị bỏ lại", "Object left behind"),
    "line_crossing": Text("Vượt qua vạch giám sát", "Line crossed"),
    "camera_covered": Text("Camera bị che", "Camera covered"),
    "camera_blurred": Text("Camera bị mờ", "Camera out of focus"),
    "camera_moved": Text("Camera bị xoay, lệch", "Camera moved"),
    "camera_dark": Text("Hình quá tối", "Picture too dark"),
    "camera_frozen": Text("Hình bị đứng", "Picture frozen"),
    "camera_stalled": Text("Camera mất hình", "No picture"),
    "camera_wrong_clock": Text("Camera sai giờ", "Camera clock wrong"),
    "payment_code_mismatch": Text("Mã thanh toán bị tráo", "Payment code swapped"),
    "payment_code_foreign": Text("Mã lạ ở chỗ thanh toán", "Foreign code at the till"),
    "payment_code_added": Text("Có thêm mã lạ cạnh mã thanh toán", "Another code beside the payment code"),
    "payment_code_covered": Text("Mã thanh toán bị che", "Payment code covered"),
    "payment_code_missing": Text("Mất mã thanh toán", "Payment code missing"),
    "payment_code_unreadable": Text("Không đọc được mã thanh toán", "Payment code unreadable"),
    "smoke": Text("Báo khói", "Smoke"),
    "heat": Text("Báo nhiệt độ cao", "Heat"),
    "gas": Text("Rò rỉ khí gas", "Gas leak"),
    "after_hours_load": Text("Dùng điện bất thường ngoài giờ", "Electric load after hours"),
    "mains_lost": Text("Mất điện lưới", "Mains power lost"),
    "door_opened": Text("Cửa mở ngoài giờ", "Door opened out of hours"),
    "water_leak": Text("Nước tràn, rò rỉ nước", "Water where it should not be"),
    "air_quality": Text("Không khí độc hại", "Unhealthy air"),
    "device_silent": Text("Thiết bị không phản hồi", "Device not heard of"),
    "gateway_silent": Text("Bộ trung tâm thiết bị không phản hồi", "Device gateway not heard of"),
    "box_silent": Text("Mất liên lạc với hộp biên", "An edge box is silent"),
    "payment_outage_device": Text("Thiết bị báo tiền mất tín hiệu", "Payment device out"),
    "payment_outage_stall": Text("Điểm thanh toán mất tín hiệu", "Payment point out"),
    "payment_outage_power": Text("Mất điện, không thanh toán được", "No power, no payments"),
    "payment_outage_uplink": Text("Mất mạng, không thanh toán được", "No network, no payments"),
    "payment_outage_bank": Text("Ngân hàng gián đoạn", "Bank out of order"),
}
"""Kinds of events and incidents, as `kind.*` in the wall's locales."""

SEVERITY: Final[Words] = {
    "low": Text("Thấp", "Low"),
    "medium": Text("Trung bình", "Medium"),
    "high": Text("Cao", "High"),
    "critical": Text("Khẩn cấp", "Critical"),
}
WORK: Final[Words] = {
    "new": Text("Mới", "New"),
    "seen": Text("Đã xem", "Seen"),
    "assigned": Text("Đang xử lý", "Being worked on"),
    "resolved": Text("Đã xử lý", "Resolved"),
    "false_alarm": Text("Báo nhầm", "False alarm"),
}
BOX_STATES: Final[Words] = {
    "online": Text("Trực tuyến", "Online"),
    "offline": Text("Mất liên lạc", "Silent"),
    "unknown": Text("Chưa từng kết nối", "Never connected"),
}
CAMERA_STATES: Final[Words] = {
    "streaming": Text("Đang truyền hình", "Streaming"),
    "connecting": Text("Đang kết nối", "Connecting"),
    "failed": Text("Mất hình", "No picture"),
    "unknown": Text("Chưa rõ", "Not known"),
    "gone": Text("Không rõ vì mất hộp biên", "Not known: the box is silent"),
}
FAULTS: Final[Words] = {
    "refused": Text("Camera từ chối kết nối", "The camera refuses the connection"),
    "unreachable": Text("Không tìm thấy camera trên mạng", "The camera is not on the network"),
    "unauthorized": Text("Sai tài khoản hoặc mật khẩu camera", "Wrong camera user name or password"),
    "not_found": Text("Camera không có luồng hình này", "The camera has no such stream"),
    "timeout": Text("Camera không trả lời", "The camera does not answer"),
    "protocol": Text("Thiết bị trả lời không đúng chuẩn RTSP", "The device does not speak RTSP"),
    "no_video": Text("Camera không gửi hình", "The camera sends no video"),
    "corrupt": Text("Dữ liệu hình bị hỏng", "The video data is damaged"),
    "stalled": Text("Camera ngừng gửi hình", "The camera stopped sending pictures"),
    "ended": Text("Camera đã ngắt kết nối", "The camera closed the connection"),
    "unknown": Text("Camera không có hình", "The camera has no picture"),
}
SITE_KINDS: Final[Words] = {
    "street": Text("Tuyến phố", "Street"),
    "market": Text("Chợ", "Market"),
    "khu_pho": Text("Khu phố", "Neighbourhood"),
    "office": Text("Trụ sở", "Office"),
}
DEVICE_KINDS: Final[Words] = {
    "smoke": Text("Báo khói", "Smoke detector"),
    "heat": Text("Báo nhiệt", "Heat detector"),
    "gas": Text("Báo khí gas", "Gas detector"),
    "door": Text("Cảm biến cửa", "Door contact"),
    "water": Text("Cảm biến nước", "Water sensor"),
    "air": Text("Không khí", "Air sensor"),
    "meter": Text("Đồng hồ điện", "Electric meter"),
    "plug": Text("Ổ cắm thông minh", "Smart plug"),
    "ups": Text("Bộ lưu điện", "UPS"),
    "gateway": Text("Bộ trung tâm", "Gateway"),
    "soundbox": Text("Loa báo tiền", "Soundbox"),
    "pos": Text("Máy POS", "POS terminal"),
    "speaker": Text("Loa phát thanh", "Loudspeaker"),
    "sensor": Text("Cảm biến", "Sensor"),
}
"""Kinds of devices that the documentation names; another one is shown as the inventory writes it."""
OUTAGES: Final[Words] = {
    "device": Text("Thiết bị báo tiền", "Payment device"),
    "stall": Text("Điện, thiết bị của quầy", "The stall's power or devices"),
    "power": Text("Mất điện", "Power cut"),
    "uplink": Text("Mất mạng", "Network down"),
    "bank": Text("Ngân hàng", "Bank"),
    "code": Text("Mã bị che, mất, tráo", "Code covered, gone or swapped"),
}
LIVES: Final[Words] = {
    "0": Text("Mất tín hiệu", "Silent"),
    "1": Text("Chưa rõ", "Not known"),
    "2": Text("Hoạt động", "Alive"),
}
YES_NO: Final[Words] = {"0": Text("Không", "No"), "1": Text("Có", "Yes")}
CROSSINGS: Final[Words] = {
    "line.in": Text("Người vào", "People in"),
    "line.out": Text("Người ra", "People out"),
    "line.in_vehicle": Text("Xe vào", "Vehicles in"),
    "line.out_vehicle": Text("Xe ra", "Vehicles out"),
}
VERDICTS: Final[Words] = {
    "ours": Text("Đúng mã của quầy", "The stall's own"),
    "partly": Text("Chỉ đúng một phần", "Partly the stall's own"),
    "not_ours": Text("Không phải mã của quầy", "Not the stall's"),
    "foreign": Text("Không phải mã thanh toán", "No payment code"),
    "broken": Text("Mã hỏng", "Broken code"),
    "found": Text("Mã của một quầy khác", "Of another stall"),
    "unknown": Text("Chưa rõ của ai", "Not known whose"),
}
PARTS: Final[Words] = {
    "records": Text("ghi dữ liệu", "writing records"),
    "incidents": Text("gom vụ việc", "gathering incidents"),
    "payments": Text("theo dõi thanh toán", "watching payments"),
}
"""What ingest does, each part by itself."""
CERTIFICATES: Final[Words] = {
    "box.certificate_days": Text("của hộp", "of the box"),
    "box.server_certificate_days": Text("của trung tâm", "of the centre"),
}
"""Whose certificate it is, by the figure that tells its days."""
BACKUPS: Final[Words] = {
    "folder": Text("Không ghi được vào thư mục sao lưu", "The folder of the backups cannot be written to"),
    "dump": Text("Không đọc được cơ sở dữ liệu", "The database could not be read"),
    "unreadable": Text("Bản sao không đọc lại được", "The copy could not be read back"),
    "media": Text("Không chép được hình, clip", "Pictures and clips could not be copied"),
}
"""At which step a backup failed."""
LEVELS: Final[Words] = {
    "ok": Text("Tốt", "Well"),
    "warn": Text("Cần để ý", "Look at it"),
    "bad": Text("Cần xử lý", "Needs work"),
}
SETTINGS: Final[Words] = {
    "pending": Text("Chờ gửi tới hộp", "On its way"),
    "trying": Text("Hộp đang thử", "Being tried"),
    "applied": Text("Đã áp dụng", "Applied"),
    "refused": Text("Hộp từ chối", "Refused"),
    "fallen_back": Text("Đã quay về bản cũ", "Fell back"),
}
UPDATES: Final[Words] = {
    "waiting": Text("Chờ cập nhật", "Waiting"),
    "loading": Text("Đang tải", "Loading"),
    "installed": Text("Đã cập nhật", "Installed"),
    "failed": Text("Cập nhật hỏng", "Failed"),
    "rolled_back": Text("Đã quay về bản cũ", "Rolled back"),
}

COLOURS: Final[Mapping[str, str]] = SEVERITIES | {
    "new": BAD,
    "seen": WARN,
    "assigned": HINT,
    "resolved": GOOD,
    "false_alarm": CALM,
    "online": GOOD,
    "offline": BAD,
    "unknown": UNKNOWN,
    "streaming": GOOD,
    "connecting": WARN,
    "failed": BAD,
    "gone": UNKNOWN,
    "0": BAD,
    "1": WARN,
    "2": GOOD,
    "ok": GOOD,
    "warn": WARN,
    "bad": BAD,
    "pending": WARN,
    "trying": WARN,
    "applied": GOOD,
    "refused": BAD,
    "fallen_back": BAD,
    "waiting": WARN,
    "loading": WARN,
    "installed": GOOD,
    "rolled_back": BAD,
}


def mapping(
    words: Words, language: Language, colours: Mapping[str, str] | None = None, *, coloured: bool = False
) -> list[ValueMapping]:
    """The mapping of `words`; coloured with `colours`, or with the colours of the house."""
    chosen = colours if colours is not None else COLOURS if coloured else {}
    return [
        ValueMap(
            {
                code: ValueMappingResult(text=text.of(language), color=chosen.get(code), index=index)
                for index, (code, text) in enumerate(words.items())
            }
        )
    ]


def names(words: Words, language: Language) -> str:
    """`words` as a VALUES list of code and name, for a statement whose names become those of lines."""
    rows = ", ".join(f"('{code}', '{text.of(language)}')" for code, text in words.items())
    if rows.count("'") != 4 * len(words):
        raise ValueError("a name holds a quote")
    return f"VALUES {rows}"
