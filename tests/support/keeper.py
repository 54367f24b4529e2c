"""Stands in for systemd where there is none: keeps one program running, and starts it anew on SIGHUP.

`python -m tests.support.keeper PID_FILE PROGRAM...`; ends the program and itself on SIGTERM.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

PAUSE_S = 1.0
"""As RestartSec."""


def main() -> int:
    """Keep the program running until SIGTERM."""
    own, program = Path(sys.argv[1]), sys.argv[2:]
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    child = _start(program)
    own.write_text(str(os.getpid()))
    while True:
        match signal.sigwait(signals):
            case signal.SIGTERM:
                _end(child)
                return 0
            case signal.SIGHUP:
                _end(child)
                child = _start(program)
            case signal.SIGCHLD if child.poll() is not None:
                signal.setitimer(signal.ITIMER_REAL, PAUSE_S)
            case signal.SIGALRM if child.poll() is not None:
                child = _start(program)


def _start(program: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(program, preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, set()))


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main())
