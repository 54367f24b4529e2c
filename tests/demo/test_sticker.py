"""The stall's camera as a client sees it: one stream without a gap, whatever a visitor wants."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from av.video.frame import VideoFrame

from demo import camera, registry, sticker, ward
from demo.button import WORDS, Button
from demo.processes import free_port, wait_for_port
from demo.scene import encoded
from demo.scene.films import VIEW
from demo.scene.reel import FIRST, PIECES, TURNS_AT, Side, spots
from demo.scene.scene import Scene
from edge.payment.reader import Reader

FRAMES = 4


@pytest.fixture(scope="module")
def reel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reel whose pieces are short, and each as bright as its number says."""
    folder = tmp_path_factory.mktemp("reel")
    for number, spot in enumerate(spots()):
        picture = np.full((90, 160, 3), 40 + 6 * number, np.uint8)
        encoded.encode([picture] * FRAMES, folder / spot.name, fps=10, bit_rate=200_000)
    return folder


@pytest.fixture
def address(reel: Path) -> Iterator[str]:
    sticker.want(reel, Side.OURS)
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "demo.camera", str(reel), str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port, process, "the camera")
        yield camera.url(port, FIRST.name)
    finally:
        process.terminate()
        process.wait(5)


def level(frame: VideoFrame) -> float:
    return float(np.median(frame.to_ndarray(format="bgr24")))


def played(reel: Path, address: str) -> tuple[list[str], set[int]]:
    """The pieces that a client sees until a thief's code is there for good, and the steps between the frames' times."""
    names = {}
    for spot in spots():
        with av.open(str(reel / spot.name)) as piece:
            names[level(next(piece.decode(video=0)))] = spot.name
    seen: list[str] = []
    steps: set[int] = set()
    before: int | None = None
    with av.open(address, options={"rtsp_transport": "tcp"}, timeout=10) as film:
        for frame in film.decode(video=0):
            name = names[min(names, key=lambda known: abs(known - level(frame)))]
            if not seen or seen[-1] != name:
                seen.append(name)
            if name == "ours-1.mp4":
                sticker.want(reel, Side.THEIRS)
            if before is not None and frame.pts is not None:
                steps.add(frame.pts - before)
            before = frame.pts
            if name.startswith("theirs"):
                break
    return seen, steps


def test_a_swap_reaches_the_stream_without_an_interruption(reel: Path, address: str) -> None:
    seen, steps = played(reel, address)
    turn = len(seen) - 3  # the client is some short pieces behind the camera
    assert seen[:turn] == [f"ours-{piece % PIECES}.mp4" for piece in range(turn)]
    start = turn % PIECES
    assert seen[turn:] == [f"from-ours-{start}-0.mp4", f"from-ours-{start}-1.mp4", f"theirs-{(start + 2) % PIECES}.mp4"]
    assert start in TURNS_AT
    assert steps == {9000}, "every frame a tenth of a second after the one before"


def test_what_is_wanted_is_ours_until_somebody_swaps_and_survives_nonsense(tmp_path: Path) -> None:
    assert sticker.wanted(tmp_path) is Side.OURS
    assert sticker.swap(tmp_path) is Side.THEIRS
    assert sticker.wanted(tmp_path) is Side.THEIRS
    assert sticker.swap(tmp_path) is Side.OURS
    (tmp_path / "wanted").write_text("nonsense")
    assert sticker.wanted(tmp_path) is Side.OURS


def test_the_button_swaps_for_who_has_the_page_and_for_no_other_page(tmp_path: Path) -> None:
    button = Button(tmp_path)
    try:
        with httpx.Client(base_url=button.url, trust_env=False) as visitor:
            assert WORDS[Side.OURS][1] in visitor.get("/").text
            assert visitor.post("/", headers={"Origin": "http://elsewhere.example"}).status_code == 403
            assert visitor.post("/").status_code == 403
            assert sticker.wanted(tmp_path) is Side.OURS
            assert visitor.post("/", headers={"Origin": button.url}).status_code == 303
            assert sticker.wanted(tmp_path) is Side.THEIRS
            assert WORDS[Side.THEIRS][1] in visitor.get("/").text
    finally:
        button.stop()


def test_the_stalls_boards_are_in_the_regions_of_their_points_and_pay_to_their_own(tmp_path: Path) -> None:
    camera_of_stall = next(one for one in ward.CAMERAS if one.stall)
    grey = np.ascontiguousarray(Scene(VIEW).picture(0.0)[..., 1])
    for (point, region), shop in zip(camera_of_stall.payment_points.items(), VIEW.shops, strict=True):
        (x1, y1), _, (x2, y2), _ = region
        part = grey[int(y1 * 720) : int(y2 * 720), int(x1 * 1280) : int(x2 * 1280)]
        (seen,) = Reader().read(np.ascontiguousarray(part))
        assert seen.text == shop.code
        assert shop in registry.SHOPS[point]
        assert seen.corners.min() > 5, "with room around it"
    assert {point["id"] for point in ward.PAYMENT_POINTS} >= set(camera_of_stall.payment_points)
