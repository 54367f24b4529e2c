-- Accounts that sign in through an OpenID Connect provider, and sign-ins that are on their way there and back.

CREATE TABLE identities (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    issuer     text NOT NULL,
    subject    text NOT NULL,
    username   text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
    managed    boolean NOT NULL DEFAULT false,
    linked_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_username ON identities (username);

CREATE TABLE oidc_attempts (
    state_sha256    bytea PRIMARY KEY,
    browser_sha256  bytea NOT NULL,
    nonce           text NOT NULL,
    verifier        text NOT NULL,
    expires_at      timestamptz NOT NULL
);

ALTER TABLE sessions ADD COLUMN strong boolean NOT NULL DEFAULT false;
