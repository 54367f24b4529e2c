"""Everything that a Grafana shall hold, in the order in which each thing needs the one before, and the push itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.settings import SettingsError
from dashboards import house
from dashboards.alerts import notify
from dashboards.alerts.notify import Contact
from dashboards.house import Language
from dashboards.plain import plain
from dashboards.push import account, alerting, boards, places
from dashboards.push.grafana import Grafana, PushError
from dashboards.push.resource import Change, Resource, change
from dashboards.push.settings import DatabaseSettings, PushSettings, secret


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was built: dashboards of each language, and groups of alert rules; plain JSON."""

    dashboards: dict[Language, list[dict[str, Any]]]
    groups: list[dict[str, Any]]


@dataclass(slots=True)
class Outcome:
    """What a push did, or would have done."""

    made: int = 0
    changed: int = 0
    kept: int = 0

    def said(self, *, dry: bool) -> str:
        """The last line that people read."""
        if not self.made + self.changed:
            return f"nothing to do: {self.kept} things are as wanted"
        made, changed = ("would make", "would change") if dry else ("made", "changed")
        return f"{made} {self.made}, {changed} {self.changed}; {self.kept} are as wanted"


def contacts(settings: PushSettings) -> list[Contact]:
    """The ways that the settings name. Raises SettingsError."""
    named, found = settings.contacts, []
    if named.email is not None:
        found.append(notify.email(";".join(named.email.addresses)))
    if named.telegram is not None:
        token = secret(named.telegram.token, named.telegram.token_file)
        if not token:
            raise SettingsError("contacts.telegram must name its token, or a token_file that holds one.")
        found.append(notify.telegram(token, named.telegram.chat))
    if named.webhook is not None:
        found.append(notify.webhook(named.webhook.url, secret(named.webhook.token, named.webhook.token_file)))
    return found


def password(settings: DatabaseSettings) -> str:
    """The data source's password. Raises SettingsError."""
    found = secret(settings.password, settings.password_file)
    if not found:
        raise SettingsError("database must name its password, or a password_file that holds one.")
    return found


def secrets(settings: PushSettings) -> set[str]:
    """Everything that must never be shown. Raises SettingsError."""
    hidden = {str(one.settings[key]) for one in contacts(settings) for key in one.secret & one.settings.keys()}
    return hidden | ({password(settings.database)} if settings.database else set())


def resources(settings: PushSettings, wanted: Wanted, *, anew: bool = False) -> list[Resource]:
    """All of it. `anew`: send secrets again, which cannot be compared. Raises SettingsError."""
    editable = settings.editable
    every = [one for language in settings.languages for one in wanted.dashboards[language]]
    folders = {language: house.FOLDERS[language][0] for language in settings.languages}
    return [
        *_sourced(settings.database, anew=anew),
        *places.folders(settings.languages),
        *(boards.dashboard(one, folders[each]) for each in settings.languages for one in wanted.dashboards[each]),
        boards.gone(every, list(folders.values())),
        *_called(contacts(settings), settings.languages[0], anew=anew, editable=editable),
        *(alerting.rule_group(group, editable=editable) for group in wanted.groups),
        alerting.gone({rule["uid"] for group in wanted.groups for rule in group["rules"]}),
        *([account.account(settings.account)] if settings.account else []),
    ]


def push(grafana: Grafana, resources: Sequence[Resource], tell: Callable[[str], None], *, dry: bool = False) -> Outcome:
    """Bring each resource to what is wanted; with `dry`, only say what would change. Raises PushError."""
    outcome = Outcome()
    for resource in resources:
        found = change(resource, grafana)
        if found is None:
            outcome.kept += 1
            continue
        _tell(found, tell, dry=dry)
        if not dry:
            resource.write(grafana, found.stored)
        outcome.made += found.new
        outcome.changed += not found.new
    if not dry and not places.works(grafana):
        raise PushError("All is pushed, but Grafana cannot read the database; check its address, account and password.")
    return outcome


def _sourced(settings: DatabaseSettings | None, *, anew: bool) -> list[Resource]:
    return [places.datasource(settings, password(settings), anew=anew)] if settings else []


def _called(found: Sequence[Contact], language: Language, *, anew: bool, editable: bool) -> list[Resource]:
    if not found:
        return []
    hidden = frozenset().union(*(one.secret for one in found))
    return [
        alerting.template(notify.TEMPLATE, notify.texts(language), editable=editable),
        alerting.mute_timing(notify.mute_timing(), editable=editable),
        *(
            alerting.contact_point(plain(one), hidden, anew=anew, editable=editable)
            for one in notify.contact_points(found)
        ),
        alerting.policy(plain(notify.policy()), editable=editable),
    ]


def _tell(found: Change, tell: Callable[[str], None], *, dry: bool) -> None:
    tell(f"{'+' if found.new else '~'} {found.resource.what}{'' if found.differs else ' (its secrets)'}")
    if dry and found.differs and not found.new:
        tell("\n".join(f"    {line}" for line in found.diff().splitlines()))
