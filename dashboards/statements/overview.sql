-- How the ward stands now, and what happened in the chosen time. {place} is a site's name, {kinds} the names of kinds.

-- cameras --
-- A camera behind a silent box counts as one without a picture: nobody sees it.
SELECT count(*) FILTER (WHERE cameras.state <> 'streaming' OR boxes.state <> 'online') AS dark, count(*) AS cameras
FROM cameras JOIN boxes ON boxes.id = cameras.box_id JOIN sites ON sites.id = cameras.site_id
WHERE cameras.retired_at IS NULL AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- boxes --
SELECT count(*) FILTER (WHERE boxes.state <> 'online') AS silent, count(*) AS boxes
FROM boxes WHERE boxes.ward_id IN (${ward:sqlstring})
    AND (coalesce(boxes.site_id, '') IN (${site:sqlstring})
        OR EXISTS (SELECT FROM cameras WHERE cameras.box_id = boxes.id AND cameras.site_id IN (${site:sqlstring})))

-- unfinished --
SELECT count(*) FILTER (WHERE severity IN ('high', 'critical') AND acknowledged_at IS NULL) AS urgent,
    count(*) AS unfinished
FROM incidents WHERE state IN ('new', 'seen', 'assigned') AND cause_id IS NULL
    AND ward_id IN (${ward:sqlstring}) AND coalesce(site_id, '') IN (${site:sqlstring})

-- payable --
-- Of the points that are open and heard of, as on the wall.
SELECT 100.0 * count(*) FILTER (WHERE states.state = 'payable')
    / nullif(count(*) FILTER (WHERE states.state IN ('payable', 'not_payable')), 0) AS payable,
    count(*) FILTER (WHERE states.state = 'not_payable') AS not_payable
FROM payment_points AS points JOIN sites ON sites.id = points.site_id
    LEFT JOIN payment_states AS states ON states.point_id = points.id
WHERE points.ended_at IS NULL AND sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- devices --
-- The life of each device as its box told it last, within 15 minutes.
SELECT count(*) FILTER (WHERE latest.life = 0) AS silent, count(*) AS devices
FROM devices JOIN sites ON sites.id = devices.site_id LEFT JOIN LATERAL (
    SELECT latest AS life FROM telemetry_5m
    WHERE device_id = devices.id AND metric = 'device.life' AND zone_id = '' AND bucket > now() - INTERVAL '15 minutes'
    ORDER BY bucket DESC LIMIT 1
) AS latest ON true
WHERE sites.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})

-- records --
-- What is still on its way, and what never arrived.
SELECT coalesce(sum(boxes.outbox_pending), 0)::bigint AS pending,
    coalesce(sum((SELECT sum(last_seq - first_seq + 1) FROM box_gaps WHERE box_id = boxes.id)), 0)::bigint AS missing
FROM boxes WHERE boxes.ward_id IN (${ward:sqlstring})

-- alerts --
SELECT $__timeGroupAlias(bucket, $__interval, 0), severity AS metric, sum(n) AS value
FROM events_1h WHERE $__timeFilter(bucket) AND ward_id IN (${ward:sqlstring}) AND site_id IN (${site:sqlstring})
GROUP BY 1, 2 ORDER BY 1, 2

-- open_incidents --
SELECT incidents.opened_at AS "time", incidents.severity, incidents.kind,
    coalesce({place}, wards.name) AS place, incidents.state,
    extract(epoch FROM now() - incidents.reported_at)::double precision AS waiting, incidents.escalations,
    incidents.id::text AS incident_id
FROM incidents JOIN wards ON wards.id = incidents.ward_id LEFT JOIN sites ON sites.id = incidents.site_id
WHERE incidents.state IN ('new', 'seen', 'assigned') AND incidents.cause_id IS NULL
    AND incidents.ward_id IN (${ward:sqlstring}) AND coalesce(incidents.site_id, '') IN (${site:sqlstring})
ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], incidents.severity), incidents.opened_at LIMIT 50

-- places --
SELECT {place} AS place, sum(events_1h.n)::bigint AS alerts
FROM events_1h JOIN sites ON sites.id = events_1h.site_id JOIN wards ON wards.id = sites.ward_id
WHERE $__timeFilter(events_1h.bucket) AND events_1h.ward_id IN (${ward:sqlstring}) AND sites.id IN (${site:sqlstring})
GROUP BY sites.id, wards.id ORDER BY 2 DESC, 1 LIMIT 10

-- kinds --
SELECT coalesce(kinds.name, events_1h.kind) AS kind, sum(events_1h.n)::bigint AS alerts
FROM events_1h LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = events_1h.kind
WHERE $__timeFilter(events_1h.bucket) AND events_1h.ward_id IN (${ward:sqlstring})
    AND events_1h.site_id IN (${site:sqlstring})
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10
