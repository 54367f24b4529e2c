"""Asks a centre to let this box in, over a connection that is verified from its first byte of value on.

The certificate authority is fetched without trust, and counts only when its fingerprint is the one in the code. Then a
new connection is made that it verifies, or a public authority does, and only over that one the code's secret goes.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from pydantic import ValidationError

from contracts.addresses import literal, plain_host
from contracts.enrolment import CodeError, EnrolmentAnswer, EnrolmentCode, EnrolmentRequest, parse_code
from edge.enrol.keys import KeyBrokenError, certificate_pem, fingerprint, read_certificate
from edge.enrol.words import EnrolError

TIMEOUT: Final = httpx.Timeout(20)
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
"""OpenSSL's X509_V_ERR codes."""
_TELLING: Final = (_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to, and with what."""

    code: EnrolmentCode
    url: str


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre whose authority is the one that the code names. `own_ca`: its https certificate is signed by it too."""

    url: str
    ca: bytes
    own_ca: bool
    context: ssl.SSLContext


def read_target(text: str) -> Target:
    """CODE@CENTRE; the centre is a host, and a port if need be, over https. Raises EnrolError."""
    typed, at, centre = text.strip().rpartition("@")
    if not at or not typed or not centre:
        raise EnrolError("target")
    try:
        code = parse_code(typed)
    except CodeError as error:
        raise EnrolError(str(error)) from None
    return Target(code, _url(centre))


def find_centre(target: Target) -> Centre:
    """Fetch the authority, hold it against the code, and prove that this is its centre. Raises EnrolError."""
    ca, there = _fetch_authority(target.url)
    try:
        certificate = read_certificate(ca)
    except KeyBrokenError:
        raise EnrolError("no_centre", centre=_host(target.url)) from None
    if fingerprint(certificate) != target.code.fingerprint:
        raise EnrolError("fingerprint", centre=_host(target.url))
    pem = certificate_pem(certificate)
    if target.url.startswith("http://"):
        return Centre(target.url, pem, own_ca=False, context=ssl.create_default_context())
    own = ssl.create_default_context(cadata=pem.decode())
    trouble = _verify(target.url, own)
    if trouble is None:
        return Centre(target.url, pem, own_ca=True, context=own)
    if trouble.verify_code not in (_NOT_YET_VALID, _EXPIRED):
        public = ssl.create_default_context()
        otherwise = _verify(target.url, public)
        if otherwise is None:
            return Centre(target.url, pem, own_ca=False, context=public)
        if otherwise.verify_code in _TELLING:  # it is known who signed it, and something else is wrong
            trouble = otherwise
    raise _distrust(trouble, target.url, there)


def ask(centre: Centre, request: EnrolmentRequest) -> EnrolmentAnswer:
    """Have the box let in. Raises EnrolError."""
    with _reaching(centre.url), httpx.Client(verify=centre.context, timeout=TIMEOUT, trust_env=False) as client:
        answer = client.post(f"{centre.url}/api/v1/enrol", content=request.model_dump_json(),
                             headers={"Content-Type": "application/json"})  # fmt: skip
    if answer.status_code == 201:
        try:
            return EnrolmentAnswer.model_validate_json(answer.content)
        except ValidationError:
            raise EnrolError("no_centre", centre=_host(centre.url)) from None
    if answer.status_code == 429:
        raise EnrolError("too_many", wait=answer.headers.get("Retry-After", "60"))
    raise EnrolError(_problem(answer))


def _url(centre: str) -> str:
    """Raises EnrolError."""
    url = centre if "://" in centre else f"https://{centre}"
    try:
        parts = urlsplit(url.rstrip("/"))
        _ = parts.port, httpx.URL(url)
        if literal(parts.hostname or "") is None:
            plain_host(parts.hostname or "")
    except (ValueError, httpx.InvalidURL):
        raise EnrolError("target") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise EnrolError("target")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise EnrolError("plain")
    return f"{parts.scheme}://{parts.netloc}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(url: str) -> str:
    return url.partition("://")[2]


def _fetch_authority(url: str) -> tuple[bytes, datetime | None]:
    """What says that it is the authority, and what time it is there. Nothing of it is believed yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with _reaching(url), httpx.Client(verify=context, timeout=TIMEOUT, trust_env=False) as client:
        answer = client.get(f"{url}/api/v1/enrol/ca")
    if answer.status_code != 200:
        known = answer.headers.get("content-type", "").startswith("application/problem+json")
        raise EnrolError(_problem(answer)) if known else EnrolError("no_centre", centre=_host(url))
    return answer.content, _date(answer.headers.get("Date", ""))


def _verify(url: str, context: ssl.SSLContext) -> ssl.SSLCertVerificationError | None:
    """Why the server at `url` is not to be trusted; None where it is."""
    try:
        with _reaching(url), httpx.Client(verify=context, timeout=TIMEOUT, trust_env=False) as client:
            client.get(f"{url}/api/v1/enrol/ca")
    except ssl.SSLCertVerificationError as error:
        return error
    return None


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Raises EnrolError for a centre that does not answer, and SSLCertVerificationError as it is."""
    try:
        yield
    except httpx.HTTPError as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise cause from None
            cause = cause.__cause__ or cause.__context__
        raise EnrolError("unreachable", centre=_host(url), why=_why(error)) from None


def _why(error: httpx.HTTPError) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__


def _distrust(error: ssl.SSLCertVerificationError, url: str, there: datetime | None) -> EnrolError:
    now = datetime.now(UTC)
    if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        if there is not None and abs((now - there).total_seconds()) < 3600:
            return EnrolError("server_expired", centre=_host(url))
        said = there.strftime("%Y-%m-%d %H:%M UTC") if there else "?"
        return EnrolError("clock", here=now.strftime("%Y-%m-%d %H:%M UTC"), there=said)
    if error.verify_code in (_OTHER_NAME, _OTHER_ADDRESS):
        return EnrolError("server_name", centre=_host(url))
    return EnrolError("untrusted", centre=_host(url))


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (ValueError, TypeError):
        return None


def _problem(answer: httpx.Response) -> str:
    """The code of a problem document; the status of anything else."""
    try:
        document: Any = answer.json()
        return str(document["code"])
    except (ValueError, KeyError, TypeError):
        return str(answer.status_code)
