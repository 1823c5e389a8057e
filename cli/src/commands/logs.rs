//! `ratectl logs`

mod margin;

use std::time::Duration;

use platform::pod_logs::{self, Item, Options, Pods};

use crate::{
    app::Global,
    commands::{cluster::limits::duration, place::Place, port_forward::component::Scene, with_runtime},
    error::Error,
    exit::Exit,
    signals::Signals,
    ui::{Output, Ui},
};
use margin::Margin;

/// Lines of each container that `--follow` begins with.
const BEFORE_FOLLOWING: u32 = 20;

/// Show what the pods of components log
///
/// All containers of all pods, in time order. A container that has crashed in the last ten minutes is shown with the end of its log,
/// and a line that says how it ended. With `--request` the lines of one request, over all components: the id is that of the answer's
/// `X-Request-Id`, or of its trace.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The components, by name or alias [default: all that are deployed]
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,

    /// Go on with what comes, and with the pods that come, until Ctrl-C is pressed
    #[arg(short, long)]
    follow: bool,

    /// Only what is not older, such as 10m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,

    /// Only the last N lines of each container [default: all; 20 with --follow]
    #[arg(long, value_name = "N")]
    tail: Option<u32>,

    /// Of each container the log of the one before it, which has ended
    #[arg(short, long, conflicts_with = "follow")]
    previous: bool,

    /// Only lines about the request with this id
    #[arg(long, value_name = "ID", value_parser = id)]
    request: Option<String>,

    /// Show when each line was written
    #[arg(short, long)]
    timestamps: bool,

    #[command(flatten)]
    place: Place,
}

fn id(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("an id has at least one character".to_owned());
    }
    Ok(text.to_owned())
}

impl Args {
    fn options(&self) -> Options {
        // All of a request's lines are wanted, however long ago.
        let recent = self.follow && self.since.is_none() && self.request.is_none();
        Options {
            since: self.since,
            tail: self.tail.or(recent.then_some(BEFORE_FOLLOWING)),
            previous: self.previous,
            id: self.request.clone(),
            follow: self.follow,
        }
    }
}

/// Prints lines until they end or a signal comes.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    with_runtime(async {
        let cannot = |error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error);
        let mut signals = Signals::listen().map_err(cannot)?;
        tokio::select! {
            printed = print(ui, args, global) => printed,
            signal = signals.next() => Ok(match signal {
                // It is the way to end this.
                Exit::Interrupted if args.follow => Exit::Success,
                other => other,
            }),
        }
    })
}

async fn print(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let scene = Scene::reach(&args.place, global).await?;
    let pods = pods(&scene, &args.components).await?;
    let options = args.options();
    let (reader, mut items) = pod_logs::channel();
    let reading = pod_logs::read(&scene.cluster, &pods, &options, &reader);
    let mut reading = std::pin::pin!(reading);
    let mut margin = Margin::new(args.timestamps);
    let mut lines: u64 = 0;
    loop {
        let item = tokio::select! {
            biased;
            Some(item) = items.recv() => item,
            ended = &mut reading => {
                ended?;
                while let Ok(item) = items.try_recv() {
                    lines += show(ui, &mut margin, &item)?;
                }
                break;
            }
        };
        lines += show(ui, &mut margin, &item)?;
        if !ui.has_reader() {
            return Ok(Exit::Success);
        }
    }
    if lines == 0 {
        ui.status(nothing(&pods, &options));
    }
    Ok(Exit::Success)
}

/// The pods of the components, or of all that are deployed.
pub(super) async fn pods(scene: &Scene, names: &[String]) -> Result<Vec<Pods>, Error> {
    let deployed = scene.project.components.iter();
    let deployed = deployed.filter(|component| component.deployment.is_some());
    let all: Vec<String> = deployed.map(|component| component.name.clone()).collect();
    let names = if names.is_empty() { &all } else { names };
    let mut pods: Vec<Pods> = Vec::new();
    for name in names {
        let (component, deployment) = scene.component(name)?;
        let objects = scene.objects(deployment).await?;
        let namespace = deployment.namespace.as_deref().unwrap_or("default");
        for found in pod_logs::of_objects(&component.name, namespace, &objects) {
            if !pods.contains(&found) {
                pods.push(found);
            }
        }
    }
    if pods.is_empty() {
        let names = names.join(", ");
        let message = format!("the manifests of {names} have nothing that makes pods");
        return Err(Error::new(Exit::Usage, message));
    }
    Ok(pods)
}

/// Why there was no line.
fn nothing(pods: &[Pods], options: &Options) -> String {
    let mut components: Vec<&str> = pods.iter().map(|pods| pods.component.as_str()).collect();
    components.dedup();
    let components = components.join(", ");
    match &options.id {
        Some(id) => format!("No pod of {components} has logged anything about {id}."),
        None => format!("No pod of {components} has logged anything."),
    }
}

/// Prints an item; the number of lines.
fn show(ui: &Ui, margin: &mut Margin, item: &Item) -> Result<u64, Error> {
    if ui.output() == Output::Json {
        ui.listing(std::slice::from_ref(item), |_| String::new())?;
        return Ok(u64::from(matches!(item, Item::Line(_))));
    }
    match item {
        Item::Line(line) => {
            let text = margin.line(line, ui.stdout_paint());
            ui.raw(text.as_bytes())?;
            Ok(1)
        }
        Item::Notice(notice) => {
            ui.status(margin.notice(notice, ui.stderr_paint()));
            Ok(0)
        }
    }
}
