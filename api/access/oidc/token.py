"""Whether an ID token is the provider's, for us, of now and of this sign-in. Pure: keys and time are arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512", "Ed25519")
"""Only signatures that nobody but the provider can make: neither `none` nor a shared secret."""

LEEWAY_S: Final = 30
"""By which the provider's clock may differ."""

LONGEST_SUBJECT: Final = 255


class BadTokenError(Exception):
    """The token counts for nothing; the text is for an engineer."""


class UnknownKeyError(BadTokenError):
    """It bears the name of a key that we have not seen: the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]


def read(text: str, keys: KeySet, *, issuer: str, client: str, nonce: str, now: float) -> Identity:
    """Who signs in. Raises BadTokenError."""
    try:
        claims = jwt.decode(text, keys, algorithms=ALGORITHMS).claims
        _rules(issuer, client, nonce, now).validate(claims)
    except InvalidKeyIdError:
        raise UnknownKeyError("the key is not known") from None
    except (JoseError, ValueError) as error:
        raise BadTokenError(" ".join(f"{type(error).__name__}: {error}".split())) from None
    _require_meant_for(client, claims)
    subject = claims["sub"]
    if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise BadTokenError("the subject is no name")
    return Identity(issuer, subject, claims)


def _rules(issuer: str, client: str, nonce: str, now: float) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


def _require_meant_for(client: str, claims: Mapping[str, Any]) -> None:
    """A token for several must say that it was issued to us (OpenID Connect Core 3.1.3.7)."""
    audience = claims["aud"]
    party = claims.get("azp", client if isinstance(audience, str) or len(audience) == 1 else None)
    if party != client or not isinstance(claims["nonce"], str):
        raise BadTokenError("the token was issued to somebody else")
