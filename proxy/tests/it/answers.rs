//! Requests that are answered, through a real stream and a real consumer.

use http::{HeaderMap, HeaderValue, StatusCode};

use crate::client::{get, request};
use crate::system::System;
use crate::worker::{self, ok};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_through_the_stream_and_its_answer_comes_back() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| {
        let said = format!(
            "{} {} {:?} {}",
            request.method,
            request.path,
            request.query,
            request.body.len()
        );
        Some(ok(said))
    })
    .await;
    let answer = request(system.address(), "POST", "/things?a=1&a=2", &[], b"hello").await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "POST /things Some(\"a=1&a=2\") 5")
    );
    let answer = get(system.address(), "/things/a%20b").await;
    assert_eq!(answer.text(), "GET /things/a%20b None 0");
}
