//! Readiness over HTTP, asked of a server in the test itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use platform::event::{self, Event};
use platform::supervise::{self, Phase};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::script::{Script, mark, settings, wait_for};

/// Answers every request with the status that is set; returns its URL.
async fn server(status: Arc<AtomicU16>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/readyz", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            if stream.read(&mut request).await.is_ok() {
                let answer = format!("HTTP/1.1 {} X\r\n\r\nbecause", status.load(Ordering::Relaxed));
                drop(stream.write_all(answer.as_bytes()).await);
            }
        }
    });
    url
}

#[tokio::test]
async fn a_program_is_ready_when_its_url_says_so_and_not_when_it_stops_saying_so() {
    let status = Arc::new(AtomicU16::new(503));
    let url = server(Arc::clone(&status)).await;
    let program = Script {
        text: "exec sleep 3001".to_owned(),
        mark: mark("ready"),
        url: Some(url.clone()),
    };
    let (events, mut receiver) = event::channel();
    let supervised = supervise::start(program, settings(), events);

    let unready = |event: &Event| match event {
        Event::Unready { reason, .. } => Some(reason.clone()),
        Event::Ready { .. } => panic!("ready while the URL says no"),
        _ => None,
    };
    assert_eq!(
        wait_for(&mut receiver, unready).await,
        format!("{url} answers 503: because")
    );
    assert_eq!(supervised.status().phase, Phase::Starting);

    status.store(200, Ordering::Relaxed);
    let ready = |event: &Event| match event {
        Event::Ready { url, .. } => Some(url.clone()),
        _ => None,
    };
    assert_eq!(wait_for(&mut receiver, ready).await, Some(url));
    assert_eq!(supervised.settled().await.phase, Phase::Ready);

    status.store(500, Ordering::Relaxed);
    assert!(wait_for(&mut receiver, unready).await.contains("answers 500"));
    assert_eq!(supervised.status().phase, Phase::Unready);
    supervised.stop().await;
}
