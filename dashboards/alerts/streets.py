"""Rules about streets and markets as a whole: whether people can pay there, whether sensors are heard.

The wall shows every outage and every device to who is on duty; operators are called only where a whole place is hit.
"""

from __future__ import annotations

from typing import Final

from dashboards.alerts.alert import VALUE, Alert, Group, Panel, Severity
from dashboards.house import Text

SITE: Final = "{{ .Labels.site_name }}, {{ .Labels.ward_name }}"

PAYMENT_OUTAGE: Final = Alert(
    name="payment-outage",
    title=Text("Mất thanh toán trên diện rộng", "Payments fail all over a place"),
    statement="payments",
    over=30,
    after="10m",
    severity=Severity.CRITICAL,
    summary=Text(
        f"{SITE}: {VALUE}% điểm thanh toán không dùng được", f"{SITE}: {VALUE}% of the payment points cannot be used"
    ),
    advice=Text(
        f"{VALUE}% điểm thanh toán đang mở ở {SITE} không nhận được tiền đã hơn 10 phút. Mở trang Thanh toán"
        " để xem nguyên nhân"
        " chung: mất điện (gọi điện lực), mất mạng (gọi nhà mạng), một ngân hàng lỗi (đăng tin cho tiểu thương)."
        " Vụ việc cho công an đã tự mở; việc của người vận hành là nguyên nhân kỹ thuật.",
        f"{VALUE}% of the open payment points of {SITE} cannot take money for more than 10 minutes. Open the page"
        " Payments to see what they have in common: no power (call the power company), no network (call the"
        " network's), a bank (tell the traders). The incident for the police has opened by itself; the operator's"
        " part is the technical cause.",
    ),
    panel=Panel("payments", "sites"),
    wall="payments",
)

DEVICES_SILENT: Final = Alert(
    name="devices-silent",
    title=Text("Thiết bị mất tín hiệu", "Devices are silent"),
    statement="devices",
    over=0,
    after="30m",
    severity=Severity.WARNING,
    summary=Text(f"{SITE}: {VALUE} thiết bị mất tín hiệu", f"{SITE}: {VALUE} devices are silent"),
    advice=Text(
        f"{VALUE} cảm biến ở {SITE} không báo gì đã hơn một giờ dù hộp của chúng vẫn hoạt động. Xem bảng"
        " Thiết bị để biết thiết bị nào:"
        " một chiếc thường là hết pin; nhiều chiếc cùng lúc thường là bộ trung tâm (Zigbee, LoRa) mất điện hoặc treo."
        " Đầu báo khói mất tín hiệu phải được thay pin trong ngày.",
        f"{VALUE} sensors of {SITE} have told nothing for more than an hour although their box works. The panel of"
        " devices says which: a single one is usually out of battery; several at once are usually a gateway (Zigbee,"
        " LoRa) without power or hung. A smoke detector that is silent needs its battery on the same day.",
    ),
    panel=Panel("devices", "silent"),
    wall="boxes",
)

STREETS: Final = Group(Text("Phố và chợ", "Streets and markets"), 60, (PAYMENT_OUTAGE, DEVICES_SILENT))
