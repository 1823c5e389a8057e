//! One GET over HTTPS, through the proxy that the environment names.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HOST, LOCATION};
use http::uri::{PathAndQuery, Scheme};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use super::{Error, Part};
use crate::connector::{self, USER_AGENT};
use crate::proxies::Proxies;

/// Redirections that are followed.
const HOPS: usize = 5;
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(30);

/// Writes what `url` gives into `part`, up to `largest` bytes.
pub(super) async fn fetch(url: &str, largest: u64, part: &mut Part) -> Result<(), Error> {
    let mut at = parse(url)?;
    for _ in 0..=HOPS {
        let response = within(url, ask(&at)).await??;
        let status = response.status();
        if status.is_redirection()
            && let Some(location) = response.headers().get(LOCATION)
        {
            at = follow(&at, location.to_str().unwrap_or_default())?;
            continue;
        }
        if !status.is_success() {
            return Err(Error::Refused {
                url: url.to_owned(),
                status: status.as_u16(),
            });
        }
        return take(url, response.into_body(), largest, part).await;
    }
    Err(Error::Circle {
        url: url.to_owned(),
        limit: HOPS,
    })
}

async fn take(url: &str, mut body: Incoming, largest: u64, part: &mut Part) -> Result<(), Error> {
    let mut taken = 0;
    while let Some(frame) = within(url, body.frame()).await? {
        let frame = frame.map_err(|error| unanswered(url, error))?;
        let Ok(bytes) = frame.into_data() else { continue };
        taken += bytes.len() as u64;
        if taken > largest {
            return Err(Error::Large {
                url: url.to_owned(),
                limit: largest,
            });
        }
        part.write(&bytes).await?;
    }
    Ok(())
}

async fn within<T>(url: &str, work: impl Future<Output = T>) -> Result<T, Error> {
    let result = tokio::time::timeout(SILENCE, work).await;
    result.map_err(|_elapsed| Error::Silent {
        url: url.to_owned(),
        seconds: SILENCE.as_secs(),
    })
}

async fn ask(uri: &Uri) -> Result<Response<Incoming>, Error> {
    let url = uri.to_string();
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(uri.clone())
        .header(HOST, host)
        .header(header::USER_AGENT, USER_AGENT)
        .body(Empty::<Bytes>::new())
        .map_err(|error| unanswered(&url, error))?;
    let connector = connector::https(Proxies::of_process()).map_err(Error::Authorities)?;
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let answer = client.request(request).await;
    answer.map_err(|error| unanswered(&url, error))
}

fn unanswered(url: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Unanswered {
        url: url.to_owned(),
        source: Box::new(error),
    }
}

fn parse(url: &str) -> Result<Uri, Error> {
    let wrong = |reason| Error::Url {
        url: url.to_owned(),
        reason,
    };
    let uri: Uri = url.parse().map_err(|_invalid| wrong("it cannot be read"))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.authority().is_some() => Ok(uri),
        Some("http" | "https") => Err(wrong("it names no server")),
        _ => Err(wrong("it begins with neither https:// nor http://")),
    }
}

/// Where a redirection leads; never from https to http.
fn follow(from: &Uri, location: &str) -> Result<Uri, Error> {
    let to = if location.contains("://") {
        parse(location)?
    } else {
        let path = if location.starts_with('/') {
            location.to_owned()
        } else {
            let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{location}")
        };
        let mut parts = from.clone().into_parts();
        let wrong = |_invalid| Error::Url {
            url: location.to_owned(),
            reason: "it cannot be read",
        };
        parts.path_and_query = Some(path.parse::<PathAndQuery>().map_err(wrong)?);
        Uri::from_parts(parts).map_err(|_invalid| Error::Url {
            url: location.to_owned(),
            reason: "it cannot be read",
        })?
    };
    if from.scheme() == Some(&Scheme::HTTPS) && to.scheme() != Some(&Scheme::HTTPS) {
        return Err(Error::Url {
            url: to.to_string(),
            reason: "it leads from https to http",
        });
    }
    Ok(to)
}
