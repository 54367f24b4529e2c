-- The registry of payment points: whom each is paid to, every change with who proposed and who decided it, and what
-- patrols scanned. Account numbers are not stored.

-- stall: its number or address as people say it; hours in people's words. A point is ended, never removed.
ALTER TABLE payment_points
    ADD COLUMN stall text NOT NULL DEFAULT '',
    ADD COLUMN hours text NOT NULL DEFAULT '',
    ADD COLUMN since timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN ended_at timestamptz;

-- What is proposed for the registry of payment points, and what another person decided. Nothing takes effect before it
-- is approved; who proposes may withdraw, never decide. A decided row is never changed and no row is ever removed.
CREATE TABLE payment_changes (
    id           uuid PRIMARY KEY,
    ward_id      text NOT NULL REFERENCES wards (id),
    source       text NOT NULL CHECK (source IN ('form', 'scan', 'import')),
    reason       text NOT NULL,
    proposed_by  text NOT NULL,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    state        text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn')),
    decided_by   text,
    decided_at   timestamptz,
    remark       text,
    CONSTRAINT payment_changes_decided CHECK ((state = 'proposed') = (decided_by IS NULL)),
    CONSTRAINT payment_changes_decided_at CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT payment_changes_by_another CHECK ((state = 'withdrawn') = (decided_by = proposed_by))
);
CREATE INDEX payment_changes_newest ON payment_changes (ward_id, id DESC);
CREATE INDEX payment_changes_proposed ON payment_changes (ward_id, id DESC) WHERE state = 'proposed';

-- The steps of a change, in order. Of an account only the keyed fingerprint, the bank's BIN and the last four digits are
-- there; key_id tells with which ward's key the fingerprint was made.
CREATE TABLE payment_change_steps (
    change_id    uuid NOT NULL REFERENCES payment_changes (id),
    n            int NOT NULL,
    action       text NOT NULL CHECK (action IN ('add_point', 'end_point', 'add_payee', 'remove_payee')),
    point_id     text NOT NULL,
    site_id      text NOT NULL REFERENCES sites (id),
    name         text,
    kind         text CHECK (kind IN ('stall', 'shop', 'desk')),
    stall        text,
    hours        text,
    fingerprint  text CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    guid         text,
    bin          text,
    last_four    text CHECK (length(last_four) <= 4),
    service      text,
    label        text,
    key_id       text,
    PRIMARY KEY (change_id, n),
    CONSTRAINT payment_change_steps_payee CHECK ((action IN ('add_payee', 'remove_payee')) = (fingerprint IS NOT NULL)),
    CONSTRAINT payment_change_steps_point CHECK (action <> 'add_point' OR (name IS NOT NULL AND kind IS NOT NULL))
);
CREATE INDEX payment_change_steps_point ON payment_change_steps (point_id, change_id);

-- Whom a point is paid to now: what its codes may name. The change by which each came says who answers for it.
CREATE TABLE payment_payees (
    point_id     text NOT NULL REFERENCES payment_points (id),
    fingerprint  text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    guid         text NOT NULL,
    bin          text NOT NULL,
    last_four    text NOT NULL CHECK (length(last_four) <= 4),
    service      text NOT NULL,
    label        text NOT NULL DEFAULT '',
    key_id       text NOT NULL,
    since        timestamptz NOT NULL DEFAULT now(),
    change_id    uuid NOT NULL REFERENCES payment_changes (id),
    PRIMARY KEY (point_id, fingerprint)
);
CREATE INDEX payment_payees_fingerprint ON payment_payees (fingerprint);

-- What somebody on patrol scanned with a phone, and how it was judged; the text of a code is not kept. point_id is the
-- point at which they stood, NULL where they asked whose a code is; incident_id what they reported.
CREATE TABLE payment_scans (
    id            uuid PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT now(),
    username      text NOT NULL,
    ward_id       text NOT NULL REFERENCES wards (id),
    point_id      text REFERENCES payment_points (id),
    verdict       text NOT NULL CHECK (verdict IN ('ours', 'partly', 'not_ours', 'foreign', 'broken', 'found', 'unknown')),
    fingerprints  text[] NOT NULL DEFAULT '{}',
    bins          text[] NOT NULL DEFAULT '{}',
    incident_id   uuid REFERENCES incidents (id) ON DELETE SET NULL
);
CREATE INDEX payment_scans_point ON payment_scans (point_id, at DESC) WHERE point_id IS NOT NULL;
CREATE INDEX payment_scans_newest ON payment_scans (ward_id, at DESC);

CREATE FUNCTION refuse_decided_change() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF OLD.state <> 'proposed' OR NEW.state = 'proposed'
        OR (NEW.id, NEW.ward_id, NEW.source, NEW.reason, NEW.proposed_by, NEW.proposed_at)
            IS DISTINCT FROM (OLD.id, OLD.ward_id, OLD.source, OLD.reason, OLD.proposed_by, OLD.proposed_at)
    THEN
        RAISE EXCEPTION 'a change of the registry is decided once, and only its decision is ever added';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER payment_changes_are_decided_once BEFORE UPDATE ON payment_changes
    FOR EACH ROW EXECUTE FUNCTION refuse_decided_change();
CREATE TRIGGER payment_changes_are_for_ever BEFORE DELETE OR TRUNCATE ON payment_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_change_steps_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_change_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_late_step() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF (SELECT state FROM payment_changes WHERE id = NEW.change_id) <> 'proposed' THEN
        RAISE EXCEPTION 'a change that is decided takes no more steps';
    END IF;
    RETURN NEW;
END
$function$;
CREATE TRIGGER payment_change_steps_come_before BEFORE INSERT ON payment_change_steps
    FOR EACH ROW EXECUTE FUNCTION refuse_late_step();
CREATE TRIGGER payment_points_are_ended_not_removed BEFORE DELETE OR TRUNCATE ON payment_points
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
