"""The demo's MQTT 5 broker: rumqttd from the wheel iotcore, with an account each for box and ingest.

`python -m demo.broker CONFIG` runs it as a process of its own. It keeps nothing on disk: killing it loses all that
it holds, and the product must not mind.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path

from iotcore import Broker

# rumqttd speaks MQTT 5 only on listeners of the section v5.
_CONFIG = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 200
dynamic_filters = true
"""


def write_config(path: Path, port: int, accounts: Mapping[str, str] | None = None) -> None:
    """Write the broker's configuration: a port on loopback and who may connect; anybody if `accounts` is None."""
    text = _CONFIG.format(port=port)
    if accounts:
        text += "\n[v5.1.connections.auth]\n"
        text += "".join(f'"{name}" = "{password}"\n' for name, password in accounts.items())
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        Broker(config_path=sys.argv[1]).run_forever()
