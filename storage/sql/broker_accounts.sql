-- Who may sign in at the broker.

-- put --
-- A new account, or a new password for one that is there, which is let in again.
INSERT INTO broker_accounts (login, kind, name, ward_id, salt, iterations, password_hash, sealed)
VALUES (%(login)s, %(kind)s, %(name)s, %(ward)s, %(salt)s, %(iterations)s, %(password_hash)s, %(sealed)s)
ON CONFLICT (login) DO UPDATE SET ward_id = excluded.ward_id, salt = excluded.salt, iterations = excluded.iterations,
    password_hash = excluded.password_hash, sealed = excluded.sealed, made_at = now(), revoked_at = NULL,
    revoked_by = NULL, reason = NULL

-- revoke --
UPDATE broker_accounts SET revoked_at = now(), revoked_by = %(by)s, reason = %(reason)s
WHERE login = %(login)s AND revoked_at IS NULL RETURNING login

-- revoke_box --
-- Also of a box that was declared and never enrolled: its account is one that nobody can use, and says that it is out.
INSERT INTO broker_accounts (login, kind, name, ward_id, salt, iterations, password_hash, sealed, revoked_at, revoked_by,
    reason)
SELECT %(login)s, 'box', id, ward_id, '', 1, '', '', now(), %(by)s, %(reason)s FROM boxes WHERE id = %(name)s
ON CONFLICT (login) DO UPDATE SET revoked_at = now(), revoked_by = excluded.revoked_by, reason = excluded.reason
WHERE broker_accounts.revoked_at IS NULL RETURNING login

-- place_of_device --
-- The ward in which a declared device stands.
SELECT sites.ward_id FROM devices JOIN sites ON sites.id = devices.site_id WHERE devices.id = %(device)s

-- accounts --
SELECT login, kind, name, ward_id, salt, iterations, password_hash, sealed, revoked_at FROM broker_accounts
ORDER BY login

-- silence --
-- Boxes that are shut out and whose last word was that they are online: the broker cut them off, will and all.
UPDATE boxes SET state = 'offline', state_at = now()
FROM broker_accounts
WHERE broker_accounts.kind = 'box' AND broker_accounts.name = boxes.id AND broker_accounts.revoked_at IS NOT NULL
    AND boxes.state = 'online' RETURNING boxes.id

-- told --
SELECT pg_notify('phoan_accounts', %(login)s)
