FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/okami

COPY requirements/base.txt requirements/base.txt
RUN pip install --require-hashes --only-binary=:all: -r requirements/base.txt

COPY . .
# collectstatic only reads settings: this key is never stored and never used again.
RUN python scripts/translations.py compile \
    && PRODUCTION=1 SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" VAR_DIR=/tmp/build \
       python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build \
    && useradd --system --home-dir /var/lib/okami --create-home okami

USER okami
VOLUME /var/lib/okami
EXPOSE 8000
CMD ["granian", "--interface=wsgi", "--host=0.0.0.0", "--port=8000", "--no-ws", "crm_project.wsgi:application"]
