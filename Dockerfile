# syntax=docker/dockerfile:1
# Two stages: the first builds the wheel and installs it with what deploy/requirements.lock pins by hash; the second has
# Python and that, runs as nobody in particular, and writes to /var/lib/feedback and /tmp alone.
FROM python:3.11.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --require-hashes --requirement requirements.lock
COPY deploy/requirements.lock ./runtime.lock
RUN python -m venv /opt/feedback \
 && /opt/feedback/bin/pip install --require-hashes --requirement runtime.lock
COPY pyproject.toml README.md ./
COPY feedback feedback
COPY templates templates
COPY static static
RUN /opt/build/bin/python -m hatchling build -t wheel -d dist \
 && /opt/feedback/bin/pip install --no-deps --no-index dist/*.whl \
 && /opt/feedback/bin/pip uninstall --yes pip setuptools

FROM python:3.11.11-slim-bookworm

RUN groupadd --system --gid 10001 feedback \
 && useradd --system --uid 10001 --gid feedback --no-create-home --shell /usr/sbin/nologin feedback \
 && install --directory --owner feedback --group feedback --mode 0700 /var/lib/feedback
COPY --from=build --chown=root:root /opt/feedback /opt/feedback
ENV PATH=/opt/feedback/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    FEEDBACK_INSTANCE=/var/lib/feedback \
    FEEDBACK_LOG=json
USER 10001:10001
WORKDIR /var/lib/feedback
VOLUME ["/var/lib/feedback"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["feedback"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
