//! A cluster's part of a kubeconfig.

use std::fmt;

use serde_json::{Map, Value};

use super::Error;
use super::document::{Document, Section};
use crate::cluster::Name;

/// What it takes to reach a cluster: one context, one cluster and one user of a kubeconfig. Keys and certificates are PEM in base64,
/// as the file has them.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name of the context and of the cluster: `k3d-<cluster>`.
    pub name: String,
    /// The name of the user: `admin@k3d-<cluster>`.
    pub user: String,
    /// The API server's URL.
    pub server: String,
    /// Whose certificates the API server may show.
    pub certificate_authority_data: String,
    /// Who we are.
    pub client_certificate_data: String,
    /// How we prove it.
    pub client_key_data: String,
}

impl Entry {
    /// Reads the kubeconfig that a node has written for itself, and renames what is in it.
    ///
    /// # Errors
    /// [`Error::Node`] when it is not YAML or something is missing; a node that is just writing it may have it whole later.
    pub fn from_node(yaml: &[u8], name: &Name, server: &str) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Node {
            cluster: name.to_string(),
            reason,
        };
        let text = std::str::from_utf8(yaml).map_err(|_| unusable("it is not UTF-8".to_owned()))?;
        let document = Document::parse(text)
            .map_err(|at| unusable(format!("line {}, column {}: {}", at.line, at.column, at.reason)))?;
        // k3s names all three of them so.
        let context = document.current_context().unwrap_or("default");
        let body = |section, name: &str| {
            let missing = || unusable(format!("nothing named '{name}' in {section:?}").to_lowercase());
            document.get(section, name).ok_or_else(missing)
        };
        let context = body(Section::Contexts, context)?;
        let field = |map: &Map<String, Value>, key: &str| {
            let text = map.get(key).and_then(Value::as_str).unwrap_or_default();
            if text.is_empty() {
                Err(unusable(format!("it has no {key}")))
            } else {
                Ok(text.to_owned())
            }
        };
        let cluster = body(Section::Clusters, &field(context, "cluster")?)?;
        let user = body(Section::Users, &field(context, "user")?)?;
        Ok(Self {
            name: name.context(),
            user: name.user(),
            server: server.to_owned(),
            certificate_authority_data: field(cluster, "certificate-authority-data")?,
            client_certificate_data: field(user, "client-certificate-data")?,
            client_key_data: field(user, "client-key-data")?,
        })
    }
}

/// Without the key.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Entry");
        debug.field("name", &self.name).field("user", &self.user);
        debug.field("server", &self.server).finish_non_exhaustive()
    }
}
