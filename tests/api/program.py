"""`phoan-api` as a person calls it: as a process of its own, or in this one, since a start takes a second."""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from subprocess import CompletedProcess

import pytest

from api import __main__ as program


def started(*words: object, stdin: str = "") -> CompletedProcess[str]:
    """What a process of its own says. Every command has a test that calls it so."""
    command = [sys.executable, "-m", "api", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def called(*words: object, stdin: str = "") -> CompletedProcess[str]:
    """The same from this process. What would end a process with a traceback is raised here."""
    arguments = list(map(str, words))
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["phoan-api", *arguments])
        patch.setattr(sys, "stdin", StringIO(stdin))
        try:
            code = program.main()
        except SystemExit as end:  # of words that argparse does not know
            code = end.code if isinstance(end.code, int) else 1
    return CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
