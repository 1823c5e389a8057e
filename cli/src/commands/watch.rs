//! `ratectl watch`

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use platform::{
    deploy::{self, Deployed, Options},
    event::Outcome,
    watch::{Changed, Watch},
};

use super::system::{System, person};
use crate::{
    app::Global,
    commands::with_runtime,
    error::Error,
    exit::Exit,
    progress,
    signals::Signals,
    ui::{Ui, plain_line},
};

/// Files that are named in a sentence.
const FILES_SHOWN: usize = 3;

/// Rebuild and redeploy components whenever their sources change
///
/// Watches manifests and what images are built from, deploys once at the beginning, and then what a change concerns. A change
/// during a build ends it and begins anew. What fails is told; the next change is waited for. Ends with Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The components to watch, by name or alias [default: all that are deployed]
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,

    #[command(flatten)]
    system: System,
}

/// How a deployment ended that may be overtaken by a change.
enum Ending {
    Deployed(Box<Deployed>),
    Overtaken(Changed),
}

/// Deploys what changes until a signal comes.
pub(crate) fn run(ui: &Ui, args: &Args, global: &Global) -> Result<Exit, Error> {
    let site = args.system.site(ui, global, true)?;
    for name in &args.components {
        deploy::named(&site.project, name)?;
    }
    let mut watch = Watch::begin(&site.project, &args.components)?;
    let watched: BTreeSet<String> = watch.roots().keys().cloned().collect();
    let mut next = Changed {
        components: watched.clone(),
        files: BTreeSet::new(),
        at: Instant::now(),
    };
    loop {
        match deploy(ui, args, global, &mut watch, &next) {
            Ok((exit, _)) if exit != Exit::Success => return Ok(ended(exit)),
            Ok((_, Some(changed))) => {
                // What was not finished is still to be done.
                next = changed.and(next);
                continue;
            }
            Ok((_, None)) => {}
            Err(error) => ui.error(&error),
        }
        ui.status("Waiting for changes; Ctrl-C ends.");
        match wait(&mut watch)? {
            Ok(changed) => next = changed,
            Err(exit) => return Ok(ended(exit)),
        }
        ui.status(format!("{} changed.", files(&next)));
    }
}

/// Ctrl-C is the way to end this.
fn ended(exit: Exit) -> Exit {
    if exit == Exit::Interrupted {
        Exit::Success
    } else {
        exit
    }
}

/// Waits for a change, or for a signal.
fn wait(watch: &mut Watch) -> Result<Result<Changed, Exit>, Error> {
    with_runtime(async {
        let cannot = |error| Error::new(Exit::Failure, "cannot listen for signals").caused_by(error);
        let mut signals = Signals::listen().map_err(cannot)?;
        Ok(tokio::select! {
            changed = watch.changed() => Ok(changed),
            exit = signals.next() => Err(exit),
        })
    })
}

/// Deploys; a change meanwhile ends that, and is returned.
fn deploy(
    ui: &Ui,
    args: &Args,
    global: &Global,
    watch: &mut Watch,
    changed: &Changed,
) -> Result<(Exit, Option<Changed>), Error> {
    // Read again each time: the project file may have changed too. It was consented to at the beginning.
    let site = args.system.site(ui, global, false)?;
    let options = Options {
        components: changed.components.iter().cloned().collect(),
        why: "ratectl watch".to_owned(),
        by: person(),
        ..Options::default()
    };
    let mut overtaken = None;
    let exit = progress::run(
        ui,
        "Stopping; what runs already stays. Ctrl-C again leaves at once.",
        async |running| {
            let cancel = running.cancel.clone();
            let setup = args.system.setup(site, running).await?;
            let mut deploying = std::pin::pin!(deploy::deploy(&setup, &options));
            tokio::select! {
                deployed = &mut deploying => Ok(Ending::Deployed(Box::new(deployed?))),
                change = watch.changed() => {
                    cancel.cancel();
                    // It ends as soon as it has cleaned up; how does not matter any more.
                    drop(deploying.await);
                    Ok(Ending::Overtaken(change))
                }
            }
        },
        |ending| {
            match ending {
                Ending::Deployed(deployed) => tell(ui, deployed, changed),
                Ending::Overtaken(change) => {
                    ui.status(format!("{} changed meanwhile; beginning anew.", files(change)));
                    overtaken = Some(change.clone());
                }
            }
            Ok(())
        },
    )?;
    Ok((exit, overtaken))
}

/// Says what became of a change.
fn tell(ui: &Ui, deployed: &Deployed, changed: &Changed) {
    let after = changed.at.elapsed();
    if !deployed.is_changed() {
        ui.status(format!(
            "Nothing to do, all is as it should be ({}).",
            seconds(after)
        ));
        return;
    }
    for component in deployed
        .components
        .iter()
        .filter(|component| component.is_changed())
    {
        let built = component
            .image
            .as_ref()
            .filter(|image| image.outcome == Outcome::Built);
        let built = built.map_or_else(String::new, |image| {
            format!(
                ", {} of it building",
                seconds(Duration::from_millis(image.build_ms))
            )
        });
        // The first deployment follows no change.
        let since = if changed.files.is_empty() {
            "the start"
        } else {
            "the change"
        };
        ui.status(format!(
            "{} runs {} after {since}{built}.",
            component.component,
            seconds(after)
        ));
    }
}

/// `a.rs`, `a.rs and 3 more files`. What editors write beside a file and have taken away again is not named, unless nothing else has changed.
fn files(changed: &Changed) -> String {
    let mut files: Vec<&std::path::PathBuf> = changed.files.iter().filter(|file| file.exists()).collect();
    if files.is_empty() {
        files = changed.files.iter().collect();
    }
    let names = files.into_iter().filter_map(|file| file.file_name());
    let names: Vec<String> = names.map(|name| plain_line(&name.to_string_lossy())).collect();
    let shown = names[..names.len().min(FILES_SHOWN)].join(", ");
    match names.len().saturating_sub(FILES_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `6.2 s`.
fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&["/w/src/main.rs"] => "main.rs"; "one")]
    #[test_case(&["/a", "/b", "/c", "/d", "/e"] => "a, b, c and 2 more"; "many")]
    #[test_case(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "/w/sedA1b2c3"] => "Cargo.toml"; "beside what is not there any more")]
    #[test_case(&["/w/x\u{1b}[2J.rs"] => "x.rs"; "a name that a terminal would act on")]
    fn what_changed(paths: &[&str]) -> String {
        files(&Changed {
            components: BTreeSet::new(),
            files: paths.iter().map(std::path::PathBuf::from).collect(),
            at: Instant::now(),
        })
    }
}
