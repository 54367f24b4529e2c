# PostgreSQL as CloudNativePG wants it, with TimescaleDB of the version that docker-compose.yml runs:
#   docker build -t phoan-database:17-2.28.3 -f deploy/kubernetes/database.Dockerfile .
ARG BASE=ghcr.io/cloudnative-pg/postgresql:17.6-standard-bookworm
FROM ${BASE}
ARG TIMESCALEDB=2.28.3
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl gnupg \
    && curl -fsSL https://packagecloud.io/timescale/timescaledb/gpgkey \
        | gpg --dearmor -o /usr/share/keyrings/timescaledb.gpg \
    && echo "deb [signed-by=/usr/share/keyrings/timescaledb.gpg] https://packagecloud.io/timescale/timescaledb/debian/ bookworm main" \
        >/etc/apt/sources.list.d/timescaledb.list \
    && apt-get update \
    && apt-get install --yes --no-install-recommends \
        "timescaledb-2-postgresql-17=${TIMESCALEDB}*" "timescaledb-2-loader-postgresql-17=${TIMESCALEDB}*" \
    && apt-get purge --yes --auto-remove curl gnupg \
    && rm -rf /var/lib/apt/lists/*
USER 26
