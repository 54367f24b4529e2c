from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from psycopg.rows import TupleRow

from contracts.ids import new_id
from storage import payment_points, payment_scans
from storage.payment_points import Step
from storage.payment_scans import NewIncident
from storage.scope import Scope, SitePlace

Connection = psycopg.Connection[TupleRow]

ONE, OTHER = "a" * 64, "b" * 64
WARD = Scope.of_wards(["an-luu"])
MARKET = Scope(sites=frozenset({SitePlace("an-luu", "cho-an-luu")}))
STREET = Scope(sites=frozenset({SitePlace("an-luu", "quang-trung")}))


def payee(fingerprint: str = ONE, action: str = "add_payee") -> Step:
    return Step(
        action, "quay-14", "cho-an-luu", fingerprint=fingerprint, guid="A000000727", bin="970436", last_four="8086",
        service="QRIBFTTA", label="chính", key_id="k1",
    )  # fmt: skip


POINT = Step("add_point", "quay-14", "cho-an-luu", "Quầy 14", "stall", "14", "5h-11h")


def proposed(connection: Connection, *steps: Step) -> UUID:
    change = new_id()
    payment_points.propose(connection, change, "an-luu", "form", "mở quầy mới", "lan", steps)
    return change


def approved(connection: Connection, *steps: Step) -> UUID:
    change = proposed(connection, *steps)
    assert payment_points.decide(connection, change, "approved", by="admin", remark=None)
    payment_points.perform(connection, change, steps)
    return change


def test_nothing_takes_effect_before_it_is_performed(connection: Connection) -> None:
    proposed(connection, POINT, payee())
    assert payment_points.points(connection, WARD) == []
    change = approved(connection, POINT, payee())
    (row,) = payment_points.points(connection, WARD)
    assert (row.name, row.stall, row.hours, row.ward_id, row.ended_at) == ("Quầy 14", "14", "5h-11h", "an-luu", None)
    (held,) = payment_points.payees(connection, ["quay-14"])["quay-14"]
    assert (held.fingerprint, held.last_four, held.label, held.change_id) == (ONE, "8086", "chính", change)
    assert payment_points.owners(connection, [ONE, OTHER]) == ["quay-14"]
    assert payment_points.key_ids(connection, ["an-luu"]) == {("an-luu", "k1")}


def test_a_point_is_ended_and_then_owns_nothing(connection: Connection) -> None:
    approved(connection, POINT, payee())
    approved(connection, Step("end_point", "quay-14", "cho-an-luu"))
    assert payment_points.owners(connection, [ONE]) == []
    assert [row.ended_at is None for row in payment_points.points(connection, WARD)] == [False]
    assert payment_points.points(connection, WARD, ended=False) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM payment_changes",
        "TRUNCATE payment_changes CASCADE",
        "DELETE FROM payment_change_steps",
        "UPDATE payment_change_steps SET last_four = '0000'",
        "TRUNCATE payment_change_steps",
        "DELETE FROM payment_points",
        "UPDATE payment_changes SET state = 'refused' WHERE state = 'approved'",
        "UPDATE payment_changes SET remark = 'khác' WHERE state = 'approved'",
        "UPDATE payment_changes SET state = 'proposed', decided_by = NULL, decided_at = NULL WHERE state = 'approved'",
        "UPDATE payment_changes SET reason = 'khác', state = 'refused', decided_by = 'x', decided_at = now()"
        " WHERE state = 'proposed'",
        "UPDATE payment_changes SET proposed_by = 'khác' WHERE state = 'proposed'",
    ],
)
def test_the_database_refuses_to_change_the_history(connection: Connection, statement: str) -> None:
    approved(connection, POINT, payee())
    proposed(connection, payee(OTHER))
    with pytest.raises(psycopg.errors.RaiseException):
        connection.execute(statement.encode())


def test_nobody_decides_what_they_proposed_and_nobody_decides_twice(connection: Connection) -> None:
    change = proposed(connection, POINT)
    for state in ("approved", "refused"):
        with pytest.raises(psycopg.errors.CheckViolation):
            payment_points.decide(connection, change, state, by="lan", remark=None)
    assert payment_points.decide(connection, change, "withdrawn", by="lan", remark=None)
    assert not payment_points.decide(connection, change, "approved", by="admin", remark=None)
    with pytest.raises(psycopg.errors.CheckViolation):
        payment_points.decide(connection, proposed(connection, POINT), "withdrawn", by="admin", remark=None)


def test_a_decided_change_takes_no_more_steps(connection: Connection) -> None:
    change = approved(connection, POINT)
    with pytest.raises(psycopg.errors.RaiseException, match="no more steps"):
        connection.execute(
            "INSERT INTO payment_change_steps (change_id, n, action, point_id, site_id)"
            " VALUES (%s, 9, 'end_point', 'quay-14', 'cho-an-luu')",
            (change,),
        )


def test_who_sees_a_part_of_the_ward_sees_the_changes_of_that_part(connection: Connection) -> None:
    market = proposed(connection, POINT)
    both = proposed(connection, POINT, Step("add_point", "quan-1", "quang-trung", "Quán 1", "shop"))

    def seen(scope: Scope) -> list[UUID]:
        return [row.id for row in payment_points.changes(connection, scope, limit=9)]

    assert seen(WARD) == [both, market]
    assert seen(MARKET) == [market]
    assert seen(STREET) == []
    assert [row.id for row in payment_points.changes(connection, WARD, limit=9, point="quan-1")] == [both]
    assert [row.id for row in payment_points.changes(connection, WARD, limit=1, before=both)] == [market]
    assert payment_points.step_counts(connection, [market, both]) == {market: 1, both: 2}


def test_the_steps_of_a_change_bear_names_also_of_what_is_not_there_yet(connection: Connection) -> None:
    change = proposed(connection, POINT, payee())
    told = payment_points.steps(connection, [change], each=9)[change]
    assert [(step.action, step.point_name, step.site_name) for step in told] == [
        ("add_point", "Quầy 14", "Chợ An Lưu"),
        ("add_payee", "Quầy 14", "Chợ An Lưu"),
    ]
    assert told[1].bare == payee()


def test_a_box_hears_of_the_points_where_its_cameras_hang(connection: Connection) -> None:
    approved(connection, POINT, payee(OTHER), payee())
    approved(connection, Step("add_point", "yersin-1", "yersin", "Quán", "shop"))
    found = payment_points.of_box(connection, "an-luu-1")
    assert found is not None
    assert (found.ward, [(point, set(prints)) for point, prints in found.points]) == (
        "an-luu",
        [("quay-14", {ONE, OTHER})],
    )
    approved(connection, Step("end_point", "quay-14", "cho-an-luu"))
    assert payment_points.of_box(connection, "an-luu-1") == payment_points.BoxPoints("an-luu", [])
    assert payment_points.of_box(connection, "no-such-box") is None


def test_a_second_report_joins_the_incident_that_is_worked_on(connection: Connection) -> None:
    def new() -> NewIncident:
        return NewIncident(new_id(), "an-luu", "cho-an-luu", "payment_code_mismatch/cho-an-luu", "x", "high")

    with connection.transaction():
        first, opened = payment_scans.open_or_join(connection, new())
        assert opened
        assert payment_scans.open_or_join(connection, new()) == (first, False)
        connection.execute("UPDATE incidents SET state = 'resolved', ended_at = now()")
        assert payment_scans.open_or_join(connection, new())[1]
