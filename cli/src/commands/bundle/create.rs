//! `ratectl bundle create`: everything a deployment needs from elsewhere, into one file.

use std::path::PathBuf;

use platform::{
    bundle::{self, Created, Sources},
    docker::{Endpoint, OnDemand},
    download::Cache,
    image,
};
use serde::Serialize;

use crate::{
    app::Global,
    commands::place::Place,
    error::Error,
    exit::Exit,
    progress::{self, Running},
    ui::{Paint, Report, Ui, amount, plain_line},
};

const ON_SIGNAL: &str = "Stopping: nothing is left of the bundle. Ctrl-C again leaves at once.";

/// Write the images, charts and manifests that a profile's deployment needs into one file
///
/// Images of components are built and pushed if the profile's registry lacks them, so a protected profile has to be confirmed; its cluster
/// is only read. The others are fetched from where the cluster's nodes would fetch them. A name that ends in `.gz` or `.tgz` is compressed,
/// which makes little difference: layers are already.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// Components it is for; what they need comes along [default: all]
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,

    /// Of images for several platforms only this one, such as linux/amd64; those named by digest stay whole [default: all]
    #[arg(long, value_name = "OS/ARCHITECTURE")]
    platform: Option<String>,

    /// Use nothing but the cache and the profile's registry
    #[arg(long)]
    offline: bool,

    /// The Docker engine that builds images [default: `DOCKER_HOST`, or the Docker context in use, or the usual socket]
    #[arg(long, value_name = "URL")]
    docker_host: Option<String>,

    #[command(flatten)]
    place: Place,
}

/// Makes it, and says what is in it.
pub(super) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let file = global.base()?.join(&args.file);
    let site = args.place.look(global)?;
    // Images that the profile's registry lacks are put there.
    args.place.guard(ui, &site)?;
    progress::run(
        ui,
        ON_SIGNAL,
        async |Running { events, cancel }| {
            let work = async {
                let target = site.reach().await?;
                let push = target
                    .push
                    .ok_or_else(|| super::load::no_registry(&target.profile.name))?;
                let engine = OnDemand::new(Endpoint::find(args.docker_host.as_deref())?);
                let build = image::Setup {
                    engine,
                    root: site.project.root.clone(),
                    state_dir: site.state_dir.clone(),
                    pull: target.pull.unwrap_or_else(|| push.clone()),
                    push,
                    events: events.clone(),
                    cancel: cancel.clone(),
                };
                let cache = Cache::standard(args.offline);
                let sources = Sources {
                    project: &site.project,
                    profile: &target.profile,
                    cache: &cache,
                    build: &build,
                };
                let mut contents = bundle::gather(&sources, &args.components).await?;
                contents.platform.clone_from(&args.platform);
                Ok::<_, Error>(contents)
            };
            let contents = tokio::select! {
                contents = work => contents?,
                () = cancel.cancelled() => return Err(bundle::Error::Cancelled.into()),
            };
            Ok(Written(bundle::create(&file, &contents, &events, &cancel).await?))
        },
        |written| ui.result(written),
    )
}

#[derive(Serialize)]
#[serde(transparent)]
struct Written(Created);

impl Report for Written {
    fn text(&self, paint: Paint) -> String {
        let Created { file, bytes, index } = &self.0;
        let mut text = format!(
            "Bundle {} for profile {} has {} images and {} files, {} in all.\n",
            paint.strong(&plain_line(&file.display().to_string())),
            index.profile,
            index.images.len(),
            index.downloads.len(),
            amount::bytes(*bytes),
        );
        for image in &index.images {
            text.extend(["  ", &plain_line(&image.name), "\n"]);
        }
        text
    }
}
