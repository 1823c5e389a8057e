//! `ratectl bundle load`: what a bundle brings, into the cache and the profile's registry.

use std::path::PathBuf;

use platform::{
    bundle::{self, Loaded},
    download::Cache,
    event::Outcome,
};
use serde::Serialize;

use crate::{
    app::Global,
    commands::place::Place,
    error::Error,
    exit::Exit,
    progress::{self, Running},
    ui::{Paint, Report, Ui, plain_line},
};

const ON_SIGNAL: &str = "Stopping; what is loaded already stays. Ctrl-C again leaves at once.";

/// Check a bundle, and put what is in it into the cache and the profile's registry
///
/// Every checksum is looked at before anything is done. An image keeps its name but for the registry: `nats:2.15` becomes
/// `REGISTRY/library/nats:2.15`, where a cluster finds it whose `mirrors` lead there. What is there already is not sent again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    #[command(flatten)]
    place: Place,
}

/// Loads it, and says what is there now.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let file = global.base()?.join(&args.file);
    let site = args.place.look(global)?;
    args.place.guard(ui, &site)?;
    progress::run(
        ui,
        ON_SIGNAL,
        async |Running { events, cancel }| {
            let target = tokio::select! {
                target = site.reach() => target?,
                () = cancel.cancelled() => return Err(bundle::Error::Cancelled.into()),
            };
            let push = target.push.ok_or_else(|| no_registry(&target.profile.name))?;
            let cache = Cache::standard(true);
            Ok(Brought(
                bundle::load(&file, &cache, &push, &events, &cancel).await?,
            ))
        },
        |brought| ui.result(brought),
    )
}

/// The profile has none, and there is no other place for images.
pub(super) fn no_registry(profile: &str) -> Error {
    let message = format!("profile {profile} has no registry");
    Error::new(Exit::Configuration, message).hint("name one with `registry:` in the profile")
}

#[derive(Serialize)]
#[serde(transparent)]
struct Brought(Loaded);

impl Report for Brought {
    fn text(&self, paint: Paint) -> String {
        let Loaded { index, images } = &self.0;
        let sent = images.iter().filter(|image| image.outcome == Outcome::Pushed);
        let mut text = format!(
            "The bundle of project {} for profile {} is loaded: {} images, {} of them new, and {} files.\n",
            paint.strong(&plain_line(&index.project)),
            plain_line(&index.profile),
            images.len(),
            sent.count(),
            index.downloads.len(),
        );
        for image in images {
            text.extend(["  ", &plain_line(&image.name), "\n"]);
        }
        text
    }
}
