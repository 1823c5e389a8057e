//! `ratectl port-forward`

pub(crate) mod component;
mod narration;
mod target;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use platform::forward::{self, Forward, Local, Options, Remote, To};
use platform::kubernetes::Cluster;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    app::Global,
    commands::{cluster::limits::duration, place::Place, with_runtime},
    error::Error,
    exit::Exit,
    signals::Signals,
    ui::{Paint, Report, Tint, Ui},
};
use component::Scene;
use narration::Narration;
use target::Wanted;

const EXAMPLES: &str = "\
Examples:
  ratectl port-forward gateway                     http://localhost:8080
  ratectl port-forward nats 4222 proxy 18080:8080  several at once
  ratectl port-forward service/web :80 -n shop     any free port here";

/// Make ports of the cluster's pods ports of this machine
///
/// Listens until Ctrl-C is pressed, whatever becomes of the pods: a connection goes to the newest pod that is ready, waits while
/// there is none, and breaks with no other. A target is `gateway`, `nats` or any other component, or `service/NAME`,
/// `deployment/NAME`, `statefulset/NAME`, `daemonset/NAME` or `pod/NAME`; the ports after it are `PORT`, `LOCAL:REMOTE` or `:REMOTE` (any free
/// port here). Without ports it is the first one of the Service, under the same number here.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// What to forward to, and which ports of it
    #[arg(value_name = "TARGET [[LOCAL]:REMOTE]", required = true)]
    what: Vec<String>,

    /// The namespace of what is not a component
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default")]
    namespace: String,

    /// Listen on this address instead of this machine's own (127.0.0.1 and `::1`), so that others can reach it (can be repeated)
    #[arg(long, value_name = "IP")]
    address: Vec<IpAddr>,

    /// How long a connection waits for a pod
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    hold: Duration,

    #[command(flatten)]
    place: Place,
}

/// Listens until a signal comes.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let wanted = target::parse(&args.what)?;
    with_runtime(async {
        let cannot = |error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error);
        let mut signals = Signals::listen().map_err(cannot)?;
        let serving = async {
            let scene = Scene::reach(&args.place, global).await?;
            let (happened_tx, mut happened) = mpsc::unbounded_channel();
            let opening = wanted
                .iter()
                .map(|wanted| open(&scene, args, wanted, happened_tx.clone()));
            let opened = try_join_all(opening).await?;
            for (_, line) in &opened {
                ui.result(line)?;
            }
            ui.status("Press Ctrl-C to end.");
            Narration::new(ui).tell(&mut happened).await;
            Ok::<Exit, Error>(Exit::Success)
        };
        tokio::select! {
            ended = serving => ended,
            signal = signals.next() => Ok(match signal {
                // It is the way to end this.
                Exit::Interrupted => Exit::Success,
                other => other,
            }),
        }
    })
}

/// Opens one forward.
async fn open(
    scene: &Scene,
    args: &Args,
    wanted: &Wanted,
    happened: mpsc::UnboundedSender<(Arc<str>, forward::Event)>,
) -> Result<(Forward, Line), Error> {
    let to = scene.resolve(wanted, &args.namespace).await?;
    let remote = forward::remote(&scene.cluster, &to).await?;
    let local = Local {
        addresses: args.address.clone(),
        port: wanted.local.unwrap_or(remote.number),
    };
    let options = Options { hold: args.hold };
    let name: Arc<str> = title(&to, &remote).into();
    let shown = Arc::clone(&name);
    let report = move |event| {
        // The reader ends with the program.
        drop(happened.send((Arc::clone(&shown), event)));
    };
    let forward = open_at(&scene.cluster, to, &local, options, report).await?;
    let line = Line::of(&forward, &args.address, name.to_string());
    Ok((forward, line))
}

async fn open_at(
    cluster: &Cluster,
    to: To,
    local: &Local,
    options: Options,
    report: impl Fn(forward::Event) + Send + Sync + 'static,
) -> Result<Forward, Error> {
    Ok(Forward::open(cluster, to, local, options, report).await?)
}

/// `gateway/http:8080`.
fn title(to: &To, remote: &Remote) -> String {
    let to = To {
        port: remote.number.into(),
        ..to.clone()
    };
    to.to_string()
}

/// One forward, as it is told.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Where it listens; for people and browsers, with the scheme where it can be told from the port's name.
    url: String,
    /// The first address that it listens on.
    local: String,
    /// Where it leads.
    to: String,
}

impl Line {
    fn of(forward: &Forward, addresses: &[IpAddr], to: String) -> Self {
        let local = forward.local();
        let host = match addresses {
            [] => format!("localhost:{}", local.port()),
            _ => local.to_string(),
        };
        Self {
            kind: "forward",
            url: format!("{}{host}", scheme(forward.remote())),
            local: local.to_string(),
            to,
        }
    }
}

impl Report for Line {
    fn text(&self, paint: Paint) -> String {
        format!("{} -> {}\n", paint.tint(Tint::Cyan, &self.url), self.to)
    }
}

/// What the name of a port says about its protocol.
pub(super) fn scheme(remote: &Remote) -> &'static str {
    let name = remote.name.as_deref().unwrap_or_default();
    match name.split('-').next().unwrap_or_default() {
        "https" => "https://",
        "http" | "web" => "http://",
        "nats" => "nats://",
        _ if matches!(remote.number, 80 | 8080) => "http://",
        _ => "",
    }
}
