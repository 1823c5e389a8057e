-- Identifiers are UUIDv7 as 16 bytes, times are Unix milliseconds. Migrations are never changed once released.
CREATE TABLE users (
    id         BLOB    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL,
    email_key  TEXT    NOT NULL UNIQUE, -- email in lower case
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
    id          BLOB    NOT NULL PRIMARY KEY,
    version     INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ratings (
    id         BLOB    NOT NULL PRIMARY KEY,
    version    INTEGER NOT NULL,
    user_id    BLOB    NOT NULL REFERENCES users (id),
    service_id BLOB    NOT NULL REFERENCES services (id),
    score      INTEGER NOT NULL CHECK (score BETWEEN 0 AND 5),
    comment    TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, service_id)
) STRICT, WITHOUT ROWID;

-- Serves the pages of one service and, holding the score, its summary.
CREATE INDEX ratings_of_service ON ratings (service_id, id, score);

-- Answers of writes, so that a redelivered or repeated request is not executed again.
CREATE TABLE stored_answers (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id  BLOB    NOT NULL UNIQUE,
    scope       BLOB    UNIQUE, -- SHA-256 of method, path and idempotency key; null without a key
    fingerprint BLOB,           -- SHA-256 of body and query; null without a key
    status      INTEGER NOT NULL,
    headers     TEXT    NOT NULL, -- JSON: [[name, value], ...]
    body        BLOB    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           BLOB    NOT NULL,
    aggregate    TEXT    NOT NULL,
    aggregate_id BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    event        TEXT    NOT NULL,
    payload      BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    published_at INTEGER
) STRICT;

CREATE INDEX outbox_unpublished ON outbox (sequence) WHERE published_at IS NULL;

-- Who may do a thing that only one process may do at a time.
CREATE TABLE leases (
    name       TEXT    NOT NULL PRIMARY KEY,
    holder     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
