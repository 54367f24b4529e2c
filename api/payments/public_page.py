"""The public figures of a ward as a page that its portal can embed: large numbers, nothing that needs JavaScript."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from string import Template
from typing import Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.page import WEB
from api.payments.public import PublicPayability, told_of
from contracts.ids import Slug

router = APIRouter()

Language = Literal["vi", "en"]

VIETNAM: Final = ZoneInfo("Asia/Ho_Chi_Minh")


@router.get("/public/payability/{ward}", response_class=HTMLResponse, include_in_schema=False)
def public_page(ward: Slug, request: Request, lang: Language = "vi") -> HTMLResponse:
    return HTMLResponse(page_of(told_of(ward, request), ward, lang))


def content_security_policy(frames: Sequence[str]) -> str:
    """Our own style and script, and the one request of the script; `frames` are the origins that may embed the page."""
    ancestors = " ".join(frames) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {ancestors}"
    )


@cache
def words(language: Language) -> Mapping[str, str]:
    loaded: dict[str, str] = json.loads((WEB / "public" / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _template() -> Template:
    return Template((WEB / "public" / "payability.html").read_text(encoding="utf-8"))


def page_of(told: PublicPayability, ward: str, language: Language) -> str:
    """The whole page with its numbers."""
    said = words(language)
    other: Language = "en" if language == "vi" else "vi"
    values = {
        "language": language,
        "title": said["title"].format(ward=told.ward_name),
        "ward": told.ward_name,
        "question": said["question"],
        "answer": said[f"answer.{_answer(told)}"],
        "band": _answer(told),
        "payable": "–" if told.stale else str(told.payable),
        "points": str(told.points),
        "verified": str(told.verified),
        "share": "–" if told.stale or not told.points else f"{round(100 * told.payable / told.points)}%",
        "target": said["target"].format(n=round(100 * told.target)),
        "label_payable": said["payable"],
        "label_verified": said["verified"],
        "label_points": said["points"],
        "at": said["stale" if told.stale else "at"].format(time=_time(told.looked_at or told.at)),
        "other": words(other)["language"],
        "other_link": f"?lang={other}",
        "advice": said["advice"],
        "privacy": said["privacy"],
        "json": f"/api/v1/public/payability/{ward}.json",
    }
    safe = {name: html.escape(value) for name, value in values.items()}
    return _template().substitute(safe, troubles=_troubles(told, said), sites=_rows(told, said))


def _answer(told: PublicPayability) -> str:
    if told.stale:
        return "unknown"
    return "closed" if all(site.closed for site in told.sites) else told.band


def _troubles(told: PublicPayability, said: Mapping[str, str]) -> str:
    """What is wrong, as list items."""
    lines = []
    for outage in told.outages:
        place = outage.site_name or told.ward_name
        if outage.cause == "bank" and any(one.bank_name == outage.bank_name for one in told.notices):
            continue
        text = said[f"outage.{outage.cause}"].format(site=place, bank=outage.bank_name or "", time=_time(outage.since))
        lines.append(text + (said["outage.points"].format(n=outage.points) if outage.points else ""))
    lines += [
        said["notice"].format(bank=one.bank_name, time=_time(one.since), until=_time(one.until)) for one in told.notices
    ]
    return "".join(f"<li>{html.escape(line)}</li>" for line in lines)


def _rows(told: PublicPayability, said: Mapping[str, str]) -> str:
    """The sites as rows of a table; a bar says the share once more."""
    rows = []
    for site in told.sites:
        band = "closed" if site.closed else "unknown" if told.stale else site.band
        number = "–" if site.payable is None or told.stale else f"{site.payable} / {site.points}"
        bar = ""
        if site.points and site.payable is not None and not told.stale:
            bar = f'<meter min="0" max="{site.points}" value="{site.payable}"></meter>'
        name, word = html.escape(site.name), html.escape(said[f"band.{band}"])
        rows.append(
            f'<tr><th scope="row">{name}</th><td class="number">{number}</td><td class="bar">{bar}</td>'
            f'<td><span class="band band--{band}">{word}</span></td></tr>'
        )
    return "".join(rows)


def _time(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%H:%M %d/%m")
