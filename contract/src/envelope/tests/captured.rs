//! Messages as the original proxy puts them on the wire, taken down from a running one.

use test_case::test_case;

use super::*;

const TRACED: &str = r#"{"body":{},"headers":{"accept-encoding":"identity","cookie":"a=1","host":"127.0.0.1:33877","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tracestate":"a=b","x-request-id":"mine"},"originReplyTo":"_INBOX.vtiGEqIqKpaRKziY7Rgymn","queryParameters":{}}"#;
const QUERY: &str = r#"{"body":{},"headers":{"accept-encoding":"identity","host":"127.0.0.1:33877","x-request-id":"01a201ad-4cc9-71d0-ace9-909433ccb7b6"},"originReplyTo":"_INBOX.vtiGEqIqKpaRKziY7Rgyrr","queryParameters":{"a":"2","userId":"é x"}}"#;
const DELETE: &str = r#"{"body":{"ids":["01a201ad-44b8-744d-a20f-1855ca17a1bd"]},"headers":{"accept-encoding":"identity","content-length":"49","content-type":"application/json","host":"127.0.0.1:33877","x-request-id":"01a201ad-44d8-7270-9869-04dee42d3bda"},"originReplyTo":"_INBOX.vtiGEqIqKpaRKziY7RgyDL","queryParameters":{}}"#;

/// The headers beside [`TRACED`], and beside a request whose client sent no trace.
const TRACED_LINES: [(&str, &str); 3] = [
    ("Nats-Msg-Id", "mine"),
    (
        "traceparent",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-3787a37590c86c90-01",
    ),
    ("tracestate", "a=b"),
];
const LINES: [(&str, &str); 3] = [
    ("Nats-Msg-Id", "01a201ad-44d8-7270-9869-04dee42d3bda"),
    (
        "traceparent",
        "00-3ef973ee5fd0a67f74b12df299ae78af-3bd4a17d0acaed30-01",
    ),
    ("tracestate", ""),
];

fn read(subject: &str, beside: &[(&str, &str)], payload: &'static str) -> Request {
    let codec = Codec::new("").unwrap();
    decode_request(&codec, subject, &lines(beside), payload.into()).unwrap()
}

#[test]
fn a_delete_with_a_body_is_read() {
    let request = read("delete.ratings", &LINES, DELETE);
    assert_eq!(
        (request.version, &request.method, request.path.to_string()),
        (Version::V1, &Method::DELETE, "/ratings".to_owned())
    );
    assert_eq!(
        (request.reply_to.as_str(), request.query.as_deref()),
        ("_INBOX.vtiGEqIqKpaRKziY7RgyDL", None)
    );
    assert_eq!(
        request.body,
        r#"{"ids":["01a201ad-44b8-744d-a20f-1855ca17a1bd"]}"#
    );
    assert!(!request.headers.contains_key("content-length"));
    assert!(
        !request.headers.contains_key("tracestate"),
        "an empty one says nothing"
    );
}

#[test]
fn the_span_of_the_proxy_replaces_that_of_its_caller() {
    let request = read("get.ratings", &TRACED_LINES, TRACED);
    assert_eq!(
        request.headers["traceparent"],
        "00-4bf92f3577b34da6a3ce929d0e0e4736-3787a37590c86c90-01"
    );
    assert_eq!(request.headers["tracestate"], "a=b");
    assert_eq!(request.headers.get_all("traceparent").iter().count(), 1);
}

#[test_case(
    TRACED, "_INBOX.vtiGEqIqKpaRKziY7Rgymn", None,
    &[
        ("accept-encoding", "identity"),
        ("host", "127.0.0.1:33877"),
        ("cookie", "a=1"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("tracestate", "a=b"),
        ("x-request-id", "mine"),
    ];
    "with a trace"
)]
#[test_case(
    QUERY, "_INBOX.vtiGEqIqKpaRKziY7Rgyrr", Some("userId=%C3%A9+x&a=1&a=2"),
    &[
        ("host", "127.0.0.1:33877"),
        ("accept-encoding", "identity"),
        ("x-request-id", "01a201ad-4cc9-71d0-ace9-909433ccb7b6"),
    ];
    "with parameters"
)]
fn the_same_request_is_written_in_the_same_bytes(
    captured: &str,
    reply_to: &str,
    query: Option<&str>,
    client: &[(&'static str, &str)],
) {
    let map = headers(client);
    let head = RequestHead {
        reply_to,
        ..head(&Method::GET, "/ratings", query, &map)
    };
    let mut sink = Lines::new();
    let payload = encode_request(Version::V1, &head, &Bytes::new(), &mut sink).unwrap();
    assert_eq!(payload, captured.as_bytes());
    // The trace is beside the envelope too, where the original's workers look for it.
    let traces = |name: &str| sink.iter().filter(|(known, _)| known == name).count();
    let is_traced = usize::from(map.contains_key("traceparent"));
    assert_eq!(
        (traces("traceparent"), traces("tracestate")),
        (is_traced, is_traced)
    );
}

#[test]
fn no_content_is_written_as_the_originals_workers_do() {
    let reply = Reply {
        status: StatusCode::NO_CONTENT,
        headers: HeaderMap::new(),
        body: Bytes::new(),
    };
    assert_eq!(
        encode_reply(Version::V1, &reply, &mut Lines::new()),
        r#"{"headers":{},"body":{},"statusCode":204}"#
    );
}

#[test]
fn who_waits_for_an_unservable_request_is_known() {
    // The original forwards HEAD on a subject of its own, which stands for nothing here.
    let codec = Codec::new("").unwrap();
    assert!(decode_request(&codec, "head.ratings", &lines(&LINES), DELETE.into()).is_err());
    let address = return_address(&lines(&LINES), DELETE.as_bytes()).unwrap();
    assert_eq!(
        (address.version, address.reply_to.as_str()),
        (Version::V1, "_INBOX.vtiGEqIqKpaRKziY7RgyDL")
    );
    assert_eq!(address.id, read("delete.ratings", &LINES, DELETE).id);
}

#[test_case(&[], br#"{"originReplyTo":"$JS.API.STREAM.PURGE.REQUESTS"}"#; "no inbox")]
#[test_case(&[("Px-Reply", "$JS.API.STREAM.PURGE.REQUESTS")], br#"{"originReplyTo":"_INBOX.a.b"}"#; "version 2 to no inbox")]
#[test_case(&[], b"originReplyTo"; "no envelope")]
fn an_answer_goes_to_inboxes_only(beside: &[(&str, &str)], payload: &[u8]) {
    assert_eq!(return_address(&lines(beside), payload), None);
}
