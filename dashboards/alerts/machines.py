"""Rules about what stands in the street: cameras, boxes, their disks, clocks and certificates."""

from __future__ import annotations

from typing import Final

from dashboards import house
from dashboards.alerts.alert import BOX, CAMERA, VALUE, VALUE_1, Alert, Group, Panel, Severity

EQUIPMENT: Final = "equipment"

CAMERA_DOWN: Final = Alert(
    name="camera-down",
    title="Camera mất hình",
    statement="cameras",
    over=0,
    after="5m",
    severity=Severity.WARNING,
    summary=f"Camera {CAMERA} mất hình",
    advice=f"Camera {CAMERA} không có hình, lần đổi trạng thái gần nhất cách đây {VALUE} phút; hộp"
    f" {{{{ .Labels.box_name }}}} vẫn hoạt động."
    " Mở trang Thiết bị trên màn hình giám sát để xem lý do (sai mật khẩu, không tới được, ngừng gửi hình)."
    " Cả dãy camera cùng mất: kiểm tra switch PoE và nguồn. Chỉ một camera: thử tắt bật cổng PoE, rồi chạy"
    " `phoan-edge doctor` trên hộp.",
    panel=Panel(EQUIPMENT, "cameras"),
    wall="cameras/{{ .Labels.camera }}",
)

CAMERA_IDLE: Final = Alert(
    name="camera-idle",
    title="Camera có hình nhưng không được phân tích",
    statement="idle_cameras",
    under=0.01,  # a look at a still picture may wait for a key frame, of which some cameras send one a minute
    after="15m",
    severity=Severity.CRITICAL,
    summary=f"Camera {CAMERA} có hình nhưng không được phân tích",
    advice=f"Hộp {{{{ .Labels.box_name }}}} nhận hình của camera {CAMERA} nhưng hầu như không phân tích: xâm"
    " nhập, đám đông hay"
    " tráo mã QR ở đó sẽ không được báo. Xem tải CPU của hộp ở bảng bên cạnh; hộp quá tải thì bớt camera hoặc hạ"
    " số hình phân tích mỗi giây. CPU rảnh mà vẫn vậy: khởi động lại dịch vụ trên hộp và gửi nhật ký cho kỹ thuật.",
    panel=Panel(EQUIPMENT, "sight"),
    wall="cameras/{{ .Labels.camera }}",
)

BOX_SILENT: Final = Alert(
    name="box-silent",
    title="Mất liên lạc với hộp biên",
    statement="boxes",
    over=house.SILENT_MINUTES,
    after="2m",
    severity=Severity.CRITICAL,
    summary=f"Mất liên lạc với hộp biên {BOX}",
    advice=f"Không nghe gì từ hộp {BOX} đã {VALUE} phút. Hộp vẫn tự ghi và sẽ gửi bù khi có mạng lại, nhưng lúc"
    " này không ai"
    " thấy hình ở đó. Hỏi người ở chỗ đặt hộp: còn điện không, đèn mạng có sáng không. Nhiều hộp cùng một"
    " tuyến phố im lặng: gọi nhà mạng hoặc điện lực trước khi cử người đi.",
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

BOX_DISK: Final = Alert(
    name="box-disk",
    title="Ổ đĩa của hộp biên sắp đầy",
    statement="box_disks",
    under=0.4,
    after="10m",
    severity=Severity.CRITICAL,
    summary=f"Ổ đĩa của hộp biên {BOX} chỉ còn {VALUE_1} GB",
    advice=f"Hộp {BOX} còn {VALUE_1} GB trống: phần dự trữ mà hình và video không được dùng đã bị lấn. Có thứ"
    " khác đang chiếm đĩa"
    " (nhật ký, tệp lạ), hoặc hộp mất mạng lâu nên hàng chờ gửi đã lớn. Đăng nhập hộp, xem `df -h` và"
    " `du -xh / | sort -h | tail`, xoá thứ không thuộc Phố An. Không xoá /var/lib/phoan.",
    panel=Panel(EQUIPMENT, "disk"),
    wall="boxes",
)

BOX_CLOCK: Final = Alert(
    name="box-clock",
    title="Đồng hồ của hộp biên chạy nhanh",
    statement="clocks",
    over=30,
    after="10m",
    severity=Severity.WARNING,
    summary=f"Đồng hồ của hộp biên {BOX} chạy nhanh {VALUE} giây",
    advice=f"Đồng hồ của hộp biên {BOX} đi trước trung tâm {VALUE} giây: giờ trên bằng chứng sẽ sai, và camera có thể"
    " từ chối đăng nhập."
    " Trên hộp chạy `timedatectl`; nếu không thấy «synchronized: yes» thì mở cổng NTP (UDP 123) hoặc chỉ một"
    " máy chủ giờ trong mạng.",
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

CERTIFICATE: Final = Alert(
    name="certificate",
    title="Chứng thư sắp hết hạn",
    statement="certificates",
    under=house.CERTIFICATE_WARN_DAYS,
    after="1h",
    severity=Severity.WARNING,
    summary=f"Chứng thư {{{{ .Labels.certificate }}}} (hộp {BOX}) còn {VALUE} ngày",
    advice="Hộp tự gia hạn chứng thư của mình; còn ít ngày thế này nghĩa là việc gia hạn đang hỏng."
    " Chứng thư của hộp: chạy `phoan-edge doctor` trên hộp để xem lý do, cần thì đăng ký lại bằng mã mới ở trang"
    " Thiết bị."
    " Chứng thư của trung tâm: gia hạn ở trung tâm (một lần cho mọi hộp) rồi khởi động lại máy chủ tin nhắn (broker).",
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

CERTIFICATE_NOW: Final = Alert(
    name="certificate-now",
    title="Chứng thư hết hạn đến nơi",
    statement="certificates",
    under=3,
    after="10m",
    severity=Severity.CRITICAL,
    summary=f"Chứng thư {{{{ .Labels.certificate }}}} (hộp {BOX}) chỉ còn {VALUE_1} ngày",
    advice="Khi chứng thư hết hạn, hộp không kết nối được nữa và phải đến tận nơi đăng ký lại. Làm ngay hôm nay:"
    " chứng thư của hộp thì đăng ký lại bằng mã mới ở trang Thiết bị; chứng thư của trung tâm thì gia hạn ở trung tâm.",
    panel=Panel(EQUIPMENT, "boxes"),
    wall="boxes",
)

MACHINES: Final = Group(
    "Hộp biên và camera", 60, (CAMERA_DOWN, CAMERA_IDLE, BOX_SILENT, BOX_DISK, BOX_CLOCK, CERTIFICATE, CERTIFICATE_NOW)
)
