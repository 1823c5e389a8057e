//! A repository of images at a registry, over its HTTP API (the OCI distribution specification): whether it has an image, and giving it
//! one without any engine.
//!
//! A registry on this machine's loopback address, or one whose address says `http://`, is spoken to in the clear; every other one by TLS.
//! Credentials are those of `docker login`, looked for when the registry asks for them. What is safe to repeat is repeated when a
//! connection breaks or the registry is busy.

mod address;
mod answer;
mod authority;
mod challenge;
mod content;
mod stream;
mod transport;
mod upload;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use sha2::{Digest as _, Sha256};

use super::Error;
use super::hash::hex;
use crate::docker::endpoint::Environment;

use address::Address;
use answer::Answer;
use authority::{Access, Authority};
pub use stream::{Manifest, Reading};
use transport::{Ask, Transport};

/// The header with the digest of what was asked for.
const DIGEST: &str = "docker-content-digest";
/// Every kind of manifest that stands for an image.
const MANIFESTS: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// A repository: a name at a registry.
#[derive(Debug)]
pub struct Repository {
    address: Address,
    /// Its name there, such as `team/rating-service`.
    name: String,
    transport: Transport,
    authority: Authority,
}

/// Bytes that a registry keeps by their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:…`.
    pub digest: String,
    /// What it is.
    pub content: Bytes,
}

impl Blob {
    /// These bytes.
    pub fn of(content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let digest = digest(&content);
        Self { digest, content }
    }

    /// Its length.
    pub fn size(&self) -> u64 {
        self.content.len() as u64
    }
}

impl Repository {
    /// The repository `name` below `registry`, such as `localhost:5000`, `registry.example/team` or `http://registry.lan:5000`.
    ///
    /// # Errors
    /// When that is no address of a registry, or this machine has no certificate authorities to check it against.
    pub fn of(registry: &str, name: &str, environment: Environment) -> Result<Self, Error> {
        let (address, name) = Address::of(registry, name).map_err(|reason| Error::Registry {
            operation: format!("find repository {name}"),
            registry: crate::plain_line::plain_line(registry),
            reason,
            status: None,
        })?;
        Ok(Self {
            transport: Transport::to(&address, environment.proxies.clone())?,
            authority: Authority::of(&address, environment),
            address,
            name,
        })
    }

    /// Host and perhaps port of its registry.
    pub fn registry(&self) -> &str {
        &self.address.host
    }

    /// Registry and name, as an engine calls it: `localhost:5000/rating-service`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.address.host, self.name)
    }

    /// Whether it is spoken to in the clear, as one on this machine or beside it is.
    pub fn is_near(&self) -> bool {
        self.address.plain
    }

    /// The digest of the image with that tag; `None` if there is none.
    ///
    /// # Errors
    /// When the registry does not answer, or refuses.
    pub async fn digest(&self, tag: &str) -> Result<Option<String>, Error> {
        let operation = format!("look for {}:{tag}", self.name);
        let path = self.path(&format!("manifests/{tag}"));
        for method in [Method::HEAD, Method::GET] {
            let ask = Ask::new(method, &path).with(ACCEPT, HeaderValue::from_static(MANIFESTS));
            let answer = self.repeated(&operation, &ask, Access::Pull).await?;
            match answer.status {
                StatusCode::NOT_FOUND => return Ok(None),
                StatusCode::OK => {}
                // Some registries know no HEAD.
                StatusCode::METHOD_NOT_ALLOWED if ask.method == Method::HEAD => continue,
                _ => return Err(self.refused(operation, &answer)),
            }
            if let Some(digest) = answer.header(DIGEST) {
                return Ok(Some(digest.to_owned()));
            }
            if ask.method == Method::GET {
                return Ok(Some(digest(&answer.body)));
            }
        }
        Ok(None)
    }

    /// Whether it has these bytes.
    ///
    /// # Errors
    /// As [`Repository::digest`].
    pub async fn has(&self, blob: &Blob) -> Result<bool, Error> {
        let operation = format!("look for a layer of {}", self.name);
        let ask = Ask::new(Method::HEAD, &self.path(&format!("blobs/{}", blob.digest)));
        let answer = self.repeated(&operation, &ask, Access::Push).await?;
        match answer.status {
            StatusCode::OK => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.refused(operation, &answer)),
        }
    }

    /// Gives it a manifest under a tag; its digest comes back. Everything it names must be there.
    ///
    /// # Errors
    /// When the registry does not answer, or refuses.
    pub async fn tag(&self, tag: &str, kind: &'static str, manifest: Bytes) -> Result<String, Error> {
        let operation = format!("push {}:{tag}", self.name);
        let expected = digest(&manifest);
        let mut ask = Ask::new(Method::PUT, &self.path(&format!("manifests/{tag}")))
            .with(CONTENT_TYPE, HeaderValue::from_static(kind));
        ask.content = manifest;
        let answer = self.repeated(&operation, &ask, Access::Push).await?;
        if answer.status != StatusCode::CREATED {
            return Err(self.refused(operation, &answer));
        }
        match answer.header(DIGEST) {
            Some(other) if other != expected => {
                let other = crate::plain_line::plain_line(other);
                Err(self.failed(operation, format!("it keeps {other} for {expected}"), None))
            }
            _ => Ok(expected),
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v2/{}/{rest}", self.name)
    }

    /// Asks as often as it makes sense. A refusal is an answer.
    async fn repeated(&self, operation: &str, ask: &Ask, access: Access) -> Result<Answer, Error> {
        let mut pauses = transport::PAUSES.into_iter();
        loop {
            let result = self.ask(operation, ask, access).await;
            let again = match &result {
                Ok(answer) => answer.is_passing(),
                Err(error) => matches!(error, Error::Registry { status: None, .. }),
            };
            let (true, Some(pause)) = (again, pauses.next()) else {
                return result;
            };
            let asked = result.ok().and_then(|answer| answer.retry_after());
            tokio::time::sleep(asked.unwrap_or(pause)).await;
        }
    }

    /// Asks once, with whatever the registry wants to see first.
    async fn ask(&self, operation: &str, ask: &Ask, access: Access) -> Result<Answer, Error> {
        let sent = |shown| self.transport.send(&self.address, ask, shown);
        let broken = |reason| self.failed(operation.to_owned(), reason, None);
        if !ask.target.starts_with('/') {
            // Another host, to which the registry leads: what lets us in here is not for it.
            return sent(None).await.map_err(broken);
        }
        let shown = self.authority.shown(access).await;
        let answer = sent(shown.clone()).await.map_err(broken)?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let asking = self
            .authority
            .satisfy(&self.transport, &self.name, access, shown, &answer);
        match asking.await? {
            Some(shown) => sent(Some(shown)).await.map_err(broken),
            None => Ok(answer),
        }
    }

    fn refused(&self, operation: String, answer: &Answer) -> Error {
        let reason = answer.reason(&self.address.host, self.authority.has_credentials());
        self.failed(operation, reason, Some(answer.status))
    }

    fn failed(&self, operation: String, reason: String, status: Option<StatusCode>) -> Error {
        Error::Registry {
            operation,
            registry: self.address.host.clone(),
            reason,
            status: status.map(|status| status.as_u16()),
        }
    }
}

/// The digest of bytes, as registries write it.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests;
