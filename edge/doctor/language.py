"""In which language a command answers: Vietnamese, unless somebody or their terminal says otherwise."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Final, Literal

Lang = Literal["vi", "en"]
VI: Final[Lang] = "vi"
EN: Final[Lang] = "en"


def add_language(parser: argparse.ArgumentParser) -> None:
    """The option that says so."""
    parser.add_argument("--lang", choices=(VI, EN), help="language of the answer (default: from LANG, else vi)")


def language_of(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Lang:
    """The language that is wished, or that of the terminal."""
    if arguments.lang:
        return EN if arguments.lang == EN else VI
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return EN if said.lower().startswith("en") else VI
