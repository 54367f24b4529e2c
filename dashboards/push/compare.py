"""Whether what Grafana keeps is what is wanted, and the difference as people read it. Pure.

Grafana adds fields of its own to what it is given, so only the fields that are wanted are compared. Where fields are
names that people chose, as labels are, one too many is a difference as well.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection
from typing import Any, Final

EXACT: Final = frozenset({"labels", "annotations"})
REDACTED: Final = "[REDACTED]"
"""What Grafana answers for a secret that it keeps."""
HIDDEN: Final = "(secret)"


def same(wanted: Any, stored: Any, *, exact: bool = False) -> bool:
    """Whether `stored` holds all that is `wanted`; `exact`: and nothing more."""
    if exact:
        return bool(wanted == stored)
    if isinstance(wanted, dict):
        if not isinstance(stored, dict):
            return False
        return all(same(value, stored.get(key), exact=key in EXACT) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(stored, list) or len(wanted) != len(stored):
            return not wanted and not stored
        return all(same(one, other) for one, other in zip(wanted, stored, strict=True))
    return wanted == stored or stored == REDACTED or (not wanted and stored is None)


def seen(wanted: Any, stored: Any) -> Any:
    """The part of `stored` that is compared with `wanted`."""
    if isinstance(wanted, dict) and isinstance(stored, dict):
        kept = {key: seen(value, stored[key]) for key, value in wanted.items() if key in stored}
        return kept | {name: stored[name] for name in EXACT & kept.keys()}
    if isinstance(wanted, list) and isinstance(stored, list):
        paired = [seen(one, other) for one, other in zip(wanted, stored, strict=False)]
        return paired + stored[len(wanted) :]
    return stored


def difference(wanted: Any, stored: Any, secret: Collection[str], *, exact: bool = False) -> str:
    """A unified diff from what is stored to what is wanted, without secrets."""
    held = stored if exact else seen(wanted, stored)
    before, after = (_lines(_hide(value, secret)) for value in (held, wanted))
    return "\n".join(difflib.unified_diff(before, after, "in Grafana", "wanted", lineterm="", n=2))


def _hide(value: Any, secret: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {key: HIDDEN if key in secret and one else _hide(one, secret) for key, one in value.items()}
    if isinstance(value, list):
        return [_hide(one, secret) for one in value]
    return value


def _lines(value: Any) -> list[str]:
    return [] if value is None else json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
