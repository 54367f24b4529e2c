"""A signed POST to a program of the ward's own.

Headers: `Idempotency-Key`, the same however often a message is sent; `X-Timestamp`, seconds since 1970; `X-Signature`,
`sha256=` and the HMAC-SHA256, with the shared secret, of timestamp, a dot and the body. A receiver refuses what is
older than five minutes or was received before.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC

from contracts.wire import iso_milliseconds
from ingest.notify.egress import Egress, NoWayError, as_json, judge
from ingest.notify.parcels import Outcome, Parcel
from ingest.notify.settings import WebhookChannel
from ingest.notify.texts import link_to


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """What `X-Signature` holds."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    def __init__(
        self,
        settings: WebhookChannel,
        egress: Egress,
        wall_url: str | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._egress = egress
        self._wall_url = wall_url
        self._clock = clock

    def send(self, parcel: Parcel, text: str) -> Outcome:
        body = as_json(_content(parcel, text, self._wall_url))
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(parcel.id),
            "X-Timestamp": timestamp,
            "X-Signature": sign(self._settings.secret.get_secret_value().encode(), timestamp, body),
        }
        try:
            answer = self._egress.post(self._settings.url, self._settings, content=body, headers=headers)
        except NoWayError as error:
            return error.outcome
        return judge(answer)


def _content(parcel: Parcel, text: str, wall_url: str | None) -> dict[str, object]:
    return {
        "id": str(parcel.id),
        "ward": parcel.ward,
        "text": text,
        "incidents": [
            {
                "id": str(item.incident_id),
                "kind": item.kind,
                "severity": item.severity,
                "site": item.site_id,
                "state": item.incident_state,
                "cause": item.cause,
                "opened_at": iso_milliseconds(item.opened_at.astimezone(UTC)),
                "events": item.events,
                "step": item.step,
                "escalated": item.forced,
                "url": link_to(wall_url, item),
            }
            for item in parcel.items
        ],
    }
