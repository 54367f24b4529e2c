"""Rules about what stands in the street: cameras, boxes, their disks, clocks and certificates."""

from __future__ import annotations

from typing import Final

from dashboards import house
from dashboards.alerts.alert import BOX, CAMERA, VALUE, VALUE_1, Alert, Group, Panel, Severity
from dashboards.house import Text

EQUIPMENT: Final = "equipment"

CAMERA_DOWN: Final = Alert(
    name="camera-down",
    title=Text("Camera mất hình", "Camera brings no picture"),
    statement="cameras",
    over=0,
    after="5m",
    severity=Severity.WARNING,
    summary=Text(f"Camera {CAMERA} mất hình", f"Camera {CAMERA} brings no picture"),
    advice=Text(
        f"Camera {CAMERA} không có hình, lần đổi trạng thái gần nhất cách đây {VALUE} phút; hộp"
        f" {{{{ .Labels.box_name }}}} vẫn hoạt động."
        " Mở trang Thiết bị trên màn hình giám sát để xem lý do (sai mật khẩu, không tới được, ngừng gửi hình)."
        " Cả dãy camera cùng mất: kiểm tra switch PoE và nguồn. Chỉ một camera: thử tắt bật cổng PoE, rồi chạy"
        " `phoan-edge doctor` trên hộp.",
        f"Camera {CAMERA} brings no picture; its state changed last {VALUE} minutes ago, and the box"
        f" {{{{ .Labels.box_name }}}} works. Open the page Devices on the wall to see why (wrong password, not"
        " reached, stopped sending). A whole row of cameras: look at the PoE switch and its supply. A single one:"
        " turn its PoE port off and on, then run `phoan-edge doctor` on the box.",
    ),
    panel=Panel(EQUIPMENT, "cameras"),
    wall="cameras/{{ .Labels.camera }}",
)

CAMERA_IDLE: Final = Alert(
    name="camera-idle",
    title=Text("Camera có hình nhưng không được phân tích", "Camera brings pictures that nobody analyses"),
    statement="idle_cameras",
    under=0.01,  # a look at a still picture may wait for a key frame, of which some cameras send one a minute
    after="15m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Camera {CAMERA} có hình nhưng không được phân tích", f"Pictures of camera {CAMERA} are not analysed"
    ),
    advice=Text(
        f"Hộp {{{{ .Labels.box_name }}}} nhận hình của camera {CAMERA} nhưng hầu như không phân tích: xâm"
        " nhập, đám đông hay"
        " tráo mã QR ở đó sẽ không được báo. Xem tải CPU của hộp ở bảng bên cạnh; hộp quá tải thì bớt camera hoặc hạ"
        " số hình phân tích mỗi giây. CPU rảnh mà vẫn vậy: khởi động lại dịch vụ trên hộp và gửi nhật ký cho kỹ thuật.",
        f"The box {{{{ .Labels.box_name }}}} gets pictures of camera {CAMERA} and hardly analyses any: an intrusion,"
        " a crowd or a swapped payment code there would not be told. See the box's processor in the panel beside; if"
        " it is too busy, give it fewer cameras or fewer analysed pictures a second. If it is idle, restart the"
        " service on the box and send its log to support.",
    ),
    panel=Panel(EQUIPMENT, "sight"),
    wall="cameras/{{ .Labels.camera }}",
)

BOX_SILENT: Final = Alert(
    name="box-silent",
    title=Text("Mất liên lạc với hộp biên", "Edge box is silent"),
    statement="boxes",
    over=house.SILENT_MINUTES,
    after="2m",
    severity=Severity.CRITICAL,
    summary=Text(f"Mất liên lạc với hộp biên {BOX}", f"Edge box {BOX} is silent"),
    advice=Text(
        f"Không nghe gì từ hộp {BOX} đã {VALUE} phút. Hộp vẫn tự ghi và sẽ gửi bù khi có mạng lại, nhưng lúc"
        " này không ai"
        " thấy hình ở đó. Hỏi người ở chỗ đặt hộp: còn điện không, đèn mạng có sáng không. Nhiều hộp cùng một"
        " tuyến phố im lặng: gọi nhà mạng hoặc điện lực trước khi cử người đi.",
        f"Nothing was heard of box {BOX} for {VALUE} minutes. It goes on recording and sends everything later, but"
        " nobody sees pictures from there now. Ask whoever is near the box: is there power, is the light of the"
        " network on. Several boxes along one street: call the network's or the power company before somebody is"
        " sent.",
    ),
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

BOX_DISK: Final = Alert(
    name="box-disk",
    title=Text("Ổ đĩa của hộp biên sắp đầy", "Disk of an edge box is nearly full"),
    statement="box_disks",
    under=0.4,
    after="10m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Ổ đĩa của hộp biên {BOX} chỉ còn {VALUE_1} GB", f"Edge box {BOX} has only {VALUE_1} GB of disk left"
    ),
    advice=Text(
        f"Hộp {BOX} còn {VALUE_1} GB trống: phần dự trữ mà hình và video không được dùng đã bị lấn. Có thứ"
        " khác đang chiếm đĩa"
        " (nhật ký, tệp lạ), hoặc hộp mất mạng lâu nên hàng chờ gửi đã lớn. Đăng nhập hộp, xem `df -h` và"
        " `du -xh / | sort -h | tail`, xoá thứ không thuộc Phố An. Không xoá /var/lib/phoan.",
        f"Box {BOX} has {VALUE_1} GB left: the reserve that pictures and video may not use is being used. Something"
        " else fills the disk (logs, a strange file), or the box was cut off for long and its outbox has grown. Sign"
        " in to the box, look at `df -h` and `du -xh / | sort -h | tail`, and remove what is not of Phố An. Do not"
        " remove /var/lib/phoan.",
    ),
    panel=Panel(EQUIPMENT, "disk"),
    wall="boxes",
)

BOX_CLOCK: Final = Alert(
    name="box-clock",
    title=Text("Đồng hồ của hộp biên chạy nhanh", "Clock of an edge box runs ahead"),
    statement="clocks",
    over=30,
    after="10m",
    severity=Severity.WARNING,
    summary=Text(
        f"Đồng hồ của hộp biên {BOX} chạy nhanh {VALUE} giây", f"Clock of edge box {BOX} runs {VALUE} seconds ahead"
    ),
    advice=Text(
        f"Đồng hồ của hộp biên {BOX} đi trước trung tâm {VALUE} giây: giờ trên bằng chứng sẽ sai, và camera có thể"
        " từ chối đăng nhập."
        " Trên hộp chạy `timedatectl`; nếu không thấy «synchronized: yes» thì mở cổng NTP (UDP 123) hoặc chỉ một"
        " máy chủ giờ trong mạng.",
        f"The clock of edge box {BOX} is {VALUE} seconds ahead of the centre: times of evidence will be wrong, and"
        " cameras may refuse to let it sign in. Run `timedatectl` on the box; without «synchronized: yes» open NTP"
        " (UDP 123) or name a time server within the network.",
    ),
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

CERTIFICATE: Final = Alert(
    name="certificate",
    title=Text("Chứng thư sắp hết hạn", "Certificate ends soon"),
    statement="certificates",
    under=house.CERTIFICATE_WARN_DAYS,
    after="1h",
    severity=Severity.WARNING,
    summary=Text(
        f"Chứng thư {{{{ .Labels.certificate_name }}}} (hộp {BOX}) còn {VALUE} ngày",
        f"The certificate {{{{ .Labels.certificate_name }}}} (box {BOX}) holds for {VALUE} more days",
    ),
    advice=Text(
        "Hộp tự gia hạn chứng thư của mình; còn ít ngày thế này nghĩa là việc gia hạn đang hỏng. Chứng thư của hộp:"
        " chạy `phoan-edge doctor` trên hộp để xem lý do, cần thì đăng ký lại bằng mã mới ở trang Thiết bị. Chứng"
        " thư của trung tâm: gia hạn ở trung tâm (một lần cho mọi hộp) rồi khởi động lại máy chủ tin nhắn (broker).",
        "A box renews its certificate by itself; so few days mean that this fails. The box's own: run `phoan-edge"
        " doctor` on the box to see why, and if need be enrol it again with a new code from the page Devices. The"
        " centre's: renew it at the centre, once for all boxes, and restart the broker.",
    ),
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

CERTIFICATE_NOW: Final = Alert(
    name="certificate-now",
    title=Text("Chứng thư hết hạn đến nơi", "Certificate is about to end"),
    statement="certificates",
    under=3,
    after="10m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Chứng thư {{{{ .Labels.certificate_name }}}} (hộp {BOX}) chỉ còn {VALUE_1} ngày",
        f"The certificate {{{{ .Labels.certificate_name }}}} (box {BOX}) holds for only {VALUE_1} more days",
    ),
    advice=Text(
        "Khi chứng thư hết hạn, hộp không kết nối được nữa và phải đến tận nơi đăng ký lại. Làm ngay hôm nay: chứng"
        " thư của hộp thì đăng ký lại bằng mã mới ở trang Thiết bị; chứng thư của trung tâm thì gia hạn ở trung tâm.",
        "When it has ended the box cannot connect any more, and somebody must go there to enrol it again. Do it"
        " today: the box's own by enrolling it again with a new code from the page Devices; the centre's by"
        " renewing it at the centre.",
    ),
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

MACHINES: Final = Group(
    Text("Hộp biên và camera", "Edge boxes and cameras"),
    60,
    (CAMERA_DOWN, CAMERA_IDLE, BOX_SILENT, BOX_DISK, BOX_CLOCK, CERTIFICATE, CERTIFICATE_NOW),
)
