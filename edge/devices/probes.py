"""Asks the network whether a street can be paid on: is a name found, does a host answer, does a bank shake hands.

Nothing is sent to anybody beyond what opening a connection needs. A bank's handshake is not checked for who it is: what
counts is whether the way to it is open. Each question has a time limit, and few are asked at once. A name server that
does not answer keeps a thread inside the C library, which nobody can interrupt: that name is not asked for meanwhile.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from contracts.telemetry import Sample
from edge.centre.outbox import Outbox
from edge.devices.probe_settings import BankSettings, HostSettings, ProbeSettings

DNS: Final = "probe.dns"
INTERNET: Final = "probe.internet"
BANK: Final = "probe.bank"


class Probes:
    """Owns the interval."""

    def __init__(
        self,
        settings: ProbeSettings,
        box: str,
        outbox: Outbox,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._box = box
        self._outbox = outbox
        self._now = now
        self._names = Names()

    def run(self, stop: threading.Event) -> None:
        """Ask every `every_s` seconds until `stop` is set."""
        while not stop.is_set():
            self._outbox.append_samples(self.ask())
            stop.wait(self._settings.every_s)

    def ask(self) -> list[Sample]:
        """Ask everything once."""
        settings = self._settings
        found, answered, shaken = asyncio.run(_ask(settings, self._names))
        samples = []
        if settings.dns:
            samples.append(self._sample(DNS, any(found)))
        if settings.hosts:
            samples.append(self._sample(INTERNET, any(answered)))
        reachable: dict[str, bool] = {}
        for bank, good in zip(settings.banks, shaken, strict=True):
            reachable[bank.bin] = reachable.get(bank.bin, False) or good  # a bank may have several addresses
        return [*samples, *(self._sample(BANK, good, zone) for zone, good in reachable.items())]

    def _sample(self, metric: str, good: bool, zone: str | None = None) -> Sample:
        return Sample(at=self._now(), device=self._box, metric=metric, value=float(good), zone=zone)


class Names:
    """Looks names up, each in a thread of its own."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Future[str]]] = {}

    async def find(self, name: str) -> str:
        """An address of `name`, which several may want at once. Raises OSError."""
        loop = asyncio.get_running_loop()
        if asked := self._asked.get(name):
            if asked[0] is not loop:
                raise OSError("no name server answers")
            return await asyncio.shield(asked[1])
        answer: asyncio.Future[str] = loop.create_future()
        self._asked[name] = loop, answer
        threading.Thread(target=self._look_up, args=(name, loop, answer), name="lookup", daemon=True).start()
        return await asyncio.shield(answer)

    def _look_up(self, name: str, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[str]) -> None:
        found: str | OSError
        try:
            found = str(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0])
        except (OSError, UnicodeError) as error:
            found = OSError(str(error))
        del self._asked[name]
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(_answer, answer, found)


def _answer(answer: asyncio.Future[str], found: str | OSError) -> None:
    if answer.done():
        return
    if isinstance(found, OSError):
        answer.set_exception(found)
    else:
        answer.set_result(found)


async def _ask(settings: ProbeSettings, names: Names) -> tuple[list[bool], list[bool], list[bool]]:
    """What came of each question, in the order of the settings."""
    room = asyncio.Semaphore(settings.at_once)
    limit = settings.timeout_s
    questions: tuple[Iterable[Awaitable[object]], ...] = (
        (names.find(name) for name in settings.dns),
        (_connect(host, names) for host in settings.hosts),
        (_shake(bank, names) for bank in settings.banks),
    )
    found, answered, shaken = [[_within(question, room, limit) for question in group] for group in questions]
    said = await asyncio.gather(*found, *answered, *shaken)
    return _parts(said, len(found), len(answered))


def _parts(said: Sequence[bool], first: int, second: int) -> tuple[list[bool], list[bool], list[bool]]:
    return list(said[:first]), list(said[first : first + second]), list(said[first + second :])


async def _within(question: Awaitable[object], room: asyncio.Semaphore, limit_s: float) -> bool:
    """Whether it went well in time. The limit does not count while others are asked."""
    async with room:
        try:
            await asyncio.wait_for(question, limit_s)
        except (OSError, TimeoutError, ssl.SSLError, UnicodeError):
            return False
    return True


async def _connect(host: HostSettings, names: Names) -> None:
    _, writer = await asyncio.open_connection(await names.find(host.host), host.port)
    writer.transport.abort()


async def _shake(bank: BankSettings, names: Names) -> None:
    address = await names.find(bank.host)
    _, writer = await asyncio.open_connection(address, bank.port, ssl=_any_certificate(), server_hostname=bank.host)
    writer.transport.abort()


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
