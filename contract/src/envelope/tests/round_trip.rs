//! What goes in comes out.

use proptest::prelude::*;

use super::*;

prop_compose! {
    fn header_map()(pairs in prop::collection::vec(("x-[a-z]{1,6}", "[!-~é]([ -~é]{0,10}[!-~é])?"), 0..5)) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(http::HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }
}

proptest! {
    #[test]
    fn a_version_2_request(
        map in header_map(),
        query in prop::option::of("[!-\"$-~]{0,20}"),
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let body = Bytes::from(body);
        let request = send(Version::V2, &head(&Method::HEAD, "/a/b%20c", query.as_deref(), &map), &body).unwrap();
        prop_assert_eq!(request, Request {
            version: Version::V2,
            id: Uuid::from_u128(7),
            reply_to: INBOX.to_owned(),
            method: Method::HEAD,
            path: Path::parse("/a/b%20c").unwrap(),
            query,
            timeout: Some(Duration::from_millis(4_500)),
            deadline_unix_ms: Some(1_790_000_000_000),
            attempt: 1,
            headers: map,
            body,
        });
    }

    #[test]
    fn a_version_1_request(text in "[a-z\"\\\\é\\u{1F600}]{0,12}", parameter in "[ -~é]{0,12}") {
        let body = Bytes::from(serde_json::json!({ "text": text }).to_string());
        let query = format!("p={}", percent_encoding::utf8_percent_encode(&parameter, percent_encoding::NON_ALPHANUMERIC));
        let request = send(Version::V1, &head(&Method::PUT, "/a", Some(&query), &HeaderMap::new()), &body).unwrap();
        prop_assert_eq!(request.body, body);
        prop_assert_eq!(request.query, Some(query));
        prop_assert_eq!(request.id, Uuid::from_u128(7));
        prop_assert_eq!(request.timeout, Some(Duration::from_millis(4_500)));
    }

    #[test]
    fn a_version_2_reply(map in header_map(), status in 200_u16..600, body in prop::collection::vec(any::<u8>(), 0..64)) {
        let reply = Reply { status: StatusCode::from_u16(status).unwrap(), headers: map, body: body.into() };
        let mut sink = Lines::new();
        let payload = encode_reply(Version::V2, &reply, &mut sink);
        prop_assert_eq!(decode_reply(&sink, payload).unwrap(), reply);
    }

    #[test]
    fn no_message_makes_a_decoder_panic(
        pairs in prop::collection::vec(("(Px-[A-Z][a-z]{0,5}|H-[ -~]{0,5}|Px-V|Px-Status)", "[ -~\\r\\né2]{0,8}"), 0..6),
        payload in prop::collection::vec(any::<u8>(), 0..64),
        subject in "(api\\.get\\.)?[ -~]{0,10}",
    ) {
        let payload = Bytes::from(payload);
        let codec = Codec::new("api").unwrap();
        drop(decode_request(&codec, &subject, &pairs, payload.clone()));
        drop(decode_reply(&pairs, payload));
    }
}
