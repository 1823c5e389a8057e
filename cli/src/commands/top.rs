//! `ratectl top`

mod cluster;
mod dead;
mod hands;
mod relay;
mod way;

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use snapshot::ConsumerKey;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    app::Global,
    commands::cluster::limits::duration,
    error::Error,
    exit::Exit,
    signals::Signals,
    top::{
        self, Answer, App, Coming, FailOn, Feed, Hands, Item, Logs, Preview, Printed, Record, Screen, Show,
        Theme,
    },
    ui::{Output, Ui},
};
use cluster::InCluster;
use hands::Reaching;
use way::{Way, Which};

/// What is left of the time of `--sample` for what comes late.
const LATE: Duration = Duration::from_millis(400);

/// Show lag, latency, workers and pods, live
///
/// Consumers of all streams with their queue, its age, rates, when it will be empty, and what is wrong with it and what helps; the
/// proxy's routes; services; pods; and what has happened. Press ? for the keys. Where no terminal is, or with `--once` or `-o json`, the
/// same is written once.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look once, and write tables; one JSON object of the schema `ratectl.top/v1` with `-o json`
    #[arg(long)]
    once: bool,

    /// How long `--once` looks: rates need two samples
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2s")]
    sample: Duration,

    /// End with 1 (warn), 2 (crit) or 3 (unknown, or a source is down) if something is that bad; implies `--once`
    #[arg(long, value_enum, value_name = "warn|crit", hide_possible_values = true)]
    fail_on: Option<FailOn>,

    /// Write everything that is found out to FILE, one JSON object a line
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    record: Option<PathBuf>,

    /// Show what was recorded, and look at nothing else
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with = "record")]
    replay: Option<PathBuf>,

    /// How many times as fast as it was recorded; 0: its end, at once
    #[arg(long, value_name = "N", default_value_t = 1.0, requires = "replay")]
    speed: f64,

    /// The screen to begin with
    #[arg(long, value_enum, value_name = "SCREEN", default_value = "pulse")]
    screen: Screen,

    /// Use no other letters than those of ASCII
    #[arg(long)]
    ascii: bool,

    #[command(flatten)]
    which: Which,
}

/// Shows it until somebody has seen enough, or looks once.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let outcome = start(ui, args, global);
    match (outcome, args.fail_on) {
        // For a check everything that fails is one thing: it cannot be told.
        (Err(error), Some(_)) => {
            ui.error(&error);
            Ok(if error.exit() == Exit::Usage {
                Exit::UsageOfCheck
            } else {
                Exit::Unknown
            })
        }
        (outcome, _) => outcome,
    }
}

fn start(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let once = args.once || args.fail_on.is_some() || ui.output() == Output::Json || !is_terminal;
    // One thread looks, another shows: neither keeps the other waiting.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Error::new(Exit::Failure, "cannot start the event loop").caused_by(error))?;
    let base = global.base()?;
    let cancel = CancellationToken::new();
    let outcome = runtime.block_on(async {
        let (feed, hands) = feed(args, global, once, &cancel)?;
        let record = args
            .record
            .as_ref()
            .map(|path| Record::create(&base.join(path)))
            .transpose()?;
        if once {
            return look_once(ui, args, feed, record).await;
        }
        let theme = Theme::detect(global.color, args.ascii, |name| std::env::var(name).ok());
        let show = Show::open(feed, record, App::new(args.screen, theme), hands, &cancel)?;
        Ok(Box::pin(show.run(cancel.clone())).await?.exit())
    });
    cancel.cancel();
    runtime.shutdown_background();
    outcome
}

/// Looks, prints, and says how a check ends. A signal ends it before.
async fn look_once(ui: &Ui, args: &Args, feed: Feed, record: Option<Record>) -> Result<Exit, Error> {
    let cannot = |error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error);
    let mut signals = Signals::listen().map_err(cannot)?;
    let report = tokio::select! {
        report = top::look(feed, record, args.sample + LATE) => report?,
        signal = signals.next() => return Ok(signal),
    };
    let exit = top::verdict(&report, args.fail_on);
    ui.result(&Printed(report))?;
    Ok(exit)
}

/// Where events come from, and what can be done there.
fn feed(
    args: &Args,
    global: &Global,
    once: bool,
    cancel: &CancellationToken,
) -> Result<(Feed, Box<dyn Hands>), Error> {
    if let Some(path) = &args.replay {
        let speed = if once { 0.0 } else { args.speed };
        let events = top::read(&global.base()?.join(path))?;
        return Ok((top::replay(events, speed), Box::new(NoHands)));
    }
    let way = args.which.way(global)?;
    let (protected, cluster) = match &way {
        Way::Profile(site, _) => (
            args.which.place.unconfirmed(site).map(str::to_owned),
            Some(InCluster::new(Arc::clone(site), cancel.clone())),
        ),
        Way::Address(_) | Way::Context(..) => (None, None),
    };
    let (feed, server) = way.look(args.which.interval, cancel);
    let hands = Reaching {
        server,
        protected,
        cluster,
    };
    Ok((feed, Box::new(hands)))
}

const RECORDED: &str = "this is a recording: nothing can be done";

/// Of a recording nothing can be changed.
struct NoHands;

impl Hands for NoHands {
    fn payload(&self, _: ConsumerKey, _: u64) -> Answer {
        Box::pin(async { "a recording has no payloads".to_owned() })
    }

    fn act(&self, _: Item) -> Answer {
        Box::pin(async { String::new() })
    }

    fn preview(&self, _: Item) -> Coming<Preview> {
        Box::pin(async { Err(RECORDED.to_owned()) })
    }

    fn logs(&self, _: Logs) -> mpsc::Receiver<String> {
        let (sender, lines) = mpsc::channel(1);
        drop(sender.try_send(RECORDED.to_owned()));
        lines
    }

    fn forwards(&self) -> Vec<String> {
        Vec::new()
    }

    fn refuses(&self, _: &Item) -> Option<String> {
        Some(RECORDED.to_owned())
    }
}
