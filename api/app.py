"""Puts the API together: settings in, an ASGI application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import auth, cameras, events, history, live, media, page, problems
from api.bodies import BodyLimit
from api.config import ApiSettings
from api.hub import Hub
from api.media import MediaFolder
from api.notices import Notices
from storage.pool import open_pool


def create_app(settings: ApiSettings) -> FastAPI:
    """The application; it opens its connections when it starts and closes them when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = open_pool(settings.database.get_secret_value(), name="phoan-api", size=8)
        app.state.pool = pool
        app.state.hub = Hub(pool)
        notices = Notices(settings.database, pool, app.state.hub, asyncio.get_running_loop())
        notices.start()
        try:
            yield
        finally:
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
    problems.install(app)
    for part in (auth, cameras, events, history, media, live):
        app.include_router(part.router)
    app.add_middleware(BodyLimit, larger={media.PREFIX: media.MAX_BYTES})
    page.install(app)
    return app
