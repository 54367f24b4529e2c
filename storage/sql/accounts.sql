-- People who sign in, their sessions, and boxes that prove who they are.

-- put_user --
INSERT INTO users (username, display_name, password_hash, role, wards)
VALUES (%(username)s, %(display_name)s, %(password_hash)s, %(role)s, %(wards)s)
ON CONFLICT (username) DO UPDATE SET display_name = excluded.display_name, password_hash = excluded.password_hash,
    role = excluded.role, wards = excluded.wards

-- close_sessions --
DELETE FROM sessions WHERE username = %(username)s

-- user --
SELECT username, display_name, password_hash, role, wards, disabled FROM users WHERE username = %(username)s

-- open_session --
INSERT INTO sessions (token_sha256, username, expires_at)
VALUES (%(token_sha256)s, %(username)s, now() + %(lifetime)s::interval)

-- session_user --
-- Who holds this token; nobody once it expired or the user was disabled.
UPDATE sessions SET seen_at = now()
FROM users
WHERE sessions.token_sha256 = %(token_sha256)s AND sessions.expires_at > now()
    AND users.username = sessions.username AND NOT users.disabled
RETURNING users.username, users.display_name, users.password_hash, users.role, users.wards, users.disabled

-- close_session --
DELETE FROM sessions WHERE token_sha256 = %(token_sha256)s

-- forget_expired --
DELETE FROM sessions WHERE expires_at <= now()

-- note_failure --
INSERT INTO login_failures (username) VALUES (%(username)s)

-- recent_failures --
SELECT count(*) FROM login_failures WHERE username = %(username)s AND at > now() - %(window)s::interval

-- forget_failures --
DELETE FROM login_failures WHERE username = %(username)s OR at < now() - INTERVAL '1 day'

-- box_of_token --
SELECT id FROM boxes WHERE token_sha256 = %(token_sha256)s

-- cameras_of_box --
SELECT id FROM cameras WHERE box_id = %(box)s
