"""To whom alerts go: contact points, what a message says, when warnings wait, and the policy that joins them.

Two contact points: one for warnings, one for what calls people at once. Which ways each has (mail, Telegram, a webhook)
is told by whoever installs; addresses and tokens are theirs and never stand here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from grafana_foundation_sdk.builders import alerting
from grafana_foundation_sdk.models.alerting import ContactPoint, NotificationPolicy

from dashboards.alerts.alert import APP, Severity
from dashboards.house import TAG, TIME_ZONE, Language, Text

USUAL: Final = "Phố An"
URGENT: Final = "Phố An – khẩn"
NIGHT: Final = "Phố An – ban đêm"
TEMPLATE: Final = "phoan"

TITLE: Final = '{{ template "phoan.title" . }}'
MESSAGE: Final = '{{ template "phoan.message" . }}'

_TEXTS: Final = """\
{{ define "phoan.title" -}}
{{ if .Alerts.Firing }}[Phố An: {{ len .Alerts.Firing }} %(alerts)s]{{ else }}[Phố An: %(over)s]{{ end }}\
 {{ .CommonLabels.alertname }}{{ with .CommonLabels.ward_name }}, {{ . }}{{ end }}
{{- end }}
{{ define "phoan.message" -}}
{{ range .Alerts.Firing }}
{{ .Annotations.summary }}
{{ .Annotations.description }}
{{ with .PanelURL }}%(panel)s: {{ . }}
{{ end }}{{ with .Annotations.wall }}%(wall)s: {{ . }}
{{ end }}{{ with .SilenceURL }}%(silence)s: {{ . }}
{{ end }}{{ end }}{{ range .Alerts.Resolved }}
%(ended)s: {{ .Annotations.summary }}
{{ end }}
{{- end }}
"""
"""What messages say. Without dollar signs, which provisioning files would take for variables."""
_WORDS: Final = {
    "alerts": Text("cảnh báo", "alerts"),
    "over": Text("đã hết", "over"),
    "panel": Text("Bảng", "Panel"),
    "wall": Text("Màn hình giám sát", "Wall"),
    "silence": Text("Tạm tắt", "Silence"),
    "ended": Text("Đã hết", "Over"),
}


class Way(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    TELEGRAM = "telegram"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Contact:
    """One way with its settings, as Grafana names them. `secret`: those that are never shown."""

    way: Way
    settings: dict[str, str | bool]
    secret: frozenset[str] = frozenset()


def texts(language: Language) -> str:
    """The templates of messages, under the same names in every language."""
    return _TEXTS % {key: text.of(language) for key, text in _WORDS.items()}


def email(addresses: str) -> Contact:
    """One mail to all `addresses`, which semicolons part."""
    settings: dict[str, str | bool] = {
        "addresses": addresses,
        "singleEmail": True,
        "subject": TITLE,
        "message": MESSAGE,
    }
    return Contact(Way.EMAIL, settings)


def telegram(token: str, chat: str) -> Contact:
    """A message of a bot in a chat; as plain text, since names may hold what HTML or Markdown would read."""
    settings: dict[str, str | bool] = {
        "bottoken": token,
        "chatid": chat,
        "message": MESSAGE,
        "parse_mode": "None",
        "disable_web_page_preview": True,
    }
    return Contact(Way.TELEGRAM, settings, frozenset({"bottoken"}))


def webhook(url: str, token: str | None) -> Contact:
    """Grafana's own JSON, posted to `url`; with a bearer token if one is given."""
    settings: dict[str, str | bool] = {"url": url, "httpMethod": "POST", "title": TITLE, "message": MESSAGE}
    if token is not None:
        settings |= {"authorization_scheme": "Bearer", "authorization_credentials": token}
    return Contact(Way.WEBHOOK, settings, frozenset({"authorization_credentials"}))


def contact_points(contacts: Sequence[Contact]) -> list[ContactPoint]:
    """The parts of both contact points. Urgent alerts go every way; warnings by mail, or the first way there is."""
    calm = [one for one in contacts if one.way is Way.EMAIL] or list(contacts[:1])
    return [_part(USUAL, "usual", one) for one in calm] + [_part(URGENT, "urgent", one) for one in contacts]


def policy() -> NotificationPolicy:
    """The branch for our alerts. It hangs below whatever policy the Grafana has."""
    urgent = _route(URGENT, Severity.CRITICAL).group_wait("30s").repeat_interval("4h")
    usual = _route(USUAL, Severity.WARNING).mute_time_intervals([NIGHT]).repeat_interval("1d")
    return (
        alerting.NotificationPolicy()
        .receiver(USUAL)
        .object_matchers([[APP, "=", TAG]])
        .group_by(["alertname", "ward", "box"])
        .group_wait("1m")
        .group_interval("5m")
        .repeat_interval("12h")
        .routes([urgent, usual])
        .build()
    )


def mute_timing() -> dict[str, Any]:
    """The night, in which warnings wait. Written by hand: the SDK names the ends of a time as Grafana does not."""
    times = [{"start_time": "22:00", "end_time": "24:00"}, {"start_time": "00:00", "end_time": "06:00"}]
    return {"name": NIGHT, "time_intervals": [{"times": times, "location": TIME_ZONE}]}


def _part(name: str, word: str, contact: Contact) -> ContactPoint:
    return (
        alerting.ContactPoint()
        .uid(f"{TAG}-{word}-{contact.way.value}")
        .name(name)
        .type(contact.way.value)
        .settings(dict(contact.settings))
        .disable_resolve_message(False)
        .build()
    )


def _route(receiver: str, severity: Severity) -> alerting.NotificationPolicy:
    return alerting.NotificationPolicy().receiver(receiver).object_matchers([["severity", "=", severity.value]])
