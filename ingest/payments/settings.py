"""When a payment point counts as out, as the settings of a worker say it; equal on all workers of a centre."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from contracts.settings import Settings


class PayabilitySettings(Settings):
    """Times in seconds. Each stands for something that was seen to happen without anybody being unable to pay."""

    look_every_s: float = Field(default=10, gt=0)
    fresh_s: float = Field(default=150, gt=0, description="a box says once a minute how a device is; two may be late")
    together_s: float = Field(
        default=180, gt=0, description="points of a site that fall silent this close share a cause"
    )
    crowd: int = Field(default=3, ge=2, description="two stalls may go at once by chance, three hardly")
    crowd_share: float = Field(default=0.5, gt=0, le=1, description="of the site's points that devices watch")
    alone_after_s: float = Field(
        default=120, ge=0, description="a soundbox restarts in a minute; others of the site may follow meanwhile"
    )
    crowd_after_s: float = Field(default=60, ge=0, description="a fuse that is put in again, a switch that restarts")
    told_after_s: float = Field(default=20, ge=0, description="of what a sensor or a probe says outright")
    bank_after_s: float = Field(default=120, ge=0, description="banks end connections now and then")
    back_after_s: float = Field(default=30, ge=0, description="power comes and goes when it returns")
    joins_within_s: float = Field(default=600, gt=0, description="what begins again this soon is the same incident")
    verified_days: float = Field(default=7, gt=0, description="how long a scan on patrol proves a code")
    longest_replay_h: float = Field(default=24, gt=0, description="how far back a worker goes that was away")
    replay_looks: int = Field(default=720, ge=1, description="at most so many looks at what was missed")
    replay_after_s: float = Field(default=60, ge=0, description="first what waited at the boxes must come in")

    @property
    def fresh(self) -> timedelta:
        return timedelta(seconds=self.fresh_s)

    @property
    def together(self) -> timedelta:
        return timedelta(seconds=self.together_s)

    @property
    def joins_within(self) -> timedelta:
        return timedelta(seconds=self.joins_within_s)
