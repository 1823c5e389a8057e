//! The part of `Cargo.lock` that a program is made from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::unreadable;
use super::workspace::Package;
use crate::image::Error;

const FILE: &str = "Cargo.lock";

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    /// `name`, `name version` or `name version (source)`, as much as is needed to tell them apart.
    #[serde(default)]
    dependencies: Vec<String>,
}

/// What the lock file of that folder says about everything these packages need, by name.
pub(super) fn parts(root: &Path, closure: &[&Package]) -> Result<BTreeMap<String, String>, Error> {
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => Error::Cargo {
            operation: format!("build from {}", root.display()),
            reason: format!("there is no {FILE}; `cargo generate-lockfile` writes one, and it belongs into version control"),
        },
        _ => unreadable(&path, source),
    })?;
    let lock: Lock = toml::from_str(&text).map_err(|error| Error::Cargo {
        operation: format!("read {}", path.display()),
        reason: crate::plain_line::plain_line(error.message()),
    })?;
    let roots = closure.iter().map(|package| {
        let names: BTreeSet<&str> = package.published().collect();
        (package.name(), package.version(), names)
    });
    Ok(lock.reached_from(roots))
}

impl Lock {
    /// `roots` are packages here: name, version, and the names of what they need from elsewhere.
    fn reached_from<'a>(
        &self,
        roots: impl Iterator<Item = (&'a str, String, BTreeSet<&'a str>)>,
    ) -> BTreeMap<String, String> {
        let mut by_name: BTreeMap<&str, Vec<&Locked>> = BTreeMap::new();
        for locked in &self.package {
            by_name.entry(&locked.name).or_default().push(locked);
        }
        let find = |dependency: &str| -> Option<&Locked> {
            let mut words = dependency.splitn(3, ' ');
            let candidates = by_name.get(words.next()?)?;
            let (version, source) = (
                words.next(),
                words.next().map(|source| source.trim_matches(['(', ')'])),
            );
            let fits = |locked: &&&Locked| {
                version.is_none_or(|version| version == locked.version)
                    && source.is_none_or(|source| locked.source.as_deref() == Some(source))
            };
            candidates.iter().find(fits).copied()
        };
        let mut waiting: Vec<&Locked> = Vec::new();
        for (name, version, needs) in roots {
            let own = by_name.get(name).into_iter().flatten();
            let own = own.filter(|locked| locked.source.is_none() && locked.version == version);
            let dependencies = own.flat_map(|locked| &locked.dependencies);
            let needed =
                dependencies.filter(|text| needs.contains(text.split(' ').next().unwrap_or_default()));
            waiting.extend(needed.filter_map(|text| find(text)));
        }
        let mut reached: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        while let Some(locked) = waiting.pop() {
            // Packages here have sources of their own, which count as files.
            let Some(source) = &locked.source else { continue };
            let checksum = locked.checksum.as_deref().unwrap_or(source);
            let part = reached.entry(format!("{FILE} ({})", locked.name)).or_default();
            if part.insert(format!("{} {checksum}", locked.version)) {
                waiting.extend(locked.dependencies.iter().filter_map(|text| find(text)));
            }
        }
        let parts = reached.into_iter();
        parts
            .map(|(name, versions)| (name, versions.into_iter().collect::<Vec<_>>().join(" ")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        version = 4
        [[package]]
        name = "app"
        version = "0.1.0"
        dependencies = ["bytes", "http 1.0.0", "proptest", "wire"]
        [[package]]
        name = "bytes"
        version = "1.12.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        checksum = "b1"
        [[package]]
        name = "http"
        version = "0.2.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        checksum = "h0"
        [[package]]
        name = "http"
        version = "1.0.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        checksum = "h1"
        dependencies = ["bytes", "itoa"]
        [[package]]
        name = "itoa"
        version = "1.0.0"
        source = "git+https://example.org/itoa#abc"
        [[package]]
        name = "proptest"
        version = "1.0.0"
        source = "registry+https://github.com/rust-lang/crates.io-index"
        checksum = "p1"
        [[package]]
        name = "wire"
        version = "0.1.0"
    "#;

    #[test]
    fn only_what_is_needed_counts_in_the_version_that_is_needed() {
        let lock: Lock = toml::from_str(LOCK).unwrap();
        let needs = BTreeSet::from(["bytes", "http"]);
        let parts = lock.reached_from([("app", "0.1.0".to_owned(), needs)].into_iter());
        let expected = [
            ("Cargo.lock (bytes)", "1.12.0 b1"),
            ("Cargo.lock (http)", "1.0.0 h1"),
            ("Cargo.lock (itoa)", "1.0.0 git+https://example.org/itoa#abc"),
        ];
        assert_eq!(
            parts,
            expected
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into()
        );
    }
}
