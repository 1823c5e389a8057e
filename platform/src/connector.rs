//! Connections to servers elsewhere: by TLS, and through the proxy that the environment names.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderName, HeaderValue, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::proxies::Proxies;

/// What we are called.
pub(crate) const USER_AGENT: &str = concat!("ratectl/", env!("CARGO_PKG_VERSION"));

/// The header that says so, for what logs its askers, as API servers do.
pub(crate) fn user_agent() -> (HeaderName, HeaderValue) {
    (header::USER_AGENT, HeaderValue::from_static(USER_AGENT))
}

/// How long a connection may take to come about.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

type Anything = Box<dyn std::error::Error + Send + Sync>;

/// Connects to a server, or to the proxy on the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    http: HttpConnector,
    proxies: Arc<Proxies>,
}

/// A proxy that does not let us through.
#[derive(Debug, thiserror::Error)]
#[error("the proxy {proxy} gives no connection")]
struct Refused {
    proxy: Uri,
    source: Anything,
}

/// Connections to this machine and its neighbours: in the clear, never through a proxy.
pub(crate) fn plain() -> HttpConnector {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(CONNECT_WITHIN));
    http.set_nodelay(true);
    http
}

/// Connections by TLS, or in the clear where the URL says so.
///
/// # Errors
/// When this machine's certificate authorities cannot be read.
pub(crate) fn https(proxies: Proxies) -> io::Result<HttpsConnector<Connector>> {
    let mut http = plain();
    http.enforce_http(false);
    let connector = Connector {
        http,
        proxies: Arc::new(proxies),
    };
    let tls = HttpsConnectorBuilder::new().with_native_roots()?;
    Ok(tls.https_or_http().enable_http1().wrap_connector(connector))
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Anything;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Anything>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Anything>> {
        self.http.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let proxy = self.proxies.on_the_way_to(&server);
        let proxy = proxy.and_then(|proxy| Matcher::builder().all(proxy).build().intercept(&server));
        let Some(proxy) = proxy else {
            let connecting = self.http.call(server);
            return Box::pin(async { Ok(connecting.await?) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.http.clone());
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let connecting = tunnel.call(server);
        Box::pin(async move {
            connecting.await.map_err(|error| {
                let (proxy, source) = (proxy.uri().clone(), error.into());
                Anything::from(Refused { proxy, source })
            })
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;

    use super::*;

    /// A proxy that answers every CONNECT with `status`, and then says what it hears. Its requests come out at the other end.
    pub(crate) async fn proxy(status: &'static str) -> (String, mpsc::UnboundedReceiver<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://user:secret@{}", listener.local_addr().unwrap());
        let (heard, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let mut lines = Vec::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).await.unwrap();
                    match line.trim_end() {
                        "" => break,
                        line => lines.push(line.to_owned()),
                    }
                }
                let answer = format!("HTTP/1.1 {status}\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                drop(heard.send(lines));
                tokio::spawn(async move {
                    let (mut from, mut to) = tokio::io::split(stream);
                    drop(tokio::io::copy(&mut from, &mut to).await);
                });
            }
        });
        (url, requests)
    }

    /// Proxies where everything by TLS goes through this one.
    pub(crate) fn through(proxy: &str) -> Proxies {
        Proxies::of(|name| (name == "HTTPS_PROXY").then(|| proxy.to_owned()))
    }

    async fn connected(proxies: Proxies, server: &str) -> Result<TokioIo<TcpStream>, Anything> {
        let (http, proxies) = (
            {
                let mut http = plain();
                http.enforce_http(false);
                http
            },
            Arc::new(proxies),
        );
        Connector { http, proxies }.call(server.parse().unwrap()).await
    }

    #[tokio::test]
    async fn what_is_far_is_reached_through_the_proxy() {
        let (url, mut requests) = proxy("200 OK").await;
        let connection = connected(through(&url), "https://registry.invalid/v2/").await;
        let mut connection = connection.unwrap().into_inner();
        let asked = requests.recv().await.unwrap();
        assert_eq!(asked[0], "CONNECT registry.invalid:443 HTTP/1.1");
        let credentials = "proxy-authorization: basic dxnlcjpzzwnyzxq=";
        let lines: Vec<String> = asked.iter().map(|line| line.to_lowercase()).collect();
        assert!(lines.iter().any(|line| line == credentials), "{lines:?}");
        connection.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        connection.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
    }

    #[tokio::test]
    async fn what_is_near_is_reached_directly() {
        let (url, mut requests) = proxy("200 OK").await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = format!("https://{}", listener.local_addr().unwrap());
        drop(connected(through(&url), &near).await.unwrap());
        listener.accept().await.unwrap();
        requests.try_recv().unwrap_err();
    }

    #[tokio::test]
    async fn a_proxy_that_refuses_is_named_without_its_password() {
        let (url, _requests) = proxy("403 Forbidden").await;
        let error = connected(through(&url), "https://registry.invalid")
            .await
            .unwrap_err();
        let said = crate::causes::chain(&*error);
        assert!(said.starts_with("the proxy http://127.0.0.1:"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}
