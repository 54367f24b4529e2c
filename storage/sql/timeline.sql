-- One camera over some days, for a timeline.

-- events --
-- What was going on at a camera between two moments, the newest first. What began more than a week before is not
-- looked for. Pictures are there only once they have arrived.
SELECT events.id, events.kind, events.severity, events.zone_id, events.opened_at, events.closed_at,
    EXISTS (SELECT FROM media WHERE digest = events.snapshot) AS snapshot,
    EXISTS (SELECT FROM media WHERE digest = events.body ->> 'thumbnail') AS thumbnail,
    EXISTS (SELECT FROM media WHERE digest = events.clip) AS clip,
    (SELECT incident_id FROM incident_events WHERE event_id = events.id) AS incident_id
FROM events
WHERE camera_id = %(camera)s AND opened_at < %(end)s AND opened_at >= %(start)s::timestamptz - INTERVAL '7 days'
    AND (opened_at >= %(start)s OR closed_at IS NULL OR closed_at > %(start)s)
    AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
ORDER BY opened_at DESC, id DESC
LIMIT %(limit)s

-- streaming --
-- Which share of its measurements the camera streamed, bucket by bucket; a silent box leaves buckets out.
SELECT bucket, total / n AS share FROM health_{length}
WHERE device_id = %(camera)s AND metric = 'camera.streaming' AND zone_id = '' AND bucket >= %(start)s AND bucket < %(end)s
ORDER BY bucket

-- people --
-- How many people all zones held together on average, and the most that one of them held.
SELECT bucket, sum(total / n) AS mean, max(highest) AS highest FROM counts_{length}
WHERE device_id = %(camera)s AND metric = 'zone.people' AND bucket >= %(start)s AND bucket < %(end)s
GROUP BY bucket ORDER BY bucket

-- crossings --
-- How many persons crossed each line, in both directions.
SELECT bucket, zone_id AS line, coalesce(sum(total) FILTER (WHERE metric = 'line.in'), 0)::bigint AS into,
    coalesce(sum(total) FILTER (WHERE metric = 'line.out'), 0)::bigint AS out
FROM counts_{length}
WHERE device_id = %(camera)s AND metric IN ('line.in', 'line.out') AND bucket >= %(start)s AND bucket < %(end)s
GROUP BY bucket, zone_id ORDER BY bucket, zone_id

-- recordings --
-- What was asked of the camera's recordings between two moments, and whether the film has arrived.
SELECT id, coalesce(began_at, wanted_from) AS began_at, coalesce(ended_at, wanted_to) AS ended_at, state, requested_by,
    EXISTS (SELECT FROM media WHERE media.digest = recordings.digest) AS ready
FROM recordings
WHERE camera_id = %(camera)s AND wanted_from < %(end)s AND wanted_to > %(start)s
ORDER BY requested_at DESC
LIMIT %(limit)s

-- camera --
-- Where a camera is, and how it is now.
SELECT sites.ward_id, cameras.site_id, cameras.state, cameras.since, boxes.state AS box_state
FROM cameras JOIN sites ON sites.id = cameras.site_id JOIN boxes ON boxes.id = cameras.box_id
WHERE cameras.id = %(camera)s
