"""An OpenID Connect provider on loopback that speaks the protocol: discovery, keys, codes with PKCE, signed ID tokens.

It signs in whoever comes as `person`. What it signs with is made of `cryptography` alone, so that nothing of what reads
its tokens is trusted to have written them. Tests bend it: other claims, other keys, no signature, no answer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT = "phoan"
SECRET = "bí mật: của chúng ta"  # a colon and marks, as a person might choose

Claims = dict[str, Any]


def word(data: bytes) -> str:
    """Base 64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(frozen=True)
class Rs256:
    """An RSA key, as the provider holds it."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    kid: str = field(default_factory=lambda: secrets.token_hex(4))
    alg = "RS256"

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def public(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        modulus, exponent = (n.to_bytes((n.bit_length() + 7) // 8) for n in (numbers.n, numbers.e))
        return {"kty": "RSA", "use": "sig", "alg": self.alg, "kid": self.kid, "n": word(modulus), "e": word(exponent)}


@dataclass(frozen=True)
class Es256:
    """An elliptic key."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    kid: str = field(default_factory=lambda: secrets.token_hex(4))
    alg = "ES256"

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def public(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        return {"kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": word(x), "y": word(y)}


Key = Rs256 | Es256


def signed(claims: Claims, key: Key) -> str:
    text = _unsigned({"alg": key.alg, "kid": key.kid, "typ": "JWT"}, claims)
    return f"{text}.{word(key.sign(text.encode()))}"


def unsigned(claims: Claims, key: Key) -> str:
    """The oldest trick: no signature, and the word for it."""
    return f"{_unsigned({'alg': 'none', 'kid': key.kid}, claims)}."


def signed_with_public_key(claims: Claims, key: Key) -> str:
    """The second oldest: what everybody knows as a shared secret."""
    public = key.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = _unsigned({"alg": "HS256", "kid": key.kid}, claims)
    return f"{text}.{word(hmac.digest(public, text.encode(), 'sha256'))}"


def _unsigned(header: dict[str, str], claims: Claims) -> str:
    return ".".join(word(json.dumps(part).encode()) for part in (header, claims))


class Provider:
    """Owns the server. `asked` are the requests that it got, as method and path."""

    def __init__(self, redirect_uri: str, key: Key | None = None) -> None:
        self.redirect_uri = redirect_uri
        self.person: Claims = {"sub": "lan-of-the-provider", "name": "Nguyễn Thị Lan"}
        self.key: Key = key or Es256()
        self.published: list[Key] = [self.key]
        self.change: Callable[[Claims], Claims] = lambda claims: claims
        self.make_token: Callable[[Claims, Key], str] = signed
        self.refusal: str | None = None
        self.methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.status = 200
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}/realm"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish both."""
        self.key = Rs256() if isinstance(self.key, Es256) else Es256()
        self.published = [*self.published, self.key]

    def description(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": list(self.methods),
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        wrong = {
            "client_id": CLIENT, "redirect_uri": self.redirect_uri, "response_type": "code",
            "code_challenge_method": "S256",
        }.items() - asked.items()  # fmt: skip
        if wrong or "openid" not in asked["scope"].split() or not asked["state"] or not asked["nonce"]:
            self.faults.append(f"authorize: {asked}")
            return f"{self.issuer}/fault"
        if self.refusal:
            return f"{self.redirect_uri}?{urlencode({'error': self.refusal, 'state': asked['state']})}"
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, object]]:
        asked = self._codes.pop(form.get("code", ""), None)  # a code is good once
        if self._client(form, authorization) != (CLIENT, SECRET):
            self.faults.append("token: not our client")
            return 401, {"error": "invalid_client"}
        proof = word(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != self.redirect_uri
            or not hmac.compare_digest(proof, asked["code_challenge"])
        ):
            self.faults.append("token: the code does not fit")
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.person,
        }  # fmt: skip
        text = self.make_token(self.change(claims), self.key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": text}

    def _client(self, form: dict[str, str], authorization: str | None) -> tuple[str, str]:
        if authorization is None:
            return form.get("client_id", ""), form.get("client_secret", "")
        if "client_secret_basic" not in self.methods:
            return "", ""
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return unquote(name), unquote(secret)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, _words(urlsplit(self.path).query)
                provider.asked.append(f"GET {path}")
                match path.removeprefix("/realm"):
                    case "/.well-known/openid-configuration":
                        self.answer(provider.status, provider.description())
                    case "/keys":
                        self.answer(provider.status, {"keys": [key.public() for key in provider.published]})
                    case "/authorize":
                        self.answer(302, {}, Location=provider.authorize(query))
                    case _:
                        self.answer(404, {})

            def do_POST(self) -> None:
                provider.asked.append(f"POST {self.path}")
                form = _words(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer(*provider.token(form, self.headers.get("Authorization")))

            def answer(self, status: int, content: dict[str, Any], **headers: str) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler


def _words(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def running_provider(redirect_uri: str, key: Key | None = None) -> Iterator[Provider]:
    provider = Provider(redirect_uri, key)
    try:
        yield provider
    finally:
        provider.stop()
