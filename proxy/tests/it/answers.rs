//! Requests that are answered, through a real stream and a real consumer.

use contract::envelope::Reply;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use runtime::lifecycle::Reason;
use serde_json::json;

use crate::client::{Connection, bytes, get, request};
use crate::system::System;
use crate::worker::{self, StandIn, ok, read};

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Reply {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: body.into(),
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn headers_travel_both_ways_without_those_of_one_connection() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| {
        let lines = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
        let mut reply = answer(
            200,
            &[
                ("set-cookie", "a=1"),
                ("set-cookie", "b=2"),
                ("connection", "x-hop"),
                ("x-hop", "1"),
                ("transfer-encoding", "chunked"),
                ("content-length", "1"),
                ("keep-alive", "timeout=1"),
            ],
            "",
        );
        reply.body = lines.collect::<String>().into();
        Some(reply)
    })
    .await;
    let sent = [
        ("Cookie", "x=1"),
        ("Cookie", "y=2"),
        ("Connection", "keep-alive, X-Secret"),
        ("X-Secret", "hidden"),
        ("TE", "trailers"),
        ("Px-Reply", "evil.subject"),
        ("Nats-Rollup", "all"),
        ("H-Forged", "1"),
        ("X-Forwarded-For", "1.2.3.4"),
        ("X-Request-Id", "from-the-client_1.0"),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
    ];
    let answer = request(system.address(), "GET", "/things", &sent, b"").await;
    assert_eq!(answer.all("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(answer.header("x-request-id"), Some("from-the-client_1.0"));
    assert_eq!(answer.header("via"), Some("1.1 http-to-nats-proxy"));
    for absent in ["x-hop", "transfer-encoding", "keep-alive"] {
        assert_eq!(answer.header(absent), None, "{answer:?}");
    }
    let seen = answer.text();
    for expected in [
        "cookie: x=1\n",
        "cookie: y=2\n",
        "x-forwarded-for: 1.2.3.4, 127.0.0.1\n",
        "x-forwarded-proto: http\n",
        "x-request-id: from-the-client_1.0\n",
        "via: 1.1 http-to-nats-proxy\n",
        "host: proxy\n",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n",
    ] {
        assert!(seen.contains(expected), "{expected:?} is not in\n{seen}");
    }
    for forbidden in ["hidden", "trailers", "evil", "rollup"] {
        assert!(!seen.contains(forbidden), "{forbidden:?} is in\n{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_a_get_whose_body_stays_behind() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| {
        let mut reply = answer(200, &[("etag", "\"7\"")], "twelve bytes");
        reply.headers.insert(
            "x-method",
            HeaderValue::from_str(request.method.as_str()).unwrap(),
        );
        Some(reply)
    })
    .await;
    let mut connection = Connection::open(system.address()).await;
    connection.send(&bytes("HEAD", "/things/1", &[], b"")).await;
    let head = connection.head_answer().await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("12")));
    assert_eq!(
        (head.header("etag"), head.header("x-method")),
        (Some("\"7\""), Some("HEAD"))
    );
    // Had a body followed, this would read it as the next answer.
    connection.send(&bytes("GET", "/things/1", &[], b"")).await;
    assert_eq!(connection.answer().await.text(), "twelve bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_have_no_body_keep_their_headers_and_lose_it() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| {
        let status = request.path.segments()[1].parse().unwrap();
        Some(answer(status, &[("etag", "\"7\"")], "surplus"))
    })
    .await;
    let mut connection = Connection::open(system.address()).await;
    for status in [204, 304, 205] {
        connection
            .send(&bytes("GET", &format!("/things/{status}"), &[], b""))
            .await;
        let answer = connection.answer().await;
        assert_eq!(
            (answer.status, answer.body.len(), answer.header("etag")),
            (status, 0, Some("\"7\""))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_with_the_same_request_id_are_two_requests() {
    let system = System::start().await;
    let _worker = worker::start(&system.nats, |request| Some(ok(request.id.to_string()))).await;
    let send = || {
        request(
            system.address(),
            "POST",
            "/things",
            &[("X-Request-Id", "same")],
            b"{}",
        )
    };
    let (first, second) = tokio::join!(send(), send());
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.text(), second.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_the_original_is_understood() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move {
        request(
            address,
            "POST",
            "/old?a=1",
            &[("X-A", "b")],
            br#"{"big":12345678901234567890.10}"#,
        )
        .await
    });
    let message = stand_in.next().await;
    stand_in.acknowledge(&message, 1).await;
    let payload = String::from_utf8(message.payload.to_vec()).unwrap();
    assert!(
        payload.contains(r#""body":{"big":12345678901234567890.10}"#),
        "{payload}"
    );
    let envelope: serde_json::Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(
        (&envelope["queryParameters"], &envelope["headers"]["x-a"]),
        (&json!({"a": "1"}), &json!("b"))
    );
    // As the .NET worker does: JSON to originReplyTo, without any header.
    let reply_to = envelope["originReplyTo"].as_str().unwrap().to_owned();
    let reply = r#"{"headers":{"X-From":"dotnet"},"body":{"id":7},"statusCode":201}"#;
    stand_in.client.publish(reply_to, reply.into()).await.unwrap();
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (201, r#"{"id":7}"#));
    assert_eq!(answer.header("x-from"), Some("dotnet"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_accepted_once_it_is_stored() {
    let system = System::start().await;
    let answer = request(system.address(), "POST", "/happenings", &[], b"{}").await;
    assert_eq!(answer.status, 202);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let got = system
        .nats
        .jetstream("STREAM.MSG.GET.REQUESTS", &json!({"seq": 1}))
        .await
        .unwrap();
    assert_eq!(got["message"]["subject"], "api.post.happenings");
    let info = system
        .nats
        .jetstream("STREAM.INFO.REQUESTS", &json!(null))
        .await
        .unwrap();
    assert_eq!(info["state"]["messages"], 1);
    assert_eq!(answer.header("x-request-id"), Some(id.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_the_stream_refuses_is_not_accepted() {
    let system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { request(address, "POST", "/happenings", &[], b"{}").await });
    let message = stand_in.next().await;
    let refusal = r#"{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"}}"#;
    stand_in.say(&message, refusal).await;
    let answer = asked.await.unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_in_flight_finish() {
    let mut system = System::start_without_streams().await;
    let mut stand_in = StandIn::start(&system.nats).await;
    let address = system.address();
    let asked = tokio::spawn(async move { get(address, "/things").await });
    let message = stand_in.next().await;
    stand_in.acknowledge(&message, 1).await;
    system.proxy.shutdown.drain(Reason::Requested);
    assert_eq!(read(&message).path.to_string(), "/things");
    stand_in.answer(&message, &ok("late but there")).await;
    assert_eq!(asked.await.unwrap().text(), "late but there");
    (&mut system.proxy.task).await.unwrap().unwrap();
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "nobody listens after the stop"
    );
}
