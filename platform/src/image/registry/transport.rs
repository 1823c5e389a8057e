//! Requests on connections that are kept for the next ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::TokioExecutor;

use super::address::Address;
use super::answer::Answer;
use super::content::Content;
use crate::connector::{self, Connector, USER_AGENT};
use crate::image::Error;
use crate::proxies::Proxies;

/// How long nothing may move: no byte sent, no answer.
pub(super) const SILENCE: Duration = Duration::from_mins(1);
/// Bytes of an answer that are read.
const LARGEST: usize = 4 * 1024 * 1024;
/// Before something is tried for the second and third time.
pub(super) const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// Keeps connections.
#[derive(Clone, Debug)]
pub(super) enum Transport {
    Plain(Client<HttpConnector, Content>),
    Tls(Client<HttpsConnector<Connector>, Content>),
}

/// A request that can be sent any number of times.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    /// Below the registry, or the whole URL.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) content: Bytes,
    /// Bytes of the content that were sent.
    pub(super) sent: Arc<AtomicU64>,
}

impl Ask {
    pub(super) fn new(method: Method, target: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            headers: HeaderMap::new(),
            content: Bytes::new(),
            sent: Arc::default(),
        }
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl Transport {
    /// Nothing is connected yet; what is by TLS goes through a proxy if one is on the way.
    pub(super) fn to(address: &Address, proxies: Proxies) -> Result<Self, Error> {
        if address.plain {
            let connector = connector::plain();
            return Ok(Self::Plain(
                Client::builder(TokioExecutor::new()).build(connector),
            ));
        }
        let connector = connector::https(proxies).map_err(|source| Error::Registry {
            operation: "check certificates".to_owned(),
            registry: address.host.clone(),
            reason: format!("this machine's certificate authorities cannot be read: {source}"),
            status: None,
        })?;
        Ok(Self::Tls(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends it and reads the answer; what broke instead, for people.
    pub(super) async fn send(
        &self,
        address: &Address,
        ask: &Ask,
        shown: Option<HeaderValue>,
    ) -> Result<Answer, String> {
        let answer = async {
            let response = self
                .begin(address, ask, shown)?
                .await
                .map_err(|error| chain(&error))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, LARGEST).collect().await;
            let body = body.map_err(|error| chain(&*error))?.to_bytes();
            Ok(Answer {
                status: head.status,
                headers: head.headers,
                body,
            })
        };
        unless_silent(&ask.sent, answer).await
    }

    /// Sends it; the answer's body is still to be read.
    pub(super) async fn open(
        &self,
        address: &Address,
        ask: &Ask,
        shown: Option<HeaderValue>,
    ) -> Result<Response<Incoming>, String> {
        let answer = async {
            self.begin(address, ask, shown)?
                .await
                .map_err(|error| chain(&error))
        };
        unless_silent(&ask.sent, answer).await
    }

    fn begin(
        &self,
        address: &Address,
        ask: &Ask,
        shown: Option<HeaderValue>,
    ) -> Result<ResponseFuture, String> {
        let url = if ask.target.starts_with('/') {
            address.url(&ask.target)
        } else {
            ask.target.clone()
        };
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(url)
            .header(header::USER_AGENT, USER_AGENT)
            .body(Content::new(ask.content.clone(), Arc::clone(&ask.sent)))
            .map_err(|error| error.to_string())?;
        request.headers_mut().extend(ask.headers.clone());
        if let Some(shown) = shown {
            request.headers_mut().insert(AUTHORIZATION, shown);
        }
        Ok(match self {
            Self::Plain(client) => client.request(request),
            Self::Tls(client) => client.request(request),
        })
    }
}

/// The result, unless nothing moves for too long.
async fn unless_silent<T>(
    sent: &AtomicU64,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    tokio::pin!(work);
    loop {
        let before = sent.load(Ordering::Relaxed);
        if let Ok(result) = tokio::time::timeout(SILENCE, &mut work).await {
            return result;
        }
        if sent.load(Ordering::Relaxed) == before {
            return Err(format!("it was silent for {} s", SILENCE.as_secs()));
        }
    }
}

/// An error with its causes in one sentence.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = causes.map(ToString::to_string).collect();
    // Each level may repeat the one below.
    words.dedup();
    crate::plain_line::plain_line(&words.join(": "))
}
