"""What `phoan-api` does for boxes and devices: let them in and shut them out. All of it is entered in the audit."""

from __future__ import annotations

import argparse

import psycopg
import segno

from api.auditing import audit
from api.boxes.authority import AuthorityError
from api.boxes.desk import Desk, open_desk
from api.boxes.enrolment import Wanted, new_code
from api.config import ApiSettings
from api.problems import ProblemError
from contracts.accounts import AccountKind, client_of, login_of
from contracts.settings import SettingsError
from contracts.topics import ROOT
from storage import broker_accounts, enrolments
from storage.sealing import SealError
from storage.tokens import new_token

DEFAULT_CENTRE = "https://CENTRE"


def add_arguments(words: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    enrol = words.add_parser("enrol-code", help="print a code that lets a new box in, or an old one with a new disk")
    enrol.add_argument("--box", required=True, help="its id: small letters, digits and hyphens")
    enrol.add_argument("--ward", help="where a new box stands")
    enrol.add_argument("--site", help="and at which site of the ward")
    enrol.add_argument("--name", help="as shown on the wall; else its id")
    enrol.add_argument("--centre", help="the API's address as the box reaches it; else the settings' enrolment.url")
    enrol.add_argument("--plain", action="store_true", help="print the code alone")
    device = words.add_parser("device-account", help="let a device sign in at the centre's broker by itself")
    device.add_argument("device", help="as the inventory names it")
    device.add_argument("--revoke", metavar="REASON", help="shut it out instead")
    revoke = words.add_parser("revoke-box", help="shut a box out: its account, token and certificates")
    revoke.add_argument("box")
    revoke.add_argument("--reason", required=True)


def enrol_code(settings: ApiSettings, arguments: argparse.Namespace, operator: str) -> int:
    """Print a fresh code, what to type on the box, and the same as a QR code."""
    desk = _desk(settings)
    with psycopg.connect(settings.database.get_secret_value(), autocommit=True, connect_timeout=5) as db:
        there = enrolments.box_place(db, arguments.box)
        name = arguments.name or (there.name if there else arguments.box)
        wanted = Wanted(box=arguments.box, name=name, ward=arguments.ward, site=arguments.site)
        try:
            with db.transaction():
                new = new_code(db, wanted, operator, None, desk.lifetime)
                made = enrolments.make(db, new)
                audit.note(db, operator, "box.code_made", f"box:{new.box}", ward=new.ward, code=made, site=new.site)
        except ProblemError as error:
            raise ValueError(error.document.title) from None
    code, command = desk.command(new.secret, arguments.centre or DEFAULT_CENTRE)
    if arguments.plain:
        print(code)
        return 0
    print(f"On the box, within {desk.settings.code_minutes:.0f} minutes:\n\n  {command}\n")
    segno.make(command, micro=False).terminal(compact=True)
    return 0


def revoke(settings: ApiSettings, arguments: argparse.Namespace, operator: str) -> int:
    """Shut a box out."""
    with (
        psycopg.connect(settings.database.get_secret_value(), autocommit=True, connect_timeout=5) as db,
        db.transaction(),
    ):
        place = enrolments.box_place(db, arguments.box)
        if place is None:
            raise ValueError(f"there is no box {arguments.box}")
        enrolments.shut_out(db, arguments.box, by=operator, reason=arguments.reason)
        about = f"box:{arguments.box}"
        audit.note(db, operator, "box.revoked", about, ward=place.ward_id, reason=arguments.reason)
    print(f"box {arguments.box} is shut out; the broker cuts its connection within a minute")
    return 0


def device_account(settings: ApiSettings, arguments: argparse.Namespace, operator: str) -> int:
    """Make an account for a device and print it, once; or revoke it."""
    device, desk = arguments.device, _desk(settings)
    about = f"device:{device}"
    with (
        psycopg.connect(settings.database.get_secret_value(), autocommit=True, connect_timeout=5) as db,
        db.transaction(),
    ):
        ward = broker_accounts.ward_of_device(db, device)
        if ward is None:
            raise ValueError(f"there is no device {device}; the inventory file declares them")
        if arguments.revoke:
            broker_accounts.revoke(db, AccountKind.DEVICE, device, by=operator, reason=arguments.revoke)
            audit.note(db, operator, "device.revoked", about, ward=ward, reason=arguments.revoke)
            print(f"device {device} is shut out; the broker cuts its connection within a minute")
            return 0
        password = new_token()
        broker_accounts.put(db, AccountKind.DEVICE, device, ward, password, desk.seal)
        audit.note(db, operator, "device.account_made", about, ward=ward)
    login = login_of(AccountKind.DEVICE, device)
    print(f"username   {login}\nclient id  {client_of(AccountKind.DEVICE, device)}\npassword   {password}")
    print(f"topics     {ROOT}/{ward}/dev/{device}/...")
    return 0


def _desk(settings: ApiSettings) -> Desk:
    try:
        desk = open_desk(settings.enrolment)
    except (AuthorityError, SealError) as error:
        raise SettingsError(f"field enrolment: {error}") from None
    if desk is None:
        raise SettingsError("The settings have no section enrolment, which names the certificate authority.")
    return desk
