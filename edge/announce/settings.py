"""The box's loudspeakers as written in its file: where each is and how it is reached, and when they are quiet."""

from __future__ import annotations

from datetime import time
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from contracts.addresses import CAMERA_NETWORKS, literal, plain_host, within
from contracts.event import FIRE, EventKind
from contracts.ids import Slug
from contracts.settings import Settings
from edge.devices.settings import BrokerSettings
from edge.tls import CaFile


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must be an address such as http://10.0.0.9/play, without a user name")
    plain_host(parts.hostname)
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
FireKind = Literal[EventKind.SMOKE, EventKind.HEAT, EventKind.GAS]


class SpeakerSettings(Settings):
    """`id` is the inventory's, of a device of kind `speaker`."""

    id: Slug
    site: Slug
    volume: int = Field(default=100, ge=1, le=100, description="per cent of what the centre's sound has")


class _Signed(SpeakerSettings):
    url: WebAddress
    username: str | None = None
    password: SecretStr | None = None
    auth: Literal["digest", "basic"] = "digest"
    timeout_s: float = Field(default=15, gt=0, le=60)
    tls_ca: CaFile | None = Field(default=None, description="CA file of the speaker's own certificate")

    @model_validator(mode="after")
    def _secret_is_kept(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError(f"speaker {self.id} needs both a username and a password, or neither")
        if self.password and self.auth == "basic" and not self.url.startswith("https:"):
            raise ValueError(f"speaker {self.id} would send its password readably; use digest, or https")
        return self


class HttpSpeaker(_Signed):
    """Plays a WAV that is sent to one address, as the body or as a file of a form."""

    kind: Literal["http"]
    method: Literal["POST", "PUT"] = "POST"
    body: Literal["file", "form"] = "file"
    field: str = Field(default="file", min_length=1, max_length=40, description="the file's name in a form")


class AxisSpeaker(_Signed):
    """An Axis speaker or camera: the sound is uploaded as a media clip, played and removed again."""

    kind: Literal["axis"]


class MqttSpeaker(SpeakerSettings):
    """Takes the sound as a message over the box's local broker."""

    kind: Literal["mqtt"]
    topic: str | None = Field(
        default=None, min_length=1, max_length=200, pattern=r"^[^+#\x00]+$", description="absent: its `cmd` topic"
    )


class LocalSpeaker(SpeakerSettings):
    """Hangs on the box's own sound card; a separate program plays."""

    kind: Literal["local"]
    program: Literal["aplay", "ffplay"] | None = Field(default=None, description="absent: the one that is installed")
    device: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9:,=_.-]{0,79}$", description="of aplay, such as plughw:1,0"
    )


AnySpeaker = Annotated[HttpSpeaker | AxisSpeaker | MqttSpeaker | LocalSpeaker, Field(discriminator="kind")]


class QuietHours(Settings):
    """Only what is said of a fire is said then."""

    start: time = time(22)
    end: time = time(5)


class FireRule(Settings):
    """What the box says by its own rule when one of these is raised at the site."""

    site: Slug
    template: Slug = "bao-chay"
    kinds: tuple[FireKind, ...] = Field(default=(EventKind.SMOKE, EventKind.HEAT), min_length=1)


class AnnounceSettings(Settings):
    """All that has to do with loudspeakers."""

    speakers: tuple[AnySpeaker, ...] = Field(default=(), max_length=64)
    quiet: QuietHours | None = Field(default=QuietHours(), description="null: they speak at any hour")
    fire: tuple[FireRule, ...] = Field(default=(), max_length=100)
    fire_valid_s: float = Field(default=300, gt=0, le=3600, description="later than this it is not said any more")
    broker: BrokerSettings = BrokerSettings()
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=CAMERA_NETWORKS, description="where speakers may be; by default private networks and the box itself"
    )

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if len({speaker.id for speaker in self.speakers}) < len(self.speakers):
            raise ValueError("two speakers have one name")
        sites = {speaker.site for speaker in self.speakers}
        said: set[tuple[str, str]] = set()
        for rule in self.fire:
            if rule.site not in sites:
                raise ValueError(f"no speaker stands at site {rule.site}, for which there is a rule about fire")
            for kind in rule.kinds:
                if (rule.site, kind) in said:
                    raise ValueError(f"two rules about fire say something of {kind} at site {rule.site}")
                said.add((rule.site, kind))
        for speaker in self.speakers:
            address = literal(urlsplit(speaker.url).hostname or "") if isinstance(speaker, _Signed) else None
            if address is not None and not within(address, self.networks):
                raise ValueError(f"speaker {speaker.id} has an address that is in none of the speakers' networks")
        return self

    def rule_for(self, kind: str, site: str) -> FireRule | None:
        """What is said of a kind of event at a site."""
        if kind not in FIRE:
            return None
        return next((rule for rule in self.fire if rule.site == site and kind in rule.kinds), None)
