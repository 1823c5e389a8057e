//! What the pods of components log: every container of every pod, those that come later too, and what a container said before it crashed.
//!
//! Lines go through a bounded channel: a reader that is slow slows the API server down, and nothing is kept here.

mod container;
mod follow;
mod history;
mod item;
mod lines;
mod workloads;

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use tokio::sync::mpsc;

use crate::kubernetes::{Cluster, Error};

pub use item::{Item, Line, Notice};
pub use workloads::{Pods, of_objects};

/// Lines that may wait for the reader.
const WAITING: usize = 256;

/// What is wanted of the logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Only what is not older.
    pub since: Option<Duration>,
    /// Only the last lines of each container.
    pub tail: Option<u32>,
    /// Of each container only the log of the one before it.
    pub previous: bool,
    /// Only lines about the request, trace or whatever else has this id.
    pub id: Option<String>,
    /// Goes on for ever.
    pub follow: bool,
}

/// Reads the logs of `pods` and sends them to the returned channel's other end, in time order as far as they have been written when
/// this begins, then as they come. Ends when everything has been sent or, with [`Options::follow`], never; when the reader has
/// gone in any case.
///
/// # Errors
/// When the pods cannot be listed. What keeps one container's log from being read is sent as a [`Notice`].
pub async fn read(
    cluster: &Cluster,
    pods: &[Pods],
    options: &Options,
    reader: &mpsc::Sender<Item>,
) -> Result<(), Error> {
    let mut found = Vec::new();
    for (selected, listed) in pods
        .iter()
        .zip(futures_util::future::join_all(pods.iter().map(|pods| list(cluster, pods))).await)
    {
        found.extend(listed?.into_iter().map(|pod| (selected, pod)));
    }
    let seen = history::read(cluster, &found, options, reader).await;
    if options.follow {
        follow::follow(cluster, pods, seen, options, reader).await;
    }
    Ok(())
}

/// A channel for [`read`].
pub fn channel() -> (mpsc::Sender<Item>, mpsc::Receiver<Item>) {
    mpsc::channel(WAITING)
}

async fn list(cluster: &Cluster, pods: &Pods) -> Result<Vec<Pod>, Error> {
    let api = Api::<Pod>::namespaced(cluster.client().clone(), &pods.namespace);
    let params = ListParams::default().labels(&pods.selector.to_string());
    let listed = api.list(&params).await;
    let failed = |error| cluster.failed(format!("list the pods of {}", pods.component), error);
    Ok(listed.map_err(failed)?.items)
}
