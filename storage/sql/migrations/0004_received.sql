-- Measurements come in by a COPY that need not say when they were received: the server knows, and parses one time less.

ALTER TABLE telemetry ALTER COLUMN received_at SET DEFAULT now();
ALTER TABLE counts ALTER COLUMN received_at SET DEFAULT now();
ALTER TABLE health ALTER COLUMN received_at SET DEFAULT now();
