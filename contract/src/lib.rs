//! The wire contract: subjects, headers, envelopes, problem details, stream and consumer definitions.
