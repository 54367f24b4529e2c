"""Puts the API together: settings in, an ASGI application out."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from api import document, page, preferences, problems
from api.access import accounts, grants, identities, own, sessions
from api.access.limits import Buckets, RateLimit
from api.access.oidc import sign_in as oidc
from api.access.oidc.provider import Provider
from api.announcements import announcements
from api.announcements.studio import Studio
from api.auditing import entries
from api.auditing.anchors import Anchors
from api.bodies import BodyLimit
from api.boxes import admission, configuration, enrolment, releases, reports
from api.boxes.desk import open_desk
from api.config import ApiSettings
from api.evidence import exports as evidence
from api.footage import media, playback, recordings
from api.footage.media import MediaFolder
from api.footage.media_keeping import MediaKeeping
from api.live import sockets as live
from api.live.hub import Hub
from api.live.looks import RecentLooks
from api.live.notices import Notices
from api.past import events, history, timeline
from api.payments import changes as payment_changes
from api.payments import imports as payment_imports
from api.payments import notices as bank_notices
from api.payments import patrol, payability, points, public, public_page, targets
from api.payments.desk import Desk as PaymentDesk
from api.ward import boxes, cameras, devices, layouts, ward_map
from api.work import handovers, incidents
from storage.pool import open_pool

LOOK_WINDOW_S = 3600.0
"""A session that loads the same picture or clip again within the hour makes no second entry in the audit."""


def create_app(settings: ApiSettings) -> FastAPI:
    """The application; it opens its connections when it starts and closes them when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = open_pool(settings.database.get_secret_value(), name="phoan-api", size=8)
        app.state.pool = pool
        app.state.hub = Hub(pool)
        notices = Notices(settings.database, pool, app.state.hub, asyncio.get_running_loop())
        anchors = Anchors(pool, settings.audit_anchors, settings.audit_anchor_minutes * 60)
        notices.start()
        keeping = MediaKeeping(pool, app.state.media, timedelta(days=settings.media_days))
        anchors.start()
        keeping.start()
        try:
            yield
        finally:
            keeping.stop()
            anchors.stop()
            notices.stop()
            pool.close()

    app = FastAPI(
        title="Phố An",
        version="1",
        lifespan=lifespan,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its page loads from a CDN
        redoc_url=None,
        responses={"4XX": {"model": problems.ProblemDocument}, "5XX": {"model": problems.ProblemDocument}},
    )
    app.state.settings = settings
    app.state.media = MediaFolder(settings.media_dir)
    app.state.provider = Provider(settings.oidc) if settings.oidc else None
    app.state.looks = RecentLooks(LOOK_WINDOW_S)
    app.state.evidence = evidence.Desk(settings)
    app.state.payments = PaymentDesk(settings)
    app.state.enrolment = open_desk(settings.enrolment)
    app.state.studio = Studio(settings)
    app.state.public = public.Public(settings)
    problems.install(app)
    parts = (
        sessions,
        oidc,
        own,
        accounts,
        identities,
        entries,
        grants,
        enrolment,
        admission,
        configuration,
        releases,
        reports,
        boxes,
        cameras,
        devices,
        timeline,
        ward_map,
        layouts,
        preferences,
        events,
        playback,
        incidents,
        handovers,
        history,
        media,
        recordings,
        evidence,
        points,
        payment_changes,
        payment_imports,
        patrol,
        payability,
        targets,
        bank_notices,
        public,
        announcements,
        live,
    )
    for part in parts:
        app.router.routes.extend(part.router.routes)  # including them builds each anew, at the first request
    document.install(app, [part.router for part in parts])
    app.add_middleware(
        BodyLimit,
        larger={
            media.PREFIX: media.MAX_BYTES,
            payment_imports.PREFIX: payment_imports.MOST_BYTES,
            **dict.fromkeys(configuration.PREFIXES, configuration.MOST_BYTES),
            reports.PREFIX: reports.MOST_BYTES,
        },
    )
    app.add_middleware(
        RateLimit,
        everything=Buckets(settings.requests_per_second, settings.requests_at_once),
        sign_in=Buckets(settings.sign_ins_per_minute / 60, math.ceil(settings.sign_ins_per_minute)),
        enrolment=Buckets(settings.enrolments_per_minute / 60, math.ceil(settings.enrolments_per_minute)),
        proxies=settings.trusted_proxies,
    )
    app.include_router(public_page.router)
    page.install(
        app,
        tls=settings.cookie_secure,
        pictures=settings.map_tiles.origin if settings.map_tiles else None,
        public=public_page.content_security_policy(settings.public_frames),
    )
    return app
