"""The two live WebSockets: `/api/v1/live` for the wall, `/api/v1/box/live` for the boxes that dial in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime

import psycopg
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.access.auth import find_box, find_user, pool_of, require_same_origin, settings_of
from api.access.permissions import Person
from api.auditing import audit
from api.live.announcements import fire_sounds, take
from api.live.hub import Hub, LiveBox
from api.live.looks import Ended, WatchPeriods
from api.live.payments import message_for
from api.live.viewer import Viewer
from api.live.wording import Wording
from api.payments.desk import desk_of
from api.problems import ProblemError
from contracts.announcement import Announce, AnnounceCancel, AnnouncedKept, AnnounceWord, FireSounds
from contracts.command import BOX_WORD, PaymentPoints, RecordingReply, RecordingWanted
from contracts.feed import Hello, Watch
from contracts.picture import unpack
from contracts.video import is_video, read_header
from contracts.wire import BrokenMessageError
from storage import accounts, announcements, recordings
from storage import audit as chain
from storage.audit import Note

log = logging.getLogger(__name__)

router = APIRouter()

NOT_SIGNED_IN = 4401
WRONG_ORIGIN = 4403
COME_AGAIN = 1012
"""The user's rights changed: a new connection gets the new ones."""
CHECKS_OF_BOX = 4
"""A box's token is looked at that much less often than a person's session: it hardly ever ends."""
TRY_LATER = 1013
"""The database does not answer."""


@router.websocket("/api/v1/live")
async def viewer_socket(socket: WebSocket) -> None:
    """Events and states of the user's wards as they change, and pictures or video of what the page asks for."""
    with contextlib.suppress(WebSocketDisconnect):  # who hangs up while we look is owed no answer
        await _receive_viewer(socket)


async def _receive_viewer(socket: WebSocket) -> None:
    await socket.accept()
    try:
        require_same_origin(socket)
        user = await run_in_threadpool(find_user, socket)
        if user is None or user.must_enrol:
            await socket.close(NOT_SIGNED_IN)
        else:
            await _serve_viewer(socket, user)
    except ProblemError:
        await socket.close(WRONG_ORIGIN)
    except psycopg.OperationalError as error:
        log.warning("ended a live feed, the database does not answer: %s", str(error).strip())
        await socket.close(TRY_LATER)


async def _serve_viewer(socket: WebSocket, user: Person) -> None:
    hub: Hub = socket.app.state.hub
    viewer = Viewer(user.sees)
    watched = Watched(socket, user)
    viewer.tell(Hello(at=datetime.now(UTC)))
    hub.enter(viewer)
    try:
        await _until_one_ends(
            _send(socket, viewer, hub.wording),
            _hear_viewer(socket, hub, viewer, watched),
            _check_session(socket, watched),
        )
    finally:
        hub.leave(viewer)
        await asyncio.shield(watched.leave())


async def _until_one_ends(*sides: Coroutine[None, None, None]) -> None:
    """Run the sides of a socket's conversation together; the other end's going away is no error."""
    tasks = [asyncio.create_task(side) for side in sides]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: sent after the close
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _messages(socket: WebSocket) -> AsyncIterator[bytes]:
    """What the other end says until it goes; texts as UTF-8."""
    while (message := await socket.receive())["type"] == "websocket.receive":
        yield message["text"].encode() if message.get("text") is not None else message["bytes"]


async def _send(socket: WebSocket, viewer: Viewer, wording: Wording) -> None:
    while True:
        await viewer.wake.wait()
        viewer.wake.clear()
        while viewer.waits:
            while viewer.messages:
                await socket.send_text(wording.of(viewer.messages.popleft()))
            pictures, viewer.pictures = viewer.pictures, {}
            for piece in (*pictures.values(), *viewer.next_pieces()):
                await socket.send_bytes(piece)


class Watched:
    """Enters one viewer's watch periods into the audit log: the beginning before the first picture is sent."""

    def __init__(self, socket: WebSocket, user: Person) -> None:
        self._socket = socket
        self.user = user
        self._periods = WatchPeriods()
        self._wards: dict[str, str] = {}

    async def begin(self, cameras: dict[str, str]) -> None:
        """`cameras`, each with its ward, and no others are watched from now on."""
        self._wards |= cameras
        begun = self._periods.begin(cameras, time.monotonic())
        await self._enter([self._entry("live.began", camera) for camera in begun])

    async def settle(self) -> None:
        """Enter the ends of what was let go some seconds ago."""
        await self._end(self._periods.ended(time.monotonic()))

    async def leave(self) -> None:
        """Enter the ends of all that was still watched."""
        await self._end(self._periods.end_all(time.monotonic()))

    async def _end(self, ended: list[Ended]) -> None:
        """A database that is away keeps nobody from leaving: the beginnings are entered, and the log says the rest."""
        try:
            await self._enter([self._entry("live.ended", end.camera, seconds=end.seconds) for end in ended])
        except psycopg.OperationalError as error:
            log.warning("the ends of %d looks are not in the audit: %s", len(ended), str(error).strip())

    def _entry(self, action: str, camera: str, **details: object) -> Note:
        return audit.entry(self.user, action, f"camera:{camera}", ward=self._wards[camera], **details)

    async def _enter(self, entries: list[Note]) -> None:
        if entries:
            await run_in_threadpool(self._write, entries)

    def _write(self, entries: list[Note]) -> None:
        with pool_of(self._socket).connection() as db:
            chain.note(db, *entries)


async def _hear_viewer(socket: WebSocket, hub: Hub, viewer: Viewer, watched: Watched) -> None:
    async for message in _messages(socket):
        try:
            watch = Watch.model_validate_json(message)
        except ValidationError:
            continue  # a word of a newer page
        allowed = await hub.cameras_of(watched.user.watches)
        cameras = {camera: allowed[camera] for camera in watch.cameras if camera in allowed}
        await watched.begin(cameras)
        hub.watch(viewer, frozenset(cameras), watch.streams)


async def _check_session(socket: WebSocket, watched: Watched) -> None:
    """End the socket when its session ended or the user's rights are not those it began with."""
    while True:
        await asyncio.sleep(settings_of(socket).session_check_s)
        try:
            now = await run_in_threadpool(find_user, socket)
            await watched.settle()
        except psycopg.OperationalError:
            continue  # pictures need no database; the next look decides
        if now != watched.user:
            await socket.close(COME_AGAIN if now else NOT_SIGNED_IN)
            return


@router.websocket("/api/v1/box/live")
async def box_socket(socket: WebSocket) -> None:
    """A box offers live pictures and video; it is told which cameras somebody watches."""
    with contextlib.suppress(WebSocketDisconnect):
        await _receive_box(socket)


async def _receive_box(socket: WebSocket) -> None:
    hub: Hub = socket.app.state.hub
    name, cameras = await run_in_threadpool(_box_and_cameras, socket)
    if name is None:
        await socket.close(NOT_SIGNED_IN)
        return
    await socket.accept()
    box = LiveBox(cameras, name)
    hub.box_arrived(box)
    log.info("box %s is live", name)
    try:
        await _until_one_ends(_hear_box(socket, hub, box), _ask(socket, box), _check_box(socket, hub, box))
    except psycopg.OperationalError as error:
        log.warning("ended the live link of box %s, the database does not answer: %s", name, str(error).strip())
        await socket.close(TRY_LATER)
    finally:
        hub.box_left(box)
        log.info("box %s is no longer live", name)


async def _check_box(socket: WebSocket, hub: Hub, box: LiveBox) -> None:
    """End the line of a box whose token is good no more: it was shut out, or enrolled anew. See its new cameras."""
    while True:
        await asyncio.sleep(CHECKS_OF_BOX * settings_of(socket).session_check_s)
        with contextlib.suppress(psycopg.OperationalError):  # the next look decides
            name, cameras = await run_in_threadpool(_box_and_cameras, socket)
            if name != box.name:
                await socket.close(NOT_SIGNED_IN)
                return
            hub.cameras_known(box.name, cameras)


async def _ask(socket: WebSocket, box: LiveBox) -> None:
    """Tell the box which cameras are wanted and what its payment points are, whenever that is something else; changes
    that nobody saw are left out. What it is to send or to say it hears again whenever it dials in.
    """
    hub: Hub = socket.app.state.hub
    told: Watch | None = None
    points: PaymentPoints | None = None
    arrived = True
    while True:
        await box.wake.wait()
        box.wake.clear()
        if box.wanted != told:
            told = box.wanted
            hub.asked(box, told)
            await socket.send_text(told.to_bytes().decode())
        if box.recordings_asked:
            box.recordings_asked = False
            for wanted in await run_in_threadpool(_unfinished, socket, box.name):
                await socket.send_text(wanted.model_dump_json())
        if box.announcements_asked:
            box.announcements_asked = False
            for command in await run_in_threadpool(_unsaid, socket, box.name):
                await socket.send_text(command.model_dump_json())
        if box.points_changed:
            box.points_changed = False
            now = await run_in_threadpool(_payment_points, socket, box.name)
            if now is not None and now != points:
                points = now
                await socket.send_text(now.model_dump_json())
        if arrived:
            arrived = False
            sounds = await run_in_threadpool(_fire_sounds, socket, box.name)
            if sounds is not None:
                await socket.send_text(sounds.model_dump_json())


async def _hear_box(socket: WebSocket, hub: Hub, box: LiveBox) -> None:
    async for message in _messages(socket):
        if message.startswith(b"{"):
            answer = await _hear_reply(socket, box.name, message)
            if answer is not None:
                await socket.send_text(answer.model_dump_json())
            continue
        try:
            _pass_on(hub, box, message)
        except BrokenMessageError as error:
            log.warning("ignored a broken picture: %s", error)


def _pass_on(hub: Hub, box: LiveBox, message: bytes) -> None:
    """A box speaks for its own cameras only. Raises BrokenMessageError."""
    if is_video(message):
        told = read_header(message)
        if told.camera in box.cameras:
            hub.video(told, message)
        return
    header, _ = unpack(message)
    if header.camera in box.cameras:
        hub.picture(header, message)


async def _hear_reply(socket: WebSocket, box: str, message: bytes) -> AnnouncedKept | None:
    """A box answers what was asked of its recordings or its loudspeakers. An answer that cannot be kept now is asked
    for again.
    """
    try:
        reply = BOX_WORD.validate_json(message)
    except ValidationError:
        log.warning("ignored a word of box %s that cannot be read", box)
        return None
    if not isinstance(reply, RecordingReply):
        return await run_in_threadpool(_take, socket, box, reply)
    if not await run_in_threadpool(_answer, socket, box, reply):
        log.info("box %s answers for a recording that is not asked of it, or not any more", box)
    return None


def _fire_sounds(socket: WebSocket, box: str) -> FireSounds | None:
    with pool_of(socket).connection() as db:
        speakers = announcements.speakers_of_box(db, box)
    return fire_sounds(speakers, socket.app.state.studio)


def _unsaid(socket: WebSocket, box: str) -> list[Announce | AnnounceCancel]:
    with pool_of(socket).connection() as db:
        return announcements.unfinished(db, box)


def _take(socket: WebSocket, box: str, word: AnnounceWord) -> AnnouncedKept | None:
    with pool_of(socket).connection() as db:
        return take(db, box, word)


def _unfinished(socket: WebSocket, box: str) -> list[RecordingWanted]:
    with pool_of(socket).connection() as db:
        return recordings.unfinished(db, box)


def _payment_points(socket: WebSocket, box: str) -> PaymentPoints | None:
    with pool_of(socket).connection() as db:
        return message_for(db, desk_of(socket).key, box)


def _answer(socket: WebSocket, box: str, reply: RecordingReply) -> bool:
    with pool_of(socket).connection() as db:
        return recordings.answer(db, box, reply)


def _box_and_cameras(socket: WebSocket) -> tuple[str | None, frozenset[str]]:
    box = find_box(socket)
    if box is None:
        return None, frozenset()
    with pool_of(socket).connection() as db:
        return box, accounts.cameras_of_box(db, box)
