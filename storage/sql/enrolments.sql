-- Codes that let boxes in, and what a box that was let in has.

-- make --
INSERT INTO enrolment_codes (id, secret_sha256, box_id, box_name, ward_id, site_id, made_by, expires_at)
VALUES (%(id)s, %(secret_sha256)s, %(box)s, %(name)s, %(ward)s, %(site)s, %(made_by)s, now() + %(lifetime)s::interval)

-- codes --
-- Newest first, those of the last day that somebody with this sight may know of; a code for a box of no site belongs to
-- who sees the whole ward.
SELECT enrolment_codes.id, box_id, box_name, enrolment_codes.ward_id, wards.name AS ward_name, enrolment_codes.site_id,
    sites.name AS site_name, made_by, made_at, expires_at, used_at, withdrawn_at, boxes.state AS box_state,
    expires_at <= now() AS expired
FROM enrolment_codes
JOIN wards ON wards.id = enrolment_codes.ward_id
LEFT JOIN sites ON sites.id = enrolment_codes.site_id
LEFT JOIN boxes ON boxes.id = enrolment_codes.box_id
WHERE enrolment_codes.ward_id = ANY(%(wards)s) AND made_at > now() - interval '1 day'
    AND (enrolment_codes.ward_id = ANY(%(whole)s) OR enrolment_codes.site_id = ANY(%(sites)s))
ORDER BY made_at DESC, enrolment_codes.id LIMIT 200

-- withdraw --
UPDATE enrolment_codes SET withdrawn_at = now()
WHERE id = %(id)s AND withdrawn_at IS NULL AND used_at IS NULL AND expires_at > now() RETURNING id

-- withdraw_of_box --
-- Codes for this box that could still let it in, the used ones too: who used one may ask again.
UPDATE enrolment_codes SET withdrawn_at = now() WHERE box_id = %(box)s AND withdrawn_at IS NULL AND expires_at > now()

-- use --
-- One row for the first key that comes, and for the same key again until the code expires; none for all others.
UPDATE enrolment_codes SET used_at = coalesce(used_at, now()), used_from = coalesce(used_from, %(client)s),
    key_sha256 = %(key_sha256)s
WHERE secret_sha256 = %(secret_sha256)s AND withdrawn_at IS NULL AND expires_at > now()
    AND (used_at IS NULL OR key_sha256 = %(key_sha256)s)
RETURNING id, box_id, box_name, ward_id, site_id, used_at < now() AS again

-- why_not --
SELECT CASE WHEN withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN used_at IS NOT NULL THEN 'used' ELSE 'expired' END
FROM enrolment_codes WHERE secret_sha256 = %(secret_sha256)s

-- box --
SELECT ward_id, site_id, name FROM boxes WHERE id = %(box)s

-- awaited --
-- Where the box is to stand that a code waits for.
SELECT ward_id, site_id, box_name AS name FROM enrolment_codes
WHERE box_id = %(box)s AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > now()
ORDER BY made_at DESC LIMIT 1

-- place --
-- The ward of a site and the time zone there; without a site, the ward itself.
SELECT wards.id AS ward, wards.time_zone FROM wards LEFT JOIN sites ON sites.ward_id = wards.id AND sites.id = %(site)s
WHERE wards.id = %(ward)s AND (%(site)s::text IS NULL OR sites.id IS NOT NULL)

-- places --
-- Where somebody with this sight may put a box: whole wards, and sites.
SELECT wards.id AS ward_id, wards.name AS ward_name, sites.id AS site_id, sites.name AS site_name,
    wards.id = ANY(%(whole)s) AS whole
FROM wards LEFT JOIN sites ON sites.ward_id = wards.id AND (wards.id = ANY(%(whole)s) OR sites.id = ANY(%(sites)s))
WHERE wards.id = ANY(%(wards)s) ORDER BY wards.name, sites.name

-- taken --
-- Names of boxes and of codes for boxes to come that begin so.
SELECT id FROM boxes WHERE starts_with(id, %(start)s)
UNION SELECT box_id FROM enrolment_codes
WHERE starts_with(box_id, %(start)s) AND withdrawn_at IS NULL AND expires_at > now()

-- let_in --
-- The box as it was declared, or a new one, with the token by which the API knows it from now on.
INSERT INTO boxes (id, ward_id, site_id, name, token_sha256)
VALUES (%(box)s, %(ward)s, %(site)s, %(name)s, %(token_sha256)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, site_id = excluded.site_id, token_sha256 = excluded.token_sha256
WHERE boxes.ward_id = excluded.ward_id RETURNING id

-- forget_token --
UPDATE boxes SET token_sha256 = NULL WHERE id = %(box)s

-- certified --
INSERT INTO box_certificates (serial, box_id, key_sha256, not_before, not_after)
VALUES (%(serial)s, %(box)s, %(key_sha256)s, %(not_before)s, %(not_after)s)

-- revoke_certificates --
-- All of a box but those of one key.
UPDATE box_certificates SET revoked_at = now()
WHERE box_id = %(box)s AND revoked_at IS NULL AND (%(keep)s::bytea IS NULL OR key_sha256 <> %(keep)s)

-- key_of_box --
-- The public key of the newest certificate that the box may use.
SELECT key_sha256 FROM box_certificates WHERE box_id = %(box)s AND revoked_at IS NULL ORDER BY not_after DESC LIMIT 1
