"""What the SDK's builders made, as plain JSON: what Grafana stores, and what is compared and written to files."""

from __future__ import annotations

import json
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder


def plain(value: object) -> Any:
    """Lists, texts and numbers, and dictionaries of them."""
    return json.loads(JSONEncoder().encode(value))
