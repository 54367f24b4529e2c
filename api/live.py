"""The two live WebSockets: `/api/v1/live` for the wall, `/api/v1/box/live` for the boxes that dial in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime

import psycopg
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.auth import SEES_VIDEO, find_box, find_user, pool_of, require_same_origin, settings_of
from api.hub import Hub, LiveBox, Viewer
from api.problems import ProblemError
from contracts.feed import Hello, Watch
from contracts.picture import unpack
from contracts.wire import BrokenMessageError
from storage import accounts
from storage.accounts import UserRow

log = logging.getLogger(__name__)

router = APIRouter()

NOT_SIGNED_IN = 4401
WRONG_ORIGIN = 4403
COME_AGAIN = 1012
"""The user's rights changed: a new connection gets the new ones."""
TRY_LATER = 1013
"""The database does not answer."""


@router.websocket("/api/v1/live")
async def viewer_socket(socket: WebSocket) -> None:
    """Events and states of the user's wards as they change, and pictures of the cameras that the page asks for."""
    with contextlib.suppress(WebSocketDisconnect):  # who hangs up while we look is owed no answer
        await _receive_viewer(socket)


async def _receive_viewer(socket: WebSocket) -> None:
    await socket.accept()
    try:
        require_same_origin(socket)
        user = await run_in_threadpool(find_user, socket)
        if user is None:
            await socket.close(NOT_SIGNED_IN)
        else:
            await _serve_viewer(socket, user)
    except ProblemError:
        await socket.close(WRONG_ORIGIN)
    except psycopg.OperationalError as error:
        log.warning("ended a live feed, the database does not answer: %s", str(error).strip())
        await socket.close(TRY_LATER)


async def _serve_viewer(socket: WebSocket, user: UserRow) -> None:
    hub: Hub = socket.app.state.hub
    viewer = Viewer(frozenset(user.wards))
    viewer.tell(Hello(at=datetime.now(UTC)))
    hub.enter(viewer)
    try:
        await _until_one_ends(
            _send(socket, viewer), _hear_viewer(socket, hub, viewer, user), _check_session(socket, user)
        )
    finally:
        hub.leave(viewer)


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


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        await viewer.wake.wait()
        viewer.wake.clear()
        while viewer.messages:
            await socket.send_text(viewer.messages.popleft().model_dump_json(exclude_none=True))
        pictures, viewer.pictures = viewer.pictures, {}
        for picture in pictures.values():
            await socket.send_bytes(picture)


async def _hear_viewer(socket: WebSocket, hub: Hub, viewer: Viewer, user: UserRow) -> None:
    async for message in _messages(socket):
        try:
            watch = Watch.model_validate_json(message)
        except ValidationError:
            continue  # a word of a newer page
        allowed = await hub.cameras_of(user.wards) if user.role in SEES_VIDEO else frozenset()
        hub.watch(viewer, frozenset(watch.cameras) & allowed)


async def _check_session(socket: WebSocket, user: UserRow) -> None:
    """End the socket when its session ended or the user's rights are not those it began with."""
    while True:
        await asyncio.sleep(settings_of(socket).session_check_s)
        try:
            now = await run_in_threadpool(find_user, socket)
        except psycopg.OperationalError:
            continue  # pictures need no database; the next look decides
        if now != user:
            await socket.close(COME_AGAIN if now else NOT_SIGNED_IN)
            return


@router.websocket("/api/v1/box/live")
async def box_socket(socket: WebSocket) -> None:
    """A box offers live pictures; it is told which cameras somebody watches."""
    with contextlib.suppress(WebSocketDisconnect):
        await _receive_box(socket)


async def _receive_box(socket: WebSocket) -> None:
    hub: Hub = socket.app.state.hub
    name, cameras = await run_in_threadpool(_box_and_cameras, socket)
    if name is None:
        await socket.close(NOT_SIGNED_IN)
        return
    await socket.accept()
    box = LiveBox(cameras)
    hub.box_arrived(box)
    log.info("box %s is live", name)
    try:
        await _until_one_ends(_hear_box(socket, hub, box), _ask(socket, box))
    finally:
        hub.box_left(box)
        log.info("box %s is no longer live", name)


async def _ask(socket: WebSocket, box: LiveBox) -> None:
    """Tell the box which cameras are wanted, whenever they are others; changes that nobody saw are left out."""
    told: frozenset[str] | None = None
    while True:
        await box.wake.wait()
        box.wake.clear()
        if box.wanted != told:
            told = box.wanted
            await socket.send_text(Watch(cameras=tuple(sorted(told))).model_dump_json())


async def _hear_box(socket: WebSocket, hub: Hub, box: LiveBox) -> None:
    async for message in _messages(socket):
        try:
            header, _ = unpack(message)
        except BrokenMessageError as error:
            log.warning("ignored a broken picture: %s", error)
            continue
        if header.camera in box.cameras:  # a box speaks for its own cameras only
            hub.picture(header.camera, message)


def _box_and_cameras(socket: WebSocket) -> tuple[str | None, frozenset[str]]:
    box = find_box(socket)
    if box is None:
        return None, frozenset()
    with pool_of(socket).connection() as db:
        return box, accounts.cameras_of_box(db, box)
