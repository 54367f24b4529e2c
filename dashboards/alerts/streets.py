"""Rules about streets and markets as a whole: whether people can pay there, whether sensors are heard.

The wall shows every outage and every device to who is on duty; operators are called only where a whole place is hit.
"""

from __future__ import annotations

from typing import Final

from dashboards.alerts.alert import VALUE, Alert, Group, Panel, Severity

SITE: Final = "{{ .Labels.site_name }}, {{ .Labels.ward_name }}"

PAYMENT_OUTAGE: Final = Alert(
    name="payment-outage",
    title="Mất thanh toán trên diện rộng",
    statement="payments",
    over=30,
    after="10m",
    severity=Severity.CRITICAL,
    summary=f"{SITE}: {VALUE}% điểm thanh toán không dùng được",
    advice=f"{VALUE}% điểm thanh toán đang mở ở {SITE} không nhận được tiền đã hơn 10 phút. Mở trang Thanh toán"
    " để xem nguyên nhân"
    " chung: mất điện (gọi điện lực), mất mạng (gọi nhà mạng), một ngân hàng lỗi (đăng tin cho tiểu thương)."
    " Vụ việc cho công an đã tự mở; việc của người vận hành là nguyên nhân kỹ thuật.",
    panel=Panel("payments", "sites"),
    wall="payments",
)

DEVICES_SILENT: Final = Alert(
    name="devices-silent",
    title="Thiết bị mất tín hiệu",
    statement="devices",
    over=0,
    after="30m",
    severity=Severity.WARNING,
    summary=f"{SITE}: {VALUE} thiết bị mất tín hiệu",
    advice=f"{VALUE} cảm biến ở {SITE} không báo gì đã hơn một giờ dù hộp của chúng vẫn hoạt động. Xem bảng"
    " Thiết bị để biết thiết bị nào:"
    " một chiếc thường là hết pin; nhiều chiếc cùng lúc thường là bộ trung tâm (Zigbee, LoRa) mất điện hoặc treo."
    " Đầu báo khói mất tín hiệu phải được thay pin trong ngày.",
    panel=Panel("devices", "silent"),
    wall="boxes",
)

STREETS: Final = Group("Phố và chợ", 60, (PAYMENT_OUTAGE, DEVICES_SILENT))
