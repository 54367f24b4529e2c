"""Each channel against a server that speaks as the real one does: delivered, flooded, broken, silent, nonsense."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from demo.processes import free_port
from ingest.notify.bots import Bot
from ingest.notify.egress import Egress
from ingest.notify.mail import Mail
from ingest.notify.parcels import Later, Outcome, Refused, Sent
from ingest.notify.settings import MailChannel, TelegramChannel, WebhookChannel, ZaloBotChannel, ZaloOaChannel
from ingest.notify.webhook import Webhook
from ingest.notify.zalo_oa import Exchange, ZaloOa
from tests.ingest.notify.samples import SECRET, due, parcel
from tests.support.receivers import MailServer, Receiver, Reply, make_certificate, receiver

LOCAL = Egress(["localhost"], ["localhost"])
TEXT = "[CAO] Xâm nhập ngoài giờ – Chợ An Lưu"


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def webhook(server: Receiver, **changes: Any) -> Webhook:
    values = {"type": "webhook", "url": f"{server.url}/hook?to=ward", "secret": SECRET, "timeout_s": 0.5, **changes}
    return Webhook(WebhookChannel.model_validate(values), LOCAL, "https://tuong.example", lambda: 1_770_699_600.9)


def test_a_webhook_is_signed_over_its_time_and_body_and_bears_its_key(server: Receiver) -> None:
    assert webhook(server).send(parcel(due(cause="power")), TEXT) == Sent()
    (request,) = server.requests
    assert request.path == "/hook?to=ward"
    assert request.headers["host"] == f"localhost:{server.port}"
    assert request.headers["idempotency-key"] == "00000000-0000-0000-0000-00000000004d"
    signed = request.headers["x-timestamp"].encode() + b"." + request.body
    expected = "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert request.headers["x-timestamp"] == "1770699600"
    assert request.headers["x-signature"] == expected
    assert request.content == {
        "id": "00000000-0000-0000-0000-00000000004d",
        "ward": "an-luu",
        "text": TEXT,
        "incidents": [
            {
                "id": "00000000-0000-0000-0000-000000000065",
                "kind": "intrusion",
                "severity": "high",
                "site": "cho-an-luu",
                "state": "new",
                "cause": "power",
                "opened_at": "2026-02-10T05:00:00.000Z",
                "events": 1,
                "step": 0,
                "escalated": False,
                "url": "https://tuong.example/#/incidents/00000000-0000-0000-0000-000000000065",
            }
        ],
    }


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(204, b""), Sent()),
        (Reply(200, b"<html>"), Sent()),
        (Reply(200, b"x" * 200_000), Sent()),
        (Reply(429, {}, {"Retry-After": "17"}), Later("http_429", 17.0)),
        (Reply(429, {}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), Later("http_429")),
        (Reply(503, {}, {"Retry-After": "3"}), Later("http_503", 3.0)),
        (Reply(500), Later("http_500")),
        (Reply(404), Refused("http_404")),
        (Reply(302, {}, {"Location": "http://localhost:1/"}), Refused("http_302")),
        (Reply(delay_s=1.5), Later("timeout")),
        (Reply(hang_up=True), Later("unreachable")),
    ],
)
def test_what_a_webhook_answers_decides_what_comes_next(server: Receiver, reply: Reply, outcome: Outcome) -> None:
    server.replies.append(reply)
    assert webhook(server).send(parcel(), TEXT) == outcome
    assert len(server.requests) == 1, "no redirect is followed and nothing is repeated here"


def test_a_server_that_is_not_there_is_tried_later(server: Receiver) -> None:
    sender = webhook(server, url=f"http://localhost:{free_port()}/")
    assert sender.send(parcel(), TEXT) == Later("unreachable")


def test_a_certificate_must_be_trusted_and_bear_the_name(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with receiver(context) as server:
        assert webhook(server, tls_ca=certificate[0]).send(parcel(), TEXT) == Sent()
        assert webhook(server).send(parcel(), TEXT) == Later("unreachable")
    other = make_certificate(tmp_path, "elsewhere.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*other)
    with receiver(context) as server:
        assert webhook(server, tls_ca=other[0]).send(parcel(), TEXT) == Later("unreachable")
        assert server.requests == []


@pytest.mark.parametrize(
    ("egress", "outcome"),
    [
        (Egress(["elsewhere.example"], ["localhost"]), Refused("host_not_allowed")),
        (Egress(["localhost"]), Refused("private_address")),
    ],
)
def test_nothing_goes_where_nobody_said_it_may(server: Receiver, egress: Egress, outcome: Outcome) -> None:
    settings = WebhookChannel.model_validate({"type": "webhook", "url": server.url, "secret": SECRET})
    assert Webhook(settings, egress, None).send(parcel(), TEXT) == outcome
    assert server.requests == []


def test_a_network_of_ours_may_be_listed(server: Receiver) -> None:
    settings = WebhookChannel.model_validate({"type": "webhook", "url": server.url, "secret": SECRET})
    listed = Egress(["localhost"], networks=[ip_network("127.0.0.0/8"), ip_network("::1/128")])
    assert Webhook(settings, listed, None).send(parcel(), TEXT) == Sent()
    other = Egress(["localhost"], networks=[ip_network("10.0.0.0/8")])
    assert Webhook(settings, other, None).send(parcel(), TEXT) == Refused("private_address")
    assert len(server.requests) == 1


def test_a_name_that_changes_its_mind_leads_nowhere_else(server: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []

    def name_server(host: str, *rest: Any, **more: Any) -> Any:
        if host != "hook.example":
            return real(host, *rest, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.2", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    url = server.url.replace("localhost", "hook.example")
    settings = WebhookChannel.model_validate({"type": "webhook", "url": url, "secret": SECRET})
    egress = Egress(["hook.example"], networks=[ip_network("127.0.0.1/32")])
    assert Webhook(settings, egress, None).send(parcel(), TEXT) == Sent()
    assert server.requests[0].headers["host"] == f"hook.example:{server.port}"
    assert Webhook(settings, egress, None).send(parcel(), TEXT) == Refused("private_address")
    assert asked == ["hook.example"] * 2


@pytest.mark.parametrize("url", ["https://a..b/", "https://" + "a" * 64 + ".vn/"])
def test_a_host_that_no_name_server_knows_is_said_so_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="no host name"):
        WebhookChannel.model_validate({"type": "webhook", "url": url, "secret": SECRET})


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f.1", "017700000001", "127.1", "１２７.0.0.1", "64:ff9b::7f00:1", "127.0.0.1", "10.0.0.8",
        "192.168.1.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.8", "0.0.0.0",
        "100.64.0.1", "224.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_on_the_internet_are_refused(host: str) -> None:
    settings = MailChannel.model_validate({"type": "mail", "host": host, "sender": "a@b", "to": ["c@d"]})
    assert Mail(settings, Egress([host])).send(parcel(), TEXT) == Refused("private_address")


BOTS: dict[str, tuple[Any, dict[str, object], dict[str, object]]] = {
    "telegram": (
        TelegramChannel,
        {"chat_id": "-1001", "text": TEXT, "link_preview_options": {"is_disabled": True}},
        {"ok": True, "result": {"message_id": 7, "date": 1770699600, "chat": {"id": -1001, "type": "group"}}},
    ),
    "zalo_bot": (
        ZaloBotChannel,
        {"chat_id": "-1001", "text": TEXT},
        {"ok": True, "result": {"message_id": "82599fa32f56d00e8941", "date": 1749632637199}},
    ),
}


def bot(server: Receiver, kind: str) -> Bot:
    values = {"type": kind, "token": "123:secret-token", "chat": "-1001", "base_url": server.url, "timeout_s": 0.5}
    return Bot(BOTS[kind][0].model_validate(values), LOCAL)


@pytest.mark.parametrize("kind", BOTS)
def test_a_bot_gets_the_text_for_its_chat(server: Receiver, kind: str) -> None:
    server.usual = lambda _: Reply(200, BOTS[kind][2])
    assert bot(server, kind).send(parcel(), TEXT) == Sent()
    (request,) = server.requests
    assert (request.path, request.content) == ("/bot123:secret-token/sendMessage", BOTS[kind][1])


FLOOD = {
    "ok": False,
    "error_code": 429,
    "description": "Too Many Requests: retry after 35",
    "parameters": {"retry_after": 35},
}


@pytest.mark.parametrize("kind", BOTS)
@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(429, FLOOD), Later("http_429", 35.0)),
        (Reply(200, FLOOD), Later("http_429", 35.0)),
        (Reply(429, {"ok": False, "error_code": 429}, {"Retry-After": "8"}), Later("http_429", 8.0)),
        (Reply(429, {"ok": False, "error_code": 429}), Later("http_429", 30.0)),
        (Reply(403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked"}), Refused("bot_403")),
        (Reply(400, {"ok": False, "error_code": 400, "description": "chat not found"}), Refused("bot_400")),
        (Reply(200, {"ok": False, "error_code": 500, "description": "Internal"}), Later("bot_500")),
        (Reply(200, {"ok": False, "error_code": "x"}), Refused("bot_refused")),
        (Reply(502, b"<html>Bad Gateway</html>"), Later("http_502")),
        (Reply(200, b"<html>"), Later("malformed_answer")),
        (Reply(200, b"[" * 60_000), Later("malformed_answer")),
        (Reply(200, [1]), Later("malformed_answer")),
        (Reply(delay_s=1.5), Later("timeout")),
    ],
)
def test_what_a_bot_api_answers_decides_what_comes_next(
    server: Receiver, kind: str, reply: Reply, outcome: Outcome
) -> None:
    server.replies.append(reply)
    assert bot(server, kind).send(parcel(), TEXT) == outcome


class Kept:
    """Tokens in memory, with the rule of ingest.notify.tokens."""

    def __init__(self, access: str | None = None, refresh: str | None = None) -> None:
        self.kept_access, self.refresh = access, refresh

    def access(self, seed: bytes) -> str | None:
        return self.kept_access

    def renew(self, seed: bytes, stale: str | None, exchange: Exchange) -> str:
        self.kept_access, self.refresh = exchange(self.refresh)
        return self.kept_access


class OfficialAccount:
    """What Zalo does with tokens: each refresh token works once, and only the newest access token does."""

    def __init__(self, server: Receiver, refresh: str) -> None:
        self.access, self.refresh, self.given = "expired", refresh, 0
        self.answer: dict[str, object] = {
            "data": {"message_id": "m1", "user_id": "u1"},
            "error": 0,
            "message": "Success",
        }
        server.usual = self

    def __call__(self, request: Any) -> Reply:
        if request.path == "/v4/oa/access_token":
            assert request.headers["secret_key"] == "the secret key"
            assert {"app_id": "4321", "grant_type": "refresh_token"}.items() <= request.form.items()
            if request.form["refresh_token"] != self.refresh:
                return Reply(200, {"error_name": "Invalid refresh token.", "error": -14014})
            self.given += 1
            self.access, self.refresh = f"access-{self.given}", f"refresh-{self.given}"
            return Reply(200, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"})
        assert request.path == "/v3.0/oa/message/cs"
        assert request.content == {"recipient": {"user_id": "u1"}, "message": {"text": TEXT}}
        if request.headers["access_token"] != self.access:
            return Reply(200, {"error": -216, "message": "Access token is invalid"})
        return Reply(200, self.answer)


def zalo_oa(server: Receiver, tokens: Any) -> ZaloOa:
    values = {
        "type": "zalo_oa", "app_id": "4321", "secret_key": "the secret key", "refresh_token": "first-refresh",
        "user": "u1", "base_url": server.url, "token_url": server.url, "timeout_s": 0.5,
    }  # fmt: skip
    return ZaloOa(ZaloOaChannel.model_validate(values), LOCAL, tokens)


def test_zalo_oa_exchanges_its_token_first_and_again_when_it_ran_out(server: Receiver) -> None:
    account, tokens = OfficialAccount(server, "first-refresh"), Kept()
    sender = zalo_oa(server, tokens)
    assert sender.send(parcel(), TEXT) == Sent()
    assert sender.send(parcel(), TEXT) == Sent()
    assert account.given == 1
    account.access = "another day"
    assert sender.send(parcel(), TEXT) == Sent()
    assert (account.given, tokens.refresh) == (2, "refresh-2")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"error": -230, "message": "User has not interacted with the OA in the past 7 days"}, Refused("zalo_-230")),
        ({"error": -32, "message": "Your application reached limit call api"}, Later("zalo_-32", 60.0)),
        ({"error": -200, "message": "Failed"}, Later("zalo_-200")),
        ({"message": "no error field"}, Later("malformed_answer")),
    ],
)
def test_zalo_oa_says_200_and_means_something_else(
    server: Receiver, answer: dict[str, object], outcome: Outcome
) -> None:
    OfficialAccount(server, "first-refresh").answer = answer
    assert zalo_oa(server, Kept()).send(parcel(), TEXT) == outcome


def test_a_used_up_refresh_token_is_said_and_tried_later_since_an_admin_can_mend_it(server: Receiver) -> None:
    OfficialAccount(server, "another")
    assert zalo_oa(server, Kept()).send(parcel(), TEXT) == Later("zalo_refresh_token_refused")


@pytest.fixture
def relay(certificate: tuple[Path, Path]) -> Iterator[MailServer]:
    server = MailServer(*certificate)
    yield server
    server.stop()


def mail(relay: MailServer, certificate: tuple[Path, Path], **changes: Any) -> Mail:
    values = {
        "type": "mail", "host": "localhost", "port": relay.port, "sender": "phoan@an-luu.example",
        "to": ["truc@an-luu.example", "chi-huy@an-luu.example"], "username": "phoan", "password": "mat-khau",
        "tls_ca": certificate[0], "timeout_s": 2, **changes,
    }  # fmt: skip
    return Mail(MailChannel.model_validate(values), LOCAL)


def test_a_letter_goes_encrypted_with_the_text_and_an_id_that_stays(
    relay: MailServer, certificate: tuple[Path, Path]
) -> None:
    sender = mail(relay, certificate)
    assert [sender.send(parcel(), TEXT), sender.send(parcel(), TEXT)] == [Sent(), Sent()]
    letter, again = map(message_from_bytes, relay.letters)
    assert relay.secured == [True, True]
    assert base64.b64decode(relay.logins[0]) == b"\0phoan\0mat-khau"
    assert str(make_header(decode_header(letter["Subject"]))) == f"Phố An: {TEXT}"
    assert letter["To"] == "truc@an-luu.example, chi-huy@an-luu.example"
    assert letter["Message-ID"] == again["Message-ID"] == "<00000000-0000-0000-0000-00000000004d@phoan>"
    payload = letter.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == TEXT


@pytest.mark.parametrize(
    ("refuse", "outcome"),
    [
        ({"RCPT": "550 no such user"}, Refused("smtp_550")),
        ({"RCPT": "450 mailbox busy"}, Later("smtp_450")),
        ({"MAIL": "421 too many"}, Later("smtp_421")),
        ({"DATA": "554 no"}, Refused("smtp_554")),
        ({"AUTH": "535 wrong password"}, Refused("smtp_535")),
        ({"STARTTLS": "454 not now"}, Later("smtp_454")),
    ],
)
def test_what_a_relay_answers_decides_what_comes_next(
    relay: MailServer, certificate: tuple[Path, Path], refuse: dict[str, str], outcome: Outcome
) -> None:
    relay.refuse = refuse
    assert mail(relay, certificate).send(parcel(), TEXT) == outcome
    assert relay.letters == []


def test_a_letter_is_never_sent_in_the_clear_nor_to_a_stranger(
    relay: MailServer, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    plain = MailServer(*certificate, starttls=False)
    try:
        assert mail(plain, certificate).send(parcel(), TEXT) == Refused("smtp_without_starttls")
    finally:
        plain.stop()
    stranger = make_certificate(tmp_path)
    assert mail(relay, stranger).send(parcel(), TEXT) == Later("tls")
    assert plain.letters == relay.letters == []


def test_a_password_that_smtp_cannot_carry_is_a_mistake_in_the_settings(
    relay: MailServer, certificate: tuple[Path, Path]
) -> None:
    with pytest.raises(ValueError, match="only letters without accents"):
        mail(relay, certificate, password="mật khẩu")
