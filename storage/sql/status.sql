-- How boxes and cameras are right now, from their retained status messages.

-- update_boxes --
-- Take each status unless one as new of the same connection is stored: every worker hears every status, and one writes
-- it. A last will (offline) counts only for the connection that is stored: that of an older connection, arriving late,
-- must not hide the new one. Rows are held in the order of their ids, so that two workers never wait in a circle.
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%(statuses)s) AS said (box text, ward text, state text, session uuid, n bigint,
        version text, outbox_epoch uuid, outbox_head bigint, outbox_pending bigint, outbox_dropped bigint)
), newer AS (
    SELECT said.* FROM said JOIN boxes ON boxes.id = said.box AND boxes.ward_id = said.ward
    WHERE (said.state = 'online' AND (status_session IS DISTINCT FROM said.session OR status_n < said.n))
        OR (said.state = 'offline' AND (status_session IS NOT DISTINCT FROM said.session OR status_session IS NULL))
    ORDER BY boxes.id
    FOR NO KEY UPDATE OF boxes
)
UPDATE boxes SET
    state = newer.state, state_at = now(), status_session = newer.session, status_n = newer.n,
    version = CASE WHEN newer.version = '' THEN boxes.version ELSE newer.version END,
    outbox_epoch = coalesce(newer.outbox_epoch, boxes.outbox_epoch),
    outbox_head = coalesce(newer.outbox_head, boxes.outbox_head),
    outbox_pending = coalesce(newer.outbox_pending, boxes.outbox_pending),
    outbox_dropped = coalesce(newer.outbox_dropped, boxes.outbox_dropped)
FROM newer WHERE boxes.id = newer.box
RETURNING boxes.id

-- update_cameras --
-- Only cameras of the very box that speaks, and only where something is new.
UPDATE cameras SET
    state = said.state, fault = said.fault, since = said.since, width = coalesce(said.width, cameras.width),
    height = coalesce(said.height, cameras.height), fps = said.fps, analysed_fps = said.analysed_fps
FROM jsonb_to_recordset(%(cameras)s) AS said (box text, camera text, state text, fault text, since timestamptz,
    width int, height int, fps real, analysed_fps real)
WHERE cameras.id = said.camera AND cameras.box_id = said.box AND
    (cameras.state, cameras.fault, cameras.since, cameras.width, cameras.height, cameras.fps, cameras.analysed_fps)
    IS DISTINCT FROM (said.state, said.fault, said.since, coalesce(said.width, cameras.width),
        coalesce(said.height, cameras.height), said.fps, said.analysed_fps)

-- adopt --
-- A device that a box took in by itself, at a site of its ward. What the inventory declares, or another box has, stays.
INSERT INTO devices (id, site_id, box_id, name, kind, gateway_id, model, metrics, adopted)
SELECT %(id)s, sites.id, boxes.id, %(name)s, %(kind)s, %(gateway)s, %(model)s, %(metrics)s, true
FROM boxes JOIN sites ON sites.ward_id = boxes.ward_id
WHERE boxes.id = %(box)s AND sites.id = %(site)s
ON CONFLICT (id) DO UPDATE SET site_id = excluded.site_id, name = excluded.name, kind = excluded.kind,
    gateway_id = excluded.gateway_id, model = excluded.model, metrics = excluded.metrics
WHERE devices.adopted AND devices.box_id = excluded.box_id

-- notify --
SELECT pg_notify('phoan_status', box) FROM unnest(%(boxes)s::text[]) AS box
