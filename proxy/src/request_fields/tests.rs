use super::*;
use test_case::test_case;

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn completed(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut map = headers(lines);
    complete(
        &mut map,
        "::ffff:10.0.0.7".parse().unwrap(),
        Version::HTTP_11,
        &HeaderValue::from_static("id-1"),
    );
    map
}

#[test_case("abc.DEF_1-2", true)]
#[test_case("", false; "an empty one")]
#[test_case("a b", false; "one with a space")]
#[test_case("a\u{fc}", false; "one outside ascii")]
#[test_case("{id}", false; "one with braces")]
fn only_harmless_request_ids_are_taken_over(theirs: &'static str, taken: bool) {
    let ours = Uuid::from_u128(1);
    let id = request_id(&headers(&[("x-request-id", theirs)]), ours);
    assert_eq!(id.as_bytes() == theirs.as_bytes(), taken);
    assert_eq!(id == ours.to_string().as_str(), !taken);
}

#[test]
fn a_request_id_may_have_128_bytes_and_no_more() {
    assert!(is_harmless("x".repeat(128).as_bytes()));
    assert!(!is_harmless("x".repeat(129).as_bytes()));
}

#[test]
fn the_peer_is_appended_to_all_the_addresses_before_it() {
    let map = completed(&[
        ("x-forwarded-for", "1.1.1.1, 2.2.2.2"),
        ("x-forwarded-for", "3.3.3.3"),
    ]);
    let lines: Vec<_> = map.get_all("x-forwarded-for").iter().collect();
    assert_eq!(lines, ["1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7"]);
}

#[test]
fn the_outermost_protocol_is_kept_and_via_grows() {
    let map = completed(&[("x-forwarded-proto", "https"), ("via", "1.1 edge")]);
    assert_eq!(map["x-forwarded-proto"], "https");
    let via: Vec<_> = map.get_all("via").iter().collect();
    assert_eq!(via, ["1.1 edge", "1.1 http-to-nats-proxy"]);
    assert_eq!(completed(&[])["x-forwarded-proto"], "http");
    assert_eq!(completed(&[("x-request-id", "bad id")])["x-request-id"], "id-1");
}

#[test_case("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true)]
#[test_case("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", true; "a later version")]
#[test_case("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false; "more than version 00 has")]
#[test_case("00-00000000000000000000000000000000-b7ad6b7169203331-01", false; "no trace")]
#[test_case("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false; "no span")]
#[test_case("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false; "the forbidden version")]
#[test_case("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false; "upper case")]
#[test_case("hello", false; "a word")]
fn only_a_sound_trace_context_is_continued(traceparent: &'static str, kept: bool) {
    let map = completed(&[("traceparent", traceparent), ("tracestate", "a=b")]);
    assert_eq!(
        map.get("traceparent").map(HeaderValue::as_bytes),
        kept.then_some(traceparent.as_bytes())
    );
    assert_eq!(map.contains_key("tracestate"), kept);
    assert_eq!(trace_id(&map).is_some(), kept);
}
