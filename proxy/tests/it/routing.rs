//! What the proxy answers by itself, from its table.

use test_case::test_case;

use crate::client::{Connection, bytes, request};
use crate::system::System;

#[test_case("GET", "/nowhere", 404, None)]
#[test_case("GET", "/", 404, None)]
#[test_case("OPTIONS", "/nowhere", 404, None)]
#[test_case("PUT", "/things", 405, Some("GET, HEAD, POST, OPTIONS"))]
#[test_case("TRACE", "/things", 405, Some("GET, HEAD, POST, OPTIONS"))]
#[test_case("POST", "/things/1", 405, Some("GET, HEAD, PUT, DELETE, OPTIONS"))]
#[test_case("HEAD", "/happenings", 405, Some("POST, OPTIONS"); "head is allowed only where get is")]
#[test_case("BREW", "/things", 501, None)]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_does_not_have_is_refused(method: &str, path: &str, status: u16, allow: Option<&str>) {
    let system = System::start().await;
    let answer = request(system.address(), method, path, &[], b"").await;
    assert_eq!((answer.status, answer.header("allow")), (status, allow));
    if method != "HEAD" {
        assert_eq!(answer.problem()["retryable"], false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_is_no_tunnel() {
    let system = System::start().await;
    let mut connection = Connection::open(system.address()).await;
    connection
        .send(b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n")
        .await;
    assert_eq!(connection.answer().await.status, 501);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_says_what_is_allowed() {
    let system = System::start().await;
    let answer = request(system.address(), "OPTIONS", "/things/1", &[], b"").await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, PUT, DELETE, OPTIONS"));
}

#[test_case("/things/?a=1&b", 308, Some("/things?a=1&b"))]
#[test_case("/things/7/", 308, Some("/things/7"))]
#[test_case("/nowhere/", 404, None)]
#[test_case("/things//", 404, None; "only one slash is forgiven")]
#[test_case("//elsewhere.example/", 404, None; "no redirect leads to another host")]
#[tokio::test(flavor = "multi_thread")]
async fn one_slash_too_many_leads_to_the_path_without_it(path: &str, status: u16, location: Option<&str>) {
    let system = System::start().await;
    let answer = request(system.address(), "POST", path, &[], b"").await;
    assert_eq!((answer.status, answer.header("location")), (status, location));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_template_and_never_by_path() {
    let system = System::start().await;
    for path in ["/nowhere/1", "/nowhere/2", "/things?x"] {
        let mut connection = Connection::open(system.address()).await;
        connection.send(&bytes("PUT", path, &[], b"")).await;
        connection.answer().await;
    }
    let count = |labels| system.proxy.metric(&format!("http_requests_total{{{labels}}}"));
    assert_eq!(count(r#"route="none",method="PUT",class="4xx""#), 2);
    assert_eq!(count(r#"route="/things",method="PUT",class="4xx""#), 1);
}
