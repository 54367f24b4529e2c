"""What the broker is told, so that its accounts are those that are wanted."""

from __future__ import annotations

from dataclasses import replace

from contracts.accounts import AccountKind, client_of, login_of
from ingest.accounts.plan import DEFAULTS, Account, Held, Step, steps
from ingest.accounts.roles import RECEIVE, SEND, SUBSCRIBE, Right, rights_of, rights_of_ingest

LOGIN = login_of(AccountKind.BOX, "cho")
RIGHTS = rights_of(AccountKind.BOX, "an-luu", "cho")
ACCOUNT = Account("mark", client_of(AccountKind.BOX, "cho"), (LOGIN,))
WANTED = Held({LOGIN: ACCOUNT}, {LOGIN: RIGHTS})


def told(wanted: Held, held: Held) -> list[tuple[str, str]]:
    return [
        (step.command, str(step.fields.get("username") or step.fields.get("rolename"))) for step in steps(wanted, held)
    ]


def test_what_is_as_it_should_be_is_not_told_again() -> None:
    assert steps(WANTED, WANTED) == []


def test_an_empty_broker_gets_the_roles_before_the_accounts() -> None:
    assert told(WANTED, Held()) == [("createRole", LOGIN), ("createClient", LOGIN)]


def test_a_new_account_is_bound_to_its_client_id_and_its_role() -> None:
    made = steps(WANTED, Held())[-1]
    assert made == Step(
        "createClient",
        {"username": LOGIN, "textdescription": "mark", "roles": [{"rolename": LOGIN}], "clientid": "phoan-edge-cho"},
        password_of=LOGIN,
    )


def test_a_revoked_account_is_disabled_first_of_all_and_once() -> None:
    other = {"box.other": Account("m")}
    wanted = Held({**other, LOGIN: replace(ACCOUNT, shut_out=True)}, {LOGIN: RIGHTS})
    assert told(wanted, WANTED) == [("disableClient", LOGIN), ("createClient", "box.other")]
    assert told(Held({LOGIN: replace(ACCOUNT, shut_out=True)}, {LOGIN: RIGHTS}), wanted)[-1] == (
        "deleteClient",
        "box.other",
    )
    assert "disableClient" not in dict(told(wanted, wanted))


def test_a_revoked_account_that_the_broker_forgot_is_not_made_anew() -> None:
    assert told(Held({LOGIN: replace(ACCOUNT, shut_out=True)}), Held()) == []


def test_a_new_password_comes_before_the_door_is_opened_again() -> None:
    held = Held({LOGIN: replace(ACCOUNT, mark="old", shut_out=True)}, {LOGIN: RIGHTS})
    changed, opened = steps(WANTED, held)
    assert (changed.command, changed.password_of, changed.fields["textdescription"]) == ("modifyClient", LOGIN, "mark")
    assert opened == Step("enableClient", {"username": LOGIN})


def test_a_password_is_told_only_where_it_changed() -> None:
    held = Held({LOGIN: replace(ACCOUNT, client_id="phoan-edge-other")}, {LOGIN: RIGHTS})
    assert [(step.command, step.password_of) for step in steps(WANTED, held)] == [("modifyClient", None)]


def test_rights_and_bindings_that_somebody_changed_are_set_right() -> None:
    held = Held({LOGIN: replace(ACCOUNT, client_id=None, roles=("admin",))}, {LOGIN: RIGHTS | {Right(SEND, "#")}})
    assert [name for name, _ in told(WANTED, held)] == ["modifyRole", "modifyClient"]


def test_strangers_under_our_names_go_and_others_are_left_alone() -> None:
    held = Held({**WANTED.accounts, "box.ghost": Account("x"), "operator": Account("")},
                {**WANTED.roles, "dev.ghost": RIGHTS, "admin": RIGHTS})  # fmt: skip
    assert told(WANTED, held) == [("deleteClient", "box.ghost"), ("deleteRole", "dev.ghost")]


def test_what_is_allowed_without_a_role_is_nothing() -> None:
    lax = replace(WANTED, defaults={**DEFAULTS, "subscribe": True})
    assert [name for name, _ in told(WANTED, lax)] == ["setDefaultACLAccess"]
    assert not any(allowed for kind, allowed in DEFAULTS.items() if kind != "unsubscribe")


def test_a_box_may_do_what_it_needs_and_nothing_else() -> None:
    root = "phoan/1/an-luu/box/cho"
    assert {right.topic for right in RIGHTS if right.kind == SEND} == {
        f"{root}/{word}" for word in ("events", "telemetry", "status", "reply")
    }
    hears = {f"{root}/{word}" for word in ("config", "cmd", "ack")}
    assert {right.topic for right in RIGHTS if right.kind == SUBSCRIBE} == hears
    assert {right.topic for right in RIGHTS if right.kind == RECEIVE} == hears


def test_only_ingest_may_use_wildcards() -> None:
    device = rights_of(AccountKind.DEVICE, "an-luu", "khoi-1")
    assert not any(sign in right.topic for right in RIGHTS | device for sign in "+#$")
    assert {right.topic for right in device} == {
        f"phoan/1/an-luu/dev/khoi-1/{word}" for word in ("state", "tele", "event", "cmd")
    }
    assert Right(SUBSCRIBE, "$share/ingest-events/phoan/1/+/box/+/events") in rights_of_ingest()
