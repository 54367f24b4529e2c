# The centre's programs: API, ingest, accounts worker, notifier, migrations. One image, told by its command what to be.
# To hold the base image still, give it by digest: --build-arg BASE=python@sha256:... (`docker buildx imagetools inspect
# python:3.11.15-slim-bookworm` says which one a tag means today).
ARG BASE=python:3.11.15-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/phoan
WORKDIR /build
# What changes seldom first, so that a new release builds on kept layers.
COPY requirements/centre.txt requirements/centre.txt
RUN /opt/phoan/bin/pip install --require-hashes --no-deps --requirement requirements/centre.txt
COPY pyproject.toml README.md LICENSE ./
COPY contracts contracts
COPY storage storage
COPY ingest ingest
COPY api api
RUN /opt/phoan/bin/pip install --no-deps --no-build-isolation . \
    && /opt/phoan/bin/pip uninstall --yes setuptools pip \
    && cd /opt/phoan/bin && rm -f phoan-edge phoan-demo phoan-sim phoan-dashboards

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Phố An centre" \
    org.opencontainers.image.description="API, live wall and ingest of Phố An" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
# What speaks announcements and reads recorded ones. `--build-arg SPEECH=` leaves it out.
ARG SPEECH="espeak-ng ffmpeg"
RUN if [ -n "$SPEECH" ]; then \
        apt-get update && apt-get install --yes --no-install-recommends $SPEECH && rm -rf /var/lib/apt/lists/*; \
    fi
# Volumes take their first owner from these folders.
RUN groupadd --gid 10001 phoan && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin phoan \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/phoan /var/lib/phoan/media /var/lib/phoan/anchors /var/lib/phoan/seats
COPY --from=build /opt/phoan /opt/phoan
ENV PATH=/opt/phoan/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/phoan
CMD ["phoan-api", "run"]
