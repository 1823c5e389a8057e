//! `make bench-cluster`: how long until a new cluster is usable, beside a bare `docker start` of the same node image.
//!
//! Both sides in turn, round by round, one poller for both. It prints figures and judges nothing.

mod bare;
mod command;
mod error;
mod host;
mod ours;
mod poll;
mod report;

use std::io::Write as _;
use std::process::ExitCode;

use bollard::Docker;
use clap::Parser;
use e2e::Bed;

use bare::Bare;
use error::Error;
use ours::Ours;
use report::Round;

/// Measures creating a cluster against plain Docker.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How often each side is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The node image
    #[arg(long, default_value = "rancher/k3s:v1.34.4-k3s1")]
    image: String,
    /// The registry image of the bare side
    #[arg(long, default_value = "registry:3")]
    registry_image: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&Error::Start("the event loop".to_owned(), error)),
    };
    match runtime.block_on(measure(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

async fn measure(arguments: &Arguments) -> Result<(), Error> {
    let docker = Docker::connect_with_defaults()?.negotiate_version().await?;
    say(&host::describe(&docker).await?)?;
    let bed = Bed::new("bench-cluster");
    let name = format!("{}-bare", bed.cluster());
    let bare = Bare::new(&name, &bed.label(), &arguments.image)?;
    let rounds = rounds(arguments, &docker, &bed, bare).await?;
    say(&report::summary(&rounds))?;
    say(&report::sentence(&rounds))
}

async fn rounds(
    arguments: &Arguments,
    docker: &Docker,
    bed: &Bed,
    mut bare: Bare,
) -> Result<Vec<Round>, Error> {
    bare.prepare(&arguments.registry_image).await?;
    let ours = Ours::prepare(bed, &arguments.image)?;
    say(&report::heading())?;
    let mut rounds = Vec::new();
    for number in 1..=arguments.rounds {
        let round = round(docker, &bare, &ours, number % 2 == 0).await?;
        say(&report::line(number, &round))?;
        rounds.push(round);
    }
    Ok(rounds)
}

/// Both sides once; which one comes first alternates.
async fn round(docker: &Docker, bare: &Bare, ours: &Ours<'_>, ours_first: bool) -> Result<Round, Error> {
    let load = host::load();
    let earlier = if ours_first {
        None
    } else {
        Some(bare.round(docker).await?)
    };
    let (moments, returned) = ours.create(docker).await?;
    let again = ours.again()?;
    let stop = ours.verb("stop-cluster")?;
    let start = ours.verb("start-cluster")?;
    let delete = ours.verb("delete-cluster")?;
    let bare = match earlier {
        Some(moments) => moments,
        None => bare.round(docker).await?,
    };
    Ok(Round {
        bare,
        ours: moments,
        returned,
        again,
        stop,
        start,
        delete,
        load,
    })
}

fn say(words: &str) -> Result<(), Error> {
    Ok(writeln!(std::io::stdout(), "{words}")?)
}

/// Says an error with its causes.
fn complain(error: &dyn std::error::Error) -> ExitCode {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let words: Vec<String> = causes.map(ToString::to_string).collect();
    // Whoever closed standard error does not want to know.
    drop(writeln!(
        std::io::stderr(),
        "error: {}",
        words.join("\n  because: ")
    ));
    ExitCode::FAILURE
}
