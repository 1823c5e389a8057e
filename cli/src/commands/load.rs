//! `ratectl load`

mod page;

use std::io;
use std::process::Stdio;

use platform::{
    forward::{Forward, Local, Options, Port},
    load::{self, K6, Run, Scenario, Summary},
};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::{
    app::Global,
    commands::{place::Place, port_forward::component::Scene, with_runtime},
    error::Error,
    exit::Exit,
    project,
    signals::Signals,
    ui::{Output, Paint, Report, Table, Ui},
};

/// The component that requests come in through.
const GATEWAY: &str = "gateway";

/// Put load on the system with k6, and judge how it bears it
///
/// Runs a scenario of the project's folder of them (`load:` in ratectl.yaml) against the gateway, through a port-forward of its own.
/// Ends with exit code 1 when a threshold of the scenario is crossed. Without a scenario those that there are are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The scenario to run
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,

    /// Virtual users, instead of the scenario's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    vus: Option<u32>,

    /// How long, such as 30s, instead of the scenario's
    #[arg(long, value_name = "DURATION", value_parser = k6_duration)]
    duration: Option<String>,

    /// A variable for the scenario (can be repeated)
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,

    /// Put the load on this URL instead of the cluster's gateway
    #[arg(long, value_name = "URL", value_parser = url)]
    url: Option<String>,

    #[command(flatten)]
    place: Place,
}

fn k6_duration(text: &str) -> Result<String, String> {
    crate::commands::cluster::limits::duration(text).map(|_| text.to_owned())
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable is NAME=VALUE".to_owned()),
    }
}

fn url(text: &str) -> Result<String, String> {
    let parsed: http::Uri = text.parse().map_err(|error| format!("{error}"))?;
    match (parsed.scheme_str(), parsed.host()) {
        (Some("http" | "https"), Some(_)) => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("a URL begins with http:// or https://".to_owned()),
    }
}

/// Runs a scenario, or lists them.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let project = project::open(global)?;
    let folder = project.load.clone().ok_or_else(|| {
        let message = format!("{} names no folder of load scenarios", project.file.display());
        Error::new(Exit::Configuration, message).hint("such as `load: k6`, a folder of scripts")
    })?;
    let Some(name) = &args.scenario else {
        return listing(ui, &load::list(&folder)?, &folder);
    };
    let scenario = load::find(&folder, name)?;
    let path = std::env::var_os("PATH");
    let k6 = K6::find(path.as_deref(), &project.root)?;
    let site = if args.url.is_none() {
        let site = args.place.look(global)?;
        args.place.guard(ui, &site)?;
        Some(site)
    } else {
        None
    };
    let run = |url: String| Run {
        k6,
        scenario,
        url,
        vus: args.vus,
        duration: args.duration.clone(),
        environment: args.env.clone(),
        directory: project.root.clone(),
    };
    with_runtime(async {
        let cannot = |error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error);
        let mut signals = Signals::listen().map_err(cannot)?;
        let opening = async {
            match (site, &args.url) {
                (None, Some(url)) => Ok((None, url.clone())),
                (Some(site), _) => open(ui, &Scene::at(site).await?).await,
                (None, None) => Err(Error::new(Exit::Failure, "there is no place to put load on")),
            }
        };
        let (_forward, url) = tokio::select! {
            opened = opening => opened?,
            exit = signals.next() => return Ok(exit),
        };
        make_load(ui, run(url), &mut signals).await
    })
}

/// A way to the gateway that nobody else uses.
async fn open(ui: &Ui, scene: &Scene) -> Result<(Option<Forward>, String), Error> {
    let to = scene.forward_to(GATEWAY, &Port::First).await?;
    let ui = ui.clone();
    let report = move |event| {
        if let platform::forward::Event::GivenUp { reason, .. } = event {
            ui.warn(format!("the gateway takes no connection: {reason}"));
        }
    };
    let local = Local {
        addresses: vec![std::net::Ipv4Addr::LOCALHOST.into()],
        port: 0,
    };
    let forward = Forward::open(&scene.cluster, to, &local, Options::default(), report).await?;
    let url = format!("http://{}", forward.local());
    Ok((Some(forward), url))
}

async fn make_load(ui: &Ui, run: Run, signals: &mut Signals) -> Result<Exit, Error> {
    ui.status(format!("Running {} against {}.", run.scenario.name, run.url));
    let cancel = CancellationToken::new();
    let said = ui.clone();
    let tell = move |load::Line(line)| said.status(line);
    let running = run.run(progress(ui), tell, &cancel);
    let mut running = std::pin::pin!(running);
    let (summary, signal) = tokio::select! {
        summary = &mut running => (summary?, None),
        exit = signals.next() => {
            cancel.cancel();
            tokio::select! {
                summary = &mut running => (summary?, Some(exit)),
                // A second one does not wait for what was found.
                exit = signals.next() => return Ok(exit),
            }
        }
    };
    ui.result(&Judged(&summary))?;
    let crossed: Vec<String> = summary
        .thresholds
        .iter()
        .filter(|it| !it.passed)
        .map(page::threshold)
        .collect();
    match signal {
        Some(exit) => Ok(exit),
        None if crossed.is_empty() && summary.passed => Ok(Exit::Success),
        None => {
            let what = if crossed.is_empty() {
                "a threshold".to_owned()
            } else {
                crossed.join(", ")
            };
            let message = format!("{} did not hold: {what}", summary.scenario);
            Err(Error::new(Exit::Failure, message))
        }
    }
}

/// Where k6 shows how it goes: on stderr, for people.
fn progress(ui: &Ui) -> Stdio {
    if ui.output() == Output::Text && !ui.quiet() {
        Stdio::from(io::stderr())
    } else {
        Stdio::null()
    }
}

fn listing(ui: &Ui, scenarios: &[Scenario], folder: &std::path::Path) -> Result<Exit, Error> {
    if scenarios.is_empty() {
        ui.status(format!("There is no scenario in {}.", folder.display()));
        return Ok(Exit::Success);
    }
    ui.listing(scenarios, |_| {
        let mut table = Table::with_heading(["SCENARIO", "WHAT IT DOES"]);
        for scenario in scenarios {
            table.row([scenario.name.clone(), scenario.about.clone()]);
        }
        table.text()
    })?;
    ui.status("`ratectl load SCENARIO` runs one.");
    Ok(Exit::Success)
}

/// A summary, as it is shown.
#[derive(Serialize)]
#[serde(transparent)]
struct Judged<'a>(&'a Summary);

impl Report for Judged<'_> {
    fn text(&self, paint: Paint) -> String {
        page::text(self.0, paint)
    }
}
