//! The trace context of W3C Trace Context, level 1: which trace a request belongs to, and which step called us.

use std::{cell::Cell, fmt, hash::BuildHasher, str::FromStr};

use thiserror::Error;

/// The header that carries a [`TraceContext`].
pub const TRACEPARENT: &str = "traceparent";
/// The header that travels beside it unchanged, when a `traceparent` was accepted.
pub const TRACESTATE: &str = "tracestate";

/// A trace, a step in it, and whether it is sampled. Displays as a `traceparent` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: u128,
    span_id: u64,
    flags: u8,
}

/// A `traceparent` that must be ignored: begin a new trace.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not a traceparent header: {0}")]
pub struct TraceError(&'static str);

const SAMPLED: u8 = 1;
/// `00-<trace id>-<span id>-<flags>`.
const LENGTH: usize = 55;

impl TraceContext {
    /// The first step of a new, sampled trace.
    pub fn root() -> Self {
        let trace_id = (u128::from(random()) << 64) | u128::from(random());
        Self {
            trace_id,
            span_id: random(),
            flags: SAMPLED,
        }
    }

    /// The next step of the same trace.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span_id: random(),
            ..*self
        }
    }

    /// The step after the one a header names, or the first of a new trace when there is no usable header.
    pub fn continued(header: Option<&str>) -> Self {
        match header.map(str::parse::<Self>) {
            Some(Ok(caller)) => caller.child(),
            Some(Err(_)) | None => Self::root(),
        }
    }

    /// The trace's id in 32 hexadecimal digits, as logs show it in `TraceId`.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The step's id in 16 hexadecimal digits.
    pub fn span_id(&self) -> String {
        format!("{:016x}", self.span_id)
    }

    /// Whether the caller records this trace.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace_id, self.span_id, self.flags
        )
    }
}

impl FromStr for TraceContext {
    type Err = TraceError;

    fn from_str(header: &str) -> Result<Self, TraceError> {
        if !header.is_ascii() || header.len() < LENGTH {
            return Err(TraceError("it is too short or not ASCII"));
        }
        let (known, more) = header.split_at(LENGTH);
        let parts: Vec<&str> = known.split('-').collect();
        let &[version, trace_id, span_id, flags] = parts.as_slice() else {
            return Err(TraceError("it has not four parts"));
        };
        let version = hexadecimal(version, 2)?;
        // Later versions may add parts, which we ignore; version ff does not exist.
        if version == 0xff
            || (version == 0 && !more.is_empty())
            || !(more.is_empty() || more.starts_with('-'))
        {
            return Err(TraceError("its version or length is wrong"));
        }
        let trace_id = hexadecimal(trace_id, 32)?;
        let span_id = u64::try_from(hexadecimal(span_id, 16)?).unwrap_or_default();
        let flags = u8::try_from(hexadecimal(flags, 2)?).unwrap_or_default();
        if trace_id == 0 || span_id == 0 {
            return Err(TraceError("an id is zero"));
        }
        // Only the flag that we know is passed on.
        Ok(Self {
            trace_id,
            span_id,
            flags: flags & SAMPLED,
        })
    }
}

fn hexadecimal(digits: &str, length: usize) -> Result<u128, TraceError> {
    let is_lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.len() != length || !digits.bytes().all(is_lower) {
        return Err(TraceError(
            "a part is not lower case hexadecimal of the right length",
        ));
    }
    u128::from_str_radix(digits, 16).map_err(|_| TraceError("a part is not hexadecimal"))
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static KEYS: std::hash::RandomState = std::hash::RandomState::new();
}

/// A number that nobody has had before, as far as 64 bits go: ids need to be unique, not unguessable, and a system call an id is
/// too dear.
fn random() -> u64 {
    let count = COUNT.with(|count| count.replace(count.get().wrapping_add(1)));
    // Zero is no id.
    KEYS.with(|keys| keys.hash_one(count)).max(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_is_continued_in_the_same_trace() {
        let context = TraceContext::continued(Some(HEADER));
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(context.span_id(), "00f067aa0ba902b7");
        assert!(context.is_sampled());
    }

    #[test_case("")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"; "too short")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"; "too long for version 0")]
    #[test_case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"; "upper case")]
    #[test_case("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "version ff")]
    #[test_case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"; "garbage after version 1")]
    #[test_case("00-00000000000000000000000000000000-00f067aa0ba902b7-01"; "no trace id")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"; "no span id")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01"; "parts of wrong length")]
    #[test_case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\u{e4}"; "not ASCII")]
    #[test_case("+0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; "a sign")]
    fn a_malformed_header_begins_a_new_trace(header: &str) {
        assert!(header.parse::<TraceContext>().is_err());
        assert_ne!(
            TraceContext::continued(Some(header)).trace_id(),
            "4bf92f3577b34da6a3ce929d0e0e4736"
        );
    }

    #[test_case("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like")]
    #[test_case("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-09")]
    fn a_later_version_is_understood_as_far_as_it_is_known(header: &str) {
        assert_eq!(header.parse(), HEADER.parse::<TraceContext>());
    }

    #[test]
    fn ids_do_not_repeat_within_or_across_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| (0..10_000).map(|_| TraceContext::root()).collect::<Vec<_>>()))
            .collect();
        let all: Vec<_> = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        let spans: HashSet<_> = all.iter().map(TraceContext::span_id).collect();
        let traces: HashSet<_> = all.iter().map(TraceContext::trace_id).collect();
        assert_eq!((spans.len(), traces.len()), (40_000, 40_000));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(trace_id in 1u128.., span_id in 1u64.., sampled: bool) {
            let context = TraceContext { trace_id, span_id, flags: sampled.into() };
            prop_assert_eq!(context.to_string().parse(), Ok(context));
            prop_assert_eq!(context.to_string().len(), LENGTH);
        }

        #[test]
        fn a_child_keeps_the_trace_and_changes_the_step(trace_id in 1u128.., span_id in 1u64.., sampled: bool) {
            let context = TraceContext { trace_id, span_id, flags: sampled.into() };
            let child = context.child();
            prop_assert_eq!((child.trace_id(), child.is_sampled()), (context.trace_id(), sampled));
            prop_assert_ne!(child.span_id, context.span_id);
        }

        #[test]
        fn no_header_panics_and_an_accepted_one_is_well_formed(header in "[0-9a-fA-F-]{0,60}|\\PC{0,60}") {
            if let Ok(context) = header.parse::<TraceContext>() {
                prop_assert_eq!(context.to_string()[3..52].to_owned(), header[3..52].to_owned());
            }
        }
    }
}
