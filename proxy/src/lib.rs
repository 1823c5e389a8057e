//! http-to-nats-proxy: HTTP to JetStream and back.
