-- Versions of the box's program, which of them is wanted of a box, and what became of that.

-- add --
-- A release is added once: another bundle of the same name is not taken.
INSERT INTO releases (version, arch, sha256, size, signature, notes, made_by)
VALUES (%(version)s, %(arch)s, %(sha256)s, %(size)s, %(signature)s, %(notes)s, %(made_by)s)
ON CONFLICT (version, arch) DO NOTHING
RETURNING version

-- all --
SELECT version, arch, sha256, size, notes, made_by, at FROM releases ORDER BY at DESC, version, arch

-- find --
-- The release of a version that fits a machine; one for it alone rather than one for all.
SELECT version, arch, sha256, size, notes, made_by, at FROM releases
WHERE version = %(version)s AND arch IN ('none', %(machine)s)
ORDER BY arch = 'none'
LIMIT 1

-- want --
INSERT INTO box_releases (box_id, wish, version, wished_by)
VALUES (%(box)s, %(wish)s, %(version)s, %(by)s)
ON CONFLICT (box_id) DO UPDATE
SET wish = excluded.wish, version = excluded.version, wished_by = excluded.wished_by, wished_at = now(), state = NULL,
    reason = NULL, detail = '', reported_at = NULL

-- forget --
DELETE FROM box_releases WHERE box_id = %(box)s RETURNING version

-- wish --
SELECT box_id AS box, wish, version, wished_by, wished_at, state, reason, detail, reported_at FROM box_releases
WHERE box_id = %(box)s

-- wishes --
-- Of the boxes of which anything is seen.
SELECT box_id AS box, wish, box_releases.version, wished_by, wished_at, box_releases.state, reason, detail, reported_at
FROM box_releases
JOIN boxes ON boxes.id = box_id
WHERE boxes.ward_id = ANY(%(wards)s) AND (
    boxes.ward_id = ANY(%(whole)s) OR boxes.site_id = ANY(%(sites)s)
    OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id = ANY(%(sites)s))
)
ORDER BY box_id

-- report --
-- A report of an earlier wish changes nothing.
UPDATE box_releases
SET state = %(state)s, reason = %(reason)s, detail = %(detail)s, running = %(running)s, reported_at = now()
WHERE box_id = %(box)s AND wish = %(wish)s
RETURNING version

-- boxes_of_ward --
SELECT id, version FROM boxes WHERE ward_id = %(ward)s ORDER BY id

-- ward_of_box --
SELECT ward_id FROM boxes WHERE id = %(box)s
