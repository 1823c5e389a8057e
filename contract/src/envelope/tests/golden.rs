//! Envelopes as the original programs write them, byte for byte.

use test_case::test_case;

use super::*;

fn v1(path: &str, query: Option<&str>, map: &HeaderMap, body: &'static str) -> String {
    let mut sink = Lines::new();
    let head = head(&Method::POST, path, query, map);
    let payload = encode_request(
        Version::V1,
        &head,
        &Bytes::from_static(body.as_bytes()),
        &mut sink,
    )
    .unwrap();
    String::from_utf8(payload.to_vec()).unwrap()
}

#[test]
fn a_request_without_a_body_carries_an_empty_object() {
    let map = headers(&[("x-request-id", "01"), ("accept", "*/*")]);
    let golden = r#"{"body":{},"headers":{"accept":"*/*","x-request-id":"01"},"originReplyTo":"_PX.f00.0.r.1-2-3","queryParameters":{"ids":"a,b"}}"#;
    assert_eq!(v1("/ratings", Some("ids=a%2Cb"), &map, ""), golden);
}

#[test]
fn a_body_is_spliced_in_unchanged() {
    let big = r#"{"items":[{"score":5,"n":123456789012345678901234567890.10}]}"#;
    let golden =
        format!(r#"{{"body":{big},"headers":{{}},"originReplyTo":"{INBOX}","queryParameters":{{}}}}"#);
    assert_eq!(v1("/ratings", None, &HeaderMap::new(), big), golden);
}

#[test]
fn repeated_headers_are_joined_and_the_last_parameter_stays() {
    let map = headers(&[
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("accept", "x"),
        ("accept", "y"),
    ]);
    let text = v1("/ratings", Some("a=1&a=2&b=c+d"), &map, "");
    assert!(
        text.contains(r#""headers":{"accept":"x, y","cookie":"a=1; b=2"}"#),
        "{text}"
    );
    assert!(
        text.contains(r#""queryParameters":{"a":"2","b":"c d"}"#),
        "{text}"
    );
}

#[test]
fn an_original_request_is_understood() {
    let payload = br#"{"body":{"items":[]},"headers":{"host":"x"},"originReplyTo":"_INBOX.abc.d","queryParameters":{"ids":"1 2"}}"#;
    let codec = Codec::new("").unwrap();
    let request = decode_request(&codec, "post.ratings", &Lines::new(), Bytes::from_static(payload)).unwrap();
    assert_eq!((request.version, &request.method), (Version::V1, &Method::POST));
    assert_eq!(
        (request.reply_to.as_str(), request.query.as_deref()),
        ("_INBOX.abc.d", Some("ids=1%202"))
    );
    assert_eq!(
        (&request.body[..], request.timeout),
        (&br#"{"items":[]}"#[..], None)
    );
    assert_eq!(request.headers["content-type"], "application/json");
}

#[test]
fn deliveries_of_one_original_request_share_an_id() {
    let id = |inbox: &str| {
        let payload = format!(r#"{{"originReplyTo":"{inbox}"}}"#);
        let codec = Codec::new("").unwrap();
        decode_request(&codec, "get.ratings", &Lines::new(), payload.into())
            .unwrap()
            .id
    };
    assert_eq!(id("_INBOX.a.1"), id("_INBOX.a.1"));
    assert_ne!(id("_INBOX.a.1"), id("_INBOX.a.2"));
}

#[test_case(r#"{"headers":{},"body":{"items":[]},"statusCode":200}"#, 200, r#"{"items":[]}"#; "a body")]
#[test_case(r#"{"headers":{},"body":{},"statusCode":204}"#, 204, ""; "no content")]
#[test_case(r#"{"headers":{},"body":{},"statusCode":201}"#, 201, "{}"; "an empty object is a body elsewhere")]
#[test_case(r#"{"headers":null,"body":null,"statusCode":202}"#, 202, ""; "null")]
#[test_case(
    r#"{"headers":{},"body":{"errorCode":1,"message":"\u0027ids\u0027 \u003E 1","location":"0"},"statusCode":422}"#,
    422, r#"{"errorCode":1,"message":"\u0027ids\u0027 \u003E 1","location":"0"}"#; "escapes are left alone"
)]
#[test_case(r#"{"statusCode":404}"#, 404, ""; "nothing but a status")]
fn an_original_reply_is_understood(payload: &'static str, status: u16, body: &str) {
    let reply = decode_reply(&Lines::new(), Bytes::from_static(payload.as_bytes())).unwrap();
    assert_eq!(
        (reply.status.as_u16(), &reply.body[..]),
        (status, body.as_bytes())
    );
    assert_eq!(reply.headers.contains_key("content-type"), !body.is_empty());
}

#[test]
fn a_reply_has_the_originals_members_in_their_order() {
    let reply = Reply {
        status: StatusCode::CREATED,
        headers: headers(&[("etag", "\"v1\"")]),
        body: Bytes::from_static(b"{\"id\":1}"),
    };
    let mut sink = Lines::new();
    let payload = encode_reply(Version::V1, &reply, &mut sink);
    assert_eq!(
        &payload[..],
        br#"{"headers":{"etag":"\"v1\""},"body":{"id":1},"statusCode":201}"#
    );
    assert!(sink.is_empty());
}

#[test]
fn a_body_that_is_not_json_is_refused_in_version_1() {
    let map = HeaderMap::new();
    let encoded = encode_request(
        Version::V1,
        &head(&Method::POST, "/x", None, &map),
        &Bytes::from_static(b"a=1"),
        &mut Lines::new(),
    );
    assert!(matches!(encoded, Err(EncodeError::BodyNotJson(_))));
}
