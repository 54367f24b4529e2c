"""The centre's pictures and clips: boxes upload them by digest, at once or in pieces, and only bytes that have that
digest are kept. What the pieces of an unfinished upload are is known by api.parts.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import FileResponse
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api import problems
from api.access.auth import SendingBox, pool_of
from api.footage.parts import Part, Parts
from api.problems import ProblemDocument, ProblemError, not_found
from contracts.ids import Digest, digest_of
from contracts.media import LENGTH_HEADER, MAX_MEDIA_BYTES, MAX_PIECE_BYTES, OFFSET_HEADER, UploadState, type_of
from storage import media

MAX_BYTES: Final = MAX_PIECE_BYTES
"""Of one request's body."""

SILENCE_S: Final = 20.0
"""A box that sends nothing for this long has lost its line; what came is kept for its next try."""

PREFIX = "/api/v1/box/media"

router = APIRouter(prefix=PREFIX, tags=["box"])


class Medium(FileResponse):
    """A file, whole or the range that was asked for. What is wrong with a range is said as everywhere else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_as_problem(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in (400, 416):
                refused = True
                document = ProblemDocument(title="No such range", status=message["status"], code="bad_range")
                length = Headers(raw=message["headers"]).get("content-range")
                headers = {"Content-Range": length} if length else None
                await problems.answer_with(document, headers)(scope, receive, send)
            elif not refused:
                await send(message)

        await super().__call__(scope, receive, send_as_problem)


def served(media_type: str) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: what `MediaFolder.answer` answers."""
    content: dict[str, Any] = {"content": {media_type: {}}}
    return {200: content, 206: {**content, "description": "A part"}, **problems.documented(400, 416)}


class MediaFolder:
    """Owns the folder where media lie by digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.parts = Parts(folder / "parts")

    def path(self, digest: str) -> Path:
        """Where the bytes with this digest lie. `digest` must have been checked: it becomes part of a path."""
        return self._folder / digest[:2] / digest

    def put(self, digest: str, data: bytes) -> None:
        """Keep `data`; once this returns it survives a power cut."""
        with tempfile.TemporaryDirectory(dir=self._folder) as draft:
            written = Path(draft) / digest
            with written.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self.adopt(digest, written)

    def adopt(self, digest: str, written: Path) -> None:
        """Keep a file of the same disk that is complete and synced."""
        path = self.path(digest)
        path.parent.mkdir(exist_ok=True)
        written.rename(path)
        for folder in (path.parent, self._folder):
            _sync_folder(folder)

    def remove(self, digest: str) -> None:
        """Let the bytes with this digest go; the next ones of that name would be written anew."""
        self.path(digest).unlink(missing_ok=True)

    def answer(self, digest: str, media_type: str) -> Medium:
        """The bytes with this digest, whole or the range that was asked for. Raises ProblemError 404."""
        path = self.path(digest)
        if not path.is_file():
            raise not_found("picture")
        return Medium(path, media_type=media_type)


def folder_of(request: Request) -> MediaFolder:
    folder: MediaFolder = request.app.state.media
    return folder


def _sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def whole_body(request: Request) -> bytes:
    """The body. Raises ProblemError 413 (api.bodies), 415, or 400 when the box hung up in the middle."""
    try:
        data = await request.body()
    except ClientDisconnect:
        raise _cut_off() from None
    if type_of(data) is None:
        raise _not_media()
    return data


def _cut_off() -> ProblemError:
    return ProblemError(400, "cut_off", "The body ended too early")


def _not_media() -> ProblemError:
    return ProblemError(415, "not_media", "Only JPEG pictures and MP4 films are taken")


def _wrong_digest() -> ProblemError:
    return ProblemError(422, "wrong_digest", "The bytes do not have this digest")


@router.put("/{digest}", status_code=204, responses=problems.documented(400, 408, 413, 415))
async def upload(
    digest: Digest, request: Request, box: SendingBox, data: Annotated[bytes, Depends(whole_body)]
) -> None:
    """Keep a picture or a short film under its SHA-256. Uploading it again changes nothing."""
    if digest_of(data) != digest:
        raise _wrong_digest()
    await run_in_threadpool(_keep, request, digest, data, box)


@router.get("/{digest}")
def upload_state(digest: Digest, request: Request, box: SendingBox) -> UploadState:
    """How much of an upload is here, so that the box goes on from there."""
    folder = folder_of(request)
    with pool_of(request).connection() as db:
        known = media.find(db, digest)
    complete = known is not None and (known.removed_at is not None or folder.path(digest).is_file())
    return UploadState(offset=0 if complete else folder.parts.size(box, digest), complete=complete)


@router.patch("/{digest}", responses=problems.documented(400, 408, 409, 413, 415))
async def upload_piece(
    digest: Digest,
    request: Request,
    box: SendingBox,
    offset: Annotated[int, Header(alias=OFFSET_HEADER, ge=0, le=MAX_MEDIA_BYTES)],
    length: Annotated[int, Header(alias=LENGTH_HEADER, ge=1, le=MAX_MEDIA_BYTES)],
) -> UploadState:
    """Append a piece. What arrived before a line broke is kept; the piece that completes the whole has it checked."""
    part = await run_in_threadpool(folder_of(request).parts.open, box, digest, offset)
    try:
        await _append(part, request, length)
        reached = part.size
        if reached == length:
            await run_in_threadpool(_complete, request, digest, part, box)
    finally:
        part.close()
    return UploadState(offset=reached, complete=reached == length)


async def _append(part: Part, request: Request, length: int) -> None:
    """Write the body to disk as it comes. Raises ProblemError when it is too long or ends too early."""
    pieces = request.stream()
    room = length - part.size
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                data = await anext(pieces, None)
        except (ClientDisconnect, TimeoutError):
            raise _cut_off() from None
        if data is None:
            return
        room -= len(data)
        if room < 0:
            raise ProblemError(422, "too_long", "The body is longer than was announced")
        await run_in_threadpool(part.append, data)


def _complete(request: Request, digest: str, part: Part, box: str) -> None:
    """Keep a whole that is what it says. Raises ProblemError, and the box has to begin anew, when it is not."""
    folder = folder_of(request)
    with part.path.open("rb") as file:
        media_type = type_of(file.read(16))
        file.seek(0)
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != digest or media_type is None:
        folder.parts.forget(box, digest)
        raise _wrong_digest() if found != digest else _not_media()
    size = part.size
    part.sync()
    with pool_of(request).connection() as db:
        if _was_removed(db, digest):
            folder.parts.forget(box, digest)
            return
        folder.adopt(digest, part.path)
        media.put(db, digest=digest, size=size, media_type=media_type, box=box)


def _was_removed(db: Connection[TupleRow], digest: str) -> bool:
    """Whether it was here, and was kept for long enough: then it is not taken again."""
    known = media.find(db, digest)
    return known is not None and known.removed_at is not None


def _keep(request: Request, digest: str, data: bytes, box: str) -> None:
    media_type = type_of(data)
    assert media_type
    with pool_of(request).connection() as db:
        if _was_removed(db, digest):
            return
        folder_of(request).put(digest, data)
        media.put(db, digest=digest, size=len(data), media_type=media_type, box=box)
