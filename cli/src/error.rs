//! The one error type of the command line: words for a person, a hint, and an exit code.

mod library;

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::exit::Exit;

/// What went wrong, why, and what to do next.
///
/// The message names the operation and its operand; the cause chain is kept as typed errors and printed once, by the
/// [`Ui`](crate::Ui).
#[derive(Debug)]
pub struct Error {
    exit: Exit,
    message: String,
    /// Apart, so that what seldom happens is small to hand on.
    told: Box<Told>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// What an error tells besides its message.
#[derive(Debug, Default)]
struct Told {
    hints: Vec<String>,
    excerpts: Vec<Excerpt>,
    findings: Vec<Finding>,
    details: Map<String, Value>,
}

/// One of several things that are wrong, each with what shows it and what to run next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What is wrong, in one line.
    pub(crate) cause: String,
    /// What shows it, as somebody else wrote it.
    pub(crate) evidence: Vec<String>,
    /// A command that shows more.
    pub(crate) next: String,
}

/// Lines that show what went wrong: the end of a log, a list of differences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Excerpt {
    /// What the lines are.
    pub(crate) title: String,
    /// The lines, as somebody else wrote them.
    pub(crate) lines: Vec<String>,
}

impl Error {
    /// An error that ends the program with `exit`; `message` is lowercase and has no trailing period.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Error {
            exit,
            message: message.into(),
            told: Box::default(),
            cause: None,
        }
    }

    /// Adds the error that led to this one.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds a sentence about what to do next; may be called more than once.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.told.hints.push(hint.into());
        self
    }

    /// Adds one of the things that are wrong.
    #[must_use]
    pub(crate) fn finding(mut self, finding: Finding) -> Self {
        self.told.findings.push(finding);
        self
    }

    /// Adds lines that show what went wrong, if there are any.
    #[must_use]
    pub fn excerpt(mut self, title: impl Into<String>, lines: Vec<String>) -> Self {
        if !lines.is_empty() {
            let title = title.into();
            self.told.excerpts.push(Excerpt { title, lines });
        }
        self
    }

    /// The same failure as that of a larger operation, which `message` names: what it said is the cause now, and the rest stays.
    #[must_use]
    pub(crate) fn within(mut self, message: impl Into<String>) -> Self {
        let mut outer = Error::new(self.exit, message);
        outer.told = std::mem::take(&mut self.told);
        outer.caused_by(self)
    }

    /// Adds what another error shows and advises; for programs too.
    #[must_use]
    pub(crate) fn and(mut self, other: &Error) -> Self {
        let told = &mut self.told;
        for (name, value) in &other.told.details {
            match (told.details.get_mut(name), value) {
                (Some(Value::Array(ours)), Value::Array(theirs)) => ours.extend(theirs.iter().cloned()),
                (Some(_), _) => {}
                (None, value) => drop(told.details.insert(name.clone(), value.clone())),
            }
        }
        self.told.excerpts.extend(other.told.excerpts.iter().cloned());
        self.told.findings.extend(other.told.findings.iter().cloned());
        self.told.hints.extend(other.told.hints.iter().cloned());
        self
    }

    /// Adds a field that only programs read, in the JSON form.
    #[must_use]
    pub fn detail(mut self, name: &str, value: Value) -> Self {
        self.told.details.insert(name.to_owned(), value);
        self
    }

    /// The exit code of the process.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What to do next, in the order in which it helps.
    pub fn hints(&self) -> &[String] {
        &self.told.hints
    }

    /// The things that are wrong, where there are several.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.told.findings
    }

    /// Lines that show what went wrong.
    pub(crate) fn excerpts(&self) -> &[Excerpt] {
        &self.told.excerpts
    }

    /// The causes, outermost first. A cause that says no more than the end of the one before it is left out.
    pub fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self
            .cause
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static));
        while let Some(cause) = next {
            let words = cause.to_string();
            if !causes.last().unwrap_or(&self.message).ends_with(&words) {
                causes.push(words);
            }
            next = cause.source();
        }
        causes
    }

    /// The error as one JSON object, for `-o json`.
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "type": "error",
            "message": self.message,
            "causes": self.causes(),
            "hints": self.told.hints,
            "exitCode": self.exit.code(),
        });
        if !self.told.excerpts.is_empty() {
            error["excerpts"] = json!(self.told.excerpts);
        }
        for (name, value) in &self.told.details {
            error[name] = value.clone();
        }
        error
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn programs_are_told_what_is_wrong_with_each_of_several() {
        let one = |name: &str| Error::new(Exit::Rollout, name).detail("diagnoses", json!([name]));
        let both = one("proxy").and(&one("service")).to_json();
        assert_eq!(both["diagnoses"], json!(["proxy", "service"]));
        assert_eq!(both["message"], "proxy");
    }

    #[test]
    fn the_cause_chain_is_listed_once_and_without_repetition() {
        let inner = Error::new(Exit::Failure, "connection refused");
        let outer = Error::new(Exit::Unreachable, "connection refused").caused_by(inner);
        let error = Error::new(Exit::Unreachable, "cannot reach NATS").caused_by(outer);
        assert_eq!(error.causes(), ["connection refused"]);
    }

    #[test]
    fn the_json_form_carries_everything_the_text_form_does() {
        let error = Error::new(Exit::Configuration, "cannot read ratectl.yaml")
            .caused_by(io::Error::from(io::ErrorKind::NotFound))
            .hint("run it in a project folder");
        assert_eq!(
            error.to_json(),
            json!({
                "type": "error",
                "message": "cannot read ratectl.yaml",
                "causes": ["entity not found"],
                "hints": ["run it in a project folder"],
                "exitCode": 3,
            })
        );
    }
}
