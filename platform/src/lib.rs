//! What ratectl does to machines: local processes, JetStream.
