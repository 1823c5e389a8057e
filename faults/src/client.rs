//! One HTTP connection of a writer, opened again when it breaks, with a clock on every request.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HOST, LOCATION};
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::history::{Answer, Outcome};

/// How long after its deadline a request is given up and counted as hung.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is sent; the idempotency key and the deadline are added.
#[derive(Clone, Debug)]
pub struct Message {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// JSON, or nothing.
    pub body: String,
    /// The idempotency key; none for reads.
    pub key: Option<String>,
    /// The entity tag a change depends on.
    pub if_match: Option<String>,
}

impl Message {
    /// A read.
    pub fn get(path: String) -> Self {
        Self {
            method: Method::GET,
            path,
            body: String::new(),
            key: None,
            if_match: None,
        }
    }
}

/// A keep-alive connection to the proxy.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// Not connected yet.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            sender: None,
        }
    }

    /// Sends a message and waits for the whole answer. Gives what came of it and how long that took.
    pub async fn send(&mut self, message: &Message, deadline: Duration) -> (Outcome, Duration) {
        let begin = Instant::now();
        let outcome = match tokio::time::timeout(deadline + PATIENCE, self.exchange(message, deadline)).await
        {
            Ok(Ok(answer)) => Outcome::Answered(answer),
            Ok(Err(error)) => Outcome::Broken(error),
            Err(_) => Outcome::Broken("no answer long after the deadline".into()),
        };
        let took = begin.elapsed();
        if matches!(outcome, Outcome::Broken(_)) {
            self.sender = None;
        }
        (outcome, took)
    }

    async fn exchange(&mut self, message: &Message, deadline: Duration) -> Result<Answer, String> {
        let text = |error: hyper::Error| error.to_string();
        let request = request(message, deadline).map_err(|error| error.to_string())?;
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => connect(self.address).await?,
        };
        sender.ready().await.map_err(text)?;
        let answer = read(sender.send_request(request).await.map_err(text)?)
            .await
            .map_err(text)?;
        self.sender = Some(sender);
        Ok(answer)
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // Ends with the connection; its error reaches the sender too.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender)
}

fn request(message: &Message, deadline: Duration) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut builder = Request::builder()
        .method(&message.method)
        .uri(&message.path)
        .header(HOST, "localhost")
        .header("x-request-timeout", format!("{:.3}", deadline.as_secs_f64()));
    if let Some(key) = &message.key {
        builder = builder.header("idempotency-key", format!("\"{key}\""));
    }
    if let Some(tag) = &message.if_match {
        builder = builder.header("if-match", tag);
    }
    if !message.body.is_empty() {
        builder = builder.header(CONTENT_TYPE, "application/json");
    }
    builder.body(Full::new(Bytes::from(message.body.clone())))
}

async fn read(response: Response<Incoming>) -> Result<Answer, hyper::Error> {
    let (head, body) = response.into_parts();
    let field = |name| {
        head.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let (etag, location) = (field(ETAG), field(LOCATION));
    let replayed = head
        .headers
        .get("idempotency-replayed")
        .is_some_and(|value| value == "true");
    let body = body.collect().await?.to_bytes();
    Ok(Answer {
        status: head.status.as_u16(),
        replayed,
        etag,
        location,
        body,
    })
}
