//! Where `ratectl top` looks: the way to NATS and to Kubernetes, and back to them when they are lost.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use platform::{
    deploy,
    kubeconfig::Location,
    observe::{self, Kubernetes, Nats, Observed},
    profile,
};
use snapshot::sample::{Body, Event, Source, SourceReport, SourceState};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::relay::{Ends, feed, is_of_kubernetes, is_of_nats, relay, relayed};
use crate::{
    app::Global,
    commands::{
        cluster::limits::duration,
        logs,
        place::{Place, Site},
        port_forward::component::Scene,
        system,
    },
    error::Error,
    project, session,
    top::{Feed, now},
};

/// Pauses between attempts to reach a cluster.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// As [`duration`], neither a burden nor never.
fn interval(text: &str) -> Result<Duration, String> {
    let (least, most) = (Duration::from_secs(2), Duration::from_mins(1));
    let interval = duration(text)?;
    if (least..=most).contains(&interval) {
        return Ok(interval);
    }
    Err("it is from 2s to 1m".to_owned())
}

/// Which system.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The NATS server [default: the one of this project's running `ratectl dev`, or else that in the cluster of the profile]
    #[arg(long, value_name = "URL", env = "NATS_URL", hide_env_values = true)]
    nats: Option<String>,

    /// A file with the credentials of a user of that server
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    creds: Option<PathBuf>,

    /// The JetStream domain, where it is not the server's own
    #[arg(long, value_name = "DOMAIN")]
    js_domain: Option<String>,

    /// Show the pods of this context of the kubeconfig too, without any project; nothing can be changed there
    #[arg(long, value_name = "CONTEXT", conflicts_with_all = ["profile", "confirm"])]
    context: Option<String>,

    /// How often what moves is looked at, and all else as much less often than usual
    #[arg(long, value_name = "DURATION", value_parser = interval, default_value = "2s")]
    pub(super) interval: Duration,

    #[command(flatten)]
    pub(super) place: Place,
}

/// A way that has been chosen; nothing has been sent.
pub(super) enum Way {
    /// To a server, by its address.
    Address(Nats),
    /// To a context of the kubeconfig, and to a server if one is named.
    Context(String, Location, Option<Nats>),
    /// To a profile's cluster, and to the server in it or elsewhere.
    Profile(Arc<Site>, Server),
}

/// The NATS server of a profile.
pub(super) enum Server {
    /// That of the command line.
    Named(Nats),
    /// That in the cluster; with credentials and domain of the command line, and no address yet.
    InCluster(Nats),
}

impl Which {
    /// The server of the command line, or of the running `ratectl dev`, and the profile's cluster if it is named, or is all there is.
    pub(super) fn way(&self, global: &Global) -> Result<Way, Error> {
        let named = self.nats.as_deref().filter(|url| !url.is_empty());
        let nats = named.map(|url| self.at(url, global)).transpose()?;
        if let Some(context) = &self.context {
            return Ok(Way::Context(
                context.clone(),
                self.place.kubeconfig(global)?,
                nats,
            ));
        }
        if self.place.is_named() {
            return self.profile(global, nats);
        }
        if let Some(nats) = nats {
            return Ok(Way::Address(nats));
        }
        if let Some(url) = session::nats_url(&project::open(global)?)? {
            return Ok(Way::Address(self.at(&url, global)?));
        }
        self.profile(global, None)
    }

    fn profile(&self, global: &Global, nats: Option<Nats>) -> Result<Way, Error> {
        let server = match nats {
            Some(nats) => Server::Named(nats),
            // Its address is known once it is reached.
            None => Server::InCluster(self.at("", global)?),
        };
        Ok(Way::Profile(Arc::new(self.place.look(global)?), server))
    }

    fn at(&self, url: &str, global: &Global) -> Result<Nats, Error> {
        let base = global.base()?;
        let mut nats = Nats::new(url);
        nats.credentials = self.creds.as_ref().map(|file| base.join(file));
        nats.domain.clone_from(&self.js_domain);
        Ok(nats)
    }
}

/// The server that was found, for what is done to it besides looking; none yet: there is no way to it.
pub(super) type Found = watch::Receiver<Option<Nats>>;

impl Way {
    /// Begins to look. Must be called inside a runtime of tokio.
    pub(super) fn look(self, interval: Duration, cancel: &CancellationToken) -> (Feed, Found) {
        let (found, finder) = watch::channel(None);
        match self {
            Way::Address(nats) => {
                drop(found.send(Some(nats.clone())));
                let observed = Observed {
                    nats: Some(nats),
                    interval,
                    ..Observed::default()
                };
                let observation = observe::start(observed, cancel.clone());
                // What keeps the tasks alive has to live as long as the events are read.
                (relayed(observation), finder)
            }
            Way::Context(context, kubeconfig, nats) => {
                drop(found.send(nats.clone()));
                let cluster = Looked::Context(context, kubeconfig);
                let server = nats.map(Server::Named);
                (
                    in_cluster(cluster, server, found, (interval, cancel.clone())),
                    finder,
                )
            }
            Way::Profile(site, server) => {
                let cluster = Looked::Profile(site);
                (
                    in_cluster(cluster, Some(server), found, (interval, cancel.clone())),
                    finder,
                )
            }
        }
    }
}

/// A cluster that is looked at.
#[derive(Clone)]
enum Looked {
    Context(String, Location),
    Profile(Arc<Site>),
}

/// Looks at a cluster and at the server in it. Either may be away, and is tried again.
fn in_cluster(
    cluster: Looked,
    server: Option<Server>,
    found: watch::Sender<Option<Nats>>,
    (interval, cancel): (Duration, CancellationToken),
) -> Feed {
    let (feed, ends) = feed();
    let (_ask, unasked) = mpsc::channel(1);
    let of_kubernetes = Ends {
        events: ends.events.clone(),
        ask: unasked,
        interest: ends.interest.clone(),
    };
    // Until either is reached they have no task that would say so.
    let (state, why) = match server {
        Some(_) => (SourceState::Connecting, None),
        None => (SourceState::Absent, Some("no NATS server is named".to_owned())),
    };
    for source in OF_KUBERNETES {
        drop(ends.events.try_send(said(source, SourceState::Connecting, None)));
    }
    for source in OF_NATS {
        drop(ends.events.try_send(said(source, state, why.clone())));
    }
    let (theirs, token) = (cluster.clone(), cancel.clone());
    tokio::spawn(async move { watch_pods(&theirs, of_kubernetes, token).await });
    if let Some(server) = server {
        tokio::spawn(async move {
            let nats = reach_server(&cluster, server, &ends, &cancel).await;
            let Some((nats, _way)) = nats else { return };
            drop(found.send(Some(nats.clone())));
            let observed = Observed {
                nats: Some(nats),
                interval,
                ..Observed::default()
            };
            relay(observe::start(observed, cancel), ends, is_of_nats).await;
        });
    }
    feed
}

const OF_KUBERNETES: [Source; 3] = [Source::Pods, Source::PodMetrics, Source::KubernetesEvents];
const OF_NATS: [Source; 4] = [
    Source::Jetstream,
    Source::Messages,
    Source::Advisories,
    Source::Services,
];

async fn watch_pods(looked: &Looked, ends: Ends, cancel: CancellationToken) {
    let mut tries = 0;
    let kubernetes = loop {
        let why = match Box::pin(cluster(looked)).await {
            Ok(kubernetes) => break kubernetes,
            Err(error) => in_words(&error),
        };
        pause(&ends.events, &OF_KUBERNETES, &why, &mut tries).await;
    };
    let observed = Observed {
        kubernetes: Some(kubernetes),
        ..Observed::default()
    };
    relay(observe::start(observed, cancel), ends, is_of_kubernetes).await;
}

/// The cluster, and which of its pods are the system's: templates carry no label of ours, so the manifests tell.
async fn cluster(looked: &Looked) -> Result<Kubernetes, Error> {
    let site = match looked {
        Looked::Profile(site) => site,
        Looked::Context(context, kubeconfig) => {
            return Ok(Kubernetes {
                client: profile::look_at(context, kubeconfig).await?,
                name: context.clone(),
                components: Vec::new(),
            });
        }
    };
    let target = site.reach().await?;
    let (client, name) = (target.cluster.client().clone(), target.context.clone());
    let scene = Scene::of(site.project.clone(), target);
    Ok(Kubernetes {
        client,
        name,
        components: logs::pods(&scene, &[]).await?,
    })
}

/// The server, once there is a way to it, and what keeps that open.
async fn reach_server(
    cluster: &Looked,
    server: Server,
    ends: &Ends,
    cancel: &CancellationToken,
) -> Option<(Nats, Option<deploy::Way>)> {
    let (mut nats, site) = match (server, cluster) {
        (Server::Named(nats), _) => return Some((nats, None)),
        (Server::InCluster(nats), Looked::Profile(site)) => (nats, site),
        (Server::InCluster(_), Looked::Context(..)) => return None,
    };
    let mut tries = 0;
    let way = loop {
        let why = match Box::pin(way_to_server(site, cancel)).await {
            Ok(way) => break way,
            Err(error) => in_words(&error),
        };
        pause(&ends.events, &OF_NATS, &why, &mut tries).await;
    };
    nats.url.clone_from(&way.url);
    // Who names a user's credentials is meant.
    if nats.credentials.is_none() {
        nats.login.clone_from(&way.login);
    }
    Some((nats, Some(way)))
}

/// The way to the server in the cluster.
async fn way_to_server(site: &Site, cancel: &CancellationToken) -> Result<deploy::Way, Error> {
    let setup = system::look(site, cancel.clone()).await?;
    Ok(deploy::way(&setup).await?)
}

/// Says of sources why they are down, and waits until it is time to try again.
async fn pause(events: &mpsc::Sender<Event>, sources: &[Source], why: &str, tries: &mut usize) {
    for source in sources {
        drop(
            events
                .send(said(*source, SourceState::Down, Some(why.to_owned())))
                .await,
        );
    }
    tokio::time::sleep(PAUSES[(*tries).min(PAUSES.len() - 1)]).await;
    *tries += 1;
}

fn in_words(error: &Error) -> String {
    let causes = std::iter::once(error.to_string()).chain(error.causes());
    causes.collect::<Vec<_>>().join(": ")
}

fn said(source: Source, state: SourceState, reason: Option<String>) -> Event {
    let report = SourceReport {
        source,
        state,
        reason,
        endpoint: None,
        version: None,
        round_trip_ms: None,
        interval_ms: None,
        cost: snapshot::sample::Cost::default(),
    };
    Event {
        at: now(),
        body: Body::Source(report),
    }
}
