-- Pictures and clips are kept for a time only. What was removed stays known by its digest and the day: that proves the
-- removal, and a box that offers it again is told that it has arrived.

ALTER TABLE media ADD COLUMN removed_at timestamptz;
CREATE INDEX media_oldest ON media (received_at) WHERE removed_at IS NULL;
