# The steps that build are make's own (`make package`), so that they are tested without an engine.
FROM python:3.13.7-bookworm AS build
WORKDIR /src
COPY . .
RUN make package VENV=/opt/monitor

FROM python:3.13.7-slim-bookworm
RUN useradd --system --create-home --home-dir /data monitor
COPY --from=build /opt/monitor /opt/monitor
ENV PATH="/opt/monitor/bin:$PATH" PYTHONUNBUFFERED=1
WORKDIR /data
USER monitor
VOLUME /data
HEALTHCHECK --interval=1m --timeout=20s --start-period=2m CMD ["monitor", "status", "--health"]
# Nothing is listened on unless [web] listen says so, for links to unsubscribe: "0.0.0.0:8025", with -p 127.0.0.1:8025:8025.
# Config and database stand in the volume: /data/config is made from the starter at the first start.
CMD ["sh", "-c", "test -e config || monitor init config; exec monitor run"]
