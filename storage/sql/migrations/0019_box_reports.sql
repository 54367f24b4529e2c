-- What a box's doctor found, as codes and values. A box's newest fifty are kept.
CREATE TABLE box_reports (
    box_id       text NOT NULL REFERENCES boxes (id) ON DELETE CASCADE,
    at           timestamptz NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    level        text NOT NULL CHECK (level IN ('ok', 'warn', 'bad')),
    version      text NOT NULL,
    seconds      double precision NOT NULL,
    findings     jsonb NOT NULL,
    PRIMARY KEY (box_id, at)
);
