"""A command of `phoan-edge` inside the test's own process: the same words and the same answers, without the seconds
that a fresh Python takes to import it all. Each command has a test that starts it as a process besides.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from edge.__main__ import main


def edge(*words: str | Path, **environment: str) -> CompletedProcess[str]:
    """What comes of `phoan-edge` and these words, typed where nobody can be asked."""
    command, out, err = ["phoan-edge", *map(str, words)], io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        open(os.devnull) as nobody,
        redirect_stdout(out),
        redirect_stderr(err),
        _logging_into(err),
    ):
        patch.setattr(sys, "argv", command)
        patch.setattr(sys, "stdin", nobody)
        patch.setattr(os, "_exit", _ended)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            code = main()
        except SystemExit as ended:  # argparse has said what is wrong
            code = ended.code if isinstance(ended.code, int) else 1
    return CompletedProcess(command, code, out.getvalue(), err.getvalue())


@contextmanager
def _logging_into(err: io.StringIO) -> Iterator[None]:
    """Write log lines where a process of its own would; what a command sets for all of its process is undone."""
    root, handler = logging.getLogger(), logging.StreamHandler(err)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _ended(code: int) -> None:
    raise AssertionError(f"the command would have ended its process with {code}")
