//! The project file's text: strict YAML into checked values, every complaint with its place.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde_saphyr::{Location, Spanned};

use super::cluster::{self, ClusterDocument};
use super::deployment::StreamsBy;
use super::template::Template;
use super::yaml::{Complaint, Ordered, complaint};
use super::{Component, Dev, Error, Process, Project, Static};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: Option<String>,
    streams: Option<Spanned<String>>,
    routes: Option<Spanned<String>>,
    #[serde(default)]
    dev: DevDocument,
    cluster: Option<ClusterDocument>,
    components: Option<Ordered<ComponentDocument>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DevDocument {
    port: Option<u16>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentDocument {
    dev: Option<Spanned<ComponentDev>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentDev {
    command: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    env: BTreeMap<String, Spanned<String>>,
    ready: Option<Spanned<String>>,
    directory: Option<Spanned<String>>,
    #[serde(default)]
    build: Vec<String>,
    built: Option<Spanned<String>>,
    #[serde(rename = "static")]
    files: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
}

pub(super) fn read(file: &Path, text: &str) -> Result<Project, Error> {
    let invalid = |(place, message): Complaint| Error::Invalid {
        file: file.to_owned(),
        line: place.line().max(1),
        column: place.column().max(1),
        message,
    };
    let document: Document = serde_saphyr::from_str(text).map_err(|error| invalid(complaint(&error)))?;
    let root = file.parent().unwrap_or(Path::new("/")).to_owned();
    let folder_name = || {
        root.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let mut components = Vec::new();
    for (name, component) in document
        .components
        .map_or_else(Vec::new, |components| components.0)
    {
        check_name(&name).map_err(invalid)?;
        let dev = component.and_then(|component| component.dev);
        let dev = dev.map(|dev| read_dev(&root, dev)).transpose().map_err(invalid)?;
        components.push(Component {
            name: name.value,
            dev,
            deployment: None,
        });
    }
    check_paths(&components).map_err(|message| invalid((Location::UNKNOWN, message)))?;
    let name = document.name.unwrap_or_else(folder_name);
    let cluster = cluster::read(file, &name, document.cluster.unwrap_or_default()).map_err(invalid)?;
    Ok(Project {
        name,
        streams: document.streams.map(|path| root.join(path.value)),
        routes: document.routes.map(|path| root.join(path.value)),
        port: document.dev.port,
        cluster,
        install: Vec::new(),
        gateway_class: None,
        streams_by: StreamsBy::default(),
        streams_server: "nats".to_owned(),
        load: None,
        profiles: Vec::new(),
        file: file.to_owned(),
        root,
        components,
    })
}

fn check_name(name: &Spanned<String>) -> Result<(), Complaint> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let text = &name.value;
    let edge = text.starts_with('-') || text.ends_with('-');
    if text.is_empty() || text.len() > 63 || edge || !text.chars().all(allowed) {
        let message =
            format!("component '{text}' needs a name of 1 to 63 lowercase letters, digits and inner hyphens");
        return Err((name.referenced, message));
    }
    Ok(())
}

/// No two folders of files under one path.
fn check_paths(components: &[Component]) -> Result<(), String> {
    let mut taken = HashSet::new();
    for component in components {
        if let Some(Dev::Static(files)) = &component.dev
            && !taken.insert(&files.path)
        {
            return Err(format!("two components have their files under {}", files.path));
        }
    }
    Ok(())
}

fn read_dev(root: &Path, dev: Spanned<ComponentDev>) -> Result<Dev, Complaint> {
    let place = dev.referenced;
    let dev = dev.value;
    match (&dev.command, &dev.files) {
        (Some(_), None) => read_process(root, place, dev).map(Dev::Process),
        (None, Some(_)) => read_static(root, place, dev).map(Dev::Static),
        (Some(_), Some(_)) => Err((place, "'command' and 'static' exclude each other".to_owned())),
        (None, None) => Err((
            place,
            "'dev' needs a 'command' to run or a 'static' folder to serve".to_owned(),
        )),
    }
}

fn read_process(root: &Path, place: Location, dev: ComponentDev) -> Result<Process, Complaint> {
    if let Some(path) = dev.path {
        return Err((path.referenced, "'path' belongs to 'static'".to_owned()));
    }
    let command = dev
        .command
        .unwrap_or_default()
        .into_iter()
        .map(|text| template(&text))
        .collect::<Result<Vec<_>, _>>()?;
    if command
        .first()
        .is_none_or(|program| program.to_string().is_empty())
    {
        return Err((place, "'command' needs at least the program".to_owned()));
    }
    let env = dev
        .env
        .into_iter()
        .map(|(name, value)| Ok((name, template(&value)?)))
        .collect::<Result<_, Complaint>>()?;
    let directory = dev
        .directory
        .map_or_else(|| root.to_owned(), |directory| root.join(directory.value));
    if let Some(built) = dev.built.as_ref().filter(|_| dev.build.is_empty()) {
        return Err((
            built.referenced,
            "'built' needs a 'build' command that leaves a program there".to_owned(),
        ));
    }
    Ok(Process {
        command,
        env,
        ready: dev.ready.as_ref().map(template).transpose()?,
        built: dev.built.map(|built| directory.join(built.value)),
        directory,
        build: dev.build,
    })
}

fn read_static(root: &Path, place: Location, dev: ComponentDev) -> Result<Static, Complaint> {
    let foreign = [
        ("env", !dev.env.is_empty()),
        ("ready", dev.ready.is_some()),
        ("directory", dev.directory.is_some()),
        ("build", !dev.build.is_empty()),
        ("built", dev.built.is_some()),
    ];
    if let Some((key, _)) = foreign.into_iter().find(|(_, there)| *there) {
        return Err((place, format!("'{key}' belongs to 'command', not to 'static'")));
    }
    let path = dev
        .path
        .ok_or_else(|| (place, "'static' needs a 'path', such as /ui".to_owned()))?;
    Ok(Static {
        folder: dev
            .files
            .map_or_else(PathBuf::new, |folder| root.join(folder.value)),
        path: url_path(&path)?,
    })
}

/// A path of plain segments, without the slash at the end.
fn url_path(path: &Spanned<String>) -> Result<String, Complaint> {
    let trimmed = path.value.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    let segment =
        |segment: &str| !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(plain);
    match trimmed.strip_prefix('/') {
        Some(segments) if segments.split('/').all(segment) => Ok(trimmed.to_owned()),
        _ => Err((
            path.referenced,
            format!("'{}' is no URL path such as /ui", path.value),
        )),
    }
}

fn template(text: &Spanned<String>) -> Result<Template, Complaint> {
    Template::parse(&text.value).map_err(|error| (text.referenced, error.to_string()))
}

#[cfg(test)]
mod tests;
