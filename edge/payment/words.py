"""What `phoan-edge codes` says, in the languages of those who hang cameras."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "vi": {
        "head": "Camera {camera}: ảnh {width} x {height} điểm, {codes} mã.",
        "code": "- {where}: {nature}{bank}; mỗi ô {size:.1f} điểm ảnh, đọc được {read}/{looks} lần ({way}).",
        "region": "vùng {point}",
        "nowhere": "ngoài mọi vùng",
        "empty": "- vùng {point}: không đọc được mã nào. Vùng rộng {width} x {height} điểm; mã 41 ô cần ít nhất"
        " {needed} điểm mỗi cạnh. Lại gần hơn, dùng ống kính dài hơn hoặc bảng mã lớn hơn.",
        "not_known": "  Trung tâm chưa cho biết ai được nhận tiền ở {point}: mã chưa thể xác nhận.",
        "ours": "đúng mã của điểm",
        "not_ours": "KHÔNG phải mã của điểm",
        "foreign": "không phải mã thanh toán",
        "broken": "mã thanh toán bị hỏng",
        "unknown": "mã thanh toán, chưa rõ của ai",
        "native": "đọc thẳng",
        "enlarged": "sau khi phóng to",
        "averaged": "sau khi gộp nhiều ảnh",
        "good": "  Tốt: đủ lớn để đọc chắc chắn.",
        "fair": "  Tạm được: ban ngày đọc tốt; mưa, tối hoặc bảng nghiêng có thể không đọc được.",
        "risky": "  Rủi ro: chỉ đọc được khi ảnh rõ. Nên lại gần hơn hoặc dùng bảng mã lớn hơn (từ 3 điểm ảnh mỗi ô).",
        "unreadable": "  Quá nhỏ: đừng trông cậy. Cần ít nhất 2 điểm ảnh mỗi ô, nên có từ 3.",
    },
    "en": {
        "head": "Camera {camera}: picture of {width} x {height} pixels, {codes} codes.",
        "code": "- {where}: {nature}{bank}; {size:.1f} pixels a module, read in {read} of {looks} looks ({way}).",
        "region": "region of {point}",
        "nowhere": "outside of all regions",
        "empty": "- region of {point}: no code was read. The region has {width} x {height} pixels; a code of 41 modules"
        " needs {needed} a side. Go nearer, take a longer lens or a larger board.",
        "not_known": "  The centre has not said who may be paid at {point}: no code can be verified.",
        "ours": "the point's own code",
        "not_ours": "NOT the point's own code",
        "foreign": "no payment code",
        "broken": "a broken payment code",
        "unknown": "a payment code, whose is not known",
        "native": "as it is",
        "enlarged": "once enlarged",
        "averaged": "out of several pictures",
        "good": "  Good: large enough to be read for sure.",
        "fair": "  Fair: well read by day; rain, dusk or a tilted board may hide it.",
        "risky": "  Risky: read in clear pictures only. Go nearer or take a larger board (3 pixels a module or more).",
        "unreadable": "  Too small: do not rely on it. It needs 2 pixels a module at least, and should have 3.",
    },
}
