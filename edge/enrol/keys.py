"""The box's own secrets: a key on the curve P-256 that never leaves it, the request for a certificate, a password."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from contracts.enrolment import fingerprint_of

Key = ec.EllipticCurvePrivateKey
_NOBODY: Final = x509.Name([])
"""A request says no name: the centre knows whom the code is for."""


class KeyBrokenError(ValueError):
    """A file holds no key or certificate of ours; the text says which."""


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def new_password() -> str:
    """For the broker: 256 random bits."""
    return secrets.token_urlsafe(32)


def key_pem(key: Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(pem: bytes) -> Key:
    """Raises KeyBrokenError."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyBrokenError("it holds no private key on an elliptic curve")
    return key


def request_pem(key: Key) -> str:
    """The request for a certificate, which also proves that who sends it holds the key."""
    request = x509.CertificateSigningRequestBuilder().subject_name(_NOBODY).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def read_certificate(pem: bytes) -> x509.Certificate:
    """The first certificate of a text. Raises KeyBrokenError."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise KeyBrokenError("it holds no certificate") from None


def same_certificates(told: bytes, there: bytes) -> bool:
    """Whether both texts hold the same certificates in the same order; also where `told` holds none to change to."""
    try:
        return x509.load_pem_x509_certificates(told) == x509.load_pem_x509_certificates(there)
    except ValueError:
        return True


def signed_by_former(certificate: x509.Certificate, authorities: bytes) -> bool:
    """Whether one of the authorities has signed the certificate that is not the first, hence signs no more."""
    try:
        return any(_issued(certificate, former) for former in x509.load_pem_x509_certificates(authorities)[1:])
    except ValueError:
        return False


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def fingerprint(certificate: x509.Certificate) -> str:
    """The part of a code that names this certificate's key."""
    return fingerprint_of(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def belongs(certificate: x509.Certificate, key: Key) -> bool:
    """Whether the certificate is one for this key."""
    encoding = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return certificate.public_key().public_bytes(*encoding) == key.public_key().public_bytes(*encoding)


def is_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Whether two thirds of its time are over."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return now >= begin + (end - begin) * 2 / 3
