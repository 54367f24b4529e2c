-- A code that lets one box in, once and within its hour. Of its secret only the SHA-256 is kept; key_sha256 is the public
-- key of the box that used it, which may ask again until the code expires, since an answer can be lost on its way.
CREATE TABLE enrolment_codes (
    id             uuid PRIMARY KEY,
    secret_sha256  bytea NOT NULL UNIQUE,
    box_id         text NOT NULL,
    box_name       text NOT NULL,
    ward_id        text NOT NULL REFERENCES wards (id),
    site_id        text REFERENCES sites (id),
    made_by        text NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz,
    used_from      text,
    key_sha256     bytea,
    withdrawn_at   timestamptz,
    CONSTRAINT enrolment_codes_used CHECK ((used_at IS NULL) = (key_sha256 IS NULL))
);
CREATE INDEX enrolment_codes_newest ON enrolment_codes (ward_id, made_at DESC);
CREATE INDEX enrolment_codes_box ON enrolment_codes (box_id);
CREATE INDEX enrolment_codes_site ON enrolment_codes (site_id);

-- Who may sign in at the broker: the wanted state, which a worker brings into the broker. password_hash is PBKDF2-SHA512
-- over the password and the salt's text, for brokers that read this table themselves; sealed is the password under a key
-- that is not in the database, for those that take accounts only in words. A revoked account stays, to be kept out.
CREATE TABLE broker_accounts (
    login          text PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('box', 'device')),
    name           text NOT NULL,
    ward_id        text NOT NULL REFERENCES wards (id),
    salt           text NOT NULL,
    iterations     int NOT NULL,
    password_hash  bytea NOT NULL,
    sealed         text NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(),
    revoked_at     timestamptz,
    revoked_by     text,
    reason         text,
    UNIQUE (kind, name),
    CONSTRAINT broker_accounts_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX broker_accounts_ward ON broker_accounts (ward_id);

-- The certificates that the centre's authority gave to boxes. serial is hexadecimal.
CREATE TABLE box_certificates (
    serial      text PRIMARY KEY,
    box_id      text NOT NULL REFERENCES boxes (id),
    key_sha256  bytea NOT NULL,
    not_before  timestamptz NOT NULL,
    not_after   timestamptz NOT NULL,
    revoked_at  timestamptz
);
CREATE INDEX box_certificates_box ON box_certificates (box_id, not_after DESC);
