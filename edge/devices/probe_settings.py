"""What the box asks of the network, so that the centre can tell a dead uplink from a dead bank: names, hosts, banks."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.settings import Settings

Host = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$", description="a name or address")
]


class HostSettings(Settings):
    """A TCP port."""

    host: Host
    port: int = Field(default=443, ge=1, le=65535)


class BankSettings(HostSettings):
    """Where a bank answers its app; `bin` as in payment codes."""

    bin: str = Field(pattern=r"^[0-9]{6}$")


class ProbeSettings(Settings):
    """A name is looked up, a host is connected to, and with a bank a TLS handshake is made. Nothing is sent to them."""

    dns: tuple[Host, ...] = Field(default=(), max_length=8, description="names; one that is found is enough")
    hosts: tuple[HostSettings, ...] = Field(default=(), max_length=8, description="one that answers is enough")
    banks: tuple[BankSettings, ...] = Field(default=(), max_length=64)
    every_s: float = Field(default=30, ge=5, le=3600)
    timeout_s: float = Field(default=5, gt=0, le=30, description="for each of them")
    at_once: int = Field(default=4, ge=1, le=16)

    @model_validator(mode="after")
    def _something_is_asked(self) -> Self:
        if not (self.dns or self.hosts or self.banks):
            raise ValueError("probes need a name, a host or a bank")
        return self
