//! Readiness over HTTP: one GET, any 2xx is ready.

use std::io;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::program::Probe;

/// Bytes of an answer that are read.
const LONGEST_ANSWER: u64 = 8 * 1024;
/// Characters of an answer's body that a reason repeats.
const LONGEST_REASON: usize = 300;

/// Asks a URL such as `http://127.0.0.1:8081/readyz`. Plain HTTP only: this is for programs on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpProbe {
    url: String,
    authority: String,
    address: String,
    target: String,
}

impl HttpProbe {
    /// A probe for a URL.
    ///
    /// # Errors
    /// When it is not `http://host[:port][/path]`; the sentence says so.
    pub fn new(url: &str) -> Result<Self, String> {
        let unusable = || format!("'{url}' is no readiness URL; write it as http://127.0.0.1:8081/readyz");
        let rest = url.strip_prefix("http://").ok_or_else(unusable)?;
        let (authority, target) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let has_port = authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let unsafe_text = |text: &str| text.contains(|c: char| c.is_whitespace() || c.is_control());
        if authority.is_empty() || authority.contains('@') || unsafe_text(url) || authority.ends_with(':') {
            return Err(unusable());
        }
        let address = if has_port {
            authority.to_owned()
        } else {
            format!("{authority}:80")
        };
        let target = target.split('#').next().unwrap_or(target).to_owned();
        Ok(Self {
            url: url.to_owned(),
            authority: authority.to_owned(),
            address,
            target,
        })
    }

    /// The status line's number and the body, as far as it is read.
    async fn get(&self) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(&self.address).await?;
        // HTTP/1.0: the answer is not chunked and ends with the connection.
        let request = format!(
            "GET {} HTTP/1.0\r\nHost: {}\r\nAccept: */*\r\n\r\n",
            self.target, self.authority
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(LONGEST_ANSWER).read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer);
        let status = answer
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.get(2..5)?.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP"))?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((status, body.trim().to_owned()))
    }
}

impl Probe for HttpProbe {
    fn ask(&mut self) -> BoxFuture<'_, Result<Option<String>, String>> {
        Box::pin(async {
            match self.get().await {
                Ok((200..=299, _)) => Ok(Some(self.url.clone())),
                Ok((status, body)) => Err(refusal(&self.url, status, &body)),
                Err(error) => Err(format!("{} does not answer: {error}", self.url)),
            }
        })
    }
}

fn refusal(url: &str, status: u16, body: &str) -> String {
    let text: String = body.chars().take(LONGEST_REASON).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        format!("{url} answers {status}")
    } else {
        format!("{url} answers {status}: {text}")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;
    use tokio::net::TcpListener;

    use super::*;

    #[test_case("http://127.0.0.1:8081/readyz" => Some(("127.0.0.1:8081".into(), "/readyz".into())))]
    #[test_case("http://localhost" => Some(("localhost:80".into(), "/".into())); "no port")]
    #[test_case("http://[::1]:80/a?b#c" => Some(("[::1]:80".into(), "/a?b".into())); "fragment")]
    #[test_case("https://localhost/" => None; "tls")]
    #[test_case("http:///x" => None; "no host")]
    #[test_case("http://a:/x" => None; "empty port")]
    #[test_case("http://a b/" => None; "space")]
    #[test_case("http://a/\r\nX: y" => None; "line break")]
    #[test_case("localhost:80" => None; "no scheme")]
    fn a_url_is_taken_apart(url: &str) -> Option<(String, String)> {
        HttpProbe::new(url)
            .ok()
            .map(|probe| (probe.address, probe.target))
    }

    /// Answers one connection with `answer`.
    async fn asked(answer: &'static str) -> Result<Option<String>, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/ready", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await.unwrap();
            assert!(request[..read].starts_with(b"GET /ready HTTP/1.0\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let mut probe = HttpProbe::new(&url).unwrap();
        let found = probe.ask().await;
        server.await.unwrap();
        found
            .map(|url| url.map(|_| String::new()))
            .map_err(|reason| reason.replace(&url, "URL"))
    }

    #[tokio::test]
    async fn two_hundred_and_something_is_ready_and_the_rest_says_why() {
        assert_eq!(
            asked("HTTP/1.1 204 No Content\r\n\r\n").await,
            Ok(Some(String::new()))
        );
        assert_eq!(
            asked("HTTP/1.1 503 Service Unavailable\r\nA: b\r\n\r\nstream REQUESTS\nis missing").await,
            Err("URL answers 503: stream REQUESTS is missing".to_owned())
        );
        assert_eq!(
            asked("HTTP/1.0 404 Not Found\r\n\r\n").await,
            Err("URL answers 404".to_owned())
        );
        assert_eq!(
            asked("SSH-2.0").await,
            Err("URL does not answer: the answer is not HTTP".to_owned())
        );
    }
}
