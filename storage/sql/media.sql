-- Which pictures and clips the centre holds.

-- put --
-- A second upload of the same bytes changes nothing.
INSERT INTO media (digest, bytes, media_type, box_id)
VALUES (%(digest)s, %(bytes)s, %(media_type)s, %(box)s)
ON CONFLICT (digest) DO NOTHING

-- media_type --
SELECT media_type FROM media WHERE digest = %(digest)s
