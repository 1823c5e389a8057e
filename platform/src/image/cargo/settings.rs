//! Settings around a program: the Cargo profile, Cargo's own configuration, the toolchain file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;
use toml::{Table, Value};

use super::workspace::Workspace;
use super::{short, unreadable};
use crate::image::Error;

/// Files beside the workspace that change what comes out.
const FILES: [&str; 4] = [
    ".cargo/config.toml",
    ".cargo/config",
    "rust-toolchain.toml",
    "rust-toolchain",
];

/// What the profile is called among the parts of an image.
pub(super) const PROFILE: &str = "the Cargo profile";

/// What counts of a workspace's settings when it is compiled with this profile.
pub(super) fn parts(workspace: &Workspace, profile: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut parts = BTreeMap::new();
    for name in FILES {
        let path = workspace.root.join(name);
        match fs::read(&path) {
            Ok(contents) => {
                parts.insert(format!("file:{name}"), short(&contents));
            }
            Err(source)
                if matches!(
                    source.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            Err(source) => return Err(unreadable(&path, source)),
        }
    }
    let path = workspace.root.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
    let manifest: Table = toml::from_str(&text).map_err(|error| malformed(&path, &error))?;
    parts.insert(PROFILE.to_owned(), chain(&manifest, profile));
    Ok(parts)
}

/// A Cargo profile for a program that is not of this project.
#[derive(Debug)]
pub(super) struct Profile {
    /// What counts of it.
    pub(super) part: String,
    /// Settings for Cargo, in its own language, that stand above what the program itself says; empty if the project has none.
    pub(super) settings: String,
}

impl Profile {
    /// The profile of this name in the project's own manifest, if it has one, with those it inherits from.
    pub(super) fn find(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join("Cargo.toml");
        let manifest: Table = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| malformed(&path, &error))?,
            Err(source) if source.kind() == io::ErrorKind::NotFound => Table::new(),
            Err(source) => return Err(unreadable(&path, source)),
        };
        let mut settings = String::new();
        for (name, table) in inherited(&manifest, name) {
            if let Some(table) = table {
                write(
                    &format!("profile.{}", json!(name)),
                    &for_others(table),
                    &mut settings,
                );
            }
        }
        Ok(Self {
            part: told(name, &format!("{name}\n{settings}")),
            settings,
        })
    }
}

/// A line for each value. JSON's scalars and lists are those of TOML.
fn write(path: &str, table: &Table, lines: &mut String) {
    for (key, value) in table {
        let path = format!("{path}.{}", json!(key));
        match value {
            Value::Table(table) => write(&path, table, lines),
            value => lines.extend([path.as_str(), " = ", &json!(value).to_string(), "\n"]),
        }
    }
}

/// Without what is about packages that this project alone has.
fn for_others(profile: &Table) -> Table {
    let mut profile = profile.clone();
    if let Some(Value::Table(packages)) = profile.get_mut("package") {
        packages.retain(|spec, _| spec == "*");
    }
    profile
}

fn malformed(path: &Path, error: &toml::de::Error) -> Error {
    Error::Cargo {
        operation: format!("read {}", path.display()),
        reason: crate::plain_line::plain_line(error.message()),
    }
}

/// The profile with those it inherits from: a change to another one is none to this.
fn chain(manifest: &Table, profile: &str) -> String {
    let mut text = String::new();
    for (name, table) in inherited(manifest, profile) {
        let json = table
            .and_then(|table| serde_json::to_string(table).ok())
            .unwrap_or_default();
        text.extend([name.as_str(), " ", &json, "\n"]);
    }
    told(profile, &text)
}

/// The profile and those it inherits from, as far as the manifest has them.
fn inherited<'a>(manifest: &'a Table, profile: &str) -> Vec<(String, Option<&'a Table>)> {
    let profiles = manifest.get("profile").and_then(|profiles| profiles.as_table());
    let mut next = Some(profile.to_owned());
    let mut seen: Vec<(String, Option<&Table>)> = Vec::new();
    while let Some(name) = next.filter(|name| seen.iter().all(|(seen, _)| seen != name)) {
        let table = profiles.and_then(|profiles| profiles.get(&name)?.as_table());
        let inherits = table.and_then(|table| table.get("inherits")?.as_str());
        next = inherits.map(str::to_owned);
        seen.push((name, table));
    }
    seen
}

/// Short ones of names that everybody knows are told as they are.
fn told(profile: &str, text: &str) -> String {
    let known = ["release", "dev"].contains(&profile);
    if known && text.len() < 64 {
        text.trim_end().to_owned()
    } else {
        short(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain_of(text: &str, profile: &str) -> String {
        chain(&toml::from_str(text).unwrap(), profile)
    }

    #[test]
    fn a_profile_is_known_with_what_it_inherits_and_by_nothing_else() {
        let text = "[profile.quick]\ninherits = 'release'\nlto = false\n[profile.release]\nstrip = true\n";
        let quick = chain_of(text, "quick");
        assert_eq!(
            quick,
            chain_of(&format!("# words\n{text}[profile.dev]\ndebug = 1\n"), "quick")
        );
        assert_ne!(
            quick,
            chain_of(&text.replace("strip = true", "strip = false"), "quick")
        );
        assert_ne!(quick, chain_of(text, "release"));
    }

    #[test]
    fn a_program_of_others_gets_the_profile_that_the_project_has() {
        let folder = tempfile::tempdir().unwrap();
        let find = |name| Profile::find(folder.path(), name).unwrap();
        assert_eq!(
            (find("release").part.as_str(), find("release").settings.as_str()),
            ("release", "")
        );
        let text = "[profile.quick]\ninherits = 'release'\nlto = false\n[profile.quick.package.own]\nopt-level = 0\n\
            [profile.quick.package.'*']\nopt-level = 2\n[profile.release]\ncodegen-units = 4\n[profile.dev]\ndebug = 1\n";
        fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        let quick = find("quick");
        let said: Table = toml::from_str(&quick.settings).unwrap();
        let expected = "[profile.quick]\ninherits = 'release'\nlto = false\n[profile.quick.package.'*']\nopt-level = 2\n\
            [profile.release]\ncodegen-units = 4\n";
        assert_eq!(said, toml::from_str(expected).unwrap());
        fs::write(folder.path().join("Cargo.toml"), text.replace("= 4", "= 5")).unwrap();
        assert_ne!(find("quick").part, quick.part);
        assert_eq!(find("none").settings, "");
    }

    #[test]
    fn profiles_that_inherit_from_each_other_in_a_circle_end() {
        chain_of("[profile.a]\ninherits = 'b'\n[profile.b]\ninherits = 'a'\n", "a");
    }
}
