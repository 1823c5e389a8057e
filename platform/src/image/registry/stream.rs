//! What an image is made of, moved piece by piece: a layer is never in memory as a whole.

use std::io::Read;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::authority::Access;
use super::transport::{Ask, SILENCE, chain};
use super::{Blob, DIGEST, MANIFESTS, Repository, digest};
use crate::image::Error;

/// Bytes that are sent at once, and that are in memory.
const PIECE: u64 = 8 * 1024 * 1024;
/// Redirections of a layer that are followed: to a store, and perhaps to its nearest copy.
const HOPS: usize = 5;

/// A manifest as a registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Its media type.
    pub kind: String,
    /// `sha256:…`.
    pub digest: String,
    /// Its text.
    pub content: Bytes,
}

/// A layer on its way here.
#[derive(Debug)]
pub struct Reading<'a> {
    repository: &'a Repository,
    operation: String,
    body: Incoming,
}

impl Repository {
    /// The manifest with that tag or digest; `None` if there is none. One of another digest than was asked for is an error.
    ///
    /// # Errors
    /// When the registry does not answer, or refuses.
    pub async fn manifest(&self, reference: &str) -> Result<Option<Manifest>, Error> {
        let operation = format!("get the manifest of {} {reference}", self.name);
        let ask = Ask::new(Method::GET, &self.path(&format!("manifests/{reference}")));
        let ask = ask.with(ACCEPT, HeaderValue::from_static(MANIFESTS));
        let answer = self.repeated(&operation, &ask, Access::Pull).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            _ => return Err(self.refused(operation, &answer)),
        }
        let is = digest(&answer.body);
        let wanted = reference.starts_with("sha256:").then_some(reference);
        if wanted
            .or(answer.header(DIGEST))
            .is_some_and(|wanted| wanted != is)
        {
            return Err(self.failed(operation, format!("what came has the digest {is}"), None));
        }
        let kind = answer.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        Ok(Some(Manifest {
            kind: kind.split(';').next().unwrap_or_default().trim().to_owned(),
            digest: is,
            content: answer.body,
        }))
    }

    /// Whether it has the layer or configuration with that digest.
    ///
    /// # Errors
    /// As [`Repository::manifest`].
    pub async fn keeps(&self, digest: &str) -> Result<bool, Error> {
        self.look(digest, Access::Push).await
    }

    /// The layer or configuration with that digest, to be read; its reader has to check the digest.
    ///
    /// # Errors
    /// As [`Repository::manifest`], and when it is not there.
    pub async fn open(&self, digest: &str) -> Result<Reading<'_>, Error> {
        let operation = format!("get a layer of {}", self.name);
        let broken = |reason| self.failed(operation.clone(), reason, None);
        // What the registry wants to see first is found out by the way.
        if !self.look(digest, Access::Pull).await? {
            return Err(broken(format!("it does not have {digest}")));
        }
        let mut target = self.path(&format!("blobs/{digest}"));
        for _ in 0..=HOPS {
            // What lets us in here is not for another host.
            let shown = if target.starts_with('/') {
                self.authority.shown(Access::Pull).await
            } else {
                None
            };
            let ask = Ask::new(Method::GET, &target);
            let response = self
                .transport
                .open(&self.address, &ask, shown)
                .await
                .map_err(broken)?;
            let status = response.status();
            let location = response
                .headers()
                .get(LOCATION)
                .and_then(|value| value.to_str().ok());
            match location {
                Some(location) if status.is_redirection() => target = self.led(location).map_err(broken)?,
                _ if status == StatusCode::OK => {
                    return Ok(Reading {
                        repository: self,
                        operation,
                        body: response.into_body(),
                    });
                }
                _ => {
                    let reason = format!("it answers {}", status.as_u16());
                    return Err(self.failed(operation, reason, Some(status)));
                }
            }
        }
        Err(broken(format!(
            "it leads to another place more than {HOPS} times"
        )))
    }

    /// Gives it `size` bytes with that digest. `on_progress` is told how many have been sent.
    ///
    /// # Errors
    /// When the registry does not answer, or refuses, or `source` cannot be read.
    pub async fn give(
        &self,
        digest: &str,
        size: u64,
        source: &mut (dyn Read + Send),
        mut on_progress: impl FnMut(u64),
    ) -> Result<(), Error> {
        if size <= PIECE {
            let content = self.piece(source)?;
            let digest = digest.to_owned();
            return self.upload(&Blob { digest, content }, on_progress).await;
        }
        let operation = format!("push a layer of {}", self.name);
        let first = Ask::new(Method::POST, &self.path("blobs/uploads/"));
        let accepted = self.ask(&operation, &first, Access::Push).await?;
        let mut place = self.place(&operation, &accepted, StatusCode::ACCEPTED)?;
        let mut sent = 0;
        loop {
            let content = self.piece(source)?;
            if content.is_empty() {
                break;
            }
            let end = sent + content.len() as u64;
            let range = HeaderValue::try_from(format!("{sent}-{}", end - 1));
            let range = range.map_err(|error| self.failed(operation.clone(), error.to_string(), None))?;
            let kind = HeaderValue::from_static("application/octet-stream");
            let mut ask = Ask::new(Method::PATCH, &place)
                .with(CONTENT_TYPE, kind)
                .with(CONTENT_RANGE, range);
            ask.content = content;
            let answer = self.ask(&operation, &ask, Access::Push).await?;
            place = self.place(&operation, &answer, StatusCode::ACCEPTED)?;
            sent = end;
            on_progress(sent);
        }
        let separator = if place.contains('?') { '&' } else { '?' };
        let end = Ask::new(Method::PUT, &format!("{place}{separator}digest={digest}"));
        let ended = self.ask(&operation, &end, Access::Push).await?;
        if ended.status == StatusCode::CREATED {
            return Ok(());
        }
        Err(self.refused(operation, &ended))
    }

    async fn look(&self, digest: &str, access: Access) -> Result<bool, Error> {
        let operation = format!("look for a layer of {}", self.name);
        let ask = Ask::new(Method::HEAD, &self.path(&format!("blobs/{digest}")));
        let answer = self.repeated(&operation, &ask, access).await?;
        match answer.status {
            status if status == StatusCode::OK || status.is_redirection() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refused(operation, &answer)),
        }
    }

    /// The next bytes of a layer, none at its end.
    fn piece(&self, source: &mut (dyn Read + Send)) -> Result<Bytes, Error> {
        let mut content = Vec::new();
        let read = source.take(PIECE).read_to_end(&mut content);
        read.map_err(|error| {
            let operation = format!("push a layer of {}", self.name);
            self.failed(operation, format!("the layer cannot be read: {error}"), None)
        })?;
        Ok(content.into())
    }

    /// Where a redirection leads: a path here, or the URL of another host.
    fn led(&self, location: &str) -> Result<String, String> {
        let wrong = || format!("it leads to {}", crate::plain_line::plain_line(location));
        if location.starts_with('/') {
            return Ok(location.to_owned());
        }
        let to: Uri = location.parse().map_err(|_invalid| wrong())?;
        let safe = to.scheme_str() == Some("https") || self.address.plain;
        if to.authority().is_some() && safe {
            Ok(location.to_owned())
        } else {
            Err(wrong())
        }
    }
}

impl Reading<'_> {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes for too long.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let broken = |reason| self.repository.failed(self.operation.clone(), reason, None);
        loop {
            let frame = tokio::time::timeout(SILENCE, self.body.frame()).await;
            let frame =
                frame.map_err(|_elapsed| broken(format!("it was silent for {} s", SILENCE.as_secs())))?;
            match frame {
                None => return Ok(None),
                Some(Err(error)) => return Err(broken(chain(&error))),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }
}
