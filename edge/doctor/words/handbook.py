"""The table of all findings for the handbook (docs/findings.md), made of the sentences themselves. Pure.

`python -m edge.doctor.words.handbook > docs/findings.md` writes it; a test compares.
"""

from __future__ import annotations

import re
from typing import Final

from edge.doctor.language import EN, VI
from edge.doctor.words import table

_HEAD: Final = """\
# Các điều `phoan-edge doctor` có thể báo

Chữ trong ngoặc nhọn được thay bằng tên camera, địa chỉ, con số của hộp. Trang này được tạo từ `edge/doctor/words`.
"""
_PARTS: Final = (
    ("Cấu hình và chương trình", ("settings_", "box_")),
    ("Mạng", ("network_", "link_", "gateway_", "dns_")),
    ("Đồng hồ", ("clock_",)),
    ("Trung tâm", ("broker_", "centre_", "certificate_", "report_")),
    ("Hộp", ("disk_", "memory_", "processor", "accelerator", "inference_", "temperature_", "throttled")),
    ("Camera", ("camera_",)),
    ("Nhận dạng và sức tải", ("detector_", "capacity_")),
    ("Thiết bị", ("devices_",)),
    ("Bản thân việc kiểm tra", ("check_",)),
)
_DO: Final = re.compile(r"(?<=[.,;!)}]) (?=(?:Hãy|Nên|Có thể hộp) )|; (?=hãy )")


def handbook() -> str:
    """The whole page."""
    vi, en = table(VI), table(EN)
    lines = [_HEAD]
    for title, beginnings in _PARTS:
        lines += [f"## {title}", "", "| mã | điều được báo | việc cần làm | in English |", "| --- | --- | --- | --- |"]
        lines += [_row(code, vi[code], en[code]) for code in vi if code.startswith(beginnings)]
        lines.append("")
    return "\n".join(lines)


def parts(sentence: str) -> tuple[str, str]:
    """What is wrong, and what to do about it; the second is empty where there is nothing to do."""
    told, *do = _DO.split(sentence, maxsplit=1)
    wish = do[0] if do else ""
    return told.rstrip(".") + ".", wish[:1].upper() + wish[1:]


def _row(code: str, vi: str, en: str) -> str:
    told, wish = parts(vi)
    return f"| `{code}` | {told} | {wish} | {en} |"


if __name__ == "__main__":
    print(handbook(), end="")
