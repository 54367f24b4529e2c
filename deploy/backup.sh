#!/bin/sh
# Backs up the centre: the database as a dump that pg_restore reads, the media as files. Plain POSIX shell, since it runs
# in the database's image.
#   backup.sh run      once a day at PHOAN_BACKUP_HOUR, and at once if there is none yet; until it is told to stop
#   backup.sh once     now
#   backup.sh verify   read every dump that is kept from beginning to end
#   backup.sh health   whether the newest good one is younger than 26 hours
# A dump has its name only when it was written whole and read back. The newest PHOAN_BACKUP_DAYS are kept, and for
# PHOAN_BACKUP_MONTHS the first of each month.
# What became of it is written into the database's table `backups`, from which Grafana tells people. A backup is as good
# as it is without that: what cannot be written waits in the folder and is written next time.
set -eu
backups=${PHOAN_BACKUPS:-/backups}
media=${PHOAN_MEDIA:-/var/lib/phoan/media}
keep_days=${PHOAN_BACKUP_DAYS:-14}
keep_months=${PHOAN_BACKUP_MONTHS:-6}
hour=${PHOAN_BACKUP_HOUR:-2}
wait_s=${PHOAN_BACKUP_WAIT_S:-60}
stale_s=$((26 * 3600))
untold=$backups/untold
again=''
umask 077

say() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
}

# Runs a program. What it complains of is said, and kept for the note.
try() {
    detail=$("$@" 2>&1) && code=0 || code=$?
    [ -z "$detail" ] || echo "$detail" >&2
    return $code
}

# A dump is good when its list can be read, it tells of our tables, and all of its data can be read.
readable() {
    pg_restore --list "$1" 2>/dev/null | grep -q ' TABLE DATA .* schema_migrations ' \
        && pg_restore --file=/dev/null "$1" 2>/dev/null
}

dump_database() {
    name="phoan-$(date -u +%Y-%m-%dT%H%M%SZ).dump"
    rm -f "$backups"/daily/*.part
    reason=dump
    PGPASSWORD=$(cat "$PHOAN_BACKUP_PASSWORD_FILE") || return 1
    export PGPASSWORD
    try pg_dump --format=custom --no-password --file="$backups/daily/$name.part" || return 1
    unset PGPASSWORD
    reason=unreadable
    if ! readable "$backups/daily/$name.part"; then
        say "the dump cannot be read back; it is not kept"
        return 1
    fi
    reason=folder
    sync "$backups/daily/$name.part" 2>/dev/null || sync
    try mv "$backups/daily/$name.part" "$backups/daily/$name" || return 1
    month="$backups/monthly/$(date -u +%Y-%m).dump"
    [ -e "$month" ] || ln "$backups/daily/$name" "$month" 2>/dev/null || try cp "$backups/daily/$name" "$month" \
        || return 1
    bytes=$(wc -c <"$backups/daily/$name")
    say "dumped $name, $bytes bytes"
    echo "$(date +%Y-%m-%d) $bytes" >"$backups/last-dump"
}

# Whether a failed backup left a dump of today, and its size: only what comes after it is to be done again.
dumped_today() {
    { read -r day size <"$backups/last-dump"; } 2>/dev/null && [ "$day" = "$(date +%Y-%m-%d)" ] && bytes=$size
}

# Media are named by their digest and never change: what is there already is not copied again. What the centre has
# removed, because it was kept for long enough, goes here too. Uploads and exports that are being made are left out.
copy_media() {
    [ -d "$media" ] || return 0
    reason=media copied=0 removed=0
    list="$backups/.media"
    (cd "$media" && find . -type f ! -path './parts/*' ! -path './exports/*' ! -path './tmp*/*') >"$list" || return 1
    while IFS= read -r file; do
        if [ ! -e "$backups/media/$file" ]; then
            try mkdir -p "$backups/media/${file%/*}" || return 1
            # It may have been removed since the list was made.
            if detail=$(cp "$media/$file" "$backups/media/$file.part" 2>&1); then
                try mv "$backups/media/$file.part" "$backups/media/$file" || return 1
                copied=$((copied + 1))
            elif [ -e "$media/$file" ]; then
                say "$file cannot be copied: $detail"
                return 1
            fi
        fi
    done <"$list"
    (cd "$backups/media" && find . -type f) >"$list" || return 1
    while IFS= read -r file; do
        if [ ! -e "$media/$file" ]; then
            rm -f "$backups/media/$file"
            removed=$((removed + 1))
        fi
    done <"$list"
    rm -f "$list"
    say "media: $copied copied, $removed removed"
}

# The newest come last by name.
drop_old() {
    ls "$1" | grep '\.dump$' | sort -r | tail -n +$(($2 + 1)) | while IFS= read -r name; do
        rm -f "$1/$name"
        say "dropped $name"
    done
}

# Says by itself where it fails, and leaves in `reason` at which step: `once` calls it where the shell does not end at a
# failure.
back_up() {
    reason=folder
    try mkdir -p "$backups/daily" "$backups/monthly" "$backups/media" || return 1
    { [ -n "$again" ] && dumped_today; } || dump_database || return 1
    copy_media || return 1
    reason=folder
    rm -f "$backups/last-dump"
    drop_old "$backups/daily" "$keep_days"
    drop_old "$backups/monthly" "$keep_months"
    date +%Y-%m-%d >"$backups/last-day" || return 1
    date +%s >"$backups/last-good.part" && mv "$backups/last-good.part" "$backups/last-good"
}

once() {
    began=$(date +%s) outcome=failed reason='' detail='' bytes='' copied='' removed=''
    if back_up; then
        outcome=good reason='' detail=''
    fi
    note
    [ "$outcome" = good ]
}

# Why a program failed: the first line that says so, or else its last.
note() {
    why=$(printf '%s\n' "$detail" | sed -n '/error/{p;q;}')
    why=$(printf '%s' "${why:-$(printf '%s' "$detail" | tail -n 1)}" | LC_ALL=C tr -cd ' -~' | cut -c 1-300)
    line="$began|$(date +%s)|$outcome|$bytes|$copied|$removed|$reason|$why"
    if ! { retell && tell "$line"; }; then
        say "the database could not be told of this; it is tried again"
        { tail -n 49 "$untold" 2>/dev/null || true; echo "$line"; } >"$untold.part" \
            && mv "$untold.part" "$untold" || true
    fi
}

# Writes one note. Writing it twice changes nothing; a failure of one kind is written once an hour.
tell() (
    IFS='|' read -r began ended outcome bytes copied removed reason detail <<NOTE
$1
NOTE
    PGPASSWORD=$(cat "$PHOAN_BACKUP_PASSWORD_FILE")
    # A replica from which the dump is taken takes no notes.
    PGHOST=${PHOAN_BACKUP_NOTES_HOST:-${PGHOST:-}}
    export PGPASSWORD PGHOST
    timeout 30 psql --no-psqlrc --quiet --no-password --set ON_ERROR_STOP=1 \
        --set began="$began" --set ended="$ended" --set outcome="$outcome" --set bytes="$bytes" \
        --set copied="$copied" --set removed="$removed" --set reason="$reason" --set detail="$detail" <<'SQL'
INSERT INTO backups (began_at, ended_at, outcome, bytes, media_copied, media_removed, reason, detail)
SELECT to_timestamp(:'began'::bigint), to_timestamp(:'ended'::bigint), :'outcome', nullif(:'bytes', '')::bigint,
    nullif(:'copied', '')::integer, nullif(:'removed', '')::integer, nullif(:'reason', ''), :'detail'
WHERE NOT EXISTS (
    SELECT FROM backups WHERE reason = :'reason'
        AND began_at BETWEEN to_timestamp(:'began'::bigint) - INTERVAL '1 hour' AND to_timestamp(:'began'::bigint)
) ON CONFLICT DO NOTHING
SQL
)

# What the database could not be told when it happened.
retell() {
    [ -s "$untold" ] || return 0
    while IFS= read -r earlier; do
        tell "$earlier" || return 1
    done <"$untold"
    rm -f "$untold"
    say "the database was told of earlier backups"
}

verify() {
    bad=0
    for file in "$backups"/daily/*.dump "$backups"/monthly/*.dump; do
        [ -e "$file" ] || continue
        if readable "$file"; then
            say "good $file"
        else
            say "BAD  $file"
            bad=1
        fi
    done
    return $bad
}

health() {
    [ -s "$backups/last-good" ] && [ $(($(date +%s) - $(cat "$backups/last-good"))) -lt $stale_s ]
}

due() {
    [ -s "$backups/last-good" ] || return 0
    [ "$(cat "$backups/last-day" 2>/dev/null)" != "$(date +%Y-%m-%d)" ] && [ "$(date +%H)" -ge "$hour" ]
}

run() {
    trap 'exit 0' TERM INT
    while true; do
        if ! due; then
            retell 2>/dev/null || true
        elif ! (again=yes && once); then
            say "the backup failed; it is tried again"
        fi
        # A sleep in the background, so that SIGTERM is heard at once.
        sleep "$wait_s" &
        wait $!
    done
}

case "${1:-}" in
    run | once | verify | health) "$1" ;;
    *)
        echo "usage: backup.sh run|once|verify|health" >&2
        exit 2
        ;;
esac
