"""The way to the provider and back: one redirect each, and a session like any other at the end.

What goes wrong leads to the page with a code in its address, which has words for it; the audit log keeps the rest.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from psycopg import Connection
from psycopg.rows import TupleRow

from api.access.auth import client_of, pool_of, settings_of
from api.access.oidc.admission import Known, New, RefusedError, admit
from api.access.oidc.provider import AwayError, Provider, RefusedCodeError
from api.access.oidc.settings import CreateAs, OidcSettings
from api.access.oidc.token import BadTokenError, Identity
from api.access.passwords import hash_password
from api.access.sessions import NOBODY, keep_cookie
from api.auditing import audit
from api.config import ApiSettings
from api.problems import ProblemError, documented
from storage import accounts, identities
from storage.accounts import UserRow
from storage.identities import AttemptRow
from storage.tokens import new_token

log = logging.getLogger(__name__)

LIFETIME: Final = timedelta(minutes=10)
"""For which somebody may take their time at the provider."""

router = APIRouter(prefix="/api/v1/session/oidc", tags=["session"])

_LEADS_ON: Final[dict[int | str, dict[str, Any]]] = {303: {"description": "See Other"}}
Word = Annotated[str | None, Query(max_length=4000, pattern=r"^[\x20-\x7e]*$")]
"""What OAuth allows in them (RFC 6749, appendix A)."""


def provider_of(request: Request) -> Provider | None:
    provider: Provider | None = request.app.state.provider
    return provider


@router.get("", status_code=303, response_class=RedirectResponse, responses={**_LEADS_ON, **documented(404)})
def start(request: Request) -> RedirectResponse:
    """Send the browser to the provider. 404 where the settings name none."""
    settings = settings_of(request)
    provider, _ = _required(request)
    state, browser, nonce, verifier = (new_token() for _ in range(4))
    try:
        address = provider.address(state, nonce, verifier)
    except AwayError:
        return _to_page("oidc_unavailable")
    with pool_of(request).connection() as db:
        identities.begin(db, state, browser, AttemptRow(nonce, verifier), LIFETIME)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        cookie_name(settings),
        browser,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        secure=settings.cookie_secure,
        samesite="lax",  # the provider's page sends the browser back
    )
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse, responses={**_LEADS_ON, **documented(404)})
def callback(
    request: Request, code: Word = None, state: Word = None, error: Word = None, iss: Word = None
) -> RedirectResponse:
    """The provider sends the browser back here; whoever it is gets a session, or the page says why not."""
    provider, oidc = _required(request)
    settings = settings_of(request)
    identity = None
    try:
        attempt = _attempt(request, state)
        identity = _identity(provider, oidc, attempt, code, error, iss)
        answer = _let_in(request, settings, oidc, identity)
    except RefusedError as refusal:
        answer = _refuse(request, refusal.code, identity)
    answer.delete_cookie(cookie_name(settings), httponly=True, secure=settings.cookie_secure, samesite="lax")
    return answer


def cookie_name(settings: ApiSettings) -> str:
    return "__Host-phoan_oidc" if settings.cookie_secure else "phoan_oidc"


def _required(request: Request) -> tuple[Provider, OidcSettings]:
    provider, oidc = provider_of(request), settings_of(request).oidc
    if provider is None or oidc is None:
        raise ProblemError(404, "oidc_off", "The settings name no provider")
    return provider, oidc


def _attempt(request: Request, state: str | None) -> AttemptRow:
    """The sign-in that this browser began. Nobody can end another's, nor one twice."""
    browser = request.cookies.get(cookie_name(settings_of(request)))
    if state and browser:
        with pool_of(request).connection() as db:
            attempt = identities.take(db, state, browser)
        if attempt is not None:
            return attempt
    raise RefusedError("oidc_wrong_state")


def _identity(
    provider: Provider, oidc: OidcSettings, attempt: AttemptRow, code: str | None, error: str | None, iss: str | None
) -> Identity:
    if error is not None or not code:
        raise RefusedError("oidc_refused")
    if iss is not None and iss != oidc.issuer:  # RFC 9207
        raise RefusedError("oidc_bad_token")
    try:
        return provider.identity(code, attempt.nonce, attempt.verifier)
    except AwayError:
        raise RefusedError("oidc_unavailable") from None
    except RefusedCodeError as failure:
        log.warning("the provider takes no code of ours: %s", failure)
        raise RefusedError("oidc_refused") from None
    except BadTokenError as failure:
        log.warning("an ID token was not taken: %s", failure)
        raise RefusedError("oidc_bad_token") from None


def _let_in(request: Request, settings: ApiSettings, oidc: OidcSettings, identity: Identity) -> RedirectResponse:
    """Raises RefusedError."""
    token, client = new_token(), client_of(request)
    with pool_of(request).connection() as db, db.transaction():
        linked = identities.linked(db, identity.issuer, identity.subject)
        admitted = admit(identity, linked, oidc, settings.totp_roles)
        _bring_up_to_date(db, admitted, identity, client)
        session = accounts.open_session(
            db, admitted.username, token, settings.session_lifetime,
            client=client, agent=request.headers.get("user-agent", ""), strong=admitted.strong,
        )  # fmt: skip
        who = audit.Somebody(admitted.username, client)
        factor = "oidc_strong" if admitted.strong else "oidc"
        audit.note(db, who, "session.opened", f"session:{session}", factor=factor)
    answer = RedirectResponse("/", 303)
    keep_cookie(answer, settings, token)
    return answer


def _bring_up_to_date(db: Connection[TupleRow], admitted: Known | New, identity: Identity, client: str) -> None:
    """Make the account, or give it the rights that the provider says it has now."""
    who = audit.Somebody(admitted.username, client)
    about = f"user:{admitted.username}"
    if isinstance(admitted, New):
        nobody_knows = hash_password(new_token())
        if not accounts.add_user(db, _row(admitted.username, admitted.display_name, nobody_knows, admitted.rights)):
            raise RefusedError("oidc_name_taken")
        identities.link(db, identity.issuer, identity.subject, admitted.username, managed=True)
        audit.note(db, who, "user.created", about, by="oidc", **_said(admitted.rights))
    elif admitted.rights is not None and (before := accounts.user(db, admitted.username)):
        row = _row(admitted.username, before.display_name, before.password_hash, admitted.rights)
        if (before.role, before.wards, before.sites) != (row.role, row.wards, row.sites):
            accounts.change_user(db, row)
            audit.note(db, who, "user.changed", about, by="oidc", **_said(admitted.rights))


def _row(username: str, display_name: str, password_hash: str, rights: CreateAs) -> UserRow:
    return UserRow(
        username, display_name, password_hash, rights.role, list(rights.wards), False, sites=list(rights.sites)
    )


def _said(rights: CreateAs) -> dict[str, Any]:
    return {"role": rights.role, "wards": list(rights.wards), "sites": list(rights.sites)}


def _refuse(request: Request, code: str, identity: Identity | None) -> RedirectResponse:
    """The subject of somebody unknown is entered: it is what an administrator needs to link an account."""
    details = {"subject": identity.subject} if identity else {}
    with pool_of(request).connection() as db:
        linked = identities.linked(db, identity.issuer, identity.subject) if identity else None
        who = audit.Somebody(linked.username if linked else NOBODY, client_of(request))
        audit.note(db, who, "session.refused", f"user:{who.username}", reason=code, **details)
    return _to_page(code)


def _to_page(code: str) -> RedirectResponse:
    return RedirectResponse(f"/?problem={code}", 303)
