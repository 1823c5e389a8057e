//! What JetStream writes into the reply subject of a delivered message: `$JS.ACK.…` (ADR-15).

/// Where a delivered message lies, how often it came and when it was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// JetStream domain, if the server has one.
    pub domain: Option<&'a str>,
    /// Stream it lies in.
    pub stream: &'a str,
    /// Consumer it was delivered to.
    pub consumer: &'a str,
    /// How often it has been delivered, from 1.
    pub delivered: u64,
    /// Its sequence in the stream.
    pub stream_sequence: u64,
    /// The sequence of this delivery.
    pub consumer_sequence: u64,
    /// When the server stored it, nanoseconds since the epoch by the server's clock.
    pub stored_unix_nanos: u64,
    /// How many more the consumer has to deliver.
    pub pending: u64,
}

impl<'a> Stamp<'a> {
    /// Reads version 1 (9 tokens) and version 2 (with domain and account, 11 tokens or more); `None` for any other subject.
    pub fn parse(subject: &'a str) -> Option<Self> {
        let mut tokens = subject.strip_prefix("$JS.ACK.")?.split('.');
        let domain = match subject.split('.').count() {
            9 => None,
            11.. => {
                let domain = tokens.next()?;
                tokens.next()?; // the account's hash
                Some(domain).filter(|domain| *domain != "_")
            }
            _ => return None,
        };
        let (stream, consumer) = (tokens.next()?, tokens.next()?);
        let mut number = || tokens.next()?.parse().ok();
        Some(Self {
            domain,
            stream,
            consumer,
            delivered: number()?,
            stream_sequence: number()?,
            consumer_sequence: number()?,
            stored_unix_nanos: number()?,
            pending: number()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::Stamp;

    #[test]
    fn version_1_is_read() {
        let stamp = Stamp::parse("$JS.ACK.REQUESTS.rating-service.2.17.30.1770000000123456789.5").unwrap();
        assert_eq!(
            (stamp.domain, stamp.stream, stamp.consumer),
            (None, "REQUESTS", "rating-service")
        );
        assert_eq!(
            (stamp.delivered, stamp.stream_sequence, stamp.consumer_sequence),
            (2, 17, 30)
        );
        assert_eq!(
            (stamp.stored_unix_nanos, stamp.pending),
            (1_770_000_000_123_456_789, 5)
        );
    }

    #[test_case("$JS.ACK.hub.ACCHASH.REQUESTS.c.1.2.3.4.5", Some("hub"); "with a domain")]
    #[test_case("$JS.ACK._.ACCHASH.REQUESTS.c.1.2.3.4.5", None; "with an empty domain")]
    #[test_case("$JS.ACK.hub.ACCHASH.REQUESTS.c.1.2.3.4.5.random", Some("hub"); "with a token more")]
    fn version_2_is_read(subject: &str, domain: Option<&str>) {
        let stamp = Stamp::parse(subject).unwrap();
        assert_eq!(
            (stamp.domain, stamp.stream, stamp.consumer),
            (domain, "REQUESTS", "c")
        );
        assert_eq!((stamp.delivered, stamp.pending), (1, 5));
    }

    proptest! {
        #[test]
        fn any_other_text_is_no_stamp_and_no_panic(text in r"(\$JS\.ACK\.)?[a-z0-9.$*>-]{0,60}") {
            if let Some(stamp) = Stamp::parse(&text) {
                prop_assert!(text.starts_with("$JS.ACK.") && text.split('.').count() >= 9);
                prop_assert!(text.contains(stamp.stream));
            }
        }
    }
}
