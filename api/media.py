"""The centre's pictures: boxes upload them by digest, and only bytes that have that digest are kept."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from api.auth import SendingBox, pool_of
from api.problems import ProblemError
from contracts.ids import Digest, digest_of
from storage import media

MAX_BYTES = 8 * 1024 * 1024

router = APIRouter(prefix="/api/v1/box/media", tags=["box"])


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
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).rename(path)


async def picture_bytes(request: Request) -> bytes:
    """The body, read no further than MAX_BYTES. Raises ProblemError 413 or 415."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_BYTES:
            raise ProblemError(413, "too_large", f"A picture may have {MAX_BYTES} bytes")
    if not data.startswith(b"\xff\xd8\xff"):
        raise ProblemError(415, "not_jpeg", "Only JPEG pictures are taken")
    return bytes(data)


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
