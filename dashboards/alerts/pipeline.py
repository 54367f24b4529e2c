"""Rules about the way of a record from a box into the database, and about the centre itself."""

from __future__ import annotations

from typing import Final

from dashboards import house
from dashboards.alerts.alert import BOX, VALUE, Alert, Group, Panel, Severity

PIPELINE: Final = "pipeline"
STORAGE: Final = "storage"

STANDSTILL: Final = Alert(
    name="standstill",
    title="Trung tâm ngừng xử lý",
    statement="standstill",
    over=5,
    after="2m",
    severity=Severity.CRITICAL,
    summary=f"Trung tâm ngừng việc «{{{{ .Labels.part }}}}» đã {VALUE} phút",
    advice=f"Việc «{{{{ .Labels.part }}}}» không xong được gì đã {VALUE} phút dù vẫn có hộp kết nối. Không mất"
    " dữ liệu, hộp biên giữ lại"
    " cho đến khi trung tâm xác nhận, nhưng không cảnh báo mới nào tới màn hình. Xem `docker compose ps` và"
    " `docker compose logs --tail 100 ingest`; broker hay cơ sở dữ liệu ngừng thì khởi động lại đúng phần đó.",
    panel=Panel(PIPELINE, "queues"),
    wall="boxes",
)

LAG: Final = Alert(
    name="lag",
    title="Dữ liệu đến chậm",
    statement="lags",
    over=2 * house.LAG_WARN_S,
    after="10m",
    severity=Severity.WARNING,
    summary=f"Dữ liệu của hộp {BOX} chậm {VALUE} giây",
    advice=f"Từ lúc đo đến lúc ghi, bản ghi của hộp {BOX} mất trung bình {VALUE} giây. Chỉ một hộp: đường lên"
    " yếu, hoặc đồng hồ"
    " của hộp chạy chậm. Mọi hộp cùng chậm: trung tâm không theo kịp, thêm một ingest"
    " (`docker compose up -d --scale ingest=2`) và xem đĩa của cơ sở dữ liệu.",
    panel=Panel(PIPELINE, "lag"),
    wall="boxes",
)

BACKLOG: Final = Alert(
    name="backlog",
    title="Hộp biên dồn nhiều bản ghi chưa gửi",
    statement="backlogs",
    over=10 * house.PENDING_WARN,
    after="15m",
    severity=Severity.WARNING,
    summary=f"Hộp biên {BOX} còn {VALUE} bản ghi chờ gửi",
    advice=f"Hộp {BOX} đang kết nối nhưng còn {VALUE} bản ghi chờ trung tâm xác nhận. Sau một đợt mất mạng thì đây"
    " là chuyện thường và"
    " số này phải giảm dần. Nếu cứ tăng: xem «Trung tâm ngừng xử lý» và «Dữ liệu đến chậm», rồi đo đường lên của hộp.",
    panel=Panel(PIPELINE, "pending"),
    wall="boxes",
)

GAPS: Final = Alert(
    name="gaps",
    title="Thiếu bản ghi",
    statement="gaps",
    over=0,
    after="30m",
    severity=Severity.WARNING,
    summary=f"Hộp biên {BOX} thiếu {VALUE} bản ghi",
    advice=f"Trung tâm đã nhận số sau mà thiếu {VALUE} số trước của hộp {BOX}, và đã chờ nửa giờ. Nếu hộp cũng báo"
    " «Hộp biên phải bỏ bản ghi»"
    " thì đó là lý do. Nếu không: xem trang Thiết bị và các bản tin bị loại (`phoan-ingest quarantine list`),"
    " rồi báo kỹ thuật"
    " kèm mã hộp. Đã hiểu lý do thì đặt Silence cho hộp này; cảnh báo tự hết một ngày sau khi hộp khởi động lại.",
    panel=Panel(PIPELINE, "gaps"),
    wall="boxes",
)

DROPPED: Final = Alert(
    name="dropped",
    title="Hộp biên phải bỏ bản ghi",
    statement="dropped",
    over=0,
    after="1m",
    severity=Severity.CRITICAL,
    summary=f"Hộp biên {BOX} đã bỏ {VALUE} bản ghi trong một giờ",
    advice=f"Hàng chờ của hộp {BOX} đã đầy, hộp bỏ {VALUE} bản ghi trong giờ qua, bản ghi ít quan trọng nhất"
    " trước. Phần bỏ không lấy lại"
    " được. Nối lại đường lên càng sớm càng tốt; đĩa đầy thì xem «Ổ đĩa của hộp biên sắp đầy».",
    panel=Panel(PIPELINE, "pending"),
    wall="boxes",
)

QUARANTINE: Final = Alert(
    name="quarantine",
    title="Bản tin bị loại tăng",
    statement="quarantine",
    over=20,
    after="5m",
    severity=Severity.WARNING,
    summary=f"{VALUE} bản tin bị loại trong một giờ ({{{{ .Labels.reason }}}})",
    advice=f"Trong một giờ có {VALUE} bản tin không đọc được, lý do: {{{{ .Labels.reason }}}}. Chạy `phoan-ingest"
    " quarantine list`"
    " để xem bản tin nào, của hộp nào. Thường gặp: hộp hay thiết bị vừa đổi phiên bản, hoặc danh mục thiết bị ở"
    " trung tâm"
    " chưa có camera mới. Sửa xong thì chạy `phoan-ingest quarantine replay` để nhận lại những tin đó.",
    panel=Panel(PIPELINE, "refusals"),
    wall="boxes",
)

NOTIFICATIONS: Final = Alert(
    name="notifications",
    title="Tin báo cho công an không gửi được",
    statement="notifications",
    over=0,
    after="2m",
    severity=Severity.CRITICAL,
    summary=f"{VALUE} tin báo qua kênh {{{{ .Labels.channel }}}} không tới nơi",
    advice=f"Có {VALUE} tin báo vụ việc qua kênh {{{{ .Labels.channel }}}} bị trễ quá 5 phút hoặc đã bỏ trong"
    " giờ qua. Gọi điện cho trực ban để"
    " họ nhìn màn hình giám sát, rồi xem `docker compose logs notify`: khoá hết hạn, mất Internet, hay máy chủ"
    " thư từ chối.",
    panel=Panel("incidents", "notifications"),
    wall="incidents",
)

SIGN_INS: Final = Alert(
    name="sign-ins",
    title="Có người dò mật khẩu",
    statement="sign_ins",
    over=30,
    after="1m",
    severity=Severity.WARNING,
    summary=f"{VALUE} lần đăng nhập sai trong 10 phút",
    advice=f"Có {VALUE} lần đăng nhập sai vào màn hình giám sát trong 10 phút. Tài khoản bị dò đã tự khoá tạm."
    " Mở trang Nhật ký"
    " để xem địa chỉ và tên tài khoản; địa chỉ ngoài mạng của phường thì chặn ở tường lửa.",
    panel=None,
    wall="audit",
)

DATABASE: Final = Alert(
    name="database",
    title="Cơ sở dữ liệu không trả lời hoặc gần hết kết nối",
    statement="connections",
    over=85,
    after="2m",
    severity=Severity.CRITICAL,
    summary="Cơ sở dữ liệu{{ with .Values.A }} dùng "
    '{{ printf "%.0f" .Value }}% số kết nối{{ else }} không trả lời{{ end }}',
    advice="Không hỏi được cơ sở dữ liệu, hoặc nó gần hết kết nối; các cảnh báo khác lúc này giữ nguyên trạng thái cũ."
    " Xem `docker compose ps timescaledb` và đĩa trống của máy. Gần hết kết nối: có chương trình mở mà không đóng,"
    " xem `SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1`.",
    panel=Panel(STORAGE, "connections"),
    wall="boxes",
    blind="Alerting",
)

DATABASE_DISK: Final = Alert(
    name="database-disk",
    title="Đĩa của cơ sở dữ liệu sắp đầy",
    statement="database_size",
    over=80,
    after="10m",
    severity=Severity.CRITICAL,
    summary=f"Cơ sở dữ liệu dùng {VALUE}% phần đĩa dành cho nó",
    advice=f"Cơ sở dữ liệu đã dùng {VALUE}% phần đĩa dành cho nó. Thêm đĩa, hoặc giảm số ngày lưu trong"
    " ingest.yaml (mục retention)."
    " Phần dành cho nó đặt bằng `ALTER DATABASE phoan SET phoan.disk_bytes = '200e9'` (200 GB); chưa đặt thì"
    " tính 100 GB.",
    panel=Panel(STORAGE, "growth"),
    wall="boxes",
)

FLOW: Final = Group("Đường dữ liệu", 60, (STANDSTILL, LAG, BACKLOG, GAPS, DROPPED, QUARANTINE, NOTIFICATIONS))
CENTRE: Final = Group("Trung tâm", 60, (DATABASE, DATABASE_DISK, SIGN_INS))
