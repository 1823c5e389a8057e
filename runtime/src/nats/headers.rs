//! The contract's headers over the client's header map.
//!
//! The client's own conversions panic on a carriage return or a colon in the wrong place; only its fallible ones are
//! used here.

use std::sync::LazyLock;

use async_nats::header::{HeaderMap, HeaderName, HeaderValue};
use contract::headers::{HeaderSink, HeaderSource, names};

/// The contract's own names, made once: a name made from text is an allocation each time.
static KNOWN: LazyLock<Vec<(&'static str, HeaderName)>> = LazyLock::new(|| {
    let names = [
        names::VERSION,
        names::ID,
        names::REPLY,
        names::METHOD,
        names::PATH,
        names::QUERY,
        names::TIMEOUT_MS,
        names::DEADLINE,
        names::ATTEMPT,
        names::STATUS,
        names::NATS_MSG_ID,
        names::NATS_TTL,
        "H-content-type",
        "H-accept",
        "H-etag",
        "H-user-agent",
        "H-host",
        "H-via",
        "H-x-forwarded-for",
        "H-x-forwarded-proto",
        "H-x-request-id",
    ];
    names
        .into_iter()
        .chain(names::TRACE)
        .map(|name| (name, HeaderName::from_static(name)))
        .collect()
});

fn name_of(text: &str) -> Option<HeaderName> {
    let known = KNOWN.iter().find(|(known, _)| *known == text);
    known.map_or_else(|| text.parse().ok(), |(_, name)| Some(name.clone()))
}

/// The headers of a message that came in; none is the same as an empty map.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a>(pub Option<&'a HeaderMap>);

impl HeaderSource for Incoming<'_> {
    fn first(&self, name: &str) -> Option<&str> {
        self.0?.get(name_of(name)?).map(HeaderValue::as_str)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        for (name, values) in self.0.into_iter().flat_map(HeaderMap::iter) {
            for value in values {
                visit(name.as_ref(), value.as_str());
            }
        }
    }
}

/// A header that cannot go over the wire.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header {0:?} has a name or value that NATS cannot carry")]
pub struct RefusedHeader(pub String);

/// The headers of a message about to be sent.
#[derive(Debug, Default)]
pub struct Outgoing {
    map: HeaderMap,
    refused: Option<RefusedHeader>,
}

impl Outgoing {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The map to send, unless a header could not be taken.
    pub fn finish(self) -> Result<HeaderMap, RefusedHeader> {
        match self.refused {
            None => Ok(self.map),
            Some(refused) => Err(refused),
        }
    }
}

impl HeaderSink for Outgoing {
    fn append(&mut self, name: &str, value: &str) {
        match (name_of(name), value.parse::<HeaderValue>()) {
            (Some(name), Ok(value)) => self.map.append(name, value),
            _ => self.refused = Some(RefusedHeader(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use contract::headers::{HeaderSink as _, HeaderSource as _};

    use super::{Incoming, Outgoing, RefusedHeader};

    #[test]
    fn what_goes_out_comes_in_with_repeats_in_order() {
        let mut outgoing = Outgoing::new();
        outgoing.append("H-set-cookie", "a=1");
        outgoing.append("Px-V", "2");
        outgoing.append("H-set-cookie", "b=2");
        let map = outgoing.finish().unwrap();
        let incoming = Incoming(Some(&map));
        assert_eq!(incoming.first("Px-V"), Some("2"));
        assert_eq!(incoming.first("px-v"), None);
        assert_eq!(incoming.first("no: name\r\n"), None);
        let mut cookies = Vec::new();
        incoming.each(&mut |name, value| {
            if name == "H-set-cookie" {
                cookies.push(value.to_owned());
            }
        });
        assert_eq!(cookies, ["a=1", "b=2"]);
    }

    #[test]
    fn a_line_break_is_refused_and_does_not_panic() {
        for (name, value) in [
            ("H-a", "b\r\nPUB x"),
            ("H-a\r\nb", "c"),
            ("H:a", "b"),
            ("H-a", "b\n"),
        ] {
            let mut outgoing = Outgoing::new();
            outgoing.append(name, value);
            assert_eq!(outgoing.finish().unwrap_err(), RefusedHeader(name.to_owned()));
        }
    }

    #[test]
    fn a_message_without_headers_has_none() {
        assert_eq!(Incoming(None).first("Px-V"), None);
    }
}
