"""docker-compose.yml by itself: compose takes it, everything it names is there, and every service is bounded."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from api.config import ApiSettings
from contracts.settings import load
from ingest.config import IngestSettings
from tests.deploy.conftest import INIT, NAMES, init
from tests.support import compose
from tests.support.compose import PROJECT, ComposeError, Service

Project = dict[str, Any]
OUR_USERS: Final = {
    "phoan-centre": "10001:10001",
    "timescale/timescaledb": "70:70",
    "eclipse-mosquitto": "1883:1883",
    "grafana/grafana": "472:472",
    "caddy": "10002:10002",
}
"""The accounts under which the images run, as their documentation says; for Caddy's, which is root's, one of ours."""

NAMES_OF_SERVICES: Final = (
    "accounts", "api", "backup", "grafana", "ingest", "migrate", "mosquitto", "notify", "proxy", "timescaledb",
)  # fmt: skip


@pytest.fixture(params=NAMES_OF_SERVICES)
def service(request: pytest.FixtureRequest, project: Project) -> Service:
    found: Service = project["services"][request.param]
    return {**found, "name": request.param}


def test_these_are_all_services(project: Project) -> None:
    assert sorted(project["services"]) == sorted(NAMES_OF_SERVICES)


def test_without_what_init_makes_compose_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("")
    with pytest.raises(ComposeError, match="run deploy/init first"):
        compose.read(tmp_path / "env")


def test_every_file_that_is_mounted_is_there(project: Project, service: Service) -> None:
    for target, (kind, source) in compose.mounts(project, service).items():
        if kind == "volume":
            assert source in project["volumes"], target
        else:
            assert Path(source).exists(), target


def test_a_volume_lies_where_the_image_has_a_folder_of_that_account(service: Service) -> None:
    """A fresh volume belongs to root where the image has no such folder, and the service could not write to it."""
    known = {
        "timescale/timescaledb": {"/var/lib/postgresql/data"},
        "eclipse-mosquitto": {"/mosquitto/data"},
        "grafana/grafana": {"/var/lib/grafana"},
        "phoan-centre": {f"/var/lib/phoan/{name}" for name in ("media", "anchors", "seats")},
    }
    written = {
        mount["target"]
        for mount in service.get("volumes", [])
        if mount["type"] == "volume" and not mount.get("read_only")
    }
    assert written <= known.get(image_name(service), set())


def test_no_service_may_do_what_it_need_not(service: Service) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if service["name"] == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert "network_mode" not in service
    assert not any("docker.sock" in mount["source"] for mount in service.get("volumes", []))
    expected = "10001:10001" if service["name"] == "backup" else OUR_USERS[image_name(service)]
    assert service["user"] == expected


def test_every_service_is_bounded_and_started_again(service: Service) -> None:
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if service["name"] == "migrate":
        assert service["restart"] == "on-failure:5"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] == "CMD"


def test_images_are_pinned(service: Service) -> None:
    _, _, tag = service["image"].rpartition(":")
    assert re.match(r"^\d+\.\d+\.\d+", tag), service["image"]


def test_all_that_waits_for_a_healthy_service_waits_for_one_with_a_check(project: Project, service: Service) -> None:
    for name, said in service.get("depends_on", {}).items():
        if said["condition"] == "service_healthy":
            assert "healthcheck" in project["services"][name]


def test_the_proxy_does_not_reach_the_database_and_only_two_services_are_published(project: Project) -> None:
    services = project["services"]
    assert not set(services["proxy"]["networks"]) & set(services["timescaledb"]["networks"])
    assert {name for name, service in services.items() if service.get("ports")} == {"proxy", "mosquitto"}
    assert all(project["networks"][name].get("internal") for name in services["timescaledb"]["networks"])
    assert [port["target"] for port in services["mosquitto"]["ports"]] == [8883]


def test_every_network_volume_secret_and_config_is_used(project: Project) -> None:
    services = project["services"].values()
    used = {
        "networks": {name for service in services for name in service["networks"]},
        "volumes": {mount["source"] for service in services for mount in service.get("volumes", [])},
        "secrets": {secret["source"] for service in services for secret in service.get("secrets", [])},
        "configs": {config["source"] for service in services for config in service.get("configs", [])},
    }
    for kind, names in used.items():
        assert set(project[kind]) - names == set(), kind


def test_no_secret_stands_in_the_file_or_in_a_variable(project: Project, own: Path, service: Service) -> None:
    secrets = [path.read_bytes() for path in (own / "own" / "secrets").iterdir()]
    texts = [text.decode() for text in secrets if len(text) < 100 and text.isascii()]
    said = yaml.safe_dump(service)
    assert not [text for text in texts if text in said]
    for name, value in service.get("environment", {}).items():
        if re.search("PASSWORD|SECRET|TOKEN|KEY", name):
            assert name.endswith("_FILE"), name
            assert value.removeprefix("/run/secrets/") in {secret["source"] for secret in service["secrets"]}


def test_every_secret_has_one_reader_who_owns_it(project: Project, own: Path) -> None:
    for name, secret in project["secrets"].items():
        file = Path(secret["file"])
        users = {
            service["user"]
            for service in project["services"].values()
            if name in {used["source"] for used in service.get("secrets", [])}
        }
        if file.stat().st_mode & 0o077 == 0:
            assert users == {f"{file.stat().st_uid}:{file.stat().st_gid}"}, name
        else:
            assert b"PRIVATE" not in file.read_bytes(), name


@pytest.mark.parametrize(
    ("name", "model", "file"),
    [
        ("api", ApiSettings, "api.yaml"),
        ("ingest", IngestSettings, "ingest.yaml"),
        ("accounts", IngestSettings, "ingest.yaml"),
    ],
)
def test_the_settings_are_ones_that_the_programs_take(
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    model: type[ApiSettings] | type[IngestSettings],
    file: str,
) -> None:
    service = project["services"][name]
    where = compose.mounts(project, service)
    for variable, value in service["environment"].items():
        monkeypatch.setenv(variable, where[value][1] if value in where else value)
    settings = load(model, Path(where[f"/etc/phoan/{file}"][1]))
    named = re.findall(r"/run/secrets/[\w.-]+", yaml.safe_dump(settings.model_dump(mode="json")))
    assert {path for path in named if name == "api"} <= set(where)


def test_the_backup_is_made_by_programs_of_the_servers_version(project: Project) -> None:
    assert project["services"]["backup"]["image"] == project["services"]["timescaledb"]["image"]


def test_grafana_finds_the_database_its_password_and_the_dashboards(project: Project) -> None:
    grafana = project["services"]["grafana"]
    where = compose.mounts(project, grafana)
    datasources, dashboards, alerting = (
        Path(where[f"/etc/grafana/provisioning/{name}"][1]) for name in ("datasources", "dashboards", "alerting")
    )
    (source,) = yaml.safe_load((datasources / "phoan.yaml").read_text(encoding="utf-8"))["datasources"]
    assert source["url"] == "timescaledb:5432"
    assert source["user"] == "grafana"
    assert source["secureJsonData"]["password"].removeprefix("$__file{").removesuffix("}") in where
    provided = yaml.safe_load((dashboards / "phoan.yaml").read_text(encoding="utf-8"))["providers"]
    for provider in provided:
        inside = Path(provider["options"]["path"]).relative_to("/etc/grafana/dashboards")
        assert (Path(where["/etc/grafana/dashboards"][1]) / inside).is_dir()
    files = list(alerting.iterdir())
    assert {path.suffix for path in files} == {".yaml"}, "Grafana reads no other kind"
    said = " ".join(path.read_text(encoding="utf-8") for path in files)
    assert "cảnh báo" in said
    assert set(re.findall(r"\$\{(PHOAN_\w+)\}", said)) <= set(grafana["environment"])


def test_alerts_speak_the_language_that_is_named(own: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.write_text((own / "env").read_text(encoding="utf-8") + "\nPHOAN_ALERT_LANGUAGE=en\n", encoding="utf-8")
    english = compose.read(env)
    alerting = compose.mounts(english, english["services"]["grafana"])["/etc/grafana/provisioning/alerting"][1]
    assert "No good backup for 26 hours" in (Path(alerting) / "rules.yaml").read_text(encoding="utf-8")


def test_init_makes_what_the_file_names_and_nothing_else(project: Project, own: Path) -> None:
    named = {Path(part["file"]) for kind in ("secrets", "configs") for part in project[kind].values()}
    made = {path for path in (own / "own").rglob("*") if path.is_file()}
    assert {path for path in named if own in path.parents} == made


def test_the_shell_scripts_are_posix(tmp_path: Path) -> None:
    for script in (PROJECT / "deploy").rglob("*.sh"):
        if script.read_text(encoding="utf-8").startswith("#!/bin/sh"):
            done = subprocess.run(["dash", "-n", str(script)], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    assert INIT.stat().st_mode & 0o111
    assert init(tmp_path, *NAMES).returncode == 0


def image_name(service: Service) -> str:
    name: str = service["image"].rpartition(":")[0]
    return name
