"""Where boxes come in: a code against an account, a token and a certificate; and the next certificate in time.

Who has a code has no session. The secret is looked up by its SHA-256, so the time that it takes says nothing of it; how
often an address may try is limited (api.access.limits). A code is used up in the transaction that lets the box in.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from psycopg import Connection
from psycopg.rows import TupleRow

from api.access.auth import Database, SendingBox, client_of, settings_of
from api.auditing import audit
from api.auditing.audit import Somebody
from api.boxes import authority
from api.boxes.authority import Issued, RequestRefusedError
from api.boxes.desk import Desk, address_of, desk_of
from api.problems import ProblemError, documented
from contracts.accounts import AccountKind, login_of
from contracts.enrolment import (
    BrokerAddress,
    CertificateAnswer,
    CertificateRequest,
    EnrolmentAnswer,
    EnrolmentRequest,
)
from storage import broker_accounts, enrolments
from storage.enrolments import Certified, UsedRow
from storage.tokens import new_token

router = APIRouter(prefix="/api/v1", tags=["boxes"])

Db = Connection[TupleRow]

STRANGER = "box:unknown"
_TITLES = {
    "used": "Another box was enrolled with this code",
    "expired": "This code is too old",
    "withdrawn": "This code was withdrawn",
}


@router.get("/enrol/ca", response_class=PlainTextResponse, responses=documented(503))
def certificate_authority(request: Request) -> str:
    """The centre's authority (PEM), whose fingerprint stands in every code; and another that is to be believed, too."""
    return desk_of(request).authority.pem


@router.post("/enrol", status_code=201, responses=documented(404, 409, 410, 422, 503))
def enrol(asked: EnrolmentRequest, request: Request, db: Database) -> EnrolmentAnswer:
    """Let a box in. The same box may ask again with the same key while its code lasts: an answer can get lost."""
    desk, client = desk_of(request), client_of(request)
    wanted = _read(asked.certificate_request)
    with db.transaction():
        used = enrolments.use(db, asked.secret.get_secret_value(), wanted.key_sha256, client)
        if used is not None:
            answer = _let_in(db, desk, used, wanted, asked, client, address_of(request))
            return answer.model_copy(update={"release_key": settings_of(request).release_key})
    why = enrolments.why_not(db, asked.secret.get_secret_value())
    audit.note(db, Somebody(STRANGER, client), "box.enrolment_refused", "enrolment", why=why or "unknown")
    if why is None:
        raise ProblemError(404, "code_unknown", "No such code")
    raise ProblemError(410, f"code_{why}", _TITLES[why])


@router.post("/box/certificate", responses=documented(409, 422, 503))
def renew(asked: CertificateRequest, box: SendingBox, request: Request, db: Database) -> CertificateAnswer:
    """The box's next certificate, for the key that it has: who stole its token alone gets none."""
    desk = desk_of(request)
    wanted = _read(asked.certificate_request)
    with db.transaction():
        if enrolments.key_of_box(db, box) != wanted.key_sha256:
            raise ProblemError(409, "other_key", "The box was not enrolled with this key")
        issued = _certify(db, desk, wanted, box)
        who = Somebody(f"box:{box}", client_of(request))
        audit.note(db, who, "box.certified", f"box:{box}", serial=issued.serial, until=issued.not_after)
    return CertificateAnswer(certificate=issued.pem, not_after=issued.not_after)


def _read(certificate_request: str) -> authority.Request:
    try:
        return authority.read_request(certificate_request)
    except RequestRefusedError as error:
        raise ProblemError(422, "invalid", "The request for a certificate is refused", str(error)) from None


def _let_in(
    db: Db, desk: Desk, used: UsedRow, wanted: authority.Request, asked: EnrolmentRequest, client: str, came_by: str
) -> EnrolmentAnswer:
    """In the transaction that used the code. Raises ProblemError, and then the code is as it was."""
    box, token = used.box_id, new_token()
    place = enrolments.place(db, used.ward_id, used.site_id)
    if place is None or not enrolments.let_in(db, used, token):
        raise ProblemError(409, "box_taken", "A box of another ward has this name")
    broker_accounts.put(db, AccountKind.BOX, box, used.ward_id, asked.mqtt_password.get_secret_value(), desk.seal)
    issued = _certify(db, desk, wanted, box)
    about = {"code": used.id, "serial": issued.serial, "until": issued.not_after, "again": used.again}
    audit.note(db, Somebody(f"box:{box}", client), "box.enrolled", f"box:{box}", ward=used.ward_id, **about)
    settings = desk.settings
    return EnrolmentAnswer.model_validate(
        {
            "box": box,
            "name": used.box_name,
            "ward": used.ward_id,
            "site": used.site_id,
            "token": token,
            "mqtt": BrokerAddress(
                host=settings.mqtt_host, port=settings.mqtt_port, username=login_of(AccountKind.BOX, box)
            ),
            "url": settings.url,
            "time_zone": place.time_zone,
            "certificate": issued.pem,
        }
    )


def _certify(db: Db, desk: Desk, wanted: authority.Request, box: str) -> Issued:
    issued = desk.authority.sign(wanted, box, datetime.now(UTC))
    given = Certified(issued.serial, box, wanted.key_sha256, issued.not_before, issued.not_after)
    enrolments.certified(db, given)
    return issued
