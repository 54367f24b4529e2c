"""The card of a network that finds things in pictures: what it is, whose it is and what it can tell apart.

It travels with every event, so that whoever looks at one later knows which network said so, even when the box has
another by then.
"""

from __future__ import annotations

from pydantic import Field

from contracts.ids import Code, Digest
from contracts.wire import Message


class ModelCard(Message):
    """One network. `digest` is the SHA-256 of its file; of a folder, the SHA-256 of what `sha256sum *` prints there."""

    name: str = Field(max_length=80)
    digest: Digest
    licence: str = Field(max_length=80, description="SPDX name where there is one")
    task: Code = "detect"
    source: str = Field(max_length=120, description="the package or program that the file comes from")
    input_width: int | None = Field(default=None, ge=1, description="in pixels; absent: any")
    input_height: int | None = Field(default=None, ge=1)
    classes: tuple[Code, ...] = Field(max_length=32, description="what it reports, in our words")
