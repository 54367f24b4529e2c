"""The two live WebSockets: `/api/v1/live` for the wall, `/api/v1/box/live` for the boxes that dial in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.auth import SEES_VIDEO, find_box, find_user, pool_of, require_same_origin
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
SESSION_CHECK_S = 15.0
"""How soon an open page notices that its session was ended elsewhere."""


@router.websocket("/api/v1/live")
async def viewer_socket(socket: WebSocket) -> None:
    """Events and states of the user's wards as they change, and pictures of the cameras that the page asks for."""
    hub: Hub = socket.app.state.hub
    await socket.accept()
    try:
        require_same_origin(socket)
    except ProblemError:
        await socket.close(WRONG_ORIGIN)
        return
    user = await _user(socket)
    if user is None:
        await socket.close(NOT_SIGNED_IN)
        return
    viewer = Viewer(frozenset(user.wards))
    hub.enter(viewer)
    try:
        await _serve(socket, hub, viewer, user)
    finally:
        await hub.leave(viewer)


async def _serve(socket: WebSocket, hub: Hub, viewer: Viewer, user: UserRow) -> None:
    """Run the three sides of a viewer's socket until one of them ends."""
    viewer.tell(Hello(at=datetime.now(UTC)))
    tasks = [
        asyncio.create_task(_send(socket, viewer)),
        asyncio.create_task(_hear_viewer(socket, hub, viewer, user)),
        asyncio.create_task(_check_session(socket)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # RuntimeError: sent after the close
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
    async for text in socket.iter_text():
        try:
            watch = Watch.model_validate_json(text)
        except ValidationError:
            continue  # a word of a newer page
        allowed = await hub.cameras_of(user.wards) if user.role in SEES_VIDEO else frozenset()
        await hub.watch(viewer, frozenset(watch.cameras) & allowed)


async def _check_session(socket: WebSocket) -> None:
    while await _user(socket) is not None:
        await asyncio.sleep(SESSION_CHECK_S)
    await socket.close(NOT_SIGNED_IN)


async def _user(socket: WebSocket) -> UserRow | None:
    def read() -> UserRow | None:
        with pool_of(socket).connection() as db:
            return find_user(socket, db)

    return await run_in_threadpool(read)


@router.websocket("/api/v1/box/live")
async def box_socket(socket: WebSocket) -> None:
    """A box offers live pictures; it is told which cameras somebody watches."""
    hub: Hub = socket.app.state.hub
    name, cameras = await run_in_threadpool(partial(_box_and_cameras, socket))
    if name is None:
        await socket.close(NOT_SIGNED_IN)
        return
    await socket.accept()

    async def tell(watch: Watch) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_text(watch.model_dump_json())

    box = LiveBox(cameras, tell)
    await hub.box_arrived(box)
    log.info("box %s is live", name)
    try:
        async for message in socket.iter_bytes():
            _pass_on(hub, box, message)
    finally:
        hub.box_left(box)
        log.info("box %s is no longer live", name)


def _pass_on(hub: Hub, box: LiveBox, message: bytes) -> None:
    try:
        header, _ = unpack(message)
    except BrokenMessageError as error:
        log.warning("ignored a broken picture: %s", error)
        return
    if header.camera in box.cameras:  # a box speaks for its own cameras only
        hub.picture(header.camera, message)


def _box_and_cameras(socket: WebSocket) -> tuple[str | None, frozenset[str]]:
    with pool_of(socket).connection() as db:
        box = find_box(socket, db)
        return box, accounts.cameras_of_box(db, box) if box else frozenset()
