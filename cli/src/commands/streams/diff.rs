//! `ratectl streams diff`: what `apply` would change, field by field.

use platform::streams;

use super::{Server, definitions};
use crate::{
    app::Global,
    commands::with_runtime,
    differences::{count, text},
    error::Error,
    exit::Exit,
    project,
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
    let project = project::open(global)?;
    let definitions = definitions(&project)?;
    let (found, url) = with_runtime(async {
        let jetstream = args.server.connect(|| Ok(project)).await?;
        Ok((
            streams::diff(&jetstream, &definitions).await?,
            jetstream.url().to_owned(),
        ))
    })?;
    ui.listing(&found, |paint| text(&found, paint))?;
    let count = count(&found);
    if count.differing == 0 {
        ui.status(format!(
            "All {} streams and consumers at {url} are as defined.",
            count.defined
        ));
        return Ok(Exit::Success);
    }
    let (differing, defined) = (count.differing, count.defined);
    ui.status(format!(
        "{differing} of {defined} streams and consumers at {url} differ from their definition."
    ));
    if count.immutable == 0 {
        ui.status("Run `ratectl streams apply` to make them as defined.");
    }
    Ok(Exit::Failure)
}
