"""What `phoan-api` does about evidence: make a key, say a key's fingerprint, and check an export, where wished also
against the audit log that it came from.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from api.config import ApiSettings
from api.evidence import key as evidence_key
from api.evidence.check import Fault, KeyStanding, State, Verdict, check
from api.evidence.key import KeyFileError
from contracts.evidence import AbsentWhy, Manifest, contents_digest
from storage import audit as chain
from storage.audit import Entry, digest_of_entry

EXIT: Final = {State.UNTOUCHED: 0, State.TOUCHED: 1, State.UNREADABLE: 2}
MOST_EXPORTS: Final = 500
"""How many of a thing's newest audit entries are searched for the one that has the archive's digest."""

ABSENT: Final = {
    AbsentWhy.MISSING: "had not reached the centre when this was exported",
    AbsentWhy.REMOVED: "had been removed when this was exported, since it was kept for long enough",
    AbsentWhy.DAMAGED: "was damaged on the centre's disk when this was exported, and left out",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller of `verify` asks for."""

    file: Path
    key: Path | None
    key_id: str | None
    as_json: bool


def new_key(file: Path) -> int:
    """Make a key that signs evidence, and say its fingerprint."""
    key = evidence_key.make(file)
    print(key.public.id)
    return 0


def show_key(file: Path) -> int:
    """Say the fingerprint of a key, and print its public half, for making it known."""
    key = evidence_key.read_signing(file)
    print(key.public.id)
    print(key.public.pem.decode(), end="")
    return 0


def verify(wanted: Wanted, settings: ApiSettings | None = None) -> int:
    """Check an export; with `settings` also against the audit log. Raises KeyFileError or ValueError."""
    named = _named(wanted)
    try:
        with wanted.file.open("rb") as file:
            verdict = check(file, named)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest() if settings else ""
    except OSError as error:
        raise ValueError(f"{wanted.file}: cannot be read: {error.strerror}") from None
    said = _against_audit(settings, verdict, digest) if settings else None
    if wanted.as_json:
        print(json.dumps(_document(verdict, said), ensure_ascii=False))
    elif verdict.state is State.UNTOUCHED:
        print(*_lines(verdict), sep="\n")
        if said:
            print(said.sentence, file=sys.stdout if said.contained else sys.stderr)
    else:
        print(f"{wanted.file.name} is {verdict.state.value}.", file=sys.stderr)
        print(*verdict.faults, sep="\n", file=sys.stderr)
    if said and not said.contained:
        return 1
    return EXIT[verdict.state]


@dataclass(frozen=True, slots=True)
class Said:
    """What the audit log says of an export."""

    contained: bool
    sentence: str


def judge_entries(manifest: Manifest, digest: str, entry: Entry | None, later: Iterable[Entry]) -> Said:
    """Whether the log has the entry that `manifest` names, and one that bears the archive's own `digest`. `later` are
    the newest entries about the same thing.
    """
    seq, made = manifest.chain.seq, str(manifest.export.id)
    if entry is None or entry.seq != seq:
        return Said(False, f"The audit log has no entry {seq}.")
    if digest_of_entry(entry) != entry.digest:
        return Said(False, f"Entry {seq} of the audit log was changed after it was written.")
    if entry.digest.hex() != manifest.chain.digest:
        return Said(False, f"Entry {seq} of the audit log is another than this export names.")
    if entry.details.get("export") != made or entry.details.get("contents") != contents_digest(manifest.files):
        return Said(False, f"Entry {seq} of the audit log tells of another export.")
    finished = [one for one in later if one.action == "evidence.exported" and one.details.get("export") == made]
    if not any(one.details.get("sha256") == digest for one in finished):
        return Said(False, "The audit log has no entry of a finished export with the digest of this file.")
    return Said(True, f"The audit log has this export: entry {seq}, and its digest in entry {finished[0].seq}.")


def _named(wanted: Wanted) -> list[str]:
    """The ids of keys that the caller knows. Raises KeyFileError or ValueError."""
    named = []
    if wanted.key is not None:
        named.append(evidence_key.read_public(wanted.key).id)
    if wanted.key_id is not None:
        digits = "".join(wanted.key_id.lower().split()).replace(":", "")
        if len(digits) != 64 or set(digits) - set("0123456789abcdef"):
            raise KeyFileError("--key-id: a fingerprint has 64 hexadecimal digits.")
        named.append(digits)
    return named


def _against_audit(settings: ApiSettings, verdict: Verdict, digest: str) -> Said | None:
    if verdict.manifest is None or verdict.state is not State.UNTOUCHED:
        return None
    with psycopg.connect(settings.database.get_secret_value(), autocommit=True) as db:
        return _asked(db, verdict.manifest, digest)


def _asked(db: Connection[TupleRow], manifest: Manifest, digest: str) -> Said:
    entry = next(chain.entries(db, manifest.chain.seq), None)
    thing = f"{manifest.subject.kind.value}:{manifest.subject.id}"
    return judge_entries(manifest, digest, entry, chain.newest(db, limit=MOST_EXPORTS, thing=thing))


def _lines(verdict: Verdict) -> list[str]:
    """What an untouched export is, for a person."""
    manifest = verdict.manifest
    assert manifest
    made = manifest.export
    lines = [
        f"Untouched: {len(manifest.files)} files, as {made.by_name} ({made.by}) exported them"
        f" on {made.at:%Y-%m-%d %H:%M:%S} UTC.",
        f"Reason: {made.reason}",
    ]
    for scene in manifest.scenes:
        places = (manifest.ward, scene.site, scene.camera or scene.device)
        where = ", ".join(place.name or place.id for place in places if place)
        lines.append(f"Shows: {scene.kind}, {where}, {scene.began_at:%Y-%m-%d %H:%M:%S} UTC.")
    lines += [f"{absent.path}: {ABSENT[absent.why]}." for absent in manifest.absent]
    if manifest.scenes_left_out:
        lines.append(f"{manifest.scenes_left_out} more events of the incident are not in it.")
    if verdict.key is KeyStanding.NAMED:
        lines.append(f"Signed by the key that you named: {verdict.key_id}")
    else:
        lines.append(f"Signed, but by a key that you have not named: {verdict.key_id}")
        lines.append("Compare it with the fingerprint that the ward made known, or name that one with --key-id.")
    return lines


def _document(verdict: Verdict, said: Said | None) -> dict[str, Any]:
    manifest = verdict.manifest
    return {
        "state": verdict.state.value,
        "faults": [_fault(fault) for fault in verdict.faults],
        "key_id": verdict.key_id,
        "key": verdict.key.value,
        "manifest": None if manifest is None else manifest.model_dump(mode="json"),
        "audit": None if said is None else {"contained": said.contained, "sentence": said.sentence},
    }


def _fault(fault: Fault) -> dict[str, str | None]:
    return {"code": fault.code, "path": fault.path, "sentence": str(fault)}
