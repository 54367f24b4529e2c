"""Texts that people type: which characters they may hold. What the database or a log could stumble over is refused."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StringConstraints

LINE_PATTERN: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
"""No control characters. JSON Schema has no word for them that all its readers know, so they stand here one by one."""

TEXT_PATTERN: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
"""The same, with tabs and line breaks."""

Username = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=LINE_PATTERN)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=LINE_PATTERN)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=TEXT_PATTERN)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=300, pattern=LINE_PATTERN)]
"""Why somebody plays back or exports; in their own words."""
