"""What the routes of incidents take and answer, and how a row of the database becomes one."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, Field

from api.past.events import StoredEvent
from api.problems import ProblemDocument, ProblemError
from api.texts import Text, Username
from contracts.incident import FalseAlarmReason, Incident, IncidentState, ResolveReason
from storage.incident_steps import First, Held
from storage.incidents import IncidentRow


class ConflictDocument(ProblemDocument):
    """Somebody was first: who (none is the centre itself), what they did and when, and how it stands now."""

    by: str | None = None
    by_name: str | None = None
    action: str | None = None
    at: datetime | None = None
    state: IncidentState
    version: int


class ConflictError(ProblemError):
    """The step was not taken."""

    def __init__(self, held: Held, first: First | None) -> None:
        super().__init__(409, "changed_meanwhile", "Somebody was first")
        self.document = ConflictDocument(
            title="Somebody was first",
            status=409,
            code="changed_meanwhile",
            by=first and first.actor,
            by_name=first and first.actor_name,
            action=first and first.action,
            at=first and first.at,
            state=IncidentState(held.state),
            version=held.version,
        )


class IncidentPage(BaseModel):
    items: list[Incident]
    next_cursor: str | None


class StepTaken(BaseModel):
    """One thing that was done; no `actor` is the centre itself. `state` is the one it led to."""

    id: int
    at: datetime
    actor: str | None
    actor_name: str | None
    action: str
    state: IncidentState
    assignee: str | None
    assignee_name: str | None
    reason: str | None
    comment: str | None
    undone: bool


class Told(BaseModel):
    """What became of telling people over one channel; `given_up` ones were never delivered."""

    step: int
    channel: str
    state: str
    due_at: datetime
    attempts: int
    error: str | None
    sent_at: datetime | None


class IncidentDetail(BaseModel):
    """One incident with its newest events, its steps, what hangs under it, and who was told."""

    incident: Incident
    events: list[StoredEvent]
    steps: list[StepTaken]
    symptoms: list[Incident]
    told: list[Told]


class Colleague(BaseModel):
    username: str
    display_name: str


class Colleagues(BaseModel):
    items: list[Colleague]


class Step(BaseModel):
    version: int = Field(ge=0, le=2**31 - 1, description="of the incident as the officer saw it")


class AssignStep(Step):
    to: Username | None = Field(default=None, description="a user name; absent for oneself")


class ResolveStep(Step):
    reason: ResolveReason


class DismissStep(Step):
    reason: FalseAlarmReason


class Comment(BaseModel):
    text: Text


def incident_of(row: IncidentRow) -> Incident:
    """A database row as it leaves the API."""
    values = {name: getattr(row, name) for name in Incident.model_fields if hasattr(row, name)}
    return Incident.model_validate(
        {
            **values,
            "ward": row.ward_id,
            "site": row.site_id,
            "box": row.box_id,
            "camera": row.camera_id,
            "device": row.device_id,
            "under": row.cause_id,
        }
    )


M = TypeVar("M", bound=BaseModel)


def model_of(model: type[M], row: object) -> M:
    """The fields of `row` as `model`, whose names are the same."""
    return model(**{name: getattr(row, name) for name in model.model_fields})
