//! The smallest program that embeds the platform the way `ratectl` does.
//!
//! `host FOLDER [NATS_SERVER]` runs the project in FOLDER with its own NATS server, writes every event as a line of JSON, and
//! stops when its standard input ends. As `host __guard …` it guards one of its children.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use platform::dev::{self, Nats, Options};
use platform::event::{self, Event, Events};
use platform::guard::{self, Launcher};
use platform::project::{FILE, Project};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let first = arguments.next().unwrap_or_default();
    // Before there are threads.
    if first == guard::ARGUMENT {
        return guard::main(arguments);
    }
    let binary = arguments.next().map(Into::into);
    let nats = Nats::Own { binary, port: None };
    match run(Path::new(&first), nats) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, nats: Nats) -> Result<(), Failure> {
    let project = Project::load(&folder.join(FILE))?;
    let options = Options {
        nats,
        guard: Launcher::this_program()?,
        data_dir: None,
    };
    let (events, receiver) = event::channel();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let writer = tokio::spawn(write(receiver));
        let outcome = session(&project, &options, &events).await;
        drop(events);
        writer.await?;
        outcome
    })
}

async fn session(project: &Project, options: &Options, events: &Events) -> Result<(), Failure> {
    let mut environment = dev::prepare(project, options, events).await?;
    environment.start_components(project, "http://localhost:8080")?;
    tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new())).await??;
    environment.stop().await;
    Ok(())
}

async fn write(mut receiver: event::Receiver) {
    while let Some(event) = receiver.recv().await {
        print(&event);
    }
}

fn print(event: &Event) {
    let line = serde_json::to_string(event).unwrap_or_default();
    // A reader that has gone is no reason to stop.
    drop(writeln!(io::stdout(), "{line}"));
}
