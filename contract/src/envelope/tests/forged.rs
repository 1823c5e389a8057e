//! What a hostile client or worker may try.

use test_case::test_case;

use super::*;

#[test]
fn no_client_header_becomes_one_of_ours_or_the_servers() {
    let map = headers(&[
        ("nats-rollup", "all"),
        ("nats-msg-id", "x"),
        ("px-reply", "$JS.API.STREAM.DELETE.REQUESTS"),
        ("h-px-reply", "y"),
        ("connection", "close, x-secret"),
        ("x-secret", "1"),
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
        ("proxy-authorization", "z"),
        ("accept", "a"),
    ]);
    let mut sink = Lines::new();
    encode_request(
        Version::V2,
        &head(&Method::GET, "/x", None, &map),
        &Bytes::new(),
        &mut sink,
    )
    .unwrap();
    let from_client: Vec<&str> = sink
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !name.starts_with("Px-"))
        .collect();
    assert_eq!(from_client, ["H-h-px-reply", "H-accept"]);
    assert_eq!(sink.iter().filter(|(name, _)| name == "Px-Reply").count(), 1);
}

#[test_case("$JS.API.STREAM.DELETE.REQUESTS"; "a system subject")]
#[test_case("_PX.*.r"; "a wildcard")]
#[test_case("_PX.>"; "a full wildcard")]
#[test_case("_PX"; "one token")]
#[test_case("_PX.a..b"; "an empty token")]
#[test_case("_PX.a b"; "a space")]
#[test_case("events.rating.created"; "an event")]
#[test_case("_INBOX.a\r\nPUB x 0"; "a line break")]
fn a_reply_subject_that_is_no_inbox_is_refused(subject: &str) {
    let payload = serde_json::json!({ "originReplyTo": subject }).to_string();
    let codec = Codec::new("api").unwrap();
    let v1 = decode_request(&codec, "api.get.x", &Lines::new(), payload.into());
    assert!(matches!(v1, Err(DecodeError::ReplySubject(_))));
    let v2 = lines(&[
        ("Px-V", "2"),
        ("Px-Id", "00000000-0000-0000-0000-000000000001"),
        ("Px-Reply", subject),
        ("Px-Method", "GET"),
    ]);
    assert!(matches!(
        decode_request(&codec, "api.get.x", &v2, Bytes::new()),
        Err(DecodeError::ReplySubject(_))
    ));
}

#[test_case(&[("Px-Method", "DELETE")]; "a method that the subject contradicts")]
#[test_case(&[("Px-Method", "GET"), ("Px-Timeout-Ms", "-1")]; "a negative timeout")]
#[test_case(&[("Px-Method", "GET"), ("Px-Timeout-Ms", "99999999999")]; "a timeout of years")]
#[test_case(&[("Px-Method", "GET"), ("H-bad name", "x")]; "a header name with a space")]
#[test_case(&[("Px-Method", "GET"), ("H-x", "a\nb")]; "a header value with a line break")]
#[test_case(&[]; "no method")]
fn a_broken_version_2_request_is_refused(extra: &[(&str, &str)]) {
    let mut sink = lines(&[
        ("Px-V", "2"),
        ("Px-Id", "00000000-0000-0000-0000-000000000001"),
        ("Px-Reply", INBOX),
    ]);
    sink.extend(lines(extra));
    let codec = Codec::new("api").unwrap();
    assert!(decode_request(&codec, "api.get.x", &sink, Bytes::new()).is_err());
}

#[test]
fn an_unknown_version_is_named() {
    let codec = Codec::new("api").unwrap();
    let error = decode_request(&codec, "api.get.x", &lines(&[("Px-V", "3")]), Bytes::new()).unwrap_err();
    assert_eq!(error.to_string(), "the envelope has the unknown version '3'");
}

#[test_case("0")]
#[test_case("99")]
#[test_case("100")]
#[test_case("199")]
#[test_case("600")]
#[test_case("1000")]
#[test_case("OK")]
fn a_status_that_no_client_could_read_is_refused(status: &str) {
    assert!(matches!(
        decode_reply(&lines(&[("Px-Status", status)]), Bytes::new()),
        Err(DecodeError::Status(_))
    ));
    let payload = format!(r#"{{"statusCode":{status}}}"#);
    assert!(decode_reply(&Lines::new(), payload.into()).is_err());
}

#[test]
fn a_worker_cannot_break_the_framing_of_its_answer() {
    let sink = lines(&[
        ("Px-Status", "200"),
        ("H-content-length", "9999"),
        ("H-transfer-encoding", "chunked"),
        ("H-set-cookie", "a=1"),
        ("H-set-cookie", "b=2"),
    ]);
    let reply = decode_reply(&sink, Bytes::from_static(b"x")).unwrap();
    assert_eq!(
        reply.headers,
        headers(&[("set-cookie", "a=1"), ("set-cookie", "b=2")])
    );
}

#[test]
fn a_value_that_is_not_utf8_is_refused_and_named() {
    let mut map = HeaderMap::new();
    map.insert("x-name", HeaderValue::from_bytes(b"\xff").unwrap());
    for version in [Version::V1, Version::V2] {
        let encoded = encode_request(
            version,
            &head(&Method::GET, "/x", None, &map),
            &Bytes::new(),
            &mut Lines::new(),
        );
        assert!(matches!(encoded, Err(EncodeError::HeaderValue(name)) if name == "x-name"));
    }
}

/// The map type of the HTTP crate panics at 24,577 names, and a message holds more than that.
#[test_case(|n| format!("x-{n}"); "all different")]
#[test_case(|_| "x".to_owned(); "all the same")]
fn a_flood_of_headers_is_refused(name: fn(usize) -> String) {
    let flood = || (0..40_000).map(move |n| (name(n), String::new()));
    let members: serde_json::Map<_, _> = (0..40_000).map(|n| (format!("x-{n}"), "".into())).collect();
    let v1 = serde_json::json!({ "originReplyTo": INBOX, "headers": members, "statusCode": 200 }).to_string();
    let mut v2 = lines(&[
        ("Px-V", "2"),
        ("Px-Id", "00000000-0000-0000-0000-000000000001"),
        ("Px-Reply", INBOX),
        ("Px-Method", "GET"),
        ("Px-Status", "200"),
        ("H-connection", "close"),
    ]);
    v2.extend(flood().map(|(name, value)| (format!("H-{name}"), value)));

    let codec = Codec::new("api").unwrap();
    let none = Lines::new();
    let request = |headers, payload| decode_request(&codec, "api.get.x", headers, payload);
    assert!(matches!(
        request(&none, v1.clone().into()),
        Err(DecodeError::TooManyHeaders)
    ));
    assert!(matches!(
        request(&v2, Bytes::new()),
        Err(DecodeError::TooManyHeaders)
    ));
    assert!(matches!(
        decode_reply(&none, v1.into()),
        Err(DecodeError::TooManyHeaders)
    ));
    assert!(matches!(
        decode_reply(&v2, Bytes::new()),
        Err(DecodeError::TooManyHeaders)
    ));
}
