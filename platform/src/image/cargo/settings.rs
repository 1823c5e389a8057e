//! Settings around a program: the Cargo profile, Cargo's own configuration, the toolchain file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use toml::Table;

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
    parts.insert("the Cargo profile".to_owned(), chain(&manifest, profile));
    Ok(parts)
}

fn malformed(path: &Path, error: &toml::de::Error) -> Error {
    Error::Cargo {
        operation: format!("read {}", path.display()),
        reason: crate::plain_line::plain_line(error.message()),
    }
}

/// The profile with those it inherits from: a change to another one is none to this.
fn chain(manifest: &Table, profile: &str) -> String {
    let profiles = manifest.get("profile").and_then(|profiles| profiles.as_table());
    let mut text = String::new();
    let mut next = Some(profile.to_owned());
    let mut seen: Vec<String> = Vec::new();
    while let Some(name) = next.filter(|name| !seen.contains(name)) {
        let table = profiles.and_then(|profiles| profiles.get(&name));
        let json = table
            .and_then(|table| serde_json::to_string(table).ok())
            .unwrap_or_default();
        text.extend([name.as_str(), " ", &json, "\n"]);
        let inherits = table.and_then(|table| table.get("inherits")?.as_str());
        next = inherits.map(str::to_owned);
        seen.push(name);
    }
    let known = ["release", "dev"].contains(&seen.first().map_or("", String::as_str));
    // Short ones are told as they are.
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
    fn profiles_that_inherit_from_each_other_in_a_circle_end() {
        chain_of("[profile.a]\ninherits = 'b'\n[profile.b]\ninherits = 'a'\n", "a");
    }
}
