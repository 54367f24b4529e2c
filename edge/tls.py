"""Files of certificates that the box's file names: readable, or a mistake that is told when the box starts."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator


def _certificates(path: Path) -> Path:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:  # ssl.SSLError is one too
        raise ValueError(f"{path} holds no certificates that can be read ({error.strerror})") from None
    return path


CaFile = Annotated[Path, AfterValidator(_certificates)]
