"""`phoan-ingest notify`: hears of incidents from the database, plans, and sends; a thread to plan and one a channel.

A channel that hangs holds up itself only, and nothing here is ever waited for by ingest, correlation or the wall. A
message is leased, sent and then marked, so a notifier killed in between makes it come twice, with the same key.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import psycopg
from psycopg_pool import PoolTimeout

from contracts.ids import new_id
from contracts.incident import UNFINISHED, IncidentState
from ingest.notify.bots import Bot
from ingest.notify.egress import Egress
from ingest.notify.ladder import RANK, escalate, plan
from ingest.notify.mail import Mail
from ingest.notify.metrics import NotifyMetrics
from ingest.notify.parcels import Later, Outcome, Parcel, Refused, Sent, gives_up, pack, refill, wait_s
from ingest.notify.settings import (
    Channel,
    MailChannel,
    NotifySettings,
    TelegramChannel,
    WardSettings,
    WebhookChannel,
    ZaloBotChannel,
    ZaloOaChannel,
)
from ingest.notify.texts import text_of
from ingest.notify.tokens import KeptTokens
from ingest.notify.webhook import Webhook
from ingest.notify.zalo_oa import ZaloOa
from storage import notifications
from storage.notifications import CalledIncident, Change
from storage.pool import Pool

log = logging.getLogger(__name__)

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction, PoolTimeout)
AWAY_S: Final = 5.0
MOST_AT_ONCE: Final = 5
"""Parcels that are leased together; with their time limits they are sent well before the lease runs out."""


class Sender(Protocol):
    """One way to people."""

    def send(self, parcel: Parcel, text: str) -> Outcome: ...


class Notifier:
    """Owns the threads."""

    def __init__(self, pool: Pool, settings: NotifySettings) -> None:
        self._pool = pool
        self._settings = settings
        self._senders = senders(settings, pool)
        self.metrics = NotifyMetrics(settings.channels)
        self.failed = False

    def run(self, stop: threading.Event) -> None:
        """Plan and send until `stop` is set; a bug sets it."""
        threads = [threading.Thread(target=self._loop, args=(self.plan_turn, stop), name="plan")]
        threads += [
            threading.Thread(target=self._loop, args=(self._turn_of(name), stop), name=name)
            for name in self._settings.channels
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _turn_of(self, channel: str) -> Callable[[], object]:
        return lambda: self.send_turn(channel)

    def _loop(self, turn: Callable[[], object], stop: threading.Event) -> None:
        away = False
        try:
            while not stop.is_set():
                try:
                    turn()
                    away = False
                except AWAY as error:
                    if not away:
                        log.error("database does not answer, trying on: %s", str(error).strip())
                    away = True
                    stop.wait(AWAY_S)
                stop.wait(self._settings.poll_s)
        except Exception:
            log.exception("a bug ends the notifier")
            self.failed = True
            stop.set()

    def plan_turn(self) -> None:
        """Plan for what changed, drop what nobody needs any more, and give up what is too late."""
        with self._pool.connection() as connection:
            with connection.transaction():
                changes = notifications.changes(connection)
                called = notifications.called(connection, [change.incident_id for change in changes])
                incidents = {incident.id: incident for incident in called}
                for change in changes:
                    incident = incidents.get(change.incident_id)
                    ladder = incident and self._settings.wards.get(incident.ward_id)
                    if incident and ladder:
                        self._plan(connection, incident, ladder, change)
            notifications.cancel(connection)
            self.metrics.looked(notifications.waiting(connection))
            for lost in notifications.give_up(connection):
                self.metrics.given_up.labels(lost.channel).inc()
                log.error("gave up telling %s of incident %s: %s", lost.channel, lost.incident_id, lost.error)

    def _plan(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        incident: CalledIncident,
        ladder: WardSettings,
        change: Change,
    ) -> None:
        if change.what == "called":
            if incident.state != IncidentState.NEW or incident.hidden:
                return
            planned = plan(ladder, incident.severity, change.at)
        else:
            if incident.state not in UNFINISHED:
                return
            planned = escalate(ladder, incident.told, change.at)
        for one in planned:
            notifications.plan(
                connection,
                incident,
                step=one.step,
                channel=one.channel,
                urgency=RANK[incident.severity] + (1 if one.forced else 0),
                forced=one.forced,
                due_at=one.due_at,
                give_up_after=timedelta(seconds=self._settings.give_up_after_s),
            )

    def send_turn(self, channel: str) -> int:
        """Send what is due on `channel`, as far as its limits allow; how many messages that were."""
        parcels = self._lease(channel)
        for parcel in parcels:
            ward = self._settings.wards.get(parcel.ward)
            zone = ward.time_zone if ward else "Asia/Ho_Chi_Minh"
            text = text_of(parcel, self._settings.channels[channel].language, zone, self._settings.wall_url)
            self._mark(channel, parcel, self._send(channel, parcel, text))
        return len(parcels)

    def _send(self, channel: str, parcel: Parcel, text: str) -> Outcome:
        """Send a message. A bug that one of them finds must not keep the others from people."""
        try:
            return self._senders[channel].send(parcel, text)
        except Exception:
            log.exception("a bug kept a message from %s", channel)
            return Later("internal")

    def _lease(self, channel: str) -> list[Parcel]:
        settings = self._settings.channels[channel]
        now = datetime.now(UTC)
        with self._pool.connection() as connection, connection.transaction():
            row = notifications.hold_channel(connection, channel, settings.burst)
            if row.blocked_until and row.blocked_until > now:
                return []
            tokens = refill(row.tokens, row.counted_at, now, settings.per_minute, settings.burst)
            most = min(int(tokens), MOST_AT_ONCE)
            due = notifications.due(connection, channel) if most else []
            if not due:
                return []
            parcels = pack(due, most, self._settings.bundle_from, new_id)
            for parcel in parcels:
                ids = [item.id for item in parcel.items]
                notifications.lease(connection, ids, parcel.id, timedelta(seconds=self._settings.lease_s))
            notifications.spend(connection, channel, tokens - len(parcels), now)
            return parcels

    def _mark(self, channel: str, parcel: Parcel, outcome: Outcome) -> None:
        now = datetime.now(UTC)
        ids = [item.id for item in parcel.items]
        with self._pool.connection() as connection:
            match outcome:
                case Sent():
                    notifications.mark_sent(connection, channel, ids)
                    self.metrics.sent.labels(channel).inc(len(ids))
                    log.info("told %s of %d incidents", channel, len(parcel.items))
                case Later(error, asked_s):
                    self.metrics.failed.labels(channel, "later").inc()
                    attempts = max(item.attempts for item in parcel.items) + 1
                    retry_at = now + timedelta(seconds=wait_s(attempts, asked_s))
                    if gives_up(parcel.items, retry_at):
                        notifications.mark_refused(connection, channel, ids, error)
                        self.metrics.given_up.labels(channel).inc(len(ids))
                        log.error("gave up telling %s of %d incidents: %s", channel, len(parcel.items), error)
                        return
                    blocked = retry_at if asked_s is not None else None
                    notifications.mark_later(connection, channel, ids, error, retry_at, blocked_until=blocked)
                    log.warning("%s does not take messages, trying again: %s", channel, error)
                case Refused(error):
                    notifications.mark_refused(connection, channel, ids, error)
                    self.metrics.failed.labels(channel, "refused").inc()
                    self.metrics.given_up.labels(channel).inc(len(ids))
                    log.error("%s refuses a message: %s", channel, error)


def senders(settings: NotifySettings, pool: Pool) -> Mapping[str, Sender]:
    """A sender for each channel, all with the same way out."""
    hosts = {urlsplit(url).hostname or "" for channel in settings.channels.values() for url in channel.addresses}
    hosts |= {channel.host for channel in settings.channels.values() if isinstance(channel, MailChannel)}
    egress = Egress(hosts, settings.private_hosts, settings.allowed_networks)
    return {name: _sender(name, channel, egress, settings, pool) for name, channel in settings.channels.items()}


def _sender(name: str, channel: Channel, egress: Egress, settings: NotifySettings, pool: Pool) -> Sender:
    match channel:
        case WebhookChannel():
            return Webhook(channel, egress, settings.wall_url)
        case TelegramChannel() | ZaloBotChannel():
            return Bot(channel, egress)
        case ZaloOaChannel():
            return ZaloOa(channel, egress, KeptTokens(pool, name, channel.burst))
        case MailChannel():
            return Mail(channel, egress)
