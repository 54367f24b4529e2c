#!/bin/sh
# Backs up the centre: the database as a dump that pg_restore reads, the media as files. Plain POSIX shell, since it runs
# in the database's image.
#   backup.sh run      once a day at PHOAN_BACKUP_HOUR, and at once if there is none yet; until it is told to stop
#   backup.sh once     now
#   backup.sh verify   read every dump that is kept from beginning to end
#   backup.sh health   whether the newest good one is younger than 26 hours
# A dump has its name only when it was written whole and read back. The newest PHOAN_BACKUP_DAYS are kept, and for
# PHOAN_BACKUP_MONTHS the first of each month.
set -eu
backups=${PHOAN_BACKUPS:-/backups}
media=${PHOAN_MEDIA:-/var/lib/phoan/media}
keep_days=${PHOAN_BACKUP_DAYS:-14}
keep_months=${PHOAN_BACKUP_MONTHS:-6}
hour=${PHOAN_BACKUP_HOUR:-2}
wait_s=${PHOAN_BACKUP_WAIT_S:-60}
stale_s=$((26 * 3600))
umask 077

say() {
    echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
}

# A dump is good when its list can be read, it tells of our tables, and all of its data can be read.
readable() {
    pg_restore --list "$1" 2>/dev/null | grep -q ' TABLE DATA .* schema_migrations ' \
        && pg_restore --file=/dev/null "$1" 2>/dev/null
}

dump_database() {
    name="phoan-$(date -u +%Y-%m-%dT%H%M%SZ).dump"
    rm -f "$backups"/daily/*.part
    PGPASSWORD=$(cat "$PHOAN_BACKUP_PASSWORD_FILE") || return 1
    export PGPASSWORD
    pg_dump --format=custom --no-password --file="$backups/daily/$name.part" || return 1
    unset PGPASSWORD
    if ! readable "$backups/daily/$name.part"; then
        say "the dump cannot be read back; it is not kept"
        return 1
    fi
    sync "$backups/daily/$name.part" 2>/dev/null || sync
    mv "$backups/daily/$name.part" "$backups/daily/$name" || return 1
    month="$backups/monthly/$(date -u +%Y-%m).dump"
    [ -e "$month" ] || ln "$backups/daily/$name" "$month" 2>/dev/null || cp "$backups/daily/$name" "$month" \
        || return 1
    say "dumped $name, $(wc -c <"$backups/daily/$name") bytes"
}

# Media are named by their digest and never change: what is there already is not copied again. What the centre has
# removed, because it was kept for long enough, goes here too. Uploads and exports that are being made are left out.
copy_media() {
    [ -d "$media" ] || return 0
    copied=0 removed=0
    list="$backups/.media"
    (cd "$media" && find . -type f ! -path './parts/*' ! -path './exports/*' ! -path './tmp*/*') >"$list" || return 1
    while IFS= read -r file; do
        if [ ! -e "$backups/media/$file" ]; then
            mkdir -p "$backups/media/${file%/*}" || return 1
            # It may have been removed since the list was made.
            if cp "$media/$file" "$backups/media/$file.part" 2>/dev/null; then
                mv "$backups/media/$file.part" "$backups/media/$file" || return 1
                copied=$((copied + 1))
            elif [ -e "$media/$file" ]; then
                say "$file cannot be copied"
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

# Says by itself where it fails: `run` calls it where the shell does not end at a failure.
once() {
    mkdir -p "$backups/daily" "$backups/monthly" "$backups/media" || return 1
    dump_database || return 1
    copy_media || return 1
    drop_old "$backups/daily" "$keep_days"
    drop_old "$backups/monthly" "$keep_months"
    date +%Y-%m-%d >"$backups/last-day" || return 1
    date +%s >"$backups/last-good.part" && mv "$backups/last-good.part" "$backups/last-good"
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
        if due && ! (once); then
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
