"""Where a camera's password comes from: a file, the environment, or somebody who types it. Never from the command line,
where every user of the machine could read it and the shell would remember it.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from contracts.settings import SettingsError
from edge.configuration.credentials import Login

VARIABLE: Final = "PHOAN_CAMERA_PASSWORD"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How a login is given."""
    parser.add_argument("--user", help="the cameras' user, such as admin")
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help=f"holds the password; without it {VARIABLE} is read, or you are asked",
    )


def read_login(user: str | None, file: Path | None, question: str) -> Login | None:
    """The login that is meant; None without a user. Raises SettingsError when there is no password to be had."""
    if not user:
        if file:
            raise SettingsError("A password needs a user: write --user admin too.")
        return None
    return Login(user=user, password=SecretStr(_password(file, question)))


def _password(file: Path | None, question: str) -> str:
    if file:
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"{file}: cannot be read.") from None
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if sys.stdin.isatty():
        return getpass.getpass(question)
    raise SettingsError(f"There is nobody to ask for the password: give --password-file FILE, or set {VARIABLE}.")
