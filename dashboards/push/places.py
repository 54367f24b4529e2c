"""The data source and the folders, without which nothing else can be there."""

from __future__ import annotations

from typing import Any, Final

from dashboards import house
from dashboards.alerts import alert
from dashboards.house import Language
from dashboards.push.grafana import Grafana, part
from dashboards.push.resource import Resource, Stored
from dashboards.push.settings import DatabaseSettings

WORKS: Final = "(works)"
FAILS: Final = "(does not work)"
POSTGRES_VERSION: Final = 1500
"""What Grafana's query editor may use; written as the plugin writes it."""


def datasource_fields(address: str, name: str, user: str, tls: str, *, timescale: bool) -> dict[str, Any]:
    """The data source without its password, as Grafana keeps it."""
    return {
        "uid": house.DATASOURCE_UID,
        "name": house.DATASOURCE_NAME,
        "type": house.DATASOURCE_TYPE,
        "access": "proxy",
        "url": address,
        "user": user,
        "jsonData": {
            "database": name,
            "sslmode": tls,
            "postgresVersion": POSTGRES_VERSION,
            "timescaledb": timescale,
            "maxOpenConns": 10,
            "maxIdleConns": 2,
            "connMaxLifetime": 14400,
        },
    }


def datasource(settings: DatabaseSettings, password: str, *, anew: bool = False) -> Resource:
    """The data source. Whether its password is right only the database knows, so Grafana is told to ask it."""
    path = f"/datasources/uid/{part(house.DATASOURCE_UID)}"
    what = f"data source {house.DATASOURCE_NAME}"
    fields = datasource_fields(
        settings.address, settings.name, settings.user, settings.tls, timescale=settings.timescale
    )

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(path, what, missing=True)
        if whole is None:
            return None
        return Stored({**whole, "password": WORKS if works(grafana) else FAILS}, whole)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        body = {**fields, "secureJsonData": {"password": password}}
        if stored is None:
            grafana.post("/datasources", what, body)
        else:
            kept = {"isDefault": stored.whole.get("isDefault", False), "version": stored.whole.get("version")}
            grafana.put(path, what, {**body, **kept})

    return Resource(what, {**fields, "password": WORKS}, read, write, anew=anew)


def works(grafana: Grafana) -> bool:
    """Whether Grafana reaches the database through the data source. It answers 400 where it does not."""
    return grafana.healthy(f"/datasources/uid/{part(house.DATASOURCE_UID)}/health")


def folder(uid: str, title: str) -> Resource:
    """One folder."""
    path, what = f"/folders/{part(uid)}", f"folder {title}"

    def read(grafana: Grafana) -> Stored | None:
        whole = grafana.get(path, what, missing=True)
        return whole and Stored(whole, whole)

    def write(grafana: Grafana, stored: Stored | None) -> None:
        if stored is None:
            grafana.post("/folders", what, {"uid": uid, "title": title})
        else:
            grafana.put(path, what, {"title": title, "version": stored.whole.get("version")})

    return Resource(what, {"uid": uid, "title": title}, read, write)


def folders(languages: tuple[Language, ...]) -> list[Resource]:
    """Those of the dashboards, and that of the alert rules."""
    return [folder(*house.FOLDERS[language]) for language in languages] + [folder(*alert.FOLDER)]
