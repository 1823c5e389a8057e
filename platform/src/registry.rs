//! An image registry on this machine, over its HTTP API (the OCI distribution specification).
//!
//! Plain HTTP and no credentials: for the registry of a cluster, which listens on loopback. One connection a request.

mod error;

use http::{Method, StatusCode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::http_request::{Answer, send};

pub use error::Error;

/// The repository in which [`Registry::place`] puts its blob. It stays in the catalogue, as a registry forgets no name.
pub const PROBE_REPOSITORY: &str = "ratectl-doctor";
/// What the probe's manifest says it is.
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// Repositories that are asked for at once.
const CATALOGUE_PAGE: u32 = 1000;

/// A registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// `host:port`.
    address: String,
}

/// A small manifest and blob that were pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The blob's digest.
    pub blob: String,
    /// The manifest's digest.
    pub manifest: String,
}

#[derive(Deserialize)]
struct Catalogue {
    #[serde(default)]
    repositories: Vec<String>,
}

impl Registry {
    /// The registry at `host:port`.
    pub fn at(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
        }
    }

    /// Asks whether it is one (`GET /v2/`).
    ///
    /// # Errors
    /// When nobody answers, or something else does.
    pub async fn answers(&self) -> Result<(), Error> {
        self.expect("answer", Method::GET, "/v2/", &[], None, StatusCode::OK)
            .await
            .map(drop)
    }

    /// The names of its repositories, [`PROBE_REPOSITORY`] left out; the first thousand of them.
    ///
    /// # Errors
    /// As [`Registry::answers`].
    pub async fn repositories(&self) -> Result<Vec<String>, Error> {
        let path = format!("/v2/_catalog?n={CATALOGUE_PAGE}");
        let operation = "list its repositories";
        let answer = self.expect(operation, Method::GET, &path, &[], None, StatusCode::OK);
        let catalogue: Catalogue =
            serde_json::from_slice(&answer.await?.body).map_err(|source| Error::Malformed {
                operation,
                address: self.address.clone(),
                source,
            })?;
        let names = catalogue.repositories.into_iter();
        Ok(names.filter(|name| name != PROBE_REPOSITORY).collect())
    }

    /// Pushes `content` as a blob, and a manifest that names it.
    ///
    /// # Errors
    /// When a request is not answered as the specification says.
    pub async fn place(&self, content: &str) -> Result<Placed, Error> {
        let blob = digest(content.as_bytes());
        let uploads = format!("/v2/{PROBE_REPOSITORY}/blobs/uploads/");
        let begun = self.expect(
            "begin an upload",
            Method::POST,
            &uploads,
            &[],
            None,
            StatusCode::ACCEPTED,
        );
        let place = begun.await?.location.unwrap_or_default();
        let separator = if place.contains('?') { '&' } else { '?' };
        // It may name the registry as well.
        let path = place.find("/v2/").map_or(place.as_str(), |at| &place[at..]);
        let path = format!("{path}{separator}digest={blob}");
        let kind = [("content-type", "application/octet-stream")];
        let body = Some(content.to_owned());
        self.expect(
            "take a blob",
            Method::PUT,
            &path,
            &kind,
            body,
            StatusCode::CREATED,
        )
        .await?;
        let manifest = manifest(&blob, content.len());
        let digest = digest(manifest.as_bytes());
        let path = format!("/v2/{PROBE_REPOSITORY}/manifests/{digest}");
        let kind = [("content-type", MANIFEST_TYPE)];
        self.expect(
            "take a manifest",
            Method::PUT,
            &path,
            &kind,
            Some(manifest),
            StatusCode::CREATED,
        )
        .await?;
        Ok(Placed {
            blob,
            manifest: digest,
        })
    }

    /// Reads back what was placed, and checks that it is the same.
    ///
    /// # Errors
    /// When it is not there, or is something else.
    pub async fn read_back(&self, placed: &Placed) -> Result<(), Error> {
        let manifest = format!("/v2/{PROBE_REPOSITORY}/manifests/{}", placed.manifest);
        let blob = format!("/v2/{PROBE_REPOSITORY}/blobs/{}", placed.blob);
        let accept = [("accept", MANIFEST_TYPE)];
        let parts = [(manifest, &placed.manifest), (blob, &placed.blob)];
        for (path, expected) in parts {
            let operation = "give back what was pushed";
            let answer = self
                .expect(operation, Method::GET, &path, &accept, None, StatusCode::OK)
                .await?;
            let is = digest(&answer.body);
            if is != *expected {
                return Err(Error::Altered {
                    address: self.address.clone(),
                    expected: expected.clone(),
                    is,
                });
            }
        }
        Ok(())
    }

    /// Deletes what was placed.
    ///
    /// # Errors
    /// When the registry refuses, as one does that was started without deletes.
    pub async fn remove(&self, placed: &Placed) -> Result<(), Error> {
        let parts = [("manifests", &placed.manifest), ("blobs", &placed.blob)];
        for (kind, digest) in parts {
            let path = format!("/v2/{PROBE_REPOSITORY}/{kind}/{digest}");
            self.expect(
                "delete what was pushed",
                Method::DELETE,
                &path,
                &[],
                None,
                StatusCode::ACCEPTED,
            )
            .await?;
        }
        Ok(())
    }

    async fn expect(
        &self,
        operation: &'static str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
        wanted: StatusCode,
    ) -> Result<Answer, Error> {
        let address = &self.address;
        let answer = send(address, method, path, headers, body.unwrap_or_default()).await;
        let answer = answer.map_err(|source| Error::Unanswered {
            address: address.clone(),
            source,
        })?;
        if answer.status == wanted {
            return Ok(answer);
        }
        Err(Error::Refused {
            operation,
            address: address.clone(),
            status: answer.status.as_u16(),
            said: answer.said(),
        })
    }
}

/// A manifest whose configuration is the blob; it has no layers.
fn manifest(blob: &str, size: usize) -> String {
    serde_json::json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": blob, "size": size},
        "layers": [],
    })
    .to_string()
}

fn digest(bytes: &[u8]) -> String {
    let hex: Vec<String> = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{}", hex.concat())
}

#[cfg(test)]
mod tests;
