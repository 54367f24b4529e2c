"""A certificate authority of a test's own, as `deploy/init` makes one, and what it signs: servers and boxes."""

from __future__ import annotations

import ipaddress
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey
YEAR = timedelta(days=365)


class TestAuthority:
    """A CA in a folder: ca.pem and ca-key.pem."""

    __test__ = False  # pytest takes the name for that of tests

    def __init__(self, folder: Path, name: str = "Phố An test") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - YEAR)
            .not_valid_after(now + 10 * YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        self.ca_key = folder / "ca-key.pem"
        _write_key(self.ca_key, self._key)

    def server(
        self, *names: str, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> tuple[Path, Path]:
        """Certificate and key of a server with these names and addresses; on loopback without any."""
        found = [_name(name) for name in names or ("127.0.0.1", "localhost")]
        extra = x509.SubjectAlternativeName(found)
        return self._issue(f"server-{len(list(self.folder.iterdir()))}", ExtendedKeyUsageOID.SERVER_AUTH, extra,
                           not_before, not_after)  # fmt: skip

    def client(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a box."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _issue(
        self,
        name: str,
        usage: x509.ObjectIdentifier,
        extra: x509.SubjectAlternativeName | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> tuple[Path, Path]:
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(not_before or now - timedelta(hours=1))
            .not_valid_after(not_after or now + YEAR)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(authority_key, critical=False)
        )
        if extra is not None:
            builder = builder.add_extension(extra, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        paths = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        _write_key(paths[1], key)
        return paths


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _write_key(path: Path, key: Key) -> None:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)


def enrolment_section(folder: Path, mqtt_port: int = 8883) -> dict[str, object]:
    """The section `enrolment` of an API's settings, with files in `folder`; a CA that is there is taken."""
    authority = folder / "authority"
    if not authority.exists():
        TestAuthority(authority)
    key = folder / "accounts.key"
    if not key.exists():
        key.write_bytes(secrets.token_bytes(32))
    return {
        "ca": str(authority / "ca.pem"),
        "ca_key": str(authority / "ca-key.pem"),
        "accounts_key": str(key),
        "mqtt_host": "127.0.0.1",
        "mqtt_port": mqtt_port,
    }
