#!/bin/sh
# Starts the broker. The first time, or when its volume was lost, it begins with the accounts that deploy/init made; the
# accounts worker then adds the boxes' and the devices' again.
set -eu
state=/mosquitto/data/dynamic-security.json
if [ ! -s "$state" ]; then
    umask 077
    cp /run/secrets/broker-first.json "$state.new"
    chmod 600 "$state.new"
    mv "$state.new" "$state"
fi
exec mosquitto -c /etc/mosquitto/mosquitto.conf
