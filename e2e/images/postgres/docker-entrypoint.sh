#!/bin/bash
# Makes the database at the first start, then runs what it is asked to.
set -euo pipefail
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}
[[ -z ${POSTGRES_PASSWORD_FILE:-} ]] || POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
[[ ${1:-postgres} != -* ]] || set -- postgres "$@"

create() {
  : "${POSTGRES_PASSWORD:?is needed to make the database}"
  initdb --username="$user" --auth-host=scram-sha-256 --auth-local=trust --pwfile=<(printf %s "$POSTGRES_PASSWORD") >/dev/null
  printf '%s\n' "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
  printf '%s\n' 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  [[ $database == postgres ]] && return
  pg_ctl --wait --silent start -o "-c listen_addresses=''"
  createdb --username="$user" "$database"
  pg_ctl --wait --silent stop
}

if [[ $1 == postgres ]]; then
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA"
  [[ -s $PGDATA/PG_VERSION ]] || create
fi
unset POSTGRES_PASSWORD
exec "$@"
