//! Bodies, in-flight requests and other things of which there may be too much.

use crate::client::{Connection, get, request};
use crate::system::{STREAM, System};
use crate::worker::{self, StandIn, ok};

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_route_limit_is_refused_before_it_is_sent() {
    let system = System::start().await;
    let mut connection = Connection::open(system.address()).await;
    let head =
        "POST /things HTTP/1.1\r\nHost: proxy\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n";
    connection.send(head.as_bytes()).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status, 413, "and no 100 Continue came before it");
    assert_eq!(answer.problem()["title"], "Body too large");
    assert!(connection.is_closed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_within_the_limit_is_asked_for() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| Some(ok(request.body.clone()))).await;
    let mut connection = Connection::open(system.address()).await;
    let head = "POST /things HTTP/1.1\r\nHost: proxy\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    connection.send(head.as_bytes()).await;
    assert_eq!(connection.answer().await.status, 100);
    connection.send(b"hello").await;
    assert_eq!(connection.answer().await.text(), "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_unknown_length_is_read_to_its_limit() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| Some(ok(request.body.len().to_string()))).await;
    for (size, status) in [(65_536, 200), (65_537, 413)] {
        let mut connection = Connection::open(system.address()).await;
        connection
            .send(b"POST /things HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n")
            .await;
        let mut left = size;
        while left > 0 {
            let piece = left.min(10_000);
            connection.push(format!("{piece:x}\r\n").as_bytes()).await;
            connection.push(&vec![b'x'; piece]).await;
            connection.push(b"\r\n").await;
            left -= piece;
        }
        connection.push(b"0\r\n\r\n").await;
        let answer = connection.answer().await;
        assert_eq!(answer.status, status);
        if status == 200 {
            assert_eq!(answer.text(), size.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_would_not_take_is_refused_and_the_connection_lives() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| Some(ok(request.body.len().to_string()))).await;
    let before = system.proxy.metric("proxy_nats_connects");
    // The default max_payload of the server is 1 MiB, headers included.
    for (size, status) in [
        (1_040_000, 200),
        ((1 << 20) - 1, 413),
        (1 << 20, 413),
        ((1 << 20) + 1, 413),
    ] {
        let answer = request(system.address(), "POST", "/large", &[], &vec![b'x'; size]).await;
        assert_eq!(answer.status, status, "{size} bytes: {}", answer.text());
    }
    let refused = request(system.address(), "POST", "/large", &[], &vec![b'x'; 1 << 20]).await;
    let detail = refused.problem()["detail"].as_str().unwrap().to_owned();
    let limit: usize = detail.split(' ').find_map(|word| word.parse().ok()).unwrap();
    let answer = request(system.address(), "POST", "/large", &[], &vec![b'x'; limit]).await;
    assert_eq!(answer.text(), limit.to_string(), "{detail}");
    assert_eq!(system.proxy.metric("proxy_nats_connects"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_is_a_408() {
    let system = System::start_with(STREAM, |config| {
        config.body_idle_timeout = std::time::Duration::from_millis(200);
    })
    .await;
    let mut connection = Connection::open(system.address()).await;
    connection
        .send(b"POST /things HTTP/1.1\r\nHost: proxy\r\nContent-Length: 10\r\n\r\nhalf")
        .await;
    let answer = connection.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (408, Some("close")));
    assert!(connection.is_closed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_too_many_is_a_503_until_another_ends() {
    let system = System::start_without_streams().await;
    drop(system.proxy);
    let proxy = crate::system::Running::start(&system.nats.url(), |config| {
        config.shards = 1;
        config.max_in_flight = 1;
    });
    proxy.connected().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = proxy.address;
    let first = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    let refused = get(address, "/things").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.problem()["title"], "Too many requests at once");
    stand_in.answer(&message, &ok("first")).await;
    assert_eq!(first.await.unwrap().text(), "first");
    let third = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.answer(&message, &ok("third")).await;
    assert_eq!(third.await.unwrap().text(), "third");
}

#[tokio::test(flavor = "multi_thread")]
async fn version_1_takes_json_only() {
    let system = System::start().await;
    let answer = request(system.address(), "POST", "/old", &[], b"not json").await;
    assert_eq!(answer.status, 415);
    assert_eq!(answer.problem()["title"], "Body is not JSON");
}
