"""The name of a worker that runs beside others like it: the first number that nobody holds in a folder they share.

Replicas of one service are told nothing that sets them apart but their host's name, which is another one after every
upgrade; and the broker keeps a session, with its share of the messages, for every name that it has heard of. So a name
must come back: it is a file that its worker keeps locked, and that the kernel lets go of however the worker ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from contracts.settings import SettingsError
from ingest.config import IngestSettings

MOST_SEATS: Final = 64


@contextmanager
def seated(settings: IngestSettings) -> Iterator[IngestSettings]:
    """The settings of this worker, which hold its name; the name is free again when the block ends.

    Raises SettingsError where the folder cannot be used or has no free number.
    """
    if settings.seats is None:
        yield settings
        return
    with _taken(settings.seats) as file:
        yield settings.model_copy(update={"worker": Path(file.name).name})


def _taken(folder: Path) -> BinaryIO:
    """The file of the first free number, locked for as long as it is open."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST_SEATS + 1):
            file = (folder / str(number)).open("ab")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.close()
            else:
                return file
    except OSError as error:
        raise SettingsError(f"field seats: {folder} cannot be used: {error.strerror}.") from None
    raise SettingsError(f"field seats: all {MOST_SEATS} numbers in {folder} are taken by workers that run.")
