-- People who sign in, their sessions, and boxes that prove who they are.

-- put_user --
INSERT INTO users (username, display_name, password_hash, role, wards, sites)
VALUES (%(username)s, %(display_name)s, %(password_hash)s, %(role)s, %(wards)s, %(sites)s)
ON CONFLICT (username) DO UPDATE SET display_name = excluded.display_name, password_hash = excluded.password_hash,
    role = excluded.role, wards = excluded.wards, sites = excluded.sites

-- add_user --
-- No row where there is a user of this name.
INSERT INTO users (username, display_name, password_hash, role, wards, sites, disabled)
VALUES (%(username)s, %(display_name)s, %(password_hash)s, %(role)s, %(wards)s, %(sites)s, %(disabled)s)
ON CONFLICT (username) DO NOTHING RETURNING username

-- change_user --
-- All but the password and the second factor.
UPDATE users SET display_name = %(display_name)s, role = %(role)s, wards = %(wards)s, sites = %(sites)s,
    disabled = %(disabled)s
WHERE username = %(username)s RETURNING username

-- set_password --
UPDATE users SET password_hash = %(password_hash)s WHERE username = %(username)s

-- user --
SELECT username, display_name, password_hash, role, wards, disabled, sites, totp_secret, totp_since FROM users
WHERE username = %(username)s

-- users --
SELECT username, display_name, password_hash, role, wards, disabled, sites, totp_secret, totp_since FROM users
ORDER BY username

-- set_totp --
-- A secret that counts only once a code of it was shown.
UPDATE users SET totp_secret = %(secret)s, totp_since = NULL, totp_step = 0 WHERE username = %(username)s

-- confirm_totp --
UPDATE users SET totp_since = now() WHERE username = %(username)s AND totp_since IS NULL

-- open_secrets --
-- Users whose second factor's secret lies in the database as it is.
SELECT count(*) FROM users WHERE starts_with(totp_secret, 'open:')

-- use_totp_step --
-- A code is good once: whoever shows one of the same half minute or before gets no row.
UPDATE users SET totp_step = %(step)s WHERE username = %(username)s AND totp_step < %(step)s RETURNING totp_step

-- forget_recovery_codes --
DELETE FROM recovery_codes WHERE username = %(username)s

-- add_recovery_code --
INSERT INTO recovery_codes (username, digest) VALUES (%(username)s, %(digest)s)

-- use_recovery_code --
DELETE FROM recovery_codes WHERE username = %(username)s AND digest = %(digest)s RETURNING username

-- recovery_codes_left --
SELECT count(*) FROM recovery_codes WHERE username = %(username)s

-- open_session --
INSERT INTO sessions (token_sha256, username, expires_at, client, agent, strong)
VALUES (%(token_sha256)s, %(username)s, now() + %(lifetime)s::interval, %(client)s, %(agent)s, %(strong)s)
RETURNING id

-- session_user --
-- Who holds this token; nobody once it expired, lay unused for too long, or the user was disabled.
SELECT sessions.id AS session, sessions.seen_at < now() - INTERVAL '20 seconds' AS stale,
    users.username, users.display_name, users.role, users.wards, users.sites,
    users.totp_since IS NOT NULL OR sessions.strong AS has_second_factor
FROM sessions JOIN users ON users.username = sessions.username
WHERE sessions.token_sha256 = %(token_sha256)s AND sessions.expires_at > now()
    AND (%(idle)s::interval IS NULL OR sessions.seen_at > now() - %(idle)s::interval) AND NOT users.disabled

-- session_seen --
UPDATE sessions SET seen_at = now() WHERE id = %(session)s

-- sessions --
SELECT id, created_at, seen_at, expires_at, client, agent FROM sessions
WHERE username = %(username)s AND expires_at > now() ORDER BY seen_at DESC

-- close_session --
DELETE FROM sessions WHERE token_sha256 = %(token_sha256)s

-- close_session_of --
DELETE FROM sessions WHERE username = %(username)s AND id = %(session)s RETURNING id

-- close_sessions --
-- All of a user, or all but one.
DELETE FROM sessions WHERE username = %(username)s AND (%(keep)s::uuid IS NULL OR id <> %(keep)s)

-- forget_expired --
DELETE FROM sessions WHERE expires_at <= now()

-- note_failure --
INSERT INTO login_failures (username) VALUES (%(username)s) RETURNING at

-- forget_failure --
-- One that was none: the password was right and only the code is still to come.
DELETE FROM login_failures WHERE username = %(username)s AND at = %(at)s

-- recent_failures --
SELECT count(*) FROM login_failures WHERE username = %(username)s AND at > now() - %(window)s::interval

-- forget_failures --
DELETE FROM login_failures WHERE username = %(username)s OR at < now() - INTERVAL '1 day'

-- box_of_token --
SELECT id FROM boxes WHERE token_sha256 = %(token_sha256)s

-- cameras_of_box --
SELECT id FROM cameras WHERE box_id = %(box)s
