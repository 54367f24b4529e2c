"""Signing in through a provider that speaks the protocol, with a browser that follows its redirects."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from pydantic import SecretStr

from api.access.oidc import provider as providers
from api.access.oidc.settings import CALLBACK, OidcSettings
from api.config import ApiSettings
from demo.postgres import Postgres
from demo.processes import free_port
from storage import accounts, identities, inventory
from tests.api.conftest import BASE
from tests.api.running import COOKIE, PASSWORD, RunningApi, audited, problem, put_users
from tests.support.databases import fresh_database
from tests.support.providers import (
    CLIENT,
    SECRET,
    Claims,
    Key,
    Provider,
    Rs256,
    running_provider,
    signed,
    signed_with_public_key,
)
from tests.support.providers import unsigned as without_signature
from tests.support.samples import INVENTORY

SESSION = "/api/v1/session"
CREATE_AS = [
    {"claim": "groups", "value": "phoan-admins", "role": "admin"},
    {"claim": "realm_access.roles", "value": "phoan-police", "role": "police", "wards": ["an-luu"]},
]


class Clock:
    """What the API's provider takes for passing time; a test may let it pass."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


class Ward:
    """An API, the provider that its settings name, and the clock between them."""

    def __init__(self, api: RunningApi, provider: Provider, clock: Clock) -> None:
        self.api = api
        self.provider = provider
        self.clock = clock

    def forget(self) -> None:
        """The API knows nothing of the provider yet."""
        oidc = self.api.settings.oidc
        assert oidc
        self.api.server.config.app.state.provider = providers.Provider(oidc, passing=self.clock)  # type: ignore[union-attr]

    def sign_in(self, browser: httpx.Client) -> str:
        """Follow the redirects from the button on; where the browser ends."""
        answer = browser.get(f"{SESSION}/oidc")
        while answer.has_redirect_location:
            answer = browser.get(answer.headers["location"])
        assert answer.status_code == 200
        return str(answer.url.raw_path.decode())

    def way_there(self, browser: httpx.Client) -> httpx.URL:
        """As far as the provider's last redirect, which is not followed yet."""
        there = browser.get(f"{SESSION}/oidc").headers["location"]
        return httpx.URL(browser.get(there).headers["location"])

    def link(self, subject: str, username: str) -> None:
        with psycopg.connect(self.api.conninfo, autocommit=True) as db:
            identities.link(db, self.provider.issuer, subject, username)

    def run(self, sql: str, *values: object) -> None:
        with psycopg.connect(self.api.conninfo, autocommit=True) as db:
            db.execute(sql.encode(), values)


@pytest.fixture(scope="module")
def shared_ward(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    port = free_port()
    back = f"http://127.0.0.1:{port}{CALLBACK}"
    with fresh_database(postgres) as conninfo, running_provider(back) as provider:
        with psycopg.connect(conninfo, autocommit=True) as db:
            inventory.apply(db, INVENTORY)
        put_users(conninfo)
        oidc = OidcSettings.model_validate(
            {
                "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SecretStr(SECRET),
                "redirect_uri": back, "name": "Cổng xác thực phường", "create_as": CREATE_AS, "timeout_s": 1,
            }
        )  # fmt: skip
        settings = {
            **BASE, "database": conninfo, "media_dir": tmp_path_factory.mktemp("media"), "port": port,
            "oidc": oidc, "totp_roles": ["admin"],
        }  # fmt: skip
        api = RunningApi(ApiSettings.model_validate(settings), conninfo)
        yield Ward(api, provider, Clock())
        api.stop()


@pytest.fixture
def ward(shared_ward: Ward) -> Iterator[Ward]:
    """The shared one, whose provider does nothing odd, and where Lan is linked."""
    provider = shared_ward.provider
    plain = {name: getattr(provider, name) for name in ("change", "make_token", "refusal", "methods", "status")}
    person = dict(provider.person)
    shared_ward.forget()
    shared_ward.run("DELETE FROM identities")
    shared_ward.link(person["sub"], "lan")
    yield shared_ward
    provider.person = person
    for name, value in plain.items():
        setattr(provider, name, value)
    provider.faults.clear()


@pytest.fixture
def browser(ward: Ward) -> Iterator[httpx.Client]:
    with ward.api.client() as client:
        yield client


def test_the_page_is_told_which_ways_there_are(ward: Ward, shared_api: RunningApi, browser: httpx.Client) -> None:
    assert browser.get(f"{SESSION}/ways").json() == {"password": True, "oidc": {"name": "Cổng xác thực phường"}}
    with shared_api.client() as plain:
        assert plain.get(f"{SESSION}/ways").json() == {"password": True}
        assert problem(plain.get(f"{SESSION}/oidc")) == (404, "oidc_off")
        assert problem(plain.get(CALLBACK)) == (404, "oidc_off")


def test_who_is_linked_comes_back_signed_in(ward: Ward, browser: httpx.Client) -> None:
    assert ward.sign_in(browser) == "/"
    assert browser.get(SESSION).json()["username"] == "lan"
    assert [(entry.actor, entry.details) for entry in audited(ward.api, "session.opened")][-1] == (
        "lan",
        {"factor": "oidc"},
    )
    assert browser.delete(SESSION).status_code == 204
    assert browser.get(SESSION).status_code == 401
    assert ward.provider.faults == []


def test_the_session_is_one_like_any_other(ward: Ward, browser: httpx.Client) -> None:
    answer = browser.get(ward.way_there(browser))
    cookie = SimpleCookie(next(text for text in answer.headers.get_list("set-cookie") if text.startswith(COOKIE)))[
        COOKIE
    ]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert cookie["max-age"] == "43200"
    assert answer.headers["cache-control"] == "no-store"
    assert "phoan_oidc" not in browser.cookies, "what began the sign-in is over"


def test_new_keys_of_the_provider_are_found(ward: Ward, browser: httpx.Client) -> None:
    kinds = set()
    for _ in range(3):
        assert ward.sign_in(browser) == "/"
        assert browser.get(SESSION).json()["username"] == "lan"
        kinds.add(ward.provider.key.alg)
        browser.cookies.clear()
        ward.provider.rotate()
        ward.clock.ahead += providers.AGAIN_S
    assert kinds == {"RS256", "ES256"}


def test_tokens_of_made_up_keys_do_not_make_us_ask_for_keys_all_the_time(ward: Ward, browser: httpx.Client) -> None:
    strange = Rs256()
    ward.provider.make_token = lambda claims, _: signed(claims, strange)
    ward.provider.asked.clear()
    for _ in range(3):
        assert ward.sign_in(browser) == "/?problem=oidc_bad_token"
    assert ward.provider.asked.count("GET /realm/keys") == 1
    ward.clock.ahead += providers.AGAIN_S
    assert ward.sign_in(browser) == "/?problem=oidc_bad_token"
    assert ward.provider.asked.count("GET /realm/keys") == 2


def changed(**claims: object) -> Callable[[Claims], Claims]:
    return lambda before: {name: value for name, value in {**before, **claims}.items() if value is not None}


@pytest.mark.parametrize(
    "change",
    [
        changed(nonce="another"),
        changed(nonce=None),
        changed(nonce=["another"]),
        changed(aud="somebody-else"),
        changed(aud=[CLIENT, "somebody-else"]),
        changed(aud=[CLIENT], azp="somebody-else"),
        changed(aud=None),
        changed(iss="https://evil.example"),
        changed(exp=int(time.time()) - 60),
        changed(exp=None),
        changed(exp="tomorrow"),
        changed(iat=int(time.time()) + 86_400),
        changed(nbf=int(time.time()) + 86_400),
        changed(sub=None),
        changed(sub=""),
        changed(sub="lan\n"),
        changed(sub="x" * 256),
        changed(sub=7),
    ],
    ids=range(18),
)
def test_a_token_that_is_not_for_us_now_and_of_this_sign_in_lets_nobody_in(
    ward: Ward, browser: httpx.Client, change: Callable[[Claims], Claims]
) -> None:
    ward.provider.change = change
    assert ward.sign_in(browser) == "/?problem=oidc_bad_token"
    assert browser.get(SESSION).status_code == 401


@pytest.mark.parametrize(
    "make", [without_signature, signed_with_public_key, lambda claims, _: "no.token", lambda *_: ""]
)
def test_a_token_without_the_providers_signature_lets_nobody_in(
    ward: Ward, browser: httpx.Client, make: Callable[[Claims, Key], str]
) -> None:
    ward.provider.make_token = make
    assert ward.sign_in(browser) == "/?problem=oidc_bad_token"


def test_only_the_browser_that_began_may_end_a_sign_in_and_once(ward: Ward, browser: httpx.Client) -> None:
    back = ward.way_there(browser)
    with ward.api.client() as stranger:
        assert stranger.get(back).headers["location"] == "/?problem=oidc_wrong_state"
        stranger.get(f"{SESSION}/oidc")  # has a sign-in of its own on the way
        assert stranger.get(back).headers["location"] == "/?problem=oidc_wrong_state"
        assert stranger.get(SESSION).status_code == 401
    wrong = back.copy_set_param("state", "made-up")
    with ward.api.client() as other:
        other.cookies = browser.cookies
        assert other.get(wrong).headers["location"] == "/?problem=oidc_wrong_state"
    back = ward.way_there(browser)
    kept = browser.cookies["phoan_oidc"]
    assert browser.get(back).headers["location"] == "/"
    browser.cookies.set("phoan_oidc", kept)
    assert browser.get(back).headers["location"] == "/?problem=oidc_wrong_state", "it is used up"


def test_a_sign_in_that_took_too_long_begins_anew(ward: Ward, browser: httpx.Client) -> None:
    back = ward.way_there(browser)
    ward.run("UPDATE oidc_attempts SET expires_at = now()")
    assert browser.get(back).headers["location"] == "/?problem=oidc_wrong_state"


def test_another_providers_word_is_not_taken(ward: Ward, browser: httpx.Client) -> None:
    back = ward.way_there(browser).copy_set_param("iss", "https://evil.example")
    assert browser.get(back).headers["location"] == "/?problem=oidc_bad_token"


def test_who_turns_back_at_the_provider_is_not_signed_in(ward: Ward, browser: httpx.Client) -> None:
    ward.provider.refusal = "access_denied"
    assert ward.sign_in(browser) == "/?problem=oidc_refused"


def test_a_code_that_the_provider_does_not_take_lets_nobody_in(ward: Ward, browser: httpx.Client) -> None:
    back = ward.way_there(browser).copy_set_param("code", "made-up")
    assert browser.get(back).headers["location"] == "/?problem=oidc_refused"


def test_a_provider_that_is_down_keeps_nobody_from_the_password(ward: Ward, browser: httpx.Client) -> None:
    ward.provider.status = 503
    assert browser.get(f"{SESSION}/oidc").headers["location"] == "/?problem=oidc_unavailable"
    answer = browser.post(SESSION, json={"username": "lan", "password": PASSWORD})
    assert answer.status_code == 200
    ward.provider.status = 200
    asked = len(ward.provider.asked)
    assert browser.get(f"{SESSION}/oidc").headers["location"] == "/?problem=oidc_unavailable", "not at once again"
    assert len(ward.provider.asked) == asked
    ward.clock.ahead += providers.AGAIN_S
    assert ward.sign_in(browser) == "/"


def test_a_provider_that_calls_itself_otherwise_is_not_used(ward: Ward, browser: httpx.Client) -> None:
    issuer = ward.provider.issuer
    ward.provider.issuer = "https://evil.example"
    try:
        assert browser.get(f"{SESSION}/oidc").headers["location"] == "/?problem=oidc_unavailable"
    finally:
        ward.provider.issuer = issuer


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(ward: Ward, browser: httpx.Client) -> None:
    ward.provider.methods = ("client_secret_post",)
    assert ward.sign_in(browser) == "/"
    assert ward.provider.faults == []


def test_who_is_not_linked_is_told_so_and_the_administrator_finds_whom_to_link(
    ward: Ward, browser: httpx.Client
) -> None:
    ward.provider.person = {"sub": "stranger-7", "name": "Người lạ"}
    assert ward.sign_in(browser) == "/?problem=oidc_unknown_user"
    entry = audited(ward.api, "session.refused")[-1]
    assert (entry.actor, entry.details) == ("unknown", {"reason": "oidc_unknown_user", "subject": "stranger-7"})
    path = "/api/v1/users/minh/identities"
    strong = {"phoan_session": ward.api.session("admin")}
    ward.run("UPDATE sessions SET strong = true")  # this ward's administrators need a second factor
    with httpx.Client(base_url=ward.api.url, cookies=strong) as admin:
        made = admin.post(path, json={"subject": entry.details["subject"]})
        assert made.status_code == 201
        assert problem(admin.post(path, json={"subject": "stranger-7"})) == (409, "identity_exists")
        assert admin.get(path).json() == {"items": [made.json()]}
        assert ward.sign_in(browser) == "/"
        assert browser.get(SESSION).json()["username"] == "minh"
        assert admin.delete(f"{path}/{made.json()['id']}").status_code == 204
        assert browser.get(SESSION).status_code == 401, "the sessions end with the link"
        assert problem(admin.delete(f"{path}/{made.json()['id']}")) == (404, "not_found")
    assert ward.sign_in(browser) == "/?problem=oidc_unknown_user"
    actions = [entry.action for entry in audited(ward.api, "identity.linked", "identity.removed")]
    assert actions == ["identity.linked", "identity.removed"]


def test_a_disabled_account_is_not_let_in(ward: Ward, browser: httpx.Client) -> None:
    ward.run("UPDATE identities SET username = 'nghi'")
    assert ward.sign_in(browser) == "/?problem=oidc_unknown_user"


def test_a_claim_makes_an_account_and_takes_it_back(ward: Ward, browser: httpx.Client) -> None:
    person = {"sub": "hoa-1", "name": "Lê Hoa", "preferred_username": "hoa"}
    ward.provider.person = {**person, "realm_access": {"roles": ["other", "phoan-police"]}}
    assert ward.sign_in(browser) == "/"
    me = browser.get(SESSION).json()
    assert (me["username"], me["display_name"], me["role"], me["wards"]) == ("hoa", "Lê Hoa", "police", ["an-luu"])
    assert problem(browser.post(SESSION, json={"username": "hoa", "password": PASSWORD})) == (401, "bad_credentials")
    ward.provider.person = {**person, "groups": "phoan-admins", "amr": ["pwd", "otp"]}
    assert ward.sign_in(browser) == "/"
    assert browser.get(SESSION).json()["role"] == "admin"
    ward.provider.person = person
    assert ward.sign_in(browser) == "/?problem=oidc_unknown_user"
    changes = [entry.details["role"] for entry in audited(ward.api, "user.created", "user.changed")]
    assert changes == ["police", "admin"]


def test_a_name_that_somebody_has_is_not_taken_over(ward: Ward, browser: httpx.Client) -> None:
    ward.provider.person = {"sub": "x", "preferred_username": "minh", "realm_access": {"roles": ["phoan-police"]}}
    assert ward.sign_in(browser) == "/?problem=oidc_name_taken"
    ward.provider.person = {"sub": "x", "preferred_username": "a\nb", "realm_access": {"roles": ["phoan-police"]}}
    assert ward.sign_in(browser) == "/?problem=oidc_no_name"


def test_the_provider_is_no_way_around_a_second_factor(ward: Ward, browser: httpx.Client) -> None:
    ward.run("UPDATE identities SET username = 'admin'")  # a role that must have one
    assert ward.sign_in(browser) == "/?problem=oidc_weak"
    ward.provider.person = {**ward.provider.person, "amr": ["pwd", "otp"]}
    assert ward.sign_in(browser) == "/"
    me = browser.get(SESSION).json()
    assert (me["username"], me.get("must_enrol", False)) == ("admin", False)
    assert browser.get("/api/v1/users").status_code == 200


def test_the_address_of_the_provider_asks_for_what_it_must(ward: Ward, browser: httpx.Client) -> None:
    location = browser.get(f"{SESSION}/oidc").headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{ward.provider.issuer}/authorize?")
    assert asked["redirect_uri"] == f"{ward.api.url}{CALLBACK}"
    assert asked["code_challenge_method"] == "S256"
    assert SECRET not in location
    again = parse_qs(urlsplit(browser.get(f"{SESSION}/oidc").headers["location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 43, "256 bits"
        assert again[name] != [asked[name]]


def test_sign_ins_by_provider_count_as_sign_ins(tmp_path: Path, ward: Ward) -> None:
    with psycopg.connect(ward.api.conninfo, autocommit=True) as db:
        assert accounts.user(db, "lan")
    settings = ward.api.settings.model_copy(update={"sign_ins_per_minute": 2.0, "port": free_port()})
    api = RunningApi(settings, ward.api.conninfo)
    try:
        with api.client() as client:
            codes = [client.get(CALLBACK).status_code for _ in range(3)]
        assert codes == [303, 303, 429]
    finally:
        api.stop()
