//! The section `dev:` of a component: how `ratectl dev` runs it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde_saphyr::Location;

use crate::project::template::Template;
use crate::project::yaml::{Complaint, Scalar, Spanned};
use crate::project::{Dev, Process, Static};

/// A process, kept running, or a folder of files. `${NATS_URL}`, `${DATA_DIR}`, `${PROJECT_DIR}`, `${GATEWAY_URL}`, `${PORT}` and
/// `${ADMIN_PORT}` are filled in.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(transform = forms)]
pub(super) struct ComponentDev {
    /// The program and its arguments. A program without a slash is looked for beside `ratectl`, in `PATH`, then at `built`.
    #[schemars(with = "Option<Vec<Scalar>>")]
    command: Option<Vec<Spanned<String>>>,
    /// Variables on top of the environment of `ratectl`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Scalar>")]
    env: BTreeMap<String, Spanned<String>>,
    /// The URL that answers 2xx when it is ready. Default: it is ready when it runs.
    ready: Option<Spanned<String>>,
    /// The working folder. Default: the project's.
    directory: Option<Spanned<String>>,
    /// The command that makes the program when it is nowhere to be found; runs in the working folder. With `static`, the command that
    /// makes the folder: the page in its place names it while there is none, and `ratectl dev` counts as ready without.
    #[serde(default)]
    build: Vec<String>,
    /// Where `build` leaves the program.
    built: Option<Spanned<String>>,
    /// The folder of files that the gateway serves; in place of a command.
    #[serde(rename = "static")]
    files: Option<Spanned<String>>,
    /// The URL path under which it serves them, such as `/ui`.
    path: Option<Spanned<String>>,
    /// A folder in `static` whose files never change under their names, because a build tool writes a hash into these: browsers keep
    /// them for good. They ask for all others each time.
    immutable: Option<Spanned<String>>,
    /// The `Content-Security-Policy` of the files. Default: everything from the gateway itself, no code or style inside pages, no frames.
    policy: Option<Spanned<String>>,
}

/// The schema of the two forms, a process or files.
fn forms(schema: &mut schemars::Schema) {
    let forms = serde_json::json!([
        {"required": ["command"], "properties": {
            "static": false, "path": false, "immutable": false, "policy": false,
        }},
        {"required": ["static", "path"], "properties": {
            "command": false, "env": false, "ready": false, "directory": false, "built": false,
        }},
    ]);
    schema.insert("oneOf".to_owned(), forms);
}

/// What the section says.
pub(super) fn read(root: &Path, dev: Spanned<ComponentDev>) -> Result<Dev, Complaint> {
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
    let foreign = [
        ("path", dev.path),
        ("immutable", dev.immutable),
        ("policy", dev.policy),
    ];
    for (key, value) in foreign {
        if let Some(value) = value {
            return Err((value.referenced, format!("'{key}' belongs to 'static'")));
        }
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
        build: dev.build,
        immutable: dev.immutable.as_ref().map(inner_folder).transpose()?,
        policy: dev.policy.as_ref().map(header_value).transpose()?,
    })
}

/// A relative path that does not leave the folder it is in.
fn inner_folder(path: &Spanned<String>) -> Result<PathBuf, Complaint> {
    let inner = Path::new(&path.value);
    let plain = |part| matches!(part, Component::Normal(_));
    if inner.components().next().is_some() && inner.components().all(plain) {
        return Ok(inner.components().collect());
    }
    Err((
        path.referenced,
        format!("'{}' is no folder in 'static', such as assets", path.value),
    ))
}

/// Text that may stand in a header: visible ASCII and spaces.
fn header_value(text: &Spanned<String>) -> Result<String, Complaint> {
    let fits = |c: char| c == ' ' || c.is_ascii_graphic();
    if !text.value.trim().is_empty() && text.value.chars().all(fits) {
        return Ok(text.value.trim().to_owned());
    }
    Err((
        text.referenced,
        "'policy' must be one line of ASCII text, such as \"default-src 'self'\"".to_owned(),
    ))
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
