//! The scenarios in a folder.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Error;
use crate::plain_line::plain_line;

/// A script of k6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scenario {
    /// Its file name without the extension.
    pub name: String,
    /// What its first comment says.
    pub about: String,
    /// The file.
    pub file: PathBuf,
}

/// The scenarios of a folder, by name. What begins with `_` or `.` is not one: it may be shared by several.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Scenario>, Error> {
    let unreadable = |source| Error::Folder {
        folder: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let script = matches!(file.extension().and_then(|it| it.to_str()), Some("js" | "ts"));
        let name = file.file_stem().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| script && !name.starts_with(['_', '.']) && file.is_file()) else {
            continue;
        };
        let text = std::fs::read_to_string(&file).map_err(unreadable)?;
        found.push(Scenario {
            name: name.to_owned(),
            about: about(&text),
            file: file.clone(),
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The scenario of that name.
///
/// # Errors
/// [`Error::NoScenario`] with those that there are.
pub fn find(folder: &Path, name: &str) -> Result<Scenario, Error> {
    let all = list(folder)?;
    let known = all.iter().map(|scenario| scenario.name.clone()).collect();
    let wanted = name.strip_suffix(".js").unwrap_or(name);
    let found = all.into_iter().find(|scenario| scenario.name == wanted);
    found.ok_or_else(|| Error::NoScenario {
        name: name.to_owned(),
        folder: folder.to_owned(),
        known,
    })
}

/// What the comment at the beginning says first: up to its first full stop, colon or semicolon.
fn about(text: &str) -> String {
    let mut words = String::new();
    for line in text.lines().map(str::trim) {
        let comment = ["//", "/**", "/*", "*"]
            .iter()
            .find_map(|mark| line.strip_prefix(mark));
        match comment.map(|comment| comment.trim_end_matches("*/").trim()) {
            Some(comment) if !(comment.is_empty() && words.is_empty()) => {
                words.push_str(comment);
                words.push(' ');
            }
            None if !line.is_empty() => break,
            Some(_) | None => {}
        }
    }
    let end = [". ", ": ", "; "]
        .iter()
        .filter_map(|mark| words.find(mark))
        .min();
    plain_line(words[..end.unwrap_or(words.len())].trim())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use test_case::test_case;

    use super::*;

    #[test_case("// Ratings at a steady rate.\nimport http" => "Ratings at a steady rate"; "a line")]
    #[test_case("// Far more,\n// then less: it must refuse.\nimport" => "Far more, then less"; "several lines")]
    #[test_case("/**\n * Ratings.\n */" => "Ratings"; "a block")]
    #[test_case("import http from 'k6/http';\n// no" => ""; "no comment")]
    fn what_it_is_about(text: &str) -> String {
        about(text)
    }

    #[test]
    fn every_script_is_a_scenario_but_what_they_share() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.js", "a.ts", "_shared.js", "README.md"] {
            fs::write(folder.path().join(name), "// x").unwrap();
        }
        let names: Vec<String> = list(folder.path())
            .unwrap()
            .into_iter()
            .map(|it| it.name)
            .collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(find(folder.path(), "b.js").unwrap().name, "b");
        let error = find(folder.path(), "c").unwrap_err();
        assert!(matches!(error, Error::NoScenario { known, .. } if known == ["a", "b"]));
    }
}
