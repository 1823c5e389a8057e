use proptest::prelude::*;
use test_case::test_case;

use super::{Framing, Limits, Refusal};

const LIMITS: Limits = Limits {
    uri_bytes: 100,
    head_bytes: 400,
    headers: 8,
};

fn feed(bytes: &[u8]) -> Result<Framing, Refusal> {
    let mut framing = Framing::new(LIMITS);
    framing.feed(bytes).map(|()| framing)
}

fn is_malformed(result: &Result<Framing, Refusal>) -> bool {
    matches!(result, Err(Refusal::Malformed(_)))
}

#[test_case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"; "length then chunked")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"; "chunked then length")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"; "two equal lengths")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n"; "a list of lengths")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n"; "a signed length")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"; "a length over 64 bits")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"; "another coding")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n"; "a coding with a control character")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"; "two codings")]
#[test_case("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"; "chunks in 1.0")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n  2\r\n\r\n"; "an obsolete fold")]
#[test_case("GET / HTTP/1.1\nHost: a\r\n\r\n"; "a bare LF after the request line")]
#[test_case("GET / HTTP/1.1\r\nHost: a\n\r\n"; "a bare LF after a header")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\n\n"; "a bare LF at the end of the head")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"; "two hosts")]
#[test_case("GET / HTTP/1.1\r\n\r\n"; "no host")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n"; "a header without a colon")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n"; "a bare LF after a chunk size")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n"; "a chunk longer than its size")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n"; "a prefixed chunk size")]
#[test_case("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n"; "an empty chunk size")]
fn two_readings_are_refused(request: &str) {
    assert!(is_malformed(&feed(request.as_bytes())));
}

#[test]
fn limits_are_refused_with_their_own_reasons() {
    let long = "x".repeat(101);
    assert_eq!(
        feed(format!("GET /{long} HTTP/1.1\r\n").as_bytes()).unwrap_err(),
        Refusal::UriTooLong
    );
    assert_eq!(
        feed(format!("GET /{}", "x".repeat(300)).as_bytes()).unwrap_err(),
        Refusal::UriTooLong
    );
    let many = "A: b\r\n".repeat(9);
    assert_eq!(
        feed(format!("GET / HTTP/1.1\r\n{many}").as_bytes()).unwrap_err(),
        Refusal::HeadTooLarge
    );
    let wide = format!("GET / HTTP/1.1\r\nA: {}\r\n", "x".repeat(400));
    assert_eq!(feed(wide.as_bytes()).unwrap_err(), Refusal::HeadTooLarge);
    assert_eq!(feed(&wide.as_bytes()[..410]).unwrap_err(), Refusal::HeadTooLarge);
    assert_eq!(feed(&b"\r\n".repeat(201)).unwrap_err(), Refusal::HeadTooLarge);
}

#[test]
fn a_connection_preface_is_http2_and_nothing_after_it_is_watched() {
    let framing = feed(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\n\n").unwrap();
    assert!(framing.is_http2());
}

#[test]
fn a_preface_that_goes_on_differently_is_a_head() {
    assert!(is_malformed(&feed(
        b"PRI * HTTP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
    )));
    assert!(!feed(b"P").unwrap().is_http2());
    assert!(feed(b"P").unwrap().is_mid_head());
}

const REQUESTS: [&str; 5] = [
    "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /b HTTP/1.1\r\nhost: a\r\nCONTENT-LENGTH: 12\r\n\r\nA: b\r\n\r\nGET ",
    "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  Chunked \r\n\r\n4\r\n\nab\n\r\n3;a=b\r\nc\r\n\r\n0\r\nT: 1\r\n\r\n",
    "\r\nGET /d HTTP/1.0\r\n\r\n",
    "PUT /e HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
];

proptest! {
    #[test]
    fn any_split_of_good_requests_passes_and_ends_between_heads(
        order in proptest::collection::vec(0..REQUESTS.len(), 1..6),
        cuts in proptest::collection::vec(1..40usize, 0..40),
    ) {
        let wire: String = order.iter().map(|&index| REQUESTS[index]).collect();
        let mut framing = Framing::new(LIMITS);
        let mut rest = wire.as_bytes();
        for cut in cuts {
            let (now, later) = rest.split_at(cut.min(rest.len()));
            prop_assert_eq!(framing.feed(now), Ok(()));
            rest = later;
        }
        prop_assert_eq!(framing.feed(rest), Ok(()));
        prop_assert!(!framing.is_mid_head());
    }

    #[test]
    fn a_verdict_does_not_depend_on_how_the_bytes_are_split(
        bytes in "[GP/ 13ab:;\r\n]{0,60}|GET / HTTP/1.1\r\nHost: a\r\n(Content-Length: [0-9a ]{0,2}\r\n|Transfer-Encoding: chunked\r\n|X: y\r?\n){0,3}\r\n[0-9a\r\n]{0,12}",
        cut in 0..60usize,
    ) {
        let whole = feed(bytes.as_bytes()).map(|framing| framing.is_mid_head());
        let mut framing = Framing::new(LIMITS);
        let (first, second) = bytes.as_bytes().split_at(cut.min(bytes.len()));
        let split = framing.feed(first).and_then(|()| framing.feed(second)).map(|()| framing.is_mid_head());
        prop_assert_eq!(whole, split);
    }
}
