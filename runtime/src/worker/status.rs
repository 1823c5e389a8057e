//! What the server says about a pull instead of sending a message (ADR-13, ADR-37).

use contract::headers::HeaderSource;

/// What a status means for the pull loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The pull stands; there is nothing to send.
    Alive,
    /// The pull has ended with this many messages not sent.
    Ended(usize),
    /// What the server knows of us is gone: begin anew, at once.
    Anew(String),
    /// The server does not want this pull; asking again at once would not help.
    Refused(String),
}

/// Says on a pull's last status how many messages of it were not sent.
const REST: &str = "Nats-Pending-Messages";

/// Reads a status message by its code and text.
pub(super) fn read(code: u16, text: &str, headers: &impl HeaderSource) -> Meaning {
    let said = || format!("the server says {code} {text}").trim_end().to_owned();
    let rest = headers.first(REST).and_then(|rest| rest.parse().ok());
    let lower = text.to_ascii_lowercase();
    match (code, rest) {
        (100, _) => Meaning::Alive,
        (404 | 408, Some(rest)) => Meaning::Ended(rest),
        (409, Some(rest)) if lower.contains("batch completed") => Meaning::Ended(rest),
        (409, _) if ["exceeded", "push based"].iter().any(|word| lower.contains(word)) => {
            Meaning::Refused(said())
        }
        // Without the rest of a pull that has ended, the sum of credit is not known any more; 409 is Consumer Deleted,
        // Leadership Change, Server Shutdown, and what later servers may add.
        (404 | 408 | 409 | 503, _) => Meaning::Anew(said()),
        _ => Meaning::Refused(said()),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::{Meaning, REST, read};

    fn anew(text: &str) -> Meaning {
        Meaning::Anew(text.to_owned())
    }

    fn refused(text: &str) -> Meaning {
        Meaning::Refused(text.to_owned())
    }

    #[test_case(100, "Idle Heartbeat", &Meaning::Alive)]
    #[test_case(409, "Consumer Deleted", &anew("the server says 409 Consumer Deleted"))]
    #[test_case(409, "Leadership Change", &anew("the server says 409 Leadership Change"))]
    #[test_case(409, "Server Shutdown", &anew("the server says 409 Server Shutdown"))]
    #[test_case(408, "Request Timeout", &anew("the server says 408 Request Timeout"))]
    #[test_case(503, "", &anew("the server says 503"))]
    #[test_case(409, "Exceeded MaxWaiting", &refused("the server says 409 Exceeded MaxWaiting")
    )]
    #[test_case(409, "Exceeded MaxRequestBatch of 5", &refused("the server says 409 Exceeded MaxRequestBatch of 5")
    )]
    #[test_case(409, "Consumer is push based", &refused("the server says 409 Consumer is push based")
    )]
    #[test_case(400, "Bad Request", &refused("the server says 400 Bad Request"))]
    fn a_status_without_a_rest_means(code: u16, text: &str, expected: &Meaning) {
        assert_eq!(read(code, text, &Vec::<(String, String)>::new()), *expected);
    }

    #[test_case(408, "Request Timeout")]
    #[test_case(404, "No Messages")]
    #[test_case(409, "Batch Completed")]
    fn a_status_with_a_rest_gives_credit_back(code: u16, text: &str) {
        let headers = vec![(REST.to_owned(), "7".to_owned())];
        assert_eq!(read(code, text, &headers), Meaning::Ended(7));
    }
}
