-- Accounts that sign in through an OpenID Connect provider, and sign-ins on their way there and back.

-- linked --
-- The account of an identity, with what decides whether it is let in.
SELECT users.username, users.role, users.disabled, users.totp_since IS NOT NULL AS has_totp, identities.managed
FROM identities JOIN users ON users.username = identities.username
WHERE identities.issuer = %(issuer)s AND identities.subject = %(subject)s

-- link --
-- No row where the identity has an account already.
INSERT INTO identities (issuer, subject, username, managed)
VALUES (%(issuer)s, %(subject)s, %(username)s, %(managed)s)
ON CONFLICT (issuer, subject) DO NOTHING RETURNING id

-- identities --
SELECT id, issuer, subject, managed, linked_at FROM identities WHERE username = %(username)s ORDER BY linked_at, id

-- unlink --
DELETE FROM identities WHERE username = %(username)s AND id = %(identity)s RETURNING id

-- unlink_all --
DELETE FROM identities WHERE username = %(username)s

-- forget_old_attempts --
DELETE FROM oidc_attempts WHERE expires_at <= now()

-- begin --
INSERT INTO oidc_attempts (state_sha256, browser_sha256, nonce, verifier, expires_at)
VALUES (%(state_sha256)s, %(browser_sha256)s, %(nonce)s, %(verifier)s, now() + %(lifetime)s::interval)

-- take --
-- Once, by the browser that began it, and in time.
DELETE FROM oidc_attempts WHERE state_sha256 = %(state_sha256)s AND browser_sha256 = %(browser_sha256)s
    AND expires_at > now()
RETURNING nonce, verifier
