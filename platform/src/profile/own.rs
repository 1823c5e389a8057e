//! The project's own cluster: how its context is known to be the one that `ratectl` wrote.
//!
//! Whenever `ratectl` writes the context of a cluster it notes the server and the certificates that the server is known by. A cluster
//! makes its certificates itself, so nobody else can answer under that entry: its UID needs no further proof, and a cluster
//! that was deleted and made again is ours as before.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Error;
use super::link::{self, Link};
use super::memory::{read, remove, write};
use super::verify::same_server;
use crate::cluster::Name;
use crate::kubeconfig::Entry;
use crate::project::deployment::Profile;

/// What was written into the kubeconfig.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    context: String,
    server: String,
    authority: String,
}

/// How well it is known that the context is the own cluster's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is what `ratectl` wrote: only that cluster can answer.
    Written,
    /// Nothing was noted, but it leads to this machine.
    Here,
}

/// Notes what was written into the kubeconfig for a cluster.
pub(crate) fn remember(state_dir: &Path, name: &Name, entry: &Entry) -> Result<(), Error> {
    let written = Written {
        context: entry.name.clone(),
        server: entry.server.clone(),
        authority: link::fingerprint(&entry.certificate_authority_data),
    };
    let file = file(state_dir, name);
    if matches!(read::<Written>(&file), Ok(Some(known)) if known == written) {
        return Ok(());
    }
    write(&file, &written)
}

/// Forgets it with the cluster.
pub(crate) fn forget(state_dir: &Path, name: &Name) -> Result<(), Error> {
    remove(&file(state_dir, name)).map(drop)
}

/// Proves that a link is the own cluster's, without asking anybody.
pub(super) fn prove(state_dir: &Path, profile: &Profile, name: &Name, link: &Link) -> Result<Proof, Error> {
    let not_ours = |what| Error::NotOurs {
        profile: profile.name.clone(),
        context: name.context(),
        what,
        found: link.server.clone(),
    };
    match read::<Written>(&file(state_dir, name))? {
        Some(written) if !same_server(&written.server, &link.server) => {
            Err(not_ours("its server is another"))
        }
        Some(written) if link.authority.as_ref() != Some(&written.authority) => {
            Err(not_ours("its server is known by other certificates"))
        }
        Some(_) => Ok(Proof::Written),
        None if is_here(&link.server) => Ok(Proof::Here),
        None => Err(Error::FarAway {
            profile: profile.name.clone(),
            context: name.context(),
            found: link.server.clone(),
        }),
    }
}

/// Whether a server is on this machine.
pub(super) fn is_here(server: &str) -> bool {
    let uri = server.parse::<http::Uri>().ok();
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    is_loopback(host)
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

fn file(state_dir: &Path, name: &Name) -> PathBuf {
    state_dir.join("clusters").join(format!("{name}.json"))
}
