-- What every dashboard asks: its choices and its annotations. {kinds} are the names of kinds, {open} says "open it".

-- ward --
-- Names that several wards bear carry the id: Grafana shows one choice for each text.
SELECT id AS __value,
    CASE WHEN count(*) OVER (PARTITION BY name) > 1 THEN name || ' (' || id || ')' ELSE name END AS __text
FROM wards ORDER BY 2

-- site --
SELECT sites.id AS __value,
    CASE WHEN count(*) OVER (PARTITION BY sites.name) > 1 THEN sites.name || ' (' || wards.name || ')' ELSE sites.name END
        AS __text
FROM sites JOIN wards ON wards.id = sites.ward_id WHERE sites.ward_id IN (${ward:sqlstring}) ORDER BY 2

-- incidents --
-- Those that people were called for, from their beginning to their end; symptoms stand under their cause.
SELECT incidents.opened_at AS "time", coalesce(incidents.ended_at, now()) AS timeend,
    coalesce(kinds.name, incidents.kind) || ' · ' || coalesce(sites.name, wards.name)
        || E'\n<a href="${wall}/#/incidents/' || incidents.id || '" target="_blank">{open}</a>' AS text,
    incidents.id::text AS id
FROM incidents JOIN wards ON wards.id = incidents.ward_id LEFT JOIN sites ON sites.id = incidents.site_id
    LEFT JOIN ({kinds}) AS kinds (code, name) ON kinds.code = incidents.kind
WHERE $__timeFilter(incidents.opened_at) AND incidents.severity IN ('high', 'critical') AND incidents.cause_id IS NULL
    AND incidents.ward_id IN (${ward:sqlstring}) AND coalesce(incidents.site_id, '') IN (${site:sqlstring})
ORDER BY incidents.opened_at DESC LIMIT 100

-- place --
-- A site's name, with its ward's where there are several wards.
sites.name || CASE WHEN (SELECT count(*) FROM wards) > 1 THEN ' · ' || wards.name ELSE '' END

-- sizes --
-- Each table with its chunks and indexes. Rows are PostgreSQL's own estimate.
SELECT tables.relname::text AS name, sum(pg_total_relation_size(parts.oid))::bigint AS bytes,
    sum(pg_indexes_size(parts.oid))::bigint AS indexes, sum(greatest(pg_class.reltuples, 0))::bigint AS rows,
    count(*) - 1 AS chunks
FROM pg_class AS tables CROSS JOIN LATERAL (
    SELECT tables.oid UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = tables.oid
) AS parts (oid) JOIN pg_class ON pg_class.oid = parts.oid
WHERE tables.relnamespace = 'public'::regnamespace AND tables.relkind IN ('r', 'p') GROUP BY 1
