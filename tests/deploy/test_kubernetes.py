"""The manifests in deploy/kubernetes: what can be proved of them without a cluster."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from hashlib import pbkdf2_hmac
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import psycopg
import pytest
import yaml
from psycopg.rows import TupleRow

from api.config import ApiSettings
from contracts.accounts import AccountKind, client_of, doctor_client, doctor_login, login_of
from contracts.settings import load
from ingest.accounts.roles import SEND, SUBSCRIBE, rights_of, rights_of_ingest
from ingest.config import IngestSettings
from storage import broker_accounts
from storage.broker_accounts import ITERATIONS
from storage.sealing import Seal
from tests.support.kustomize import Object, build

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("province", "ward")
VERSION = "1.34"
WORKLOADS = {"Deployment", "StatefulSet", "Job", "CronJob"}

DOCUMENTED: dict[tuple[str, str], set[str]] = {
    ("apps.emqx.io/v2beta1", "EMQX"): {
        "image", "config", "coreTemplate", "dashboardServiceTemplate", "listenersServiceTemplate",
    },
    ("postgresql.cnpg.io/v1", "Cluster"): {
        "imageName", "instances", "postgresql", "bootstrap", "managed", "storage", "walStorage", "resources",
        "affinity", "monitoring", "plugins",
    },
    ("postgresql.cnpg.io/v1", "ScheduledBackup"): {
        "schedule", "backupOwnerReference", "cluster", "method", "pluginConfiguration",
    },
    ("barmancloud.cnpg.io/v1", "ObjectStore"): {"retentionPolicy", "configuration"},
}  # fmt: skip
"""Kinds of others, whose schema is not at hand, and what their documentation says that their spec may hold."""

MADE_BY_OPERATORS = (
    {"apps.emqx.io/instance": "broker", "apps.emqx.io/db-role": "core", "apps.emqx.io/managed-by": "emqx-operator"},
    {"cnpg.io/cluster": "database"},
)
"""Labels of the pods that operators start."""

SERVICES_OF_OPERATORS = {"database-rw", "database-ro", "database-r"}


@pytest.fixture(params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    return build(FOLDER / request.param)


def pods(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    """Each workload's name and its pod's template."""
    for one in objects:
        if one["kind"] in WORKLOADS:
            spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
            yield one["metadata"]["name"], spec["template"]


def containers(objects: list[Object]) -> Iterator[tuple[str, Object, Object]]:
    for name, template in pods(objects):
        for container in (*template["spec"].get("initContainers", ()), *template["spec"]["containers"]):
            yield name, template, container


def named(objects: list[Object], kind: str) -> dict[str, Object]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def secrets() -> dict[str, set[str]]:
    """The secrets that whoever applies the manifests makes, as the README lists them."""
    rows = re.findall(
        r"^\| (`[a-z-]+`) \| (`.+?`) \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name.strip("`"): set(re.findall(r"`([^`]+)`", keys)) for name, keys in rows}


def values(value: Any, key: str) -> Iterator[Any]:
    """Everything that stands under `key`, however deep."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == key:
                yield part
            yield from values(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from values(part, key)


def test_objects_of_kubernetes_are_as_it_describes_them(objects: list[Object]) -> None:
    checked = 0
    for one in objects:
        if (one["apiVersion"], one["kind"]) not in DOCUMENTED:
            kubernetes_validate.validate(one, VERSION, strict=True)
            checked += 1
    assert checked > 30


def test_a_wrong_field_would_be_found() -> None:
    wrong = next(one for one in build(FOLDER / "ward") if one["kind"] == "Deployment")
    wrong["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_objects_of_others_hold_only_fields_that_their_documentation_knows(objects: list[Object]) -> None:
    found = {(one["apiVersion"], one["kind"]): one["spec"] for one in objects if "." in one["apiVersion"].split("/")[0]}
    for kind, known in DOCUMENTED.items():
        assert found[kind].keys() <= known, kind


def test_no_two_objects_have_one_name(objects: list[Object]) -> None:
    names = [(one["kind"], one["metadata"]["name"]) for one in objects]
    assert len(names) == len(set(names))


def matches(selector: Object, labels: Object) -> bool:
    wanted = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    return wanted.items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


def test_every_selector_finds_a_pod(objects: list[Object]) -> None:
    labels = [template["metadata"]["labels"] for _, template in pods(objects)] + list(MADE_BY_OPERATORS)
    api = named(objects, "StatefulSet")["api"]["spec"]
    own = api["template"]["metadata"]["labels"]
    labels += [{**own, "statefulset.kubernetes.io/pod-name": f"api-{number}"} for number in range(api["replicas"])]
    selecting = WORKLOADS | {"Service", "PodDisruptionBudget"}
    selectors = [
        *values([one["spec"] for one in objects if one["kind"] in selecting], "selector"),
        *values([one["spec"] for one in objects if one["kind"] == "NetworkPolicy"], "podSelector"),
    ]
    assert len(selectors) > 20
    for selector in selectors:
        assert any(matches(selector, one) for one in labels), selector


def test_a_workload_selects_its_own_pods(objects: list[Object]) -> None:
    for one in objects:
        if one["kind"] in ("Deployment", "StatefulSet"):
            assert matches(one["spec"]["selector"], one["spec"]["template"]["metadata"]["labels"])


def test_every_api_pod_has_a_service_and_every_host_leads_to_one(objects: list[Object]) -> None:
    services = named(objects, "Service")
    replicas = named(objects, "StatefulSet")["api"]["spec"]["replicas"]
    assert {name for name in services if name.startswith("api-")} == {f"api-{number}" for number in range(replicas)}
    backends = [
        path["backend"]["service"]
        for one in named(objects, "Ingress").values()
        for rule in one["spec"]["rules"]
        for path in rule["http"]["paths"]
    ]
    for backend in backends:
        ports = services[backend["name"]]["spec"]["ports"]
        assert backend["port"]["name"] in [port["name"] for port in ports], backend
    assert {one["name"] for one in backends} >= {f"api-{number}" for number in range(replicas)}, "a pod without a ward"


def test_what_is_mounted_and_read_exists(objects: list[Object]) -> None:
    maps = {name: set(one["data"]) for name, one in named(objects, "ConfigMap").items()}
    claims, kept = set(named(objects, "PersistentVolumeClaim")), secrets()
    for name, template in pods(objects):
        for volume in template["spec"].get("volumes", ()):
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps, name
            if "secret" in volume:
                keys = {item["key"] for item in volume["secret"].get("items", ())}
                assert keys <= kept[volume["secret"]["secretName"]], name
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims, name
    for name, template, container in containers(objects):
        volumes = {volume["name"] for volume in template["spec"].get("volumes", ())}
        assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes, name
        for reference in values(container.get("env", []), "secretKeyRef"):
            assert reference["key"] in kept[reference["name"]]
        for reference in values(container.get("env", []), "configMapKeyRef"):
            assert reference["key"] in maps[reference["name"]]


def test_secrets_of_other_kinds_are_listed_too(objects: list[Object]) -> None:
    broker, database = named(objects, "EMQX")["broker"], named(objects, "Cluster")["database"]
    kept = secrets()
    assert set(values(broker, "secretName")) <= kept.keys()
    assert {one["name"] for one in values(database, "passwordSecret")} <= kept.keys()
    assert set(values(named(objects, "Ingress"), "secretName")) <= kept.keys()
    for volume in broker["spec"]["coreTemplate"]["spec"]["extraVolumes"]:
        assert {item["key"] for item in volume["secret"].get("items", ())} <= kept[volume["secret"]["secretName"]]
    for reference in named(objects, "ObjectStore")["backups"]["spec"]["configuration"]["s3Credentials"].values():
        assert reference["key"] in kept[reference["name"]]


def test_every_image_is_of_one_release(objects: list[Object]) -> None:
    images = [*values(objects, "image"), *values(objects, "imageName")]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert len(images) > 6
    for image in images:
        assert re.fullmatch(r"[a-z0-9./-]+:[0-9][0-9A-Za-z.-]+", image), image
    assert compose["services"]["grafana"]["image"] in images
    (timescale,) = {image for image in images if "phoan-database" in image and image.startswith("registry")}
    version, postgres = re.fullmatch(r".+:(.+)-pg(\d+)", compose["services"]["timescaledb"]["image"]).groups()  # type: ignore[union-attr]
    assert timescale.endswith(f":{postgres}-{version}")
    assert f"TIMESCALEDB={version}" in (FOLDER / "database.Dockerfile").read_text(encoding="utf-8")


def test_nothing_runs_as_root_or_writes_to_its_image(objects: list[Object]) -> None:
    for name, template, container in containers(objects):
        assert template["spec"]["automountServiceAccountToken"] is False, name
        assert template["spec"]["securityContext"]["runAsNonRoot"] is True, name
        assert template["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True, name
        assert context["allowPrivilegeEscalation"] is False, name
        assert context["capabilities"] == {"drop": ["ALL"]}, name
        assert container["resources"].keys() == {"requests", "limits"}, name


def test_who_serves_is_looked_at(objects: list[Object]) -> None:
    for name, _, container in containers(objects):
        if name in ("ingest", "api", "notify", "grafana"):
            assert {"livenessProbe", "readinessProbe"} <= container.keys(), name


def test_commands_and_probes_are_ones_that_our_programs_have(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    asked: set[tuple[str, ...]] = set()
    for _, _, container in containers(build(FOLDER / "province")):
        if "phoan-centre" in container["image"]:
            program, *words = container["command"]
            asked.add((scripts[program].removesuffix(":main"), *words))
            for probe in values(container, "exec"):
                assert probe["command"][:2] == ["python", "-m"]
                asked.add(tuple(probe["command"][2:]))
    assert len(asked) >= 7
    for module, *words in asked:
        monkeypatch.setattr(sys, "argv", [module, *words, "--help"])
        with pytest.raises(SystemExit) as ended:
            importlib.import_module(module).main()
        assert ended.value.code == 0, (module, words, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("workload", "model"),
    [("ingest", IngestSettings), ("notify", IngestSettings), ("migrate", IngestSettings), ("api", ApiSettings)],
)
def test_our_programs_read_their_settings(
    workload: str, model: type[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the very variables that the pod gives, each from a key of a secret that is mounted where it points to."""
    objects = build(FOLDER / "province")
    template = dict(pods(objects))[workload]
    found = next(one for name, _, one in containers(objects) if name == workload)
    volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
    mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in found["volumeMounts"]}
    kept = secrets()
    for variable in found["env"]:
        name = variable["name"]
        if name.endswith("_FILE"):
            path = Path(variable["value"])
            secret = mounts[str(path.parent)]["secret"]
            keys = {item["path"] for item in secret.get("items", ())} or kept[secret["secretName"]]
            assert path.name in keys, name
            (tmp_path / name).write_text("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=")
            monkeypatch.setenv(name, str(tmp_path / name))
        else:
            monkeypatch.setenv(name, f"{workload}-0")
    text = named(objects, "ConfigMap")[mounts["/etc/phoan"]["configMap"]["name"]]["data"]
    (name,) = text
    assert name == ("api.yaml" if model is ApiSettings else "ingest.yaml"), "the file that the program reads by default"
    (tmp_path / name).write_text(text[name], encoding="utf-8")
    settings = load(model, tmp_path / name)
    for path in re.findall(r"/run/secrets/[\w./-]+", text[name]):
        secret = mounts[str(Path(path).parent)]["secret"] if str(Path(path).parent) in mounts else None
        if secret is None:
            assert workload in ("migrate", "notify"), f"{workload} names {path} and mounts nothing there"
            continue
        assert Path(path).name in ({item["path"] for item in secret.get("items", ())} or kept[secret["secretName"]])
    services = named(objects, "Service").keys() | SERVICES_OF_OPERATORS
    assert re.search(r"@([a-z-]+)/", settings.database.get_secret_value())[1] in services  # type: ignore[index]
    if isinstance(settings, IngestSettings):
        ports = named(objects, "Service")[settings.mqtt.host]["spec"]["ports"]
        assert settings.mqtt.port in [port["port"] for port in ports]


def test_the_ward_reads_no_replica_that_it_does_not_have() -> None:
    objects = build(FOLDER / "ward")
    assert named(objects, "Cluster")["database"]["spec"]["instances"] == 1
    assert "database-ro" not in yaml.safe_dump(objects)


def test_the_backup_is_the_one_that_compose_runs() -> None:
    told = named(build(FOLDER / "ward"), "ConfigMap")["backup-script"]["data"]["backup.sh"]
    assert told == (ROOT / "deploy" / "backup.sh").read_text(encoding="utf-8"), "run deploy/kubernetes/copy-backup"


def test_a_backup_is_noted_where_writing_is_allowed(objects: list[Object]) -> None:
    (environment,) = [
        {variable["name"]: variable.get("value") for variable in container["env"]}
        for name, _, container in containers(objects)
        if name == "backup"
    ]
    database = named(objects, "Cluster")["database"]["metadata"]["name"]
    assert environment["PHOAN_BACKUP_NOTES_HOST"] == f"{database}-rw"
    assert environment["PGUSER"] == named(objects, "Cluster")["database"]["spec"]["bootstrap"]["initdb"]["owner"]


def test_messages_of_alerts_lead_to_where_grafana_is(objects: list[Object]) -> None:
    address = urlsplit(named(objects, "ConfigMap")["place"]["data"]["boards-url"])
    assert (address.scheme, address.path) == ("https", "/grafana/")
    served = [
        rule["host"]
        for ingress in named(objects, "Ingress").values()
        for rule in ingress["spec"]["rules"]
        for path in rule["http"]["paths"]
        if path["backend"]["service"]["name"] == "grafana"
    ]
    assert served == [address.hostname]


def test_only_workers_come_to_the_brokers_inner_door(objects: list[Object]) -> None:
    policy = named(objects, "NetworkPolicy")["broker"]["spec"]
    (rule,) = [rule for rule in policy["ingress"] if {"port": 8884} in rule["ports"]]
    (who,) = rule["from"]
    speakers = [name for name, pod in pods(objects) if matches(who["podSelector"], pod["metadata"]["labels"])]
    assert speakers == ["ingest"]
    assert named(objects, "NetworkPolicy")["nobody"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }


def questions() -> tuple[str, str]:
    """The SQL by which the broker knows who somebody is, and what they may."""
    told = named(build(FOLDER / "ward"), "EMQX")["broker"]["spec"]["config"]["data"]
    who, what = re.findall(r'query = """(.*?)"""', told, re.DOTALL)
    return who, what


def ask(connection: psycopg.Connection[TupleRow], question: str, username: str, clientid: str) -> list[TupleRow]:
    """As the broker asks: its variables become parameters."""
    sql = question.replace("%", "%%").replace("${username}", "%(username)s").replace("${clientid}", "%(clientid)s")
    return connection.execute(sql, {"username": username, "clientid": clientid}).fetchall()


@pytest.mark.parametrize("kind", list(AccountKind))
def test_the_broker_finds_in_our_table_who_may_come_and_what_they_may(
    connection: psycopg.Connection[TupleRow], kind: AccountKind
) -> None:
    who, what = questions()
    password = "mat-khau-cua-hop"
    broker_accounts.put(connection, kind, "an-luu-1", "an-luu", password, Seal(b"k" * 32))
    login, client = login_of(kind, "an-luu-1"), client_of(kind, "an-luu-1")
    ((digest, salt),) = ask(connection, who, login, client)
    assert digest == pbkdf2_hmac("sha512", password.encode(), salt.encode(), ITERATIONS, 64).hex()
    assert ask(connection, who, login, "phoan-edge-somebody-else") == [], "a login is bound to its client id"
    rights = {(permission, action, topic) for permission, action, topic in ask(connection, what, login, client)}
    words = {SEND: "publish", SUBSCRIBE: "subscribe"}
    expected = {right for right in rights_of(kind, "an-luu", "an-luu-1") if right.kind in words}
    assert rights == {("allow", words[right.kind], right.topic) for right in expected}
    doctor = ask(connection, who, doctor_login(login), doctor_client("an-luu-1"))
    assert len(doctor) == (kind is AccountKind.BOX)
    assert ask(connection, what, doctor_login(login), doctor_client("an-luu-1")) == []
    broker_accounts.revoke(connection, kind, "an-luu-1", by="test", reason="test")
    assert ask(connection, who, login, client) == ask(connection, what, login, client) == []


def test_the_broker_hashes_as_we_do_and_lets_workers_do_what_they_must() -> None:
    told = named(build(FOLDER / "ward"), "EMQX")["broker"]["spec"]["config"]["data"]
    assert f"name = pbkdf2, mac_fun = sha512, iterations = {ITERATIONS}, dk_length = 64" in told
    wanted = {right for right in rights_of_ingest() if not right.topic.startswith("$share")}
    for kind, action in ((SEND, "publish"), (SUBSCRIBE, "subscribe")):
        rule = re.search(rf'username, "ingest"}}, {action}, \[(.*?)\]', told)
        assert rule
        topics = set(re.findall(r'"([^"]+)"', rule[1]))
        assert topics == {right.topic for right in wanted if right.kind == kind}
    granted = {"login", "kind", "name", "ward_id", "salt", "password_hash", "revoked_at"}
    migrate = dict(pods(build(FOLDER / "ward")))["migrate"]["spec"]["containers"][0]["args"][0]
    assert set(re.search(r"\((.*)\)", migrate)[1].split(", ")) == granted  # type: ignore[index]
    assert "sealed" not in "".join(questions())
