"""What lets boxes in, put together when the API starts: the authority, the seal, and the addresses that are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import HTTPConnection

from api.boxes.authority import Authority
from api.boxes.settings import EnrolmentSettings
from api.problems import ProblemError
from contracts.enrolment import EnrolmentCode
from storage.sealing import Seal, read_seal


@dataclass(frozen=True, slots=True)
class Desk:
    """Where boxes are let in."""

    settings: EnrolmentSettings
    authority: Authority
    seal: Seal

    @property
    def lifetime(self) -> timedelta:
        """How long a code is good."""
        return timedelta(minutes=self.settings.code_minutes)

    def command(self, secret: str, came_by: str) -> tuple[str, str]:
        """The code with this secret, and what to type on the box; `came_by` is the address that a person used."""
        code = str(EnrolmentCode(secret, self.authority.fingerprint))
        centre = (self.settings.url or came_by).removeprefix("https://")
        return code, f"phoan-edge enrol {code}@{centre}"


def open_desk(settings: EnrolmentSettings | None) -> Desk | None:
    """Raises AuthorityError and SealError for files that cannot be used."""
    if settings is None:
        return None
    return Desk(settings, Authority(settings), read_seal(settings.accounts_key))


def desk_of(connection: HTTPConnection) -> Desk:
    """Raises ProblemError 503 where the settings have no section for it."""
    desk: Desk | None = connection.app.state.enrolment
    if desk is None:
        raise ProblemError(503, "enrolment_not_set_up", "The settings name no certificate authority for boxes")
    return desk


def address_of(connection: HTTPConnection) -> str:
    """The API's address as this connection reached it."""
    return f"{connection.url.scheme}://{connection.url.netloc}"
