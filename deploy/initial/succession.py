"""How a centre changes to a new authority without a visit to its boxes, in three steps that lie days apart.

`ca.pem` holds every authority that is believed; the first of them is the one that signs. First the next one is
believed beside it, then it signs, at last the old one is believed no more. Boxes follow by themselves, over a
connection that the authority of the moment vouches for.
"""

from __future__ import annotations

from collections.abc import Sequence

from .certificates import CA, CA_KEY, believed, new_authority, new_key
from .kept import CENTRE, HOST, PUBLIC, Folder

NEXT = "certificates/next-ca.pem"
NEXT_KEY = "certificates/next-ca-key.pem"
STEPS = ("begin", "change", "end")


def take(folder: Folder, step: str, name: str) -> None:
    """Take one of STEPS; a second time it changes nothing. Raises ValueError where another must come before."""
    if not (folder.path / CA).exists() or not (folder.path / CA_KEY).exists():
        raise ValueError("There is no authority that could be followed by another: deploy/init.")
    if step == "begin":
        _begin(folder, name)
    elif step == "change":
        _change(folder)
    else:
        _end(folder)


def _begin(folder: Folder, name: str) -> None:
    if len(believed(folder)) > 1 and not (folder.path / NEXT).exists():
        raise ValueError("The authority before is believed still: deploy/init --authority end.")
    folder.keep(NEXT_KEY, new_key(), HOST)
    folder.keep(NEXT, new_authority(folder, NEXT_KEY, name), HOST, PUBLIC)
    _believe(folder, [*believed(folder), _next(folder)])


def _change(folder: Folder) -> None:
    if not (folder.path / NEXT).exists():
        raise ValueError("There is no next authority: deploy/init --authority begin.")
    _believe(folder, [_next(folder), *believed(folder)])
    if (folder.path / NEXT_KEY).exists():  # else a run before this one was cut off in the next lines
        folder.replace(CA_KEY, (folder.path / NEXT_KEY).read_bytes(), CENTRE)
        (folder.path / NEXT_KEY).unlink()
    (folder.path / NEXT).unlink()


def _end(folder: Folder) -> None:
    if (folder.path / NEXT).exists():
        raise ValueError("The next authority does not sign yet: deploy/init --authority change.")
    _believe(folder, believed(folder)[:1])


def _next(folder: Folder) -> str:
    return (folder.path / NEXT).read_text(encoding="ascii")


def _believe(folder: Folder, authorities: Sequence[str]) -> None:
    once = list(dict.fromkeys(authorities))
    if once != believed(folder):
        folder.replace(CA, "".join(once).encode(), CENTRE, PUBLIC)
