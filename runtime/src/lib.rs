//! What every service of the system needs to live: configuration, lifecycle, telemetry, health, metrics, HTTP and NATS.
