//! `ratectl streams apply`: make a server's streams and consumers as defined.

use platform::{event::Events, project::deployment::StreamsBy, streams};

use super::Server;
use crate::{app::Global, commands::with_runtime, differences::done, error::Error, exit::Exit, ui::Ui};

/// Create and update streams and consumers as defined
///
/// What is as defined stays untouched, and so does everything the project does not define. Nothing is changed if
/// something would have to be deleted first.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    server: Server,
}

/// Applies, and prints what was done; one JSON object a stream or consumer with `-o json`.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let way = args.server.way_to_change(ui, global)?;
    // What was done is returned as well; nobody reads the events.
    let events = Events::silent();
    let (applied, place, maker) = with_runtime(async {
        let reached = way.compare(global).await?;
        let applied = streams::apply(reached.jetstream(), &reached.definitions, &events).await?;
        Ok((applied, reached.place, reached.maker))
    })?;
    ui.listing(&applied, |paint| done(&applied, paint))?;
    ui.status(format!("The streams and consumers {place} are as defined."));
    if maker == Some(StreamsBy::Nack) {
        ui.status(
            "NACK makes them there, as `ratectl deploy` has said last: deploy what has changed in the files.",
        );
    }
    Ok(Exit::Success)
}
