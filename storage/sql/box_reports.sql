-- What the boxes' doctors found.

-- put --
-- The same report again changes nothing.
INSERT INTO box_reports (box_id, at, level, version, seconds, findings)
VALUES (%(box)s, %(at)s, %(level)s, %(version)s, %(seconds)s, %(findings)s)
ON CONFLICT (box_id, at) DO NOTHING
RETURNING at

-- forget --
-- All of a box but the newest.
DELETE FROM box_reports
WHERE box_id = %(box)s AND at < (
    SELECT at FROM box_reports WHERE box_id = %(box)s ORDER BY at DESC OFFSET %(kept)s - 1 LIMIT 1
)

-- newest --
-- Of one box.
SELECT box_id AS box, at, received_at, level, version, seconds, findings FROM box_reports
WHERE box_id = %(box)s
ORDER BY at DESC
LIMIT %(limit)s

-- last --
-- The last of each box of which anything is seen.
SELECT DISTINCT ON (box_id) box_id AS box, at, received_at, level, box_reports.version, seconds, findings
FROM box_reports
JOIN boxes ON boxes.id = box_id
WHERE boxes.ward_id = ANY(%(wards)s) AND (
    boxes.ward_id = ANY(%(whole)s) OR boxes.site_id = ANY(%(sites)s)
    OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id = ANY(%(sites)s))
)
ORDER BY box_id, at DESC
