-- Times are Unix milliseconds, as in the SQLite schema. Migrations are never changed once released.
CREATE TABLE users (
    id         UUID   NOT NULL PRIMARY KEY,
    version    BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    email      TEXT   NOT NULL,
    email_key  TEXT   NOT NULL UNIQUE, -- email in lower case
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE services (
    id          UUID   NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE ratings (
    id         UUID   NOT NULL PRIMARY KEY,
    version    BIGINT NOT NULL,
    user_id    UUID   NOT NULL REFERENCES users (id),
    service_id UUID   NOT NULL REFERENCES services (id),
    score      BIGINT NOT NULL CHECK (score BETWEEN 0 AND 5),
    comment    TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (user_id, service_id)
);

-- Serves the pages of one service and, holding the score, its summary.
CREATE INDEX ratings_of_service ON ratings (service_id, id, score);

-- Answers of writes, so that a redelivered or repeated request is not executed again.
CREATE TABLE stored_answers (
    sequence    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id  UUID   NOT NULL UNIQUE,
    scope       BYTEA  UNIQUE, -- SHA-256 of method, path and idempotency key; null without a key
    fingerprint BYTEA,         -- SHA-256 of body and query; null without a key
    status      BIGINT NOT NULL,
    headers     TEXT   NOT NULL, -- JSON: [[name, value], ...]
    body        BYTEA  NOT NULL,
    created_at  BIGINT NOT NULL
);

-- Identity values are drawn inside the transaction that holds the aggregate's row lock, so their order is the order of
-- commits for each aggregate, though not between aggregates.
CREATE TABLE outbox (
    sequence     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           UUID   NOT NULL,
    aggregate    TEXT   NOT NULL,
    aggregate_id UUID   NOT NULL,
    version      BIGINT NOT NULL,
    event        TEXT   NOT NULL,
    payload      BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    published_at BIGINT
);

CREATE INDEX outbox_unpublished ON outbox (sequence) WHERE published_at IS NULL;
