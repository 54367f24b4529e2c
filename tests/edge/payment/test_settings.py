from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.ids import new_id
from edge.centre.outbox import Outbox
from edge.config import EdgeSettings
from edge.events import EventBook
from edge.footage.keeping import Keeping
from edge.footage.media import MediaStore
from edge.footage.ring import Ring
from edge.payment.settings import PaymentPointSettings
from edge.rules.calendar import Calendar

LEFT = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]
RIGHT = [[0.4, 0.1], [0.7, 0.1], [0.7, 0.4], [0.4, 0.4]]
WITHIN = [[0.2, 0.2], [0.3, 0.2], [0.3, 0.3], [0.2, 0.3]]
ACROSS = [[0.0, 0.2], [1.0, 0.2], [1.0, 0.25], [0.0, 0.25]]


def camera(id_: str = "cho-1", **changes: object) -> dict[str, Any]:
    return {"id": id_, "site": "cho", "url": "rtsp://127.0.0.1/1"} | changes


def box(*cameras: dict[str, Any], **changes: object) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {"ward": "an-luu", "box": "an-luu-1", "data_dir": "/x", "mqtt": {"host": "x"}, "cameras": cameras} | changes
    )


def points(*regions: object, **changes: object) -> list[dict[str, object]]:
    return [{"id": f"sap-{number}", "region": region} | changes for number, region in enumerate(regions, 1)]


def test_a_camera_may_look_at_neighbouring_points() -> None:
    settings = box(camera(payment_points=points(LEFT, RIGHT)))
    assert [point.id for point in settings.cameras[0].payment_points] == ["sap-1", "sap-2"]


@pytest.mark.parametrize(
    ("cameras", "sentence"),
    [
        ([camera(payment_points=points(LEFT, LEFT))], "sap-1 and sap-2 overlap"),
        ([camera(payment_points=points(LEFT, WITHIN))], "sap-1 and sap-2 overlap"),
        ([camera(payment_points=points(WITHIN, LEFT))], "sap-1 and sap-2 overlap"),
        ([camera(payment_points=points(LEFT, ACROSS))], "sap-1 and sap-2 overlap"),
        ([camera(payment_points=points(LEFT), masks=[WITHIN])], "a mask of camera cho-1 covers a part"),
        ([camera(payment_points=points(WITHIN), masks=[LEFT])], "a mask of camera cho-1 covers a part"),
        ([camera(payment_points=points(LEFT), masks=[ACROSS])], "a mask of camera cho-1 covers a part"),
        ([camera(payment_points=[*points(LEFT), *points(RIGHT)])], "sap-1 has a name"),
        ([camera(payment_points=points(LEFT)), camera("cho-2", payment_points=points(LEFT))], "sap-1 has a name"),
        ([camera("sap-1", payment_points=points(LEFT))], "sap-1 has a name"),
        ([camera(payment_points=[{"id": "an-luu-1", "region": LEFT}])], "an-luu-1 has a name"),
        ([camera(payment_points=points([[0.1, 0.1], [0.1, 0.5], [0.1, 0.3]]))], "too narrow"),
        ([camera(payment_points=points([[0.9, 0.1], [1.1, 0.1], [1.1, 0.5]]))], "less than or equal to 1"),
        ([camera(payment_points=points(LEFT, every_s=0.01))], "greater than or equal to 0.2"),
        (
            [camera(payment_points=points(LEFT, schedule=[{"days": ["cho_phien"], "from": "06:00", "to": "18:00"}]))],
            "sap-1 names the day cho_phien",
        ),
        (
            [
                camera(
                    payment_points=points(LEFT),
                    zones=[{"id": "san", "polygon": RIGHT}],
                    rules=[{"id": "payment-code", "kind": "intrusion", "zone": "san"}],
                )
            ],
            "has the name of the watch on payment codes",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_a_sentence(cameras: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        box(*cameras)


def test_a_mask_beside_a_point_is_none_of_its_business() -> None:
    assert box(camera(payment_points=points(LEFT), masks=[RIGHT])).cameras[0].masks


def test_opening_hours_are_of_the_box_and_absent_ones_are_always() -> None:
    hours = [{"from": "06:00", "to": "18:00"}]
    open_, always = (
        PaymentPointSettings.model_validate({"id": "sap-1", "region": LEFT, "schedule": schedule})
        for schedule in (hours, None)
    )
    ten_at_night = datetime(2026, 2, 10, 15, tzinfo=UTC)
    assert not open_.hours("Asia/Ho_Chi_Minh", Calendar()).active(ten_at_night)
    assert open_.hours("Asia/Ho_Chi_Minh", Calendar()).active(ten_at_night - timedelta(hours=6))
    assert always.hours("Asia/Ho_Chi_Minh", Calendar()).active(ten_at_night)


def rings_of(settings: EdgeSettings, folder: Path) -> dict[str, Ring]:
    outbox = Outbox(folder / f"{new_id()}.db", max_records=100)
    try:
        keeping = Keeping(settings, outbox, MediaStore(folder / "media", max_bytes=1000), EventBook(outbox))
        return keeping._rings
    finally:
        outbox.close()


def test_a_camera_with_payment_points_keeps_the_time_before_the_first_sign_and_no_more_memory_than_is_allowed(
    tmp_path: Path,
) -> None:
    settings = box(
        camera(payment_points=points(LEFT, RIGHT, changed_after_s=25)),
        camera("cho-2"),
        clips={"before_s": 10, "ring_mb": 8, "payment_before_s": 30, "payment_ring_mb": 48},
    )
    rings = rings_of(settings, tmp_path)
    assert [(ring._keep, ring._max_bytes) for ring in rings.values()] == [
        (timedelta(seconds=30 + 25 + 10 + 5), 48_000_000),
        (timedelta(seconds=15), 8_000_000),
    ]
