-- Revisions of what boxes watch, and the places of the inventory that follow from the newest.

-- newest --
-- A box's last revision, its own as well.
SELECT box_id, revision, document, names, made_by, made_at, note, state, reason, answered_at
FROM box_configs WHERE box_id = %(box)s ORDER BY revision DESC LIMIT 1

-- one --
SELECT box_id, revision, document, names, made_by, made_at, note, state, reason, answered_at
FROM box_configs WHERE box_id = %(box)s AND revision = %(revision)s

-- in_use --
-- The revision that a box runs on, as far as it has told.
SELECT box_id, revision, document, names, made_by, made_at, note, state, reason, answered_at
FROM box_configs WHERE box_id = %(box)s AND state = 'applied' ORDER BY revision DESC LIMIT 1

-- history --
-- The last revisions, without what is in them.
SELECT revision, made_by, made_at, note, state, reason, answered_at
FROM box_configs WHERE box_id = %(box)s ORDER BY revision DESC LIMIT %(limit)s

-- hold --
-- From now on nobody else makes a revision of this box until the transaction ends.
SELECT id, ward_id, name FROM boxes WHERE id = %(box)s FOR UPDATE

-- make --
INSERT INTO box_configs (box_id, revision, document, names, made_by, note, state)
SELECT %(box)s, coalesce(max(revision), 0) + 1, %(document)s, %(names)s, %(made_by)s, %(note)s, 'pending'
FROM box_configs WHERE box_id = %(box)s
RETURNING revision

-- tell --
-- What a box was set up with; people's names for it stay.
INSERT INTO box_configs (box_id, revision, document, state, answered_at)
VALUES (%(box)s, 0, %(document)s, 'applied', now())
ON CONFLICT (box_id, revision) DO UPDATE SET document = excluded.document, made_at = now(), answered_at = now()
WHERE box_configs.document IS DISTINCT FROM excluded.document

-- wanted --
-- The newest revision that people made of each box, which is what it is pushed.
SELECT DISTINCT ON (box_configs.box_id) boxes.ward_id, box_configs.box_id, revision, made_at, document,
    box_configs.state
FROM box_configs JOIN boxes ON boxes.id = box_configs.box_id
WHERE revision > 0
ORDER BY box_configs.box_id, revision DESC

-- answers --
-- What boxes say of their revisions, where that is new.
UPDATE box_configs SET state = said.state, reason = said.reason, answered_at = now()
FROM jsonb_to_recordset(%(answers)s) AS said (box text, revision int, state text, reason text, running int)
WHERE box_configs.box_id = said.box AND box_configs.revision = said.revision
    AND (box_configs.state, box_configs.reason) IS DISTINCT FROM (said.state, said.reason)
RETURNING box_configs.box_id, box_configs.revision, box_configs.state, said.running

-- notify --
SELECT pg_notify('phoan_box_configs', %(box)s)

-- owners --
-- Which box has each of these cameras.
SELECT id, box_id FROM cameras WHERE id = ANY(%(cameras)s)

-- readers --
-- Which box reads each of these devices; those that no box reads are left out.
SELECT id, box_id FROM devices WHERE id = ANY(%(devices)s) AND box_id IS NOT NULL

-- sites --
-- Where a box's cameras may stand: the sites of its ward.
SELECT sites.id, sites.name FROM sites JOIN boxes ON boxes.ward_id = sites.ward_id
WHERE boxes.id = %(box)s ORDER BY sites.name, sites.id

-- named --
-- What people call a box's cameras, zones and lines.
SELECT cameras.id, cameras.name,
    coalesce((SELECT jsonb_object_agg(zones.id, zones.name) FROM zones WHERE camera_id = cameras.id), '{}') AS zones,
    coalesce((SELECT jsonb_object_agg(lines.id, lines.name) FROM lines WHERE camera_id = cameras.id), '{}') AS lines
FROM cameras WHERE box_id = %(box)s

-- named_devices --
-- What people call the devices that a box reads.
SELECT id, name FROM devices WHERE box_id = %(box)s

-- put_device --
-- A device that this very box reads; what only the inventory knows of it stays.
INSERT INTO devices (id, site_id, box_id, name, kind, gateway_id)
VALUES (%(id)s, %(site)s, %(box)s, %(name)s, %(kind)s, %(gateway)s)
ON CONFLICT (id) DO UPDATE SET site_id = excluded.site_id, name = excluded.name, kind = excluded.kind,
    gateway_id = excluded.gateway_id, adopted = false
WHERE devices.box_id = excluded.box_id

-- forget_devices --
-- Devices that people took off a box; what a payment point hangs on stays, and so does what was measured.
DELETE FROM devices WHERE box_id = %(box)s AND id = ANY(%(devices)s) AND payment_point_id IS NULL

-- put_camera --
-- A camera of this very box; what only the inventory knows of it stays.
INSERT INTO cameras (id, box_id, site_id, name, position)
VALUES (%(id)s, %(box)s, %(site)s, %(name)s, %(position)s)
ON CONFLICT (id) DO UPDATE SET site_id = excluded.site_id, name = excluded.name, position = excluded.position,
    retired_at = NULL
WHERE cameras.box_id = excluded.box_id

-- retire --
UPDATE cameras SET retired_at = now(), state = 'unknown', fault = NULL
WHERE box_id = %(box)s AND retired_at IS NULL AND NOT id = ANY(%(cameras)s)

-- forget_zones --
DELETE FROM zones WHERE camera_id = %(camera)s

-- zone --
INSERT INTO zones (camera_id, id, name, polygon) VALUES (%(camera)s, %(id)s, %(name)s, %(polygon)s)

-- forget_lines --
DELETE FROM lines WHERE camera_id = %(camera)s

-- line --
INSERT INTO lines (camera_id, id, name, points) VALUES (%(camera)s, %(id)s, %(name)s, %(points)s)
