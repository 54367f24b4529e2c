"""`python -m api.health`: whether the API that runs beside it answers, and its database with it; exit code 1 if not.

What starts the programs asks this from inside their container twice a minute, so it is a program of its own that loads
next to nothing, and of the settings reads only where the API listens. It asks what anybody may ask and the database
answers: the public keys.
"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

import yaml

ASKED: Final = "/api/v1/evidence/keys"
ANSWERS_S: Final = 8.0
"""The API itself waits five seconds for its database."""


def main() -> int:
    """Entry point; prints a sentence."""
    parser = argparse.ArgumentParser(prog="python -m api.health", description="Phố An: does the API do its work?")
    parser.add_argument("--config", type=Path, default=Path("/etc/phoan/api.yaml"), help="the API's settings (YAML)")
    settings = yaml.safe_load(parser.parse_args().config.read_text(encoding="utf-8"))
    found = fault(settings.get("port", 8080))
    print(found or "well")
    return 1 if found else 0


def fault(port: int) -> str | None:
    """What is wrong with the API on this port, as a sentence."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"http://127.0.0.1:{port}{ASKED}", timeout=ANSWERS_S).close()
    except urllib.error.HTTPError as error:
        with error:
            return f"The API answers {error.code}; 503 means that its database is away."
    except OSError as error:
        return f"The API does not answer: {error}."
    return None


if __name__ == "__main__":
    sys.exit(main())
