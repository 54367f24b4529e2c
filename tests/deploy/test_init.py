"""`deploy/init`: makes everything once, and changes nothing that is there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from psycopg import sql

from api.boxes.authority import Authority, read_request
from api.boxes.settings import EnrolmentSettings
from api.evidence import key as evidence_key
from api.payments import key as payment_key
from demo.postgres import Postgres
from edge.enrol.keys import new_key, request_pem
from ingest.accounts.initial import initial_state
from storage.sealing import read_seal
from tests.deploy.conftest import NAMES, init


def contents(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def made(tmp_path: Path) -> Path:
    done = init(tmp_path, *NAMES)
    assert done.returncode == 0, done.stderr
    return tmp_path


def certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "own" / "certificates" / f"{name}.pem").read_bytes())


def authorities(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((folder / "own" / "certificates" / "ca.pem").read_bytes())


def files_of(folder: Path) -> EnrolmentSettings:
    own = folder / "own"
    return EnrolmentSettings(
        ca=own / "certificates" / "ca.pem",
        ca_key=own / "certificates" / "ca-key.pem",
        accounts_key=own / "secrets" / "accounts-key",
        mqtt_host="x",
    )


def names_in(found: x509.Certificate) -> set[str]:
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(value) for kind in (x509.DNSName, x509.IPAddress) for value in names.get_values_for_type(kind)}


def test_a_second_run_changes_nothing_and_says_so(made: Path) -> None:
    before = contents(made)
    done = init(made)
    assert (done.returncode, done.stdout) == (0, "Nothing was missing, nothing was changed.\n")
    assert contents(made) == before


def test_what_is_lost_is_made_again_and_the_rest_stays(made: Path) -> None:
    before = contents(made)
    (made / "own" / "secrets" / "payment-key").unlink()
    assert init(made).stdout.startswith("made  ")
    after = contents(made)
    assert {name for name in before if before[name] != after[name]} == {"own/secrets/payment-key"}


def test_no_new_key_is_made_for_an_authority_whose_key_is_lost(made: Path) -> None:
    """Nothing that such a key signs would be believed, and the API would not start with it."""
    (made / "own" / "certificates" / "ca-key.pem").unlink()
    before = contents(made)
    done = init(made)
    assert done.returncode == 2
    assert done.stderr == (
        "certificates/ca-key.pem is lost: put it back from the safe. Without it every box must be enrolled anew, by an"
        " authority that is made when certificates/ca.pem is removed, too.\n"
    )
    assert contents(made) == before


def test_secrets_are_for_one_account_and_the_folder_for_nobody_else(made: Path) -> None:
    own = made / "own"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    for path in (*(own / "secrets").iterdir(), *(own / "certificates").glob("*-key.pem")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o400, path
    if os.geteuid() == 0:
        assert (own / "secrets" / "broker-first.json").stat().st_uid == 1883
        assert (own / "backups").stat().st_uid == 10001


def test_no_password_is_short_or_used_twice(made: Path) -> None:
    files = [
        path
        for path in (made / "own" / "secrets").iterdir()
        if path.name.startswith(("database-", "broker-", "grafana"))
    ]
    passwords = [path.read_text() for path in files if path.suffix == ""]
    assert len(set(passwords)) == len(passwords) == 7
    assert min(map(len, passwords)) == 43


def test_the_authority_signs_what_the_api_signs_and_the_servers_names_are_all_there(made: Path) -> None:
    own = made / "own"
    authority = certificate(made, "ca")
    assert isinstance(authority.public_key(), ec.EllipticCurvePublicKey)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert authority.not_valid_after_utc - datetime.now(UTC) > timedelta(days=3649)
    for name, inner in (("broker", "mosquitto"), ("web", "proxy")):
        found = certificate(made, name)
        found.verify_directly_issued_by(authority)
        assert names_in(found) == {*NAMES, inner, "localhost"}
        assert timedelta(days=824) < found.not_valid_after_utc - datetime.now(UTC) < timedelta(days=826)
        key = load_pem_private_key((own / "certificates" / f"{name}-key.pem").read_bytes(), None)
        assert key.public_key() == found.public_key()
    assert Authority(files_of(made)).pem.startswith("-----BEGIN")


def test_our_programs_take_every_key(made: Path) -> None:
    secrets = made / "own" / "secrets"
    assert evidence_key.read_signing(secrets / "evidence-key.pem").public.id
    assert payment_key.read(secrets / "payment-key").there
    assert read_seal(secrets / "accounts-key").open(read_seal(secrets / "accounts-key").close("x")) == "x"
    Fernet(secrets.joinpath("api-secret-key").read_text())


def test_the_brokers_first_state_is_the_one_that_the_accounts_worker_makes(made: Path) -> None:
    secrets = made / "own" / "secrets"
    password = (secrets / "broker-accounts").read_text()
    ours = json.loads((secrets / "broker-first.json").read_text(encoding="utf-8"))
    theirs = json.loads(initial_state("phoan-accounts", password))
    client = ours["clients"][0]
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(client["salt"]), client["iterations"])
    assert base64.b64decode(client["password"]) == digest
    for state in (ours, theirs):
        for secret in ("password", "salt"):
            del state["clients"][0][secret]
    assert ours == theirs


def test_the_database_takes_the_verifiers_as_the_passwords(made: Path, postgres: Postgres) -> None:
    """PostgreSQL itself would refuse a verifier that is none, and sign in nobody with one of another password."""
    secrets = made / "own" / "secrets"
    words = dict(line.split()[1:] for line in (secrets / "database-roles.sql").read_text().splitlines())
    verifier, password = words["grafana"].strip("'"), (secrets / "database-grafana").read_text()
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        made_role = sql.SQL("CREATE ROLE tried_here LOGIN PASSWORD {}")
        connection.execute(made_role.format(sql.Literal(verifier)))
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'tried_here'").fetchone()
        connection.execute("DROP ROLE tried_here")
    assert row == (verifier,), "it was not taken as a password to be hashed"
    assert scram_fits(verifier, password)
    assert not scram_fits(verifier, password + "x")


def openssl(*words: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


def scram_fits(verifier: str, password: str) -> bool:
    """RFC 5802, in the words of the RFC."""
    _, counts, keys = verifier.split("$")
    iterations, salt = counts.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return keys.split(":")[0] == base64.b64encode(stored).decode()


def test_a_new_name_is_signed_for_and_the_key_stays(made: Path) -> None:
    key = (made / "own" / "certificates" / "broker-key.pem").read_bytes()
    assert init(made, *NAMES, "10.20.0.5").returncode == 0
    assert "10.20.0.5" in names_in(certificate(made, "broker"))
    assert (made / "own" / "certificates" / "broker-key.pem").read_bytes() == key
    assert init(made).stdout == "Nothing was missing, nothing was changed.\n", "the names are remembered"


def test_a_certificate_in_its_last_month_is_told_of_and_signed_anew(made: Path) -> None:
    assert init(made, "--check").returncode == 0
    certificates = made / "own" / "certificates"
    # The same certificate, for the same key, with another end.
    web, web_key, ca, ca_key = (str(certificates / f"{name}.pem") for name in ("web", "web-key", "ca", "ca-key"))
    request = openssl("x509", "-in", web, "-signkey", web_key, "-x509toreq")
    (made / "names").write_text(f"subjectAltName=DNS:{NAMES[0]},IP:{NAMES[1]}")
    signer = ["-CA", ca, "-CAkey", ca_key, "-set_serial", "7"]
    short = openssl("x509", "-req", "-days", "20", *signer, "-extfile", str(made / "names"), stdin=request)
    (certificates / "web.pem").unlink()
    (certificates / "web.pem").write_bytes(short)
    checked = init(made, "--check")
    assert (checked.returncode, checked.stdout) == (1, "certificates/web.pem ends within 30 days.\n")
    assert init(made).returncode == 0
    assert init(made, "--check").returncode == 0
    assert names_in(certificate(made, "web")) >= set(NAMES)


def test_a_certificate_of_ones_own_is_taken_and_never_replaced(made: Path, tmp_path: Path) -> None:
    key, mine = tmp_path / "key.pem", tmp_path / "mine.pem"
    names = "subjectAltName=DNS:an-luu.example,IP:127.0.0.1"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(mine), "-days", "5"]
    openssl("req", *words, "-subj", "/CN=x", "-addext", names)
    wrong = init(made, "--web-certificate", str(mine), "--web-key", str(made / "own/certificates/broker-key.pem"))
    assert wrong.returncode == 2
    assert wrong.stderr.endswith("is not the key of " + str(mine) + ".\n")
    assert init(made, "--web-certificate", str(mine), "--web-key", str(key)).returncode == 0
    assert (made / "own" / "certificates" / "web.pem").read_bytes() == mine.read_bytes()
    assert init(made).returncode == 0
    assert (made / "own" / "certificates" / "web.pem").read_bytes() == mine.read_bytes()
    assert "certificates/web.pem ends within 30 days." in init(made, "--check").stdout


def test_a_new_authority_comes_beside_the_old_one_then_signs_then_is_the_only_one(made: Path) -> None:
    folder = made / "own" / "certificates"
    old, old_key = (folder / "ca.pem").read_text(), (folder / "ca-key.pem").read_bytes()
    for step in ("change", "end"):
        assert init(made, "--authority", step).returncode == (2 if step == "change" else 0)
    assert (folder / "ca.pem").read_text() == old

    for _ in range(2):  # a second time it changes nothing
        assert init(made, "--authority", "begin").returncode == 0
        both = (folder / "ca.pem").read_text()
        assert both.startswith(old)
        assert len(authorities(made)) == 2
    assert init(made, "--authority", "end").returncode == 2
    assert (folder / "ca-key.pem").read_bytes() == old_key
    certificate(made, "broker").verify_directly_issued_by(authorities(made)[0])
    assert init(made, "--check").returncode == 0
    box = Authority(files_of(made)).sign(read_request(request_pem(new_key())), "hop", datetime.now(UTC))

    done = init(made, "--authority", "change")
    assert "docker compose restart mosquitto api ingest accounts proxy" in done.stdout
    assert (folder / "ca.pem").read_text() == both.removeprefix(old) + old
    assert not list(folder.glob("next-*"))
    for name in ("broker", "web"):
        certificate(made, name).verify_directly_issued_by(authorities(made)[0])
    authority = Authority(files_of(made))
    assert authority.pem == (folder / "ca.pem").read_text()
    later = authority.sign(read_request(request_pem(new_key())), "hop", datetime.now(UTC))
    for issued, believed in ((box, 1), (later, 0)):
        x509.load_pem_x509_certificate(issued.pem.encode()).verify_directly_issued_by(authorities(made)[believed])
    assert init(made, "--authority", "begin").returncode == 2, "one after the other"
    assert init(made, "--check").returncode == 0

    assert init(made, "--authority", "end").returncode == 0
    assert (folder / "ca.pem").read_text() == both.removeprefix(old)
    assert init(made).stdout == "Nothing was missing, nothing was changed.\n"


def test_a_change_of_authority_that_was_cut_off_is_finished_by_the_next_run(made: Path) -> None:
    folder = made / "own" / "certificates"
    assert init(made, "--authority", "begin").returncode == 0
    next_ca, next_key = (folder / "next-ca.pem").read_bytes(), (folder / "next-ca-key.pem").read_bytes()
    old = (folder / "ca.pem").read_bytes().removesuffix(next_ca)
    for content in (old + next_ca, next_ca + old):  # before the key was put in its place, and after
        (folder / "ca.pem").unlink()
        (folder / "ca.pem").write_bytes(content)
        (folder / "next-ca.pem").unlink(missing_ok=True)
        (folder / "next-ca.pem").write_bytes(next_ca)
        assert init(made, "--authority", "change").returncode == 0
        assert (folder / "ca.pem").read_bytes() == next_ca + old
        assert (folder / "ca-key.pem").read_bytes() == next_key
        assert not list(folder.glob("next-*"))


def test_what_a_person_wrote_for_compose_stays(made: Path) -> None:
    env = made / "env"
    env.write_text("# ours\nPHOAN_HTTPS_PORT=8443\n" + env.read_text())
    assert init(made, "khac.example", "127.0.0.1").returncode == 0
    lines = env.read_text().splitlines()
    assert lines[:2] == ["# ours", "PHOAN_HTTPS_PORT=8443"]
    assert "PHOAN_HOST='khac.example'" in lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Say the name or address under which boxes and people reach this host: deploy/init NAME ...\n"),
        (("an luu",), "an luu is no host name and no IP address.\n"),
        (("x;rm",), "x;rm is no host name and no IP address.\n"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = init(tmp_path, *words)
    assert (done.returncode, done.stderr) == (2, said)


def test_it_needs_nothing_but_python_itself() -> None:
    """It runs on a bare host: no package that was installed there, no module of ours."""
    script = Path(__file__).parents[2] / "deploy" / "init"
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(script), "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
