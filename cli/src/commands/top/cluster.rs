//! What is done in the cluster of a profile: pods replaced, counted anew, reached and listened to.

use std::sync::{Arc, Mutex, PoisonError};

use platform::{
    deploy,
    forward::{self, Forward, Local, Port, To},
    pod_logs::{self, Item as Logged, Line, Options},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{
        logs,
        place::Site,
        port_forward::{component::Scene, scheme},
        system,
    },
    error::Error,
    exit::Exit,
    top::{Item, Logs},
};

/// Lines of each container that a log begins with.
const TAIL: u32 = 200;
/// Lines that wait to be shown.
const WAITING: usize = 256;

/// The cluster of a profile. Clones share it, with the ports that lead into it.
#[derive(Clone)]
pub(super) struct InCluster {
    site: Arc<Site>,
    cancel: CancellationToken,
    open: Arc<Mutex<Vec<(String, Forward)>>>,
}

impl InCluster {
    /// Nothing is sent.
    pub(super) fn new(site: Arc<Site>, cancel: CancellationToken) -> Self {
        Self {
            site,
            cancel,
            open: Arc::default(),
        }
    }

    /// Ports of this machine that lead into the cluster.
    pub(super) fn forwards(&self) -> Vec<String> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(words, _)| words.clone()).collect()
    }

    /// Does it, and says what came of it.
    pub(super) async fn perform(&self, item: &Item) -> Result<String, Error> {
        match item {
            Item::Restart(_) | Item::Scale { .. } => {
                let (cluster, item) = (self.clone(), item.clone());
                let handle = tokio::runtime::Handle::current();
                // To watch a rollout stays on one thread.
                let rollout = move || handle.block_on(Box::pin(cluster.roll_out(&item)));
                let ended = tokio::task::spawn_blocking(rollout).await;
                ended.unwrap_or_else(|error| {
                    Err(Error::new(Exit::Failure, "the rollout is not watched any more").caused_by(error))
                })
            }
            Item::Forward(component) => self.forward(component).await,
            Item::EndForward(words) => {
                let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                open.retain(|(other, _)| other != words);
                Ok(format!("{words} is closed"))
            }
            _ => Ok(String::new()),
        }
    }

    /// Changes pods, and waits until the new ones run.
    async fn roll_out(&self, item: &Item) -> Result<String, Error> {
        let setup = system::look(&self.site, self.cancel.clone()).await?;
        match item {
            Item::Restart(component) => {
                deploy::restart(&setup, component, None).await?;
                Ok(format!("component {component} is restarted: its new pods run"))
            }
            Item::Scale {
                component,
                workload,
                to,
                ..
            } => {
                let which = (workload.kind.as_str(), workload.name.as_str());
                deploy::scale(&setup, component, which, *to, None).await?;
                Ok(format!("{workload} runs {to} pods"))
            }
            _ => Ok(String::new()),
        }
    }

    async fn scene(&self) -> Result<Scene, Error> {
        Ok(Scene::of(self.site.project.clone(), self.site.reach().await?))
    }

    /// The first port of the component, under its own number here if that is free.
    async fn forward(&self, component: &str) -> Result<String, Error> {
        let scene = self.scene().await?;
        let to = scene.forward_to(component, &Port::First).await?;
        let remote = forward::remote(&scene.cluster, &to).await?;
        let opened = match self.open_at(&scene, &to, remote.number).await {
            Err(forward::Error::Listen { .. }) => self.open_at(&scene, &to, 0).await?,
            opened => opened?,
        };
        let port = opened.local().port();
        let words = format!(
            "{}localhost:{port} -> {component}:{}",
            scheme(&remote),
            remote.number
        );
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push((words.clone(), opened));
        Ok(format!("{words}, until top ends"))
    }

    async fn open_at(&self, scene: &Scene, to: &To, port: u16) -> Result<Forward, forward::Error> {
        let options = forward::Options::default();
        Forward::open(
            &scene.cluster,
            to.clone(),
            &Local::loopback(port),
            options,
            |_| (),
        )
        .await
    }

    /// Lines of a pod, until nobody listens.
    pub(super) fn logs(&self, wanted: Logs) -> mpsc::Receiver<String> {
        let (sender, lines) = mpsc::channel(WAITING);
        let cluster = self.clone();
        tokio::spawn(async move {
            if let Err(error) = cluster.read(&wanted, &sender).await {
                let causes = std::iter::once(error.to_string()).chain(error.causes());
                drop(sender.send(causes.collect::<Vec<_>>().join(": ")).await);
            }
        });
        lines
    }

    async fn read(&self, wanted: &Logs, lines: &mpsc::Sender<String>) -> Result<(), Error> {
        let scene = self.scene().await?;
        let pods = logs::pods(&scene, std::slice::from_ref(&wanted.component)).await?;
        let options = Options {
            tail: Some(TAIL),
            previous: wanted.previous,
            follow: !wanted.previous,
            ..Options::default()
        };
        let (reader, mut items) = pod_logs::channel();
        let reading = async move {
            let read = pod_logs::read(&scene.cluster, &pods, &options, &reader).await;
            drop(reader);
            read
        };
        let showing = async {
            let mut first = None;
            while let Some(item) = items.recv().await {
                let (pod, words) = match &item {
                    Logged::Line(line) => (&line.pod, shown(line, &mut first)),
                    Logged::Notice(notice) => (&notice.pod, format!("({})", notice.message)),
                };
                if *pod == wanted.pod && lines.send(words).await.is_err() {
                    break;
                }
            }
        };
        tokio::pin!(reading);
        tokio::pin!(showing);
        tokio::select! {
            () = &mut showing => Ok(()),
            read = &mut reading => {
                read?;
                showing.await;
                Ok(())
            }
            () = lines.closed() => Ok(()),
        }
    }
}

/// A line with the time of day, and with its container if that is another than the first one's.
fn shown(line: &Line, first: &mut Option<String>) -> String {
    let first = first.get_or_insert_with(|| line.container.clone());
    let container = if *first == line.container {
        String::new()
    } else {
        format!("{} | ", line.container)
    };
    let time = line.time.map(|time| format!("{time:.3}")).unwrap_or_default();
    let (_, time) = time.split_once('T').unwrap_or_default();
    format!("{} {container}{}", time.trim_end_matches('Z'), line.line)
}
