//! `ratectl streams diff`: what `apply` would change, field by field.

use platform::{project::deployment::StreamsBy, streams};

use super::Server;
use crate::{
    app::Global,
    commands::with_runtime,
    differences::{count, text},
    error::Error,
    exit::Exit,
    ui::Ui,
};

/// Show where a server differs from the stream definitions, field by field
///
/// Exits with 0 when everything defined is on the server as defined, with 1 when something differs, and with more
/// when the comparison failed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    server: Server,
}

/// Prints the differences; one JSON object a stream or consumer with `-o json`.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let way = args.server.way(global)?;
    let (found, place, maker) = with_runtime(async {
        let reached = way.compare(global).await?;
        let found = streams::diff(reached.jetstream(), &reached.definitions).await?;
        Ok((found, reached.place, reached.maker))
    })?;
    ui.listing(&found, |paint| text(&found, paint))?;
    let count = count(&found);
    if count.differing == 0 {
        ui.status(format!(
            "All {} streams and consumers {place} are as defined.",
            count.defined
        ));
        return Ok(Exit::Success);
    }
    let (differing, defined) = (count.differing, count.defined);
    ui.status(format!(
        "{differing} of {defined} streams and consumers {place} differ from their definition."
    ));
    if count.immutable == 0 {
        let nack = maker == Some(StreamsBy::Nack);
        ui.status(if nack {
            "NACK makes them as `ratectl deploy` says; `ratectl streams apply` makes them as defined at once."
        } else {
            "Run `ratectl streams apply` to make them as defined."
        });
    }
    Ok(Exit::Failure)
}
