"""Messages through the bots of Telegram and Zalo, whose two APIs have the same shape. The token is in the address."""

from __future__ import annotations

from ingest.notify.egress import Answer, Egress, NoWayError, as_json, judge
from ingest.notify.parcels import Later, Outcome, Parcel, Refused, Sent
from ingest.notify.settings import TelegramChannel, ZaloBotChannel


class Bot:
    """One chat of one bot."""

    def __init__(self, settings: TelegramChannel | ZaloBotChannel, egress: Egress) -> None:
        self._settings = settings
        self._egress = egress

    def send(self, parcel: Parcel, text: str) -> Outcome:
        content: dict[str, object] = {"chat_id": self._settings.chat, "text": text}
        if isinstance(self._settings, TelegramChannel):
            content["link_preview_options"] = {"is_disabled": True}
        url = f"{self._settings.base_url.rstrip('/')}/bot{self._settings.token.get_secret_value()}/sendMessage"
        try:
            answer = self._egress.post(
                url,
                self._settings,
                content=as_json(content),
                headers={"Content-Type": "application/json"},
            )
        except NoWayError as error:
            return error.outcome
        return _judge(answer)


def _judge(answer: Answer) -> Outcome:
    """The content counts, not the status: `ok`, and for a flood the seconds to wait."""
    if answer.content.get("ok") is True:
        return Sent()
    if "ok" not in answer.content:
        return Later("malformed_answer") if answer.status < 400 else judge(answer)
    code = answer.content.get("error_code", answer.status)
    parameters = answer.content.get("parameters")
    asked = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if code == 429:
        return Later("http_429", float(asked) if isinstance(asked, int | float) else answer.retry_after_s or 30.0)
    if isinstance(code, int) and code >= 500:
        return Later(f"bot_{code}")
    return Refused(f"bot_{code if isinstance(code, int) else 'refused'}")
