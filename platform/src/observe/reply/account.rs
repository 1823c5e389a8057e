//! The account's use of JetStream, out of `INFO`.

use snapshot::sample::AccountSample;

use super::Part;

/// What the reply tells; limits of -1 are none.
pub(in crate::observe) fn account(part: Part<'_>) -> AccountSample {
    AccountSample {
        account: None,
        memory_bytes: part.number("/memory"),
        max_memory_bytes: part.limit("/limits/max_memory"),
        storage_bytes: part.number("/storage"),
        max_storage_bytes: part.limit("/limits/max_storage"),
        streams: part.number("/streams"),
        consumers: part.number("/consumers"),
        api_total: part.number("/api/total"),
        api_errors: part.number("/api/errors"),
        api_inflight: part.number("/api/inflight"),
        api_level: part.number("/api/level"),
        meta_leader: None,
        meta_pending: None,
    }
}
