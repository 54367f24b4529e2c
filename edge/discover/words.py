"""What `phoan-edge discover` says, in Vietnamese and English. Pure: found cameras go in, text comes out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, Literal

from contracts.status import CameraFault
from edge.discover.choice import Stream
from edge.discover.search import Camera, Result

Lang = Literal["vi", "en"]

HEADS: Final = {
    "vi": ("Địa chỉ", "Hãng, kiểu", "Luồng chính", "Luồng phụ", "Đồng hồ", "Trong cấu hình"),
    "en": ("Address", "Make, model", "Main stream", "Sub-stream", "Clock", "In the settings"),
}
WORDS: Final[dict[Lang, dict[str, str]]] = {
    "vi": {
        "none": "Không tìm thấy camera nào. Hãy kiểm tra nguồn và dây mạng của camera, rồi tìm theo địa chỉ: "
        "phoan-edge discover --hosts 192.168.1.0/24",
        "found": "Tìm thấy {n} camera.",
        "outside": "{n} camera trả lời từ mạng không nằm trong camera_networks nên không được hỏi; thêm mạng đó vào "
        "cấu hình hoặc dùng --allow.",
        "clock_good": "đúng",
        "clock_ahead": "nhanh {span}",
        "clock_behind": "chậm {span}",
        "unknown": "chưa rõ",
        "none_here": "không có",
        "hours": "{n} giờ",
        "minutes": "{n} phút",
        "seconds": "{n} giây",
        "days": "{n} ngày",
        "clock": "{host}: đồng hồ camera {off}. Hãy đặt lại giờ hoặc bật NTP trên camera, nếu không nó sẽ từ chối cả "
        "mật khẩu đúng (lỗi 401).",
        "unauthorized": "{host}: camera đòi mật khẩu hoặc từ chối mật khẩu đã nhập. Hãy chạy lại với --user và nhập "
        "đúng mật khẩu; thử sai nhiều lần camera sẽ khóa tài khoản.",
        "timeout": "{host}: camera nhận kết nối nhưng không trả lời. Hãy khởi động lại camera.",
        "not_found": "{host}: có máy chủ RTSP nhưng không tìm được luồng hình nào. Hãy xem đường dẫn RTSP trong trang "
        "quản trị của camera.",
        "protocol": "{host}: camera trả lời không đúng chuẩn ONVIF. Hãy bật ONVIF trong trang quản trị của camera, "
        "hoặc cập nhật phần mềm của camera.",
        "other": "{host}: không đọc được luồng hình ({fault}).",
        "main_h265": "{host}: luồng chính là H.265; nhiều trình duyệt không xem được. Nên đổi sang H.264.",
        "sub_h265": "{host}: luồng phụ là H.265; nên đổi sang H.264.",
        "main_large": "{host}: luồng chính rất lớn, hộp sẽ tải được ít camera hơn. Nên đặt 1920 × 1080.",
        "main_small": "{host}: luồng chính nhỏ, khó nhận ra người ở xa. Nên đặt từ 1280 × 720 trở lên.",
        "main_slow": "{host}: luồng chính dưới 5 hình/giây. Nên đặt từ 10 hình/giây trở lên.",
        "no_sub": "{host}: không có luồng phụ; xem nhiều camera cùng lúc sẽ tốn đường truyền. Nên bật luồng phụ "
        "640 × 360.",
        "sub_large": "{host}: luồng phụ lớn; nên đặt khoảng 640 × 360.",
        "written": "Đã thêm {n} camera vào {file}: {names}. Kiểm tra bằng: phoan-edge doctor",
        "nothing": "Không có camera mới nào để thêm.",
        "pushed": "Lưu ý: hộp đang dùng danh sách camera do trung tâm gửi xuống, danh sách trong tệp này chưa có hiệu "
        "lực. Hãy thêm camera trên trang Thiết bị của trung tâm.",
        "password_kept": "Đã lưu mật khẩu của camera {camera}. Hộp đang chạy thì khởi động lại: "
        "systemctl restart phoan-edge",
        "password_refused": "Camera {camera} từ chối người dùng và mật khẩu này; không lưu gì cả. Hãy thử lại.",
        "password_untried": "Đã lưu mật khẩu của camera {camera}, nhưng camera không trả lời nên chưa thử được.",
        "ask": "Mật khẩu camera: ",
        "stopped": "Đã dừng tìm kiếm.",
    },
    "en": {
        "none": "No camera was found. Check the cameras' power and network cables, then search by address: "
        "phoan-edge discover --hosts 192.168.1.0/24",
        "found": "{n} cameras found.",
        "outside": "{n} cameras answered from networks that are not in camera_networks and were not asked; add the "
        "network to the settings or use --allow.",
        "clock_good": "right",
        "clock_ahead": "{span} ahead",
        "clock_behind": "{span} behind",
        "unknown": "unknown",
        "none_here": "none",
        "hours": "{n} h",
        "minutes": "{n} min",
        "seconds": "{n} s",
        "days": "{n} days",
        "clock": "{host}: the camera's clock is {off}. Set its time or switch NTP on, or it will refuse the right "
        "password (error 401).",
        "unauthorized": "{host}: the camera wants a password, or refuses the one that was given. Run this again with "
        "--user and the right password; after some wrong ones a camera locks the account.",
        "timeout": "{host}: the camera takes the connection and says nothing. Start the camera anew.",
        "not_found": "{host}: there is an RTSP server, but no stream was found. See the camera's own pages for its "
        "RTSP path.",
        "protocol": "{host}: what the camera answers is not sound ONVIF. Switch ONVIF on in the camera's own pages, or "
        "update its firmware.",
        "other": "{host}: its streams cannot be read ({fault}).",
        "main_h265": "{host}: the main stream is H.265, which many browsers cannot show. Better set H.264.",
        "sub_h265": "{host}: the sub-stream is H.265; better set H.264.",
        "main_large": "{host}: the main stream is very large, so the box will carry fewer cameras. Better set "
        "1920 × 1080.",
        "main_small": "{host}: the main stream is small, so people far away are hard to see. Better set 1280 × 720 or "
        "more.",
        "main_slow": "{host}: the main stream has less than 5 pictures a second. Better set 10 or more.",
        "no_sub": "{host}: there is no sub-stream; showing many cameras at once will need a lot of line. Better switch "
        "on one of 640 × 360.",
        "sub_large": "{host}: the sub-stream is large; better set about 640 × 360.",
        "written": "Added {n} cameras to {file}: {names}. Check them with: phoan-edge doctor",
        "nothing": "There is no new camera to add.",
        "pushed": "Note: the box runs the cameras that the centre pushed, so those in this file have no effect yet. "
        "Add the cameras on the centre's page Devices.",
        "password_kept": "The password of camera {camera} is kept. If the box runs, start it anew: "
        "systemctl restart phoan-edge",
        "password_refused": "Camera {camera} refuses this user and password; nothing is kept. Try again.",
        "password_untried": "The password of camera {camera} is kept, but the camera does not answer, so it was not "
        "tried.",
        "ask": "Password of the cameras: ",
        "stopped": "The search was stopped.",
    },
}


def say(lang: Lang, key: str, **values: object) -> str:
    """One sentence."""
    return WORDS[lang][key].format(**values)


def span(lang: Lang, seconds: float) -> str:
    """A length of time in one unit: 2 giờ."""
    size = abs(seconds)
    for name, unit in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if size >= unit:
            return say(lang, name, n=round(size / unit))
    return say(lang, "seconds", n=round(size))


def table(lang: Lang, result: Result, configured: dict[str, str]) -> str:
    """The cameras that were found, a line each, and what should be done about them. `configured`: ids by host."""
    if not result.cameras:
        lines = [say(lang, "none")]
    else:
        rows = [HEADS[lang], *(_row(lang, camera, configured.get(camera.place, "")) for camera in result.cameras)]
        lines = [say(lang, "found", n=len(result.cameras)), "", *_aligned(rows), ""]
        lines += [line for camera in result.cameras for line in advice(lang, camera)]
    if result.outside:
        lines.append(say(lang, "outside", n=result.outside))
    return "\n".join(lines).rstrip()


def advice(lang: Lang, camera: Camera) -> list[str]:
    """What a technician should do about this camera."""
    found = []
    if camera.clock_is_off:
        found.append(say(lang, "clock", host=camera.place, off=_clock(lang, camera)))
    if camera.fault:
        key = camera.fault.value if camera.fault in _TOLD else "other"
        found.append(say(lang, key, host=camera.place, fault=camera.fault.value))
    return found + [say(lang, remark, host=camera.place) for remark in (camera.choice.remarks if camera.choice else ())]


_TOLD: Final = (CameraFault.UNAUTHORIZED, CameraFault.TIMEOUT, CameraFault.NOT_FOUND, CameraFault.PROTOCOL)


def _row(lang: Lang, camera: Camera, name: str) -> tuple[str, ...]:
    choice = camera.choice
    return (
        camera.place,
        " ".join(filter(None, (camera.maker, camera.model))) or say(lang, "unknown"),
        _stream(choice.main) if choice else say(lang, "unknown"),
        (_stream(choice.sub) if choice.sub else say(lang, "none_here")) if choice else "",
        _clock(lang, camera),
        name,
    )


def _stream(stream: Stream) -> str:
    size = f"{stream.width}x{stream.height}" if stream.width else ""
    return " ".join(filter(None, (stream.codec, size, f"{stream.fps:g}/s" if stream.fps else "")))


def _clock(lang: Lang, camera: Camera) -> str:
    if camera.clock_s is None:
        return say(lang, "unknown")
    if not camera.clock_is_off:
        return say(lang, "clock_good")
    key = "clock_ahead" if camera.clock_s > 0 else "clock_behind"
    return say(lang, key, span=span(lang, camera.clock_s))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    texts = [[unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
    wide = [max(len(row[column]) for row in texts) for column in range(len(texts[0]))]
    return ["  ".join(cell.ljust(size) for cell, size in zip(row, wide, strict=True)).rstrip() for row in texts]
