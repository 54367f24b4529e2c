"""What enrolment says to who stands beside the box: one sentence each, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from edge.doctor.language import Lang

NEW_CODE_VI: Final = "hãy xin mã mới ở trang Thiết bị trên màn hình giám sát"
NEW_CODE_EN: Final = "ask for a new one on the page Devices of the wall"

_SENTENCES: Final[dict[str, dict[Lang, str]]] = {
    "target": {
        "vi": "Hãy gõ MÃ@TRUNG-TÂM, đúng như trên màn hình giám sát, ví dụ ABCDE-...@trungtam.example.",
        "en": "Type CODE@CENTRE as the wall shows it, such as ABCDE-...@centre.example.",
    },
    "plain": {
        "vi": "Địa chỉ http:// không được mã hóa, chỉ dùng được trên chính máy này; hãy dùng https://.",
        "en": "An address with http:// is not encrypted and only good on this machine itself; use https://.",
    },
    "length": {
        "vi": "Mã phải có 30 ký tự, trong sáu nhóm năm ký tự; mã vừa gõ thiếu hoặc thừa.",
        "en": "A code has 30 signs in six groups of five; this one has more or fewer.",
    },
    "sign": {
        "vi": "Mã chỉ gồm chữ số và chữ cái không dấu, không có chữ U.",
        "en": "A code consists of digits and letters without U.",
    },
    "check": {
        "vi": "Mã bị gõ sai một ký tự; hãy so lại từng nhóm.",
        "en": "A sign of the code is mistyped; compare it group by group.",
    },
    "enrolled": {
        "vi": "Hộp này đã là {box}, cấu hình ở {file}; thêm --again nếu thật sự muốn đăng ký lại.",
        "en": "This box is {box} already, by {file}; add --again to enrol it anew on purpose.",
    },
    "folder": {
        "vi": "Không ghi được vào {folder} ({why}); hãy chạy bằng sudo.",
        "en": "Nothing can be written to {folder} ({why}); run this with sudo.",
    },
    "settings": {
        "vi": "Cấu hình cũ {file} có chỗ sai ({why}); hãy sửa tệp này rồi chạy lại với cùng mã.",
        "en": "The box's file {file} holds a mistake ({why}); mend it and run this again with the same code.",
    },
    "unreachable": {
        "vi": "Không kết nối được tới trung tâm {centre} ({why}); hãy kiểm tra dây mạng và địa chỉ.",
        "en": "The centre {centre} cannot be reached ({why}); check the network cable and the address.",
    },
    "no_centre": {
        "vi": "Ở {centre} không có trung tâm Phố An; hãy kiểm tra địa chỉ.",
        "en": "At {centre} there is something else than a Phố An centre; check the address.",
    },
    "fingerprint": {
        "vi": "Trung tâm ở {centre} không phải là nơi cấp mã này, hoặc có kẻ đứng giữa; hãy dừng lại và báo quản trị.",
        "en": "What answers at {centre} is not the centre that made this code, or somebody stands between; stop and"
        " tell the administrator.",
    },
    "clock": {
        "vi": "Đồng hồ của hộp sai: ở đây là {here}, ở trung tâm là {there}; hãy chỉnh đồng hồ rồi thử lại.",
        "en": "This box's clock is wrong: it says {here}, the centre's {there}; set it and try again.",
    },
    "server_expired": {
        "vi": "Chứng thư của trung tâm {centre} đã hết hạn; hãy báo quản trị.",
        "en": "The certificate of {centre} has expired; tell the administrator.",
    },
    "server_name": {
        "vi": "Chứng thư của trung tâm không mang tên {centre}; hãy gõ đúng địa chỉ như trên màn hình giám sát.",
        "en": "The centre's certificate does not bear the name {centre}; type the address as the wall shows it.",
    },
    "untrusted": {
        "vi": "Chứng thư của {centre} không do trung tâm này hay nơi nào đáng tin cấp; hãy báo quản trị.",
        "en": "The certificate of {centre} was signed neither by this centre nor by anybody trusted; tell the"
        " administrator.",
    },
    "code_unknown": {
        "vi": f"Trung tâm không biết mã này; {NEW_CODE_VI}.",
        "en": f"The centre does not know this code; {NEW_CODE_EN}.",
    },
    "code_used": {
        "vi": f"Mã này đã dùng rồi; {NEW_CODE_VI}.",
        "en": f"This code has been used already; {NEW_CODE_EN}.",
    },
    "code_expired": {
        "vi": f"Mã này đã quá một giờ, không còn dùng được; {NEW_CODE_VI}.",
        "en": f"This code is older than its hour; {NEW_CODE_EN}.",
    },
    "code_withdrawn": {
        "vi": f"Mã này đã bị thu hồi; {NEW_CODE_VI}.",
        "en": f"This code was withdrawn; {NEW_CODE_EN}.",
    },
    "box_taken": {
        "vi": "Một phường khác đã có hộp mang tên này; hãy xin mã với tên khác.",
        "en": "A box of another ward has this name; ask for a code with another one.",
    },
    "too_many": {
        "vi": "Đã thử quá nhiều lần; hãy đợi {wait} giây rồi thử lại.",
        "en": "Too many tries; wait {wait} seconds and try again.",
    },
    "enrolment_not_set_up": {
        "vi": "Trung tâm chưa được thiết lập để nhận hộp; hãy báo quản trị.",
        "en": "The centre is not set up to let boxes in; tell the administrator.",
    },
    "centre_trouble": {
        "vi": "Trung tâm trả lời lỗi {answer}; mã vẫn dùng được, hãy thử lại sau ít phút.",
        "en": "The centre answers {answer}; the code is still good, try again in some minutes.",
    },
    "done": {
        "vi": "Hộp {box} ({name}) đã thuộc phường {ward}. Cấu hình ở {file}; khởi động: systemctl restart phoan-edge",
        "en": "Box {box} ({name}) belongs to ward {ward} now. Its settings are in {file}; start it with: systemctl"
        " restart phoan-edge",
    },
    "former": {
        "vi": "Dữ liệu của hộp trước đây vẫn nằm ở {folder} và chiếm chỗ trên đĩa; hãy xóa khi không còn cần.",
        "en": "What another box recorded here is still in {folder} and takes up the disk; remove it when nobody needs"
        " it any more.",
    },
}


def sentence(code: str, lang: Lang, **details: object) -> str:
    """What is to be said; a code that is not known here is one of a newer centre."""
    if code not in _SENTENCES:
        code, details = "centre_trouble", {"answer": code}
    return _SENTENCES[code][lang].format(**details)


class EnrolError(Exception):
    """The box cannot be enrolled. `code` names one of the sentences."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def sentence(self, lang: Lang) -> str:
        return sentence(self.code, lang, **self.details)
