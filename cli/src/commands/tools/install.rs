//! `ratectl tools install`: puts a program into a folder.

use std::fmt::Display;
use std::path::PathBuf;

use platform::{
    event::{self, Event, Receiver},
    nats_server::{self, Binary, Search},
};
use serde::Serialize;

use crate::{
    app::Global,
    commands::with_runtime,
    error::Error,
    exit::Exit,
    ui::{Paint, Report, Ui},
};

/// Install a program that ratectl needs
///
/// nats-server is built by `go install` or, where there is no Go, fetched by Python's `pip`; both check what they
/// download.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The program
    #[arg(value_enum)]
    program: Tool,

    /// The folder to put it into [default: the cache, where `ratectl dev` looks]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    into: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Tool {
    /// The NATS server, with JetStream
    NatsServer,
}

/// Installs, and prints where the program is now.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let into = match &args.into {
        Some(into) => global.base()?.join(into),
        None => Search::new(None, None).cache,
    };
    let Tool::NatsServer = args.program;
    let binary = with_runtime(async {
        let (events, receiver) = event::channel();
        let installing = async {
            // The channel closes with its sender, and the narration with the channel.
            let events = events;
            nats_server::install(&into, None, &events).await
        };
        let (binary, ()) = tokio::join!(installing, narrate(ui, receiver));
        Ok(binary?)
    })?;
    ui.result(&Installed(binary))?;
    Ok(Exit::Success)
}

async fn narrate(ui: &Ui, mut receiver: Receiver) {
    while let Some(event) = receiver.recv().await {
        if let Event::Installing {
            program,
            version,
            command,
        } = event
        {
            ui.status(installing(program, version, command));
        }
    }
}

/// What is said while something is fetched.
pub(crate) fn installing(program: impl Display, version: impl Display, command: impl Display) -> String {
    format!("Getting {program} {version} with `{command}`; this can take a minute.")
}

#[derive(Serialize)]
struct Installed(Binary);

impl Report for Installed {
    fn text(&self, _: Paint) -> String {
        format!("{}\n", self.0.path.display())
    }
}
