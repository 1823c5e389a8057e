//! Ignore files: `.dockerignore` as Docker reads it.
//!
//! The last pattern that matches a path decides; one with `!` takes it back in. What matches a folder matches all that is in it.

mod pattern;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Error;
use pattern::Pattern;

/// The ignore file of every Dockerfile that has none of its own.
pub const NAME: &str = ".dockerignore";

/// The patterns of an ignore file, in order.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    list: Vec<(bool, Pattern)>,
}

/// Which patterns match a folder, from which follows what its content is judged by.
#[derive(Clone, Debug, Default)]
pub struct Matched(Vec<bool>);

impl Patterns {
    /// The ignore file for a Dockerfile: the one beside it that is named after it, else that of the context, else none.
    /// Its place comes with it.
    ///
    /// # Errors
    /// When it cannot be read, or a pattern is wrong.
    pub fn find(context: &Path, dockerfile: &Path) -> Result<(Self, Option<PathBuf>), Error> {
        let mut own = dockerfile.as_os_str().to_owned();
        own.push(NAME);
        for path in [PathBuf::from(own), context.join(NAME)] {
            match fs::read(&path) {
                Ok(text) => {
                    let patterns = Self::parse(&String::from_utf8_lossy(&text), &path)?;
                    return Ok((patterns, Some(path)));
                }
                Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(source) => {
                    return Err(Error::Context {
                        operation: "read",
                        path,
                        source,
                    });
                }
            }
        }
        Ok((Self::default(), None))
    }

    /// The patterns in a text; `path` is for errors.
    ///
    /// # Errors
    /// When a pattern is wrong.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut list = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            // A comment begins in the first column: ` #x` is a pattern.
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let pattern = line.trim();
            let (taken_in, pattern) = match pattern.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, pattern),
            };
            let parsed = if pattern.is_empty() {
                Err("nothing follows the !")
            } else {
                Pattern::parse(pattern)
            };
            let parsed = parsed.map_err(|reason| Error::IgnoreFile {
                path: path.to_owned(),
                line: index + 1,
                pattern: crate::plain_line::plain_line(line.trim()),
                reason,
            })?;
            list.push((taken_in, parsed));
        }
        Ok(Self { list })
    }

    /// Whether a path is left out, and what follows for what is below it. `above` is what was said of the folder it is in; the
    /// default one for the context itself.
    pub fn judge(&self, above: &Matched, path: &str) -> (bool, Matched) {
        let mut left_out = false;
        let mut matched = vec![false; self.list.len()];
        for (index, (taken_in, pattern)) in self.list.iter().enumerate() {
            let inherited = above.0.get(index).copied().unwrap_or(false);
            // A pattern that would change nothing is not looked at.
            let does = inherited || (*taken_in == left_out && pattern.matches(path));
            matched[index] = does;
            if does {
                left_out = !taken_in;
            }
        }
        (left_out, Matched(matched))
    }

    /// Whether something in a folder that is left out may be taken in again.
    pub fn may_take_in_below(&self, folder: &str) -> bool {
        let mut takers = self.list.iter().filter(|(taken_in, _)| *taken_in);
        takers.any(|(_, pattern)| pattern.may_match_below(folder))
    }

    /// Whether a path is left out, asked by itself.
    pub fn leave_out(&self, path: &str) -> bool {
        let mut matched = Matched::default();
        let mut left_out = false;
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            (left_out, matched) = self.judge(&matched, &path[..end]);
        }
        left_out
    }
}

#[cfg(test)]
mod tests;
