//! One HTTP request to a program of this machine, on a connection of its own; never through a proxy.

use std::io;

use http::header::{CONNECTION, HOST, LOCATION};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Bytes of an answer that are read.
const LARGEST: usize = 4 * 1024 * 1024;
/// Characters of a refusal that are repeated.
const LONGEST_SAID: usize = 200;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody listens there.
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    /// The request cannot be written down.
    #[error("the request makes no sense")]
    Request(#[from] http::Error),
    /// The connection broke, or the answer is not HTTP.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    /// The answer is too long, or ended early.
    #[error("the answer cannot be read whole")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sends a request to `host:port` and reads the answer.
pub(crate) async fn send(
    address: &str,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<Answer, Error> {
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(HOST, address).header(CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    let stream = TcpStream::connect(address).await.map_err(Error::Connect)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let location = location.map(str::to_owned);
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        let body = body.map_err(Error::Body)?.to_bytes();
        Ok(Answer {
            status,
            location,
            body,
        })
    };
    tokio::pin!(exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // It ends with the answer, which may still have to be read.
        ended = connection => match ended {
            Ok(()) => exchange.await,
            Err(error) => Err(error.into()),
        },
    }
}

impl Answer {
    /// What a refusal says, in brackets after a blank.
    pub(crate) fn said(&self) -> String {
        let errors: Option<Value> = serde_json::from_slice(&self.body).ok();
        let message = errors
            .as_ref()
            .and_then(|errors| errors.pointer("/errors/0/message")?.as_str());
        let said: String = message.unwrap_or_default().chars().take(LONGEST_SAID).collect();
        if said.is_empty() {
            said
        } else {
            format!(" ({})", crate::plain_line::plain_line(&said))
        }
    }
}
