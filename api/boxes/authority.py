"""The centre's certificate authority: signs what boxes ask for. It knows keys and certificates, and no database.

The key is EC P-256, in files that `deploy/init` makes. While a centre changes to a new authority there are two; the
first in the file is the one that signs, and boxes are told both. A box's certificate says its name and that it is a
client, nothing else; what the box may do hangs on its account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from api.boxes.settings import EnrolmentSettings
from contracts.enrolment import fingerprint_of

SLACK: Final = timedelta(hours=1)
"""By so much the broker's clock may be behind ours."""


class AuthorityError(Exception):
    """The authority's files cannot be used; the text is one sentence."""


class RequestRefusedError(ValueError):
    """A request for a certificate that is none, or not for a key as boxes make it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for a certificate that was checked: who sent it holds the key."""

    key: ec.EllipticCurvePublicKey

    @property
    def key_sha256(self) -> bytes:
        """Names the key in the database."""
        return hashlib.sha256(_public_bytes(self.key)).digest()


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was just signed."""

    pem: str
    serial: str
    not_before: datetime
    not_after: datetime


class Authority:
    """Owns the private key."""

    def __init__(self, settings: EnrolmentSettings) -> None:
        believed = _certificates(settings.ca)
        self._certificate = believed[0]
        self._key = _private_key(settings.ca_key)
        self._lifetime = timedelta(days=settings.certificate_days)
        if _public_bytes(self._key.public_key()) != _public_bytes(self._certificate.public_key()):
            raise AuthorityError(f"{settings.ca_key}: is not the key of {settings.ca}.")
        self.pem = "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in believed)
        self.fingerprint = fingerprint_of(_public_bytes(self._certificate.public_key()))

    def sign(self, request: Request, box: str, now: datetime) -> Issued:
        """A certificate that says that the key of `request` is the box's."""
        not_before = now - SLACK
        not_after = min(now + self._lifetime, self._certificate.not_valid_after_utc)
        serial = x509.random_serial_number()
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        signed = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, box)]))
            .issuer_name(self._certificate.subject)
            .public_key(request.key)
            .serial_number(serial)
            .not_valid_before(not_before)
            .not_valid_after(not_after)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(request.key), critical=False)
            .add_extension(authority_key, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Issued(
            signed.public_bytes(Encoding.PEM).decode(),
            f"{serial:x}",
            signed.not_valid_before_utc,
            signed.not_valid_after_utc,
        )


def read_request(pem: str) -> Request:
    """Check a request for a certificate. What it says of names is not read. Raises RequestRefusedError."""
    try:
        asked = x509.load_pem_x509_csr(pem.encode())
        key = asked.public_key()
        if not asked.is_signature_valid:
            raise RequestRefusedError("who sent it does not hold the key")
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        raise RequestRefusedError("it cannot be read") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise RequestRefusedError("its key is not on the curve P-256")
    return Request(key)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
        constraints = [one.extensions.get_extension_for_class(x509.BasicConstraints).value for one in found]
    except OSError as error:
        raise AuthorityError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, x509.ExtensionNotFound):
        raise AuthorityError(f"{path}: holds no certificate of an authority in PEM.") from None
    if not all(one.ca for one in constraints):
        raise AuthorityError(f"{path}: holds a certificate that may not sign others.")
    return found


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise AuthorityError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(f"{path}: holds no private key in PEM without a password.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path}: holds a key that is not on an elliptic curve.")
    return key


def _public_bytes(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded
