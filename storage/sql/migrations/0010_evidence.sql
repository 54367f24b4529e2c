-- The public keys that signed exports, for who has to check an old one.
CREATE TABLE evidence_keys (
    id             text PRIMARY KEY,
    pem            text NOT NULL,
    first_used_at  timestamptz NOT NULL DEFAULT now()
);

-- Exports of evidence that were finished: who, why, of what, and what left. chain_seq is the audit's entry that the
-- export names. A row is never removed.
CREATE TABLE exports (
    id               uuid PRIMARY KEY,
    ward_id          text NOT NULL,
    subject          text NOT NULL CHECK (subject IN ('event', 'incident', 'recording')),
    subject_id       uuid NOT NULL,
    reason           text NOT NULL,
    exported_by      text NOT NULL,
    exported_at      timestamptz NOT NULL,
    key_id           text NOT NULL REFERENCES evidence_keys (id),
    chain_seq        bigint NOT NULL,
    manifest_sha256  text NOT NULL,
    sha256           text NOT NULL,
    bytes            bigint NOT NULL,
    files            int NOT NULL,
    absent           int NOT NULL
);
CREATE INDEX exports_newest ON exports (ward_id, exported_at DESC, id DESC);
CREATE INDEX exports_subject ON exports (subject_id);
CREATE INDEX exports_key ON exports (key_id);
