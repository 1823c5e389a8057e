//! Real nats-server and PostgreSQL children for tests and measurements.
