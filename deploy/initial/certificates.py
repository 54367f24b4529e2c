"""The centre's certificate authority and the two servers' certificates, made by openssl.

The authority (EC P-256, ten years) signs the broker's and the proxy's certificates here, and the boxes' in the API. A
server's certificate is good for 825 days, the most that browsers take, and is signed anew in its last month.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .kept import BROKER, CENTRE, PROXY, PUBLIC, SECRET, Folder, Owner

CA_DAYS = 3650
SERVER_DAYS = 825
RENEW_DAYS = 30
DAY_S = 86400

CA = "certificates/ca.pem"
CA_KEY = "certificates/ca-key.pem"
OWN_MARK = "certificates/web.own"
"""There when web.pem comes from elsewhere: it is neither renewed nor replaced then."""


class OpensslError(Exception):
    """openssl is missing or refuses; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server and the names that it has in the network of the containers."""

    name: str
    owner: Owner
    inner: tuple[str, ...]

    @property
    def certificate(self) -> str:
        return f"certificates/{self.name}.pem"

    @property
    def key(self) -> str:
        return f"certificates/{self.name}-key.pem"


SERVERS = (Server("broker", BROKER, ("mosquitto", "localhost")), Server("web", PROXY, ("proxy", "localhost")))


def make(folder: Folder, names: Sequence[str]) -> None:
    """Make what is missing, and sign anew what ends soon or lacks a name. Raises ValueError where a key was lost."""
    if (folder.path / CA).exists() and not (folder.path / CA_KEY).exists():
        raise ValueError(
            f"{CA_KEY} is lost: put it back from the safe. Without it every box must be enrolled anew, by an authority"
            f" that is made when {CA} is removed, too."
        )
    folder.keep(CA_KEY, new_key(), CENTRE)
    folder.keep(CA, new_authority(folder, CA_KEY, names[0]), CENTRE, PUBLIC)
    for server in SERVERS:
        if server.name == "web" and (folder.path / OWN_MARK).exists():
            continue
        folder.keep(server.key, new_key(), server.owner)
        if not (folder.path / server.certificate).exists() or faults_of(folder, server, names):
            folder.replace(server.certificate, _signed(folder, server, names), server.owner, PUBLIC)


def new_evidence_key() -> bytes:
    """A key that signs evidence (Ed25519)."""
    return _run("genpkey", "-algorithm", "ed25519")


def adopt(folder: Folder, certificate: Path, key: Path) -> None:
    """Let the proxy show a certificate from elsewhere. Raises OpensslError when the key does not fit."""
    public_keys = [_run("x509", "-in", str(certificate), "-noout", "-pubkey"), _run("pkey", "-in", str(key), "-pubout")]
    if public_keys[0] != public_keys[1]:
        raise OpensslError(f"{key} is not the key of {certificate}.")
    web = SERVERS[1]
    for name, content, mode in (
        (web.key, key.read_bytes(), SECRET),
        (web.certificate, certificate.read_bytes(), PUBLIC),
        (OWN_MARK, b"", PUBLIC),
    ):
        if not (folder.path / name).exists() or (folder.path / name).read_bytes() != content:
            folder.replace(name, content, PROXY, mode)


def faults(folder: Folder, names: Sequence[str]) -> list[str]:
    """What is wrong with the certificates, a sentence each."""
    found = (
        [] if _lasts(folder.path / CA, days=365) else [f"{CA} ends within a year: plan a new one, docs/operations.md."]
    )
    for server in SERVERS:
        found += faults_of(folder, server, names)
    return found


def faults_of(folder: Folder, server: Server, names: Sequence[str]) -> list[str]:
    """What is wrong with one server's certificate."""
    path = folder.path / server.certificate
    own = server.name == "web" and (folder.path / OWN_MARK).exists()
    found = [] if _lasts(path, RENEW_DAYS) else [f"{server.certificate} ends within {RENEW_DAYS} days."]
    lacking = sorted({_written(name) for name in names} - set(_names_of(path)))
    found += [f"{server.certificate} does not name {name}." for name in lacking]
    if not own and not _verifies(believed(folder)[0], path):
        found.append(f"{server.certificate} was not signed by {CA}.")
    return found


def believed(folder: Folder) -> list[str]:
    """The authorities in ca.pem; the first is the one that signs."""
    text = (folder.path / CA).read_text(encoding="ascii")
    return re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", text, re.DOTALL)


def new_key() -> bytes:
    return _run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


def new_authority(folder: Folder, key: str, name: str) -> bytes:
    """A certificate that `key` signs for itself. No two have one name, or who verifies could take one for the other."""
    config = (
        "[req]\ndistinguished_name = who\nx509_extensions = ca\nprompt = no\nstring_mask = utf8only\n"
        f"[who]\nCN = Phố An {name[:48]} {secrets.token_hex(3)}\n"
        "[ca]\nbasicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign, cRLSign\n"
        "subjectKeyIdentifier = hash\n"
    )
    with _written_to(config) as path:
        words = ("-new", "-x509", "-sha256", "-utf8", "-days", str(CA_DAYS), "-key", str(folder.path / key))
        return _run("req", *words, "-set_serial", _serial(), "-config", path)


def _signed(folder: Folder, server: Server, names: Sequence[str]) -> bytes:
    known = dict.fromkeys((*names, *server.inner))
    alternatives = ", ".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in known)
    extensions = (
        "basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n"
        "extendedKeyUsage = serverAuth\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"
        f"subjectAltName = {alternatives}\n"
    )
    key, ca, ca_key = (str(folder.path / name) for name in (server.key, CA, CA_KEY))
    request = _run("req", "-new", "-sha256", "-key", key, "-subj", f"/CN={names[0]}")
    with _written_to(request.decode()) as asked, _written_to(extensions) as path:
        words = ("-req", "-sha256", "-days", str(SERVER_DAYS), "-in", asked, "-CA", ca, "-CAkey", ca_key)
        return _run("x509", *words, "-set_serial", _serial(), "-extfile", path)


def _serial() -> str:
    return f"0x{secrets.randbits(120) | 1 << 120:x}"


def _lasts(path: Path, days: int) -> bool:
    return _succeeds("x509", "-in", str(path), "-noout", "-checkend", str(days * DAY_S))


def _verifies(ca: str, path: Path) -> bool:
    with _written_to(ca) as authority:
        return _succeeds("verify", "-no_check_time", "-CAfile", authority, str(path))


def _names_of(path: Path) -> list[str]:
    try:
        text = _run("x509", "-in", str(path), "-noout", "-ext", "subjectAltName").decode()
    except OpensslError:
        return []
    return [_written(name) for name in re.findall(r"(?:DNS|IP Address):([^,\s]+)", text)]


def _written(name: str) -> str:
    """One way of writing for a name or an address."""
    return str(ipaddress.ip_address(name)) if _is_address(name) else name.lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _written_to:  # noqa: N801 - reads as a verb
    """A text in a file that is gone afterwards."""

    def __init__(self, text: str) -> None:
        self._file = tempfile.NamedTemporaryFile("w", encoding="utf-8")  # noqa: SIM115 - closed in __exit__
        self._file.write(text)
        self._file.flush()

    def __enter__(self) -> str:
        return self._file.name

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _succeeds(*words: str) -> bool:
    try:
        _run(*words)
    except OpensslError:
        return False
    return True


def _run(*words: str) -> bytes:
    try:
        done = subprocess.run(["openssl", *words], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise OpensslError("openssl is missing: apt-get install openssl.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OpensslError(f"openssl {words[0]} refuses: {said[-1] if said else 'no reason given'}.")
    return done.stdout
