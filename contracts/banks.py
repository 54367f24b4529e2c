"""The names of banks by BIN. A table that a ward may extend; a bank that it does not name is unknown, no more.

Public tables contradict each other, so the one that comes with Phố An holds only BINs on which two independent
sources agree. An unknown BIN is never a sign of fraud: banks and wallets get new ones.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

Bin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class Bank(BaseModel):
    """`note`: what an officer should know of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    note: str | None = Field(default=None, max_length=200)


Banks = dict[Bin, Bank]

_BANKS: TypeAdapter[Banks] = TypeAdapter(Banks)


class BanksError(ValueError):
    """A table of banks cannot be used; the text is one sentence that says what to do."""


@cache
def known() -> Banks:
    """The table that comes with Phố An."""
    return _BANKS.validate_json(files("contracts").joinpath("banks.json").read_bytes())


def extended(path: Path) -> Banks:
    """The known banks with a ward's own table laid over them. Raises BanksError."""
    try:
        own = _BANKS.validate_python(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BanksError(f"The table of banks {path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BanksError(f"The table of banks {path} is wrong at {where}: {error.errors()[0]['msg']}.") from None
    except ValueError as error:
        raise BanksError(f"The table of banks {path} is no JSON: {error}.") from None
    return {**known(), **own}


def name_of(bank: str, banks: Banks) -> str | None:
    """The name of a bank, or none where it is unknown."""
    found = banks.get(bank)
    return found.name if found else None
