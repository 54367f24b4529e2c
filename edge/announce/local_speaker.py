"""The box's own sound card: a separate program plays, and is ended when something about a fire waits."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from contracts.announcement import PlayFault
from edge.announce.settings import LocalSpeaker
from edge.announce.speaker import Clip, SpeakerError, Wait

PLAYERS: Final = ("aplay", "ffplay")
TICK_S: Final = 0.1
SLACK_S: Final = 15.0


def play_command(program: str, path: str, sound: Path, device: str | None) -> list[str]:
    if program == "ffplay":
        return [path, "-nodisp", "-autoexit", "-hide_banner", "-loglevel", "error", "-i", f"file:{sound}"]
    return [path, "-q", *(["-D", device] if device else []), str(sound)]


class LocalPlayer:
    """Looks for a program that plays whenever it is to play: one may be installed meanwhile."""

    def __init__(self, settings: LocalSpeaker) -> None:
        self._settings = settings

    def play(self, clip: Clip, wait: Wait) -> None:
        program, path = self._program()
        with tempfile.TemporaryDirectory(prefix="phoan-sound-") as folder:
            sound = Path(folder) / "sound.wav"
            sound.write_bytes(clip.data)
            self._run(play_command(program, path, sound, self._settings.device), clip.seconds + SLACK_S, wait)

    def close(self) -> None:
        """Nothing is held."""

    def _program(self) -> tuple[str, str]:
        for program in (self._settings.program,) if self._settings.program else PLAYERS:
            path = shutil.which(program)
            if path:
                return program, path
        raise SpeakerError(PlayFault.NO_PLAYER, "neither aplay nor ffplay is installed")

    def _run(self, command: list[str], longest_s: float, wait: Wait) -> None:
        try:
            player = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise SpeakerError(PlayFault.PLAYER_FAILED, str(error.strerror)) from None
        try:
            for _ in range(int(longest_s / TICK_S)):
                if player.poll() is not None:
                    break
                if not wait(TICK_S) and player.poll() is None:
                    raise SpeakerError(PlayFault.INTERRUPTED, "it gave way")
        finally:
            if player.poll() is None:
                player.kill()
            player.wait()
        if player.returncode != 0:
            raise SpeakerError(PlayFault.PLAYER_FAILED, f"the player ended with {player.returncode}")
