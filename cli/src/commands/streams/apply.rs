//! `ratectl streams apply`: make a server's streams and consumers as defined.

use platform::{event, streams};

use super::{Server, definitions};
use crate::{
    app::Global, commands::with_runtime, differences::done, error::Error, exit::Exit, project, ui::Ui,
};

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
    let project = project::open(global)?;
    let definitions = definitions(&project)?;
    // What was done is returned as well; nobody reads the events.
    let (events, _) = event::channel();
    let (applied, url) = with_runtime(async {
        let jetstream = args.server.connect(|| Ok(project)).await?;
        Ok((
            streams::apply(&jetstream, &definitions, &events).await?,
            jetstream.url().to_owned(),
        ))
    })?;
    ui.listing(&applied, |paint| done(&applied, paint))?;
    ui.status(format!("The streams and consumers at {url} are as defined."));
    Ok(Exit::Success)
}
