-- Searches among the events of years, newest first. storage.search says how the marks in braces are filled.

-- events --
-- The newest of what was found by one key or another.
SELECT found.ward_id, found.box_id, found.body, found.received_at,
    (SELECT incident_id FROM incident_events WHERE event_id = found.id) AS incident_id
FROM ({found}) AS found
ORDER BY found.opened_at DESC, found.id DESC
LIMIT %(limit)s

-- keyed --
-- The newest of each key by an index of its own.
SELECT keyed.* FROM unnest(%(key_wards)s::text[], %(key_values)s::text[], %(key_zones)s::text[])
    AS wanted (ward, value, zone)
CROSS JOIN LATERAL (
    SELECT id, opened_at, ward_id, box_id, body, received_at FROM events
    WHERE {key} AND {conditions} AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    ORDER BY opened_at DESC, id DESC
    LIMIT %(limit)s
) AS keyed

-- devices --
-- The same of the devices among the places that are searched.
SELECT keyed.* FROM unnest(%(key_devices)s::text[]) AS wanted (value)
CROSS JOIN LATERAL (
    SELECT id, opened_at, ward_id, box_id, body, received_at FROM events
    WHERE device_id = wanted.value AND {conditions} AND (ward_id = ANY(%(whole)s) OR site_id = ANY(%(sites)s))
    ORDER BY opened_at DESC, id DESC
    LIMIT %(limit)s
) AS keyed
