//! The contract's headers in the NATS client's own map.

use std::str::FromStr as _;

use async_nats::header::{HeaderMap, HeaderName, HeaderValue};
use contract::headers::{HeaderSink, HeaderSource};

/// A NATS header map as the contract reads and writes it.
#[derive(Debug, Clone, Default)]
pub(super) struct Headers(pub(super) HeaderMap);

impl HeaderSink for Headers {
    fn append(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::from_str(name), HeaderValue::from_str(value)) {
            self.0.append(name, value);
        }
    }
}

impl HeaderSource for Headers {
    fn first(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(HeaderValue::as_str)
    }

    fn each(&self, visit: &mut dyn FnMut(&str, &str)) {
        for (name, values) in self.0.iter() {
            for value in values {
                visit(name.as_ref(), value.as_str());
            }
        }
    }
}
