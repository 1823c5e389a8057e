//! What an image holds besides its program: what lies there, and what a command makes first.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ignore::WalkBuilder;
use tokio::process::Command;
use tokio::sync::Mutex;

use super::command::Group;
use super::compile;
use super::{short, unreadable};
use crate::image::{Error, Setup};
use crate::plain_line::plain_line;
use crate::project::image::{Files, Making};

/// One command at a time: they belong to one project, and may share what they write to.
static MAKING: Mutex<()> = Mutex::const_new(());

/// Adds them to what an image is made from: themselves, or what they are made from.
pub(super) fn hash(files: &Files, parts: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let Some(made) = &files.made else {
        return hash_there(&files.here, &files.there, parts);
    };
    parts.insert(
        format!("the command for {}", files.there),
        made.command.join("\0"),
    );
    for source in &made.sources {
        hash_source(source, &made.folder, parts)?;
    }
    Ok(())
}

/// `here` on this machine, `there` in the image.
fn hash_there(here: &Path, there: &str, parts: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let failed = |source| unreadable(here, source);
    let is = fs::symlink_metadata(here).map_err(failed)?;
    let value = if is.is_dir() {
        for entry in fs::read_dir(here).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let there = format!(
                "{}/{}",
                there.trim_end_matches('/'),
                entry.file_name().to_string_lossy()
            );
            hash_there(&entry.path(), &there, parts)?;
        }
        "folder".to_owned()
    } else {
        content(here, &is)?
    };
    parts.insert(format!("file:{there}"), value);
    Ok(())
}

/// All of a source that Git would keep, by its path in the project.
fn hash_source(source: &Path, folder: &Path, parts: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let mut walk = WalkBuilder::new(source);
    // The same with and without a repository around; hidden files may be sources too.
    walk.hidden(false).ignore(false).require_git(false);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    for entry in walk.build() {
        let entry = entry.map_err(|error| {
            let text = plain_line(&error.to_string());
            let error = error
                .into_io_error()
                .unwrap_or_else(|| std::io::Error::other(text));
            unreadable(source, error)
        })?;
        let path = entry.path();
        let is = fs::symlink_metadata(path).map_err(|error| unreadable(path, error))?;
        if !is.is_dir() {
            let below = path.strip_prefix(folder).unwrap_or(path);
            parts.insert(format!("file:{}", below.display()), content(path, &is)?);
        }
    }
    Ok(())
}

/// What tells a file or link from another.
fn content(path: &Path, is: &fs::Metadata) -> Result<String, Error> {
    let failed = |source| unreadable(path, source);
    if is.is_symlink() {
        return Ok(format!("link {}", fs::read_link(path).map_err(failed)?.display()));
    }
    let runs = is.permissions().mode() & 0o111 != 0;
    let contents = fs::read(path).map_err(failed)?;
    Ok(format!("{}{}", short(&contents), if runs { " x" } else { "" }))
}

/// Runs the commands that make files of an image.
///
/// # Errors
/// When one fails, or leaves nothing.
pub(super) async fn make(setup: &Setup, component: &str, files: &[Files]) -> Result<(), Error> {
    for files in files {
        if let Some(made) = &files.made {
            run(setup, component, made).await?;
            if !files.here.exists() {
                return Err(Error::Definition {
                    component: component.to_owned(),
                    message: format!(
                        "`{}` ended well, and did not make {}",
                        plain_line(&made.command.join(" ")),
                        files.here.display()
                    ),
                });
            }
        }
    }
    Ok(())
}

async fn run(setup: &Setup, component: &str, made: &Making) -> Result<(), Error> {
    let Some((program, arguments)) = made.command.split_first() else {
        return Ok(());
    };
    let _turn = MAKING.lock().await;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&made.folder);
    let group = Group::start(&mut command).map_err(|error| Error::Definition {
        component: component.to_owned(),
        message: format!("'{}' does not run: {error}", plain_line(program)),
    })?;
    let step = plain_line(&made.command.join(" "));
    compile::follow(setup, component, &step, group).await
}
