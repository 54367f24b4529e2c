"""The centre's pictures: boxes upload them by digest, and only bytes that have that digest are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.auth import SendingBox, pool_of
from api.problems import ProblemError
from contracts.ids import Digest, digest_of
from storage import media

MAX_BYTES = 8 * 1024 * 1024

PREFIX = "/api/v1/box/media"

router = APIRouter(prefix=PREFIX, tags=["box"])


class MediaFolder:
    """Owns the folder where media lie by digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Where the bytes with this digest lie. `digest` must have been checked: it becomes part of a path."""
        return self._folder / digest[:2] / digest

    def put(self, digest: str, data: bytes) -> None:
        """Keep `data`; once this returns it survives a power cut."""
        path = self.path(digest)
        path.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as draft:
            written = Path(draft) / digest
            with written.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            written.rename(path)
        for folder in (path.parent, self._folder):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def picture_bytes(request: Request) -> bytes:
    """The body. Raises ProblemError 413 (api.bodies), 415, or 400 when the box hung up in the middle."""
    try:
        data = await request.body()
    except ClientDisconnect:
        raise ProblemError(400, "cut_off", "The body ended too early") from None
    if not data.startswith(b"\xff\xd8\xff"):
        raise ProblemError(415, "not_jpeg", "Only JPEG pictures are taken")
    return data


@router.put("/{digest}", status_code=204)
async def upload(
    digest: Digest, request: Request, box: SendingBox, data: Annotated[bytes, Depends(picture_bytes)]
) -> None:
    """Keep a picture under its SHA-256. Uploading it again changes nothing."""
    if digest_of(data) != digest:
        raise ProblemError(422, "wrong_digest", "The bytes do not have this digest")
    await run_in_threadpool(_keep, request, digest, data, box)


def _keep(request: Request, digest: str, data: bytes, box: str) -> None:
    folder: MediaFolder = request.app.state.media
    folder.put(digest, data)
    with pool_of(request).connection() as db:
        media.put(db, digest=digest, size=len(data), media_type="image/jpeg", box=box)
