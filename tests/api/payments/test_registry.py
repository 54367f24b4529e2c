from __future__ import annotations

import re

import pytest

from api.payments.registry import Point, Registry, StepError, slug_of
from contracts.command import MOST_PAYEES
from contracts.ids import SLUG_PATTERN
from storage.payment_points import Step

ONE, OTHER = "a" * 64, "b" * 64


def registry() -> Registry:
    points = {
        "quay-14": Point("cho", "Quầy 14", payees=frozenset({ONE})),
        "quay-15": Point("cho", "Quầy 15", ended=True),
        "quay-16": Point("cho", "Quầy 16", payees=frozenset(f"{n:064x}" for n in range(MOST_PAYEES))),
    }
    return Registry({"cho": "Chợ An Lưu"}, points, elsewhere={"quay-9"})


def payee(action: str, point: str, fingerprint: str = OTHER) -> Step:
    return Step(action, point, "cho", fingerprint=fingerprint)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (Step("add_point", "quay-20", "nowhere", "Quầy 20", "stall"), "unknown_site"),
        (Step("add_point", "quay-14", "cho", "Quầy 14", "stall"), "point_exists"),
        (Step("add_point", "quay-9", "cho", "Quầy 9", "stall"), "point_exists"),
        (Step("end_point", "quay-20", "cho"), "no_such_point"),
        (Step("end_point", "quay-15", "cho"), "point_ended"),
        (payee("add_payee", "quay-15"), "point_ended"),
        (payee("add_payee", "quay-14", ONE), "payee_there"),
        (payee("add_payee", "quay-16"), "too_many_payees"),
        (payee("remove_payee", "quay-14"), "payee_not_there"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(step: Step, code: str) -> None:
    before = registry()
    held = registry()
    with pytest.raises(StepError) as refused:
        held.take(step)
    assert refused.value.code == code
    assert held.points == before.points


def test_each_step_counts_for_the_next() -> None:
    held = registry()
    held.take(Step("add_point", "quay-20", "cho", "Quầy 20", "stall"))
    held.take(payee("add_payee", "quay-20"))
    held.take(payee("remove_payee", "quay-20"))
    held.take(payee("add_payee", "quay-20"))
    held.take(Step("end_point", "quay-20", "cho"))
    assert held.points["quay-20"] == Point("cho", "Quầy 20", ended=True, payees=frozenset({OTHER}))


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Quầy 14", "quay-14-2"),
        ("Đặng Thị Hoa – rau", "dang-thi-hoa-rau"),
        ("Quầy 9", "quay-9-2"),
        ("茶", "diem"),
        ("x" * 80, "x" * 36),
    ],
)
def test_a_new_point_gets_a_name_that_is_free(name: str, id_: str) -> None:
    assert registry().free_name(name) == id_


def test_a_made_name_is_always_a_slug() -> None:

    for name in ("-", "  Ô ", "a" * 36 + " b", "ĐỒNG XUÂN / 12–14"):
        assert re.fullmatch(SLUG_PATTERN, slug_of(name)), name
