"""Rules about the way of a record from a box into the database, and about the centre itself."""

from __future__ import annotations

from typing import Final

from dashboards import house
from dashboards.alerts.alert import BOX, VALUE, Alert, Group, Panel, Severity
from dashboards.house import Text

PIPELINE: Final = "pipeline"
STORAGE: Final = "storage"

STANDSTILL: Final = Alert(
    name="standstill",
    title=Text("Trung tâm ngừng xử lý", "The centre stands still"),
    statement="standstill",
    over=5,
    after="2m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Trung tâm ngừng việc «{{{{ .Labels.part_name }}}}» đã {VALUE} phút",
        f"The centre has stopped {{{{ .Labels.part_name }}}} for {VALUE} minutes",
    ),
    advice=Text(
        f"Việc «{{{{ .Labels.part_name }}}}» không xong được gì đã {VALUE} phút dù vẫn có hộp kết nối. Không mất"
        " dữ liệu, hộp biên giữ lại"
        " cho đến khi trung tâm xác nhận, nhưng không cảnh báo mới nào tới màn hình. Xem `docker compose ps` và"
        " `docker compose logs --tail 100 ingest`; broker hay cơ sở dữ liệu ngừng thì khởi động lại đúng phần đó.",
        f"For {VALUE} minutes nothing came of {{{{ .Labels.part_name }}}} although boxes are connected. No data is"
        " lost: boxes keep it until the centre acknowledges it, but no new alert reaches the wall. Look at `docker"
        " compose ps` and `docker compose logs --tail 100 ingest`; where the broker or the database has stopped,"
        " restart just that.",
    ),
    panel=Panel(PIPELINE, "queues"),
    wall="boxes",
)

LAG: Final = Alert(
    name="lag",
    title=Text("Dữ liệu đến chậm", "Records arrive late"),
    statement="lags",
    over=2 * house.LAG_WARN_S,
    after="10m",
    severity=Severity.WARNING,
    summary=Text(f"Dữ liệu của hộp {BOX} chậm {VALUE} giây", f"Records of box {BOX} are {VALUE} seconds late"),
    advice=Text(
        f"Từ lúc đo đến lúc ghi, bản ghi của hộp {BOX} mất trung bình {VALUE} giây. Chỉ một hộp: đường lên"
        " yếu, hoặc đồng hồ"
        " của hộp chạy chậm. Mọi hộp cùng chậm: trung tâm không theo kịp, thêm một ingest"
        " (`docker compose up -d --scale ingest=2`) và xem đĩa của cơ sở dữ liệu.",
        f"From measurement to commit a record of box {BOX} takes {VALUE} seconds in the mean. One box: its uplink is"
        " weak, or its clock is slow. All boxes: the centre cannot keep up; add an ingest (`docker compose up -d"
        " --scale ingest=2`) and look at the database's disk.",
    ),
    panel=Panel(PIPELINE, "lag"),
    wall="boxes",
)

BACKLOG: Final = Alert(
    name="backlog",
    title=Text("Hộp biên dồn nhiều bản ghi chưa gửi", "Many records wait in an edge box"),
    statement="backlogs",
    over=10 * house.PENDING_WARN,
    after="15m",
    severity=Severity.WARNING,
    summary=Text(f"Hộp biên {BOX} còn {VALUE} bản ghi chờ gửi", f"{VALUE} records wait in edge box {BOX}"),
    advice=Text(
        f"Hộp {BOX} đang kết nối nhưng còn {VALUE} bản ghi chờ trung tâm xác nhận. Sau một đợt mất mạng thì đây là"
        " chuyện thường và số này phải giảm dần. Nếu cứ tăng: xem «Trung tâm ngừng xử lý» và «Dữ liệu đến chậm», rồi"
        " đo đường lên của hộp.",
        f"Box {BOX} is connected, but {VALUE} of its records wait to be acknowledged. After an interruption that is"
        " usual and must fall steadily. If it grows: see «The centre stands still» and «Records arrive late», then"
        " measure the box's uplink.",
    ),
    panel=Panel(PIPELINE, "pending"),
    wall="boxes",
)

GAPS: Final = Alert(
    name="gaps",
    title=Text("Thiếu bản ghi", "Records are missing"),
    statement="gaps",
    over=0,
    after="30m",
    severity=Severity.WARNING,
    summary=Text(f"Hộp biên {BOX} thiếu {VALUE} bản ghi", f"{VALUE} records of edge box {BOX} are missing"),
    advice=Text(
        f"Trung tâm đã nhận số sau mà thiếu {VALUE} số trước của hộp {BOX}, và đã chờ nửa giờ. Nếu hộp cũng báo"
        " «Hộp biên phải bỏ bản ghi»"
        " thì đó là lý do. Nếu không: xem trang Thiết bị và các bản tin bị loại (`phoan-ingest quarantine list`),"
        " rồi báo kỹ thuật"
        " kèm mã hộp. Đã hiểu lý do thì đặt Silence cho hộp này; cảnh báo tự hết một ngày sau khi hộp khởi động lại.",
        f"The centre has later numbers of box {BOX} but lacks {VALUE} earlier ones, and has waited for half an hour."
        " If the box also alerts as «Edge box gave up records», that is why. If not: see the page Devices and the"
        " refused messages (`phoan-ingest quarantine list`), then tell support the id of the box. Once it is"
        " understood, silence the alert for this box; it ends by itself a day after the box was restarted.",
    ),
    panel=Panel(PIPELINE, "gaps"),
    wall="boxes",
)

DROPPED: Final = Alert(
    name="dropped",
    title=Text("Hộp biên phải bỏ bản ghi", "Edge box gave up records"),
    statement="dropped",
    over=0,
    after="1m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Hộp biên {BOX} đã bỏ {VALUE} bản ghi trong một giờ", f"Edge box {BOX} gave up {VALUE} records within an hour"
    ),
    advice=Text(
        f"Hàng chờ của hộp {BOX} đã đầy, hộp bỏ {VALUE} bản ghi trong giờ qua, bản ghi ít quan trọng nhất"
        " trước. Phần bỏ không lấy lại"
        " được. Nối lại đường lên càng sớm càng tốt; đĩa đầy thì xem «Ổ đĩa của hộp biên sắp đầy».",
        f"The outbox of box {BOX} was full, and within the hour it gave up {VALUE} records, the least important ones"
        " first. They do not come back. Restore the uplink as soon as possible; for a full disk see «Disk of an edge"
        " box is nearly full».",
    ),
    panel=Panel(PIPELINE, "pending"),
    wall="boxes",
)

QUARANTINE: Final = Alert(
    name="quarantine",
    title=Text("Bản tin bị loại tăng", "More messages are refused"),
    statement="quarantine",
    over=20,
    after="5m",
    severity=Severity.WARNING,
    summary=Text(
        f"{VALUE} bản tin bị loại trong một giờ ({{{{ .Labels.reason }}}})",
        f"{VALUE} messages were refused within an hour ({{{{ .Labels.reason }}}})",
    ),
    advice=Text(
        f"Trong một giờ có {VALUE} bản tin không đọc được, lý do: {{{{ .Labels.reason }}}}. Chạy `phoan-ingest"
        " quarantine list`"
        " để xem bản tin nào, của hộp nào. Thường gặp: hộp hay thiết bị vừa đổi phiên bản, hoặc danh mục thiết bị ở"
        " trung tâm"
        " chưa có camera mới. Sửa xong thì chạy `phoan-ingest quarantine replay` để nhận lại những tin đó.",
        f"Within an hour {VALUE} messages could not be read, because of: {{{{ .Labels.reason }}}}. Run `phoan-ingest"
        " quarantine list` to see which, and of which box. Usually a box or a device has a new version, or the"
        " inventory of the centre lacks a new camera. When that is mended, `phoan-ingest quarantine replay` takes"
        " the messages in.",
    ),
    panel=Panel(PIPELINE, "refusals"),
    wall="boxes",
)

NOTIFICATIONS: Final = Alert(
    name="notifications",
    title=Text("Tin báo cho công an không gửi được", "Messages to the police do not arrive"),
    statement="notifications",
    over=0,
    after="2m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"{VALUE} tin báo qua kênh {{{{ .Labels.channel }}}} không tới nơi",
        f"{VALUE} messages by the channel {{{{ .Labels.channel }}}} have not arrived",
    ),
    advice=Text(
        f"Có {VALUE} tin báo vụ việc qua kênh {{{{ .Labels.channel }}}} bị trễ quá 5 phút hoặc đã bỏ trong"
        " giờ qua. Gọi điện cho trực ban để"
        " họ nhìn màn hình giám sát, rồi xem `docker compose logs notify`: khoá hết hạn, mất Internet, hay máy chủ"
        " thư từ chối.",
        f"{VALUE} messages of incidents by the channel {{{{ .Labels.channel }}}} are more than 5 minutes late, or"
        " were given up within the hour. Call who is on duty, so that they look at the wall, and then see `docker"
        " compose logs notify`: a key that ended, no Internet, or a mail server that refuses.",
    ),
    panel=Panel("incidents", "notifications"),
    wall="incidents",
)

SIGN_INS: Final = Alert(
    name="sign-ins",
    title=Text("Có người dò mật khẩu", "Somebody tries passwords"),
    statement="sign_ins",
    over=30,
    after="1m",
    severity=Severity.WARNING,
    summary=Text(f"{VALUE} lần đăng nhập sai trong 10 phút", f"{VALUE} sign-ins failed within 10 minutes"),
    advice=Text(
        f"Có {VALUE} lần đăng nhập sai vào màn hình giám sát trong 10 phút. Tài khoản bị dò đã tự khoá tạm."
        " Mở trang Nhật ký"
        " để xem địa chỉ và tên tài khoản; địa chỉ ngoài mạng của phường thì chặn ở tường lửa.",
        f"{VALUE} sign-ins to the wall failed within 10 minutes. The accounts that were tried have locked themselves"
        " for a while. Open the page Audit log for addresses and names of accounts; block an address from outside the"
        " ward's network at the firewall.",
    ),
    panel=None,
    wall="audit",
)

DATABASE: Final = Alert(
    name="database",
    title=Text(
        "Cơ sở dữ liệu không trả lời hoặc gần hết kết nối", "The database does not answer, or runs out of connections"
    ),
    statement="connections",
    over=85,
    after="2m",
    severity=Severity.CRITICAL,
    summary=Text(
        "Cơ sở dữ liệu{{ with .Values.A }} dùng "
        '{{ printf "%.0f" .Value }}% số kết nối{{ else }} không trả lời{{ end }}',
        "The database{{ with .Values.A }} uses "
        '{{ printf "%.0f" .Value }}% of its connections{{ else }} does not answer{{ end }}',
    ),
    advice=Text(
        "Không hỏi được cơ sở dữ liệu, hoặc nó gần hết kết nối; các cảnh báo khác lúc này giữ nguyên trạng thái cũ."
        " Xem `docker compose ps timescaledb` và đĩa trống của máy. Gần hết kết nối: có chương trình mở mà không đóng,"
        " xem `SELECT usename, count(*) FROM pg_stat_activity GROUP BY 1`.",
        "The database cannot be asked, or has nearly no connection left; meanwhile the other alerts keep the state"
        " that they had. Look at `docker compose ps timescaledb` and the free disk of the machine. Nearly no"
        " connection left: a program opens and does not close, see `SELECT usename, count(*) FROM pg_stat_activity"
        " GROUP BY 1`.",
    ),
    panel=Panel(STORAGE, "connections"),
    wall="boxes",
    blind="Alerting",
)

DATABASE_DISK: Final = Alert(
    name="database-disk",
    title=Text("Đĩa của cơ sở dữ liệu sắp đầy", "Disk of the database is nearly full"),
    statement="database_size",
    over=80,
    after="10m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"Cơ sở dữ liệu dùng {VALUE}% phần đĩa dành cho nó",
        f"The database uses {VALUE}% of the disk that is meant for it",
    ),
    advice=Text(
        f"Cơ sở dữ liệu đã dùng {VALUE}% phần đĩa dành cho nó. Thêm đĩa, hoặc giảm số ngày lưu trong"
        " ingest.yaml (mục retention)."
        " Phần dành cho nó đặt bằng `ALTER DATABASE phoan SET phoan.disk_bytes = '200e9'` (200 GB); chưa đặt thì"
        " tính 100 GB.",
        f"The database uses {VALUE}% of the disk that is meant for it. Add disk, or keep data for fewer days"
        " (`retention` in ingest.yaml). How much is meant for it says `ALTER DATABASE phoan SET phoan.disk_bytes ="
        " '200e9'` (200 GB); until then it is 100 GB.",
    ),
    panel=Panel(STORAGE, "growth"),
    wall="boxes",
)

BACKUP: Final = Alert(
    name="backup",
    title=Text("Quá 26 giờ chưa có bản sao lưu tốt", "No good backup for 26 hours"),
    statement="backups",
    over=house.BACKUP_HOURS,
    after="10m",
    severity=Severity.WARNING,
    summary=Text(f"Đã {VALUE} giờ chưa có bản sao lưu tốt", f"No good backup for {VALUE} hours"),
    advice=Text(
        f"Đã {VALUE} giờ không có bản sao lưu nào trọn vẹn: máy chủ hỏng lúc này thì mất dữ liệu từ đó đến nay. Bảng"
        " Lưu trữ cho biết hỏng ở bước nào. Xem `docker compose ps backup`, `docker compose logs --tail 100 backup`:"
        " đĩa sao lưu đầy, chưa gắn, hay thư mục không thuộc về 10001. Sửa xong thì chạy `docker compose exec backup"
        " sh /etc/phoan/backup.sh once`.",
        f"There was no whole backup for {VALUE} hours: if the server breaks now, everything since then is lost. The"
        " panel says at which step it failed. Look at `docker compose ps backup` and `docker compose logs --tail 100"
        " backup`: the backups' disk is full or not mounted, or the folder does not belong to 10001. When that is"
        " mended, run `docker compose exec backup sh /etc/phoan/backup.sh once`.",
    ),
    panel=Panel(STORAGE, "backup"),
    wall="boxes",
)

FLOW: Final = Group(
    Text("Đường dữ liệu", "The way of records"),
    60,
    (STANDSTILL, LAG, BACKLOG, GAPS, DROPPED, QUARANTINE, NOTIFICATIONS),
)
CENTRE: Final = Group(Text("Trung tâm", "The centre"), 60, (DATABASE, DATABASE_DISK, BACKUP, SIGN_INS))
