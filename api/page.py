"""Serves the wall's page and its files, with headers that let it load nothing from elsewhere but the map's pictures."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.evidence import verify_page

WEB = Path(str(files("api").joinpath("web")))
PUBLIC_PAGES: Final = "/public/"
PUBLIC_API: Final = "/api/v1/public/"
_INLINE_SCRIPT = re.compile(r"<script type=\"importmap\">(.*?)</script>", re.DOTALL)

router = APIRouter()


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def index() -> HTMLResponse:
    """The page; everything else it needs it loads from /static."""
    return HTMLResponse((WEB / "index.html").read_text(encoding="utf-8"))


@router.get("/verify", response_class=HTMLResponse, include_in_schema=False)
def verify() -> HTMLResponse:
    """The page that checks evidence; also good to be kept and opened without us."""
    return HTMLResponse(verify_page.page())


def install(app: FastAPI, *, tls: bool, pictures: str | None = None, public: str = "") -> None:
    """Add the page, its files and the security headers to `app`. `tls`: browsers shall never come without it.

    `pictures`: the one other origin from which it may load pictures; `public`: the policy of the public pages.
    """
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=WEB), name="static")
    policies = {"/verify": f"{verify_page.policy()}; frame-ancestors 'none'", PUBLIC_PAGES: public}
    app.add_middleware(SecurityHeaders, policy=content_security_policy(pictures), policies=policies, tls=tls)


def content_security_policy(pictures: str | None = None) -> str:
    """Only our own files, and `pictures`' origin; the one inline script, the import map, is named by its SHA-256."""
    inline = _INLINE_SCRIPT.findall((WEB / "index.html").read_text(encoding="utf-8"))
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline
    )
    images = " ".join(["'self'", "blob:", *([pictures] if pictures else [])])
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self'; img-src {images}; "
        "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


class SecurityHeaders:
    """Adds headers to every HTTP response; answers of the API must not be kept by any cache, unless they are public.
    `policies` are of paths that have one of their own, or of all that begin with one.
    """

    def __init__(self, app: ASGIApp, policy: str, policies: Mapping[str, str], *, tls: bool) -> None:
        self._app = app
        self._policies = policies
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": (
                "camera=(self), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
            ),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if tls:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        own = {"Cache-Control": "no-store" if path.startswith("/api/") else "no-cache"}
        if path.startswith(PUBLIC_PAGES):
            own = {"Content-Security-Policy": self._policies[PUBLIC_PAGES]}
        elif path in self._policies:
            own["Content-Security-Policy"] = self._policies[path]
        shared = path.startswith((PUBLIC_PAGES, PUBLIC_API))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**self._headers, **own})
                if shared:
                    headers.update(_shared(message["status"]))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _shared(status: int) -> dict[str, str]:
    """For what is public: any page may read it, and caches keep it for a minute. No cookie is ever asked for there."""
    cache = "public, max-age=60" if status == 200 else "no-store"
    return {"Cache-Control": cache, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
