//! Measurements: throughput, latency, memory and processor time against the transport's own limit.
