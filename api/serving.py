"""`phoan-api run`: the application as uvicorn serves it."""

from __future__ import annotations

import contextlib

import uvicorn

from api import commands
from api.app import create_app
from api.boxes.authority import AuthorityError
from api.config import ApiSettings
from api.connection import Connection
from api.evidence.key import KeyFileError
from api.server import Server
from contracts.picture import MAX_PICTURE_BYTES
from contracts.settings import SettingsError
from storage.sealing import SealError


def serve(settings: ApiSettings) -> int:
    """Serve until SIGTERM or SIGINT."""
    server = Server(server_config(settings))
    commands.warn_of_open_secrets(settings)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 2


def server_config(settings: ApiSettings) -> uvicorn.Config:
    """How uvicorn serves the API. Raises SettingsError when there is no place for pictures."""
    try:
        app = create_app(settings)
    except KeyFileError as error:
        raise SettingsError(f"field evidence_key: {error}") from None
    except (AuthorityError, SealError) as error:
        raise SettingsError(f"field enrolment: {error}") from None
    except OSError as error:
        raise SettingsError(f"field media_dir: {settings.media_dir} cannot be used: {error.strerror}.") from None
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        http=Connection,
        ws="websockets-sansio",
        ws_max_size=MAX_PICTURE_BYTES,
        ws_per_message_deflate=False,  # JPEG does not shrink, and trying costs more than sending
        server_header=False,
        proxy_headers=False,  # api.access.limits reads them, from configured proxies only
    )
