"""docs/scale.md says what docs/scale.json says, and the manifests ask for what that needs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import plan
from benchmarks.plan import PLACES, Line, need, number
from demo.sim.fleet import Fleet
from demo.sim.lean import measured, sensed
from tests.support.kustomize import Object, build

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
UNITS = {"m": 1e-3, "": 1.0, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@pytest.fixture
def line() -> Line:
    told: Line = json.loads(plan.MEASURED.read_text(encoding="utf-8"))
    return told


def test_every_table_follows_from_what_was_measured(line: Line) -> None:
    text = plan.TEXT.read_text(encoding="utf-8")
    assert plan.written(text, line) == text, "run python -m benchmarks.plan"


def test_another_measurement_gives_another_page(line: Line) -> None:
    text = plan.TEXT.read_text(encoding="utf-8")
    for figure in ("records_per_s", "lag_ms_p95", "api_cpu", "ingest_cpu", "database_cpu"):
        other = {**line, figure: [2 * value + 1 for value in line[figure]]}
        assert plan.written(text, other) != text, figure
    for figure in ("wal_bytes_per_box_day", "bytes_up_per_box_day", "catch_up_records_per_s"):
        assert plan.written(text, {**line, figure: 2 * line[figure] + 1}) != text, figure


def test_a_page_without_its_marks_is_refused(line: Line) -> None:
    with pytest.raises(ValueError, match="no marks"):
        plan.written("nothing", line)


def test_what_was_measured_has_what_it_must_have(line: Line) -> None:
    for figure in ("records_per_s", "lag_ms_p95", "centre_cpu", "ratio_to_limit"):
        assert len(line[figure]) == len(line["boxes"])
    assert not any(line["boxes_limit"]), "the simulated boxes were slower than the centre"


def test_rows_are_those_of_the_boxes_that_spoke(line: Line) -> None:
    box = Fleet(1, line["cameras_per_box"], line["sensors_per_box"]).all()[0]
    told = len(measured(box))
    series = plan.series_of(line)
    assert series["health"] + series["counts"] == pytest.approx(told, rel=0.1)
    assert series["telemetry"] == pytest.approx(len(sensed("d")) * line["sensors_per_box"], rel=0.1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (25, "25"), (1300, "1,300"), (0.0123, "0.012"), (0.295, "0.295"), (8.267, "8.27"), (136.4, "136"),
     (273_117.2, "273,000"), (96.5, "96.5")],
)  # fmt: skip
def test_numbers_are_written_with_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def amount(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)([A-Za-z]*)", str(text))
    assert found
    return float(found[1]) * UNITS[found[2]]


def test_the_manifests_of_a_province_ask_for_what_it_needs(line: Line) -> None:
    wanted = need(line, PLACES[2])
    objects: dict[tuple[str, str], Object] = {
        (one["kind"], one["metadata"]["name"]): one["spec"] for one in build(KUBERNETES / "province") if "spec" in one
    }
    api = objects["StatefulSet", "api"]
    assert api["replicas"] == wanted.place.api_pods
    of_api = api["template"]["spec"]["containers"][0]["resources"]["requests"]
    assert amount(of_api["cpu"]) >= wanted.cores["api"] / wanted.place.api_pods
    workers = objects["HorizontalPodAutoscaler", "ingest"]
    of_worker = objects["StatefulSet", "ingest"]["template"]["spec"]["containers"][0]["resources"]["requests"]
    assert workers["minReplicas"] * amount(of_worker["cpu"]) >= wanted.cores["ingest"]
    assert workers["maxReplicas"] >= wanted.workers
    database = objects["Cluster", "database"]
    assert amount(database["resources"]["requests"]["cpu"]) >= plan.HEADROOM * wanted.cores["database"]
    assert amount(database["resources"]["requests"]["memory"]) >= wanted.database_gb * 1e9
    assert amount(database["storage"]["size"]) >= wanted.database_tb * 1e12
    broker = objects["EMQX", "broker"]["coreTemplate"]["spec"]
    assert broker["replicas"] * amount(broker["resources"]["requests"]["cpu"]) >= plan.HEADROOM * wanted.cores["broker"]
    media = objects["PersistentVolumeClaim", "media"]["resources"]["requests"]["storage"]
    assert amount(media) >= (wanted.disk_tb["pictures"] + wanted.disk_tb["clips"]) * 1e12
    backups = objects["PersistentVolumeClaim", "backups"]["resources"]["requests"]["storage"]
    assert amount(backups) >= amount(media)
