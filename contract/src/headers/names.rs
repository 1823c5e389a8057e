//! Header names. `Px-*` is the contract's own; `H-*` carries HTTP headers, so that no client can forge the others.

/// Envelope version; `2` is the only value. Absent in version 1.
pub const VERSION: &str = "Px-V";
/// Id of the request: a `UUIDv7` made by the proxy, the same over all deliveries.
pub const ID: &str = "Px-Id";
/// Subject on which the proxy waits for the answer. `JetStream` overwrites the message's own reply subject.
pub const REPLY: &str = "Px-Reply";
/// HTTP method, upper case; differs from the subject's token for `HEAD`.
pub const METHOD: &str = "Px-Method";
/// Raw path, percent-encoded, without its query.
pub const PATH: &str = "Px-Path";
/// Raw query without the `?`; absent if there was none.
pub const QUERY: &str = "Px-Query";
/// Milliseconds after the message's time stamp in the stream at which nobody waits any more.
pub const TIMEOUT_MS: &str = "Px-Timeout-Ms";
/// The same moment as Unix time in milliseconds by the proxy's clock; for people and logs.
pub const DEADLINE: &str = "Px-Deadline";
/// How often the proxy has published this request, from 1.
pub const ATTEMPT: &str = "Px-Attempt";
/// HTTP status of a reply, 200 to 599. Its presence makes a reply version 2.
pub const STATUS: &str = "Px-Status";

/// What the name of a carried HTTP header starts with; the rest is the lower-case name.
pub const HTTP_PREFIX: &str = "H-";

/// Why a message lies in the dead-letter stream.
pub const DEAD_REASON: &str = "Px-Dead-Reason";
/// Stream from which a dead letter was taken.
pub const DEAD_STREAM: &str = "Px-Dead-Stream";
/// Sequence in that stream.
pub const DEAD_SEQUENCE: &str = "Px-Dead-Sequence";
/// How often it had been delivered.
pub const DEAD_DELIVERIES: &str = "Px-Dead-Deliveries";

/// What the reason of a dead letter ends with whose payload was left out, because there was no room for it beside its headers.
pub const DEAD_WITHOUT_PAYLOAD: &str = "bytes had no room here)";

/// Server header: messages with an id that the stream saw within its duplicate window are not stored again.
pub const NATS_MSG_ID: &str = "Nats-Msg-Id";
/// Server header: whole seconds after which the message is removed (ADR-43); needs `allow_msg_ttl`.
pub const NATS_TTL: &str = "Nats-TTL";

/// W3C trace context headers, which travel under their own names.
pub const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];
