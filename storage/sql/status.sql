-- How boxes and cameras are right now, from their retained status messages.

-- update_box --
-- Take a status unless a newer one of the same connection is stored. A last will (offline) counts only for the
-- connection that is stored: that of an older connection, arriving late, must not hide the new one.
UPDATE boxes SET
    state = %(state)s, state_at = now(), status_session = %(session)s, status_n = %(n)s,
    version = CASE WHEN %(version)s = '' THEN version ELSE %(version)s END,
    outbox_epoch = coalesce(%(outbox_epoch)s, outbox_epoch), outbox_head = coalesce(%(outbox_head)s, outbox_head),
    outbox_pending = coalesce(%(outbox_pending)s, outbox_pending),
    outbox_dropped = coalesce(%(outbox_dropped)s, outbox_dropped)
WHERE id = %(box)s AND ward_id = %(ward)s AND (
    (%(state)s = 'online' AND (status_session IS DISTINCT FROM %(session)s OR status_n <= %(n)s))
    OR (%(state)s = 'offline' AND (status_session IS NOT DISTINCT FROM %(session)s OR status_session IS NULL))
)
RETURNING id

-- update_camera --
-- Only a camera of this very box: a box cannot speak for another's.
UPDATE cameras SET
    state = %(state)s, fault = %(fault)s, since = %(since)s, width = coalesce(%(width)s, width),
    height = coalesce(%(height)s, height), fps = %(fps)s, analysed_fps = %(analysed_fps)s
WHERE id = %(camera)s AND box_id = %(box)s

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
SELECT pg_notify('phoan_status', %(box)s)
