#!/bin/sh
# Whether the broker answers over TLS and refuses who has no account. This needs no password.
mosquitto_pub -h localhost -p 8884 --cafile /run/secrets/ca.pem -V 5 -i health -t health -n 2>&1 \
    | grep -qi 'not authori[sz]ed'
