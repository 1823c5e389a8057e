//! What a check found.

use serde::Serialize;

/// One check's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check, such as `inotify`.
    pub check: &'static str,
    /// How bad it is.
    pub verdict: Verdict,
    /// One sentence with the figures, without a period at its end.
    pub summary: String,
    /// What to do about it; a command stands between backticks.
    pub fix: Option<String>,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was not looked at, and the summary says why.
    Skipped,
    /// As it should be.
    Ok,
    /// It works, or may work, and can be better.
    Warning,
    /// A cluster will not work like this.
    Error,
}

impl Finding {
    /// As it should be.
    pub(super) fn ok(check: &'static str, summary: impl Into<String>) -> Self {
        Self::new(check, Verdict::Ok, &summary.into(), None)
    }

    /// It works, or may work, and can be better.
    pub(super) fn warning(check: &'static str, summary: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, &summary.into(), Some(&fix.into()))
    }

    /// A cluster will not work like this.
    pub(super) fn error(check: &'static str, summary: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(check, Verdict::Error, &summary.into(), Some(&fix.into()))
    }

    /// Not looked at; `why` fits after "not looked at: ".
    pub(super) fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        let summary = format!("not looked at: {}", why.into());
        Self::new(check, Verdict::Skipped, &summary, None)
    }

    fn new(check: &'static str, verdict: Verdict, summary: &str, fix: Option<&str>) -> Self {
        Self {
            check,
            verdict,
            summary: plain(summary),
            fix: fix.map(plain),
        }
    }
}

/// What the engine, a file or a program said may hold anything; a terminal must not act on it.
fn plain(words: &str) -> String {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    words.replace(char::is_control, "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_from_outside_cannot_move_the_cursor() {
        let finding = Finding::error("engine", "it says\r\n\u{1b}[2Jgone", "run `x`");
        assert_eq!(finding.summary, "it says ?[2Jgone");
    }

    #[test]
    fn the_worst_verdict_is_the_greatest() {
        let worst = [Verdict::Ok, Verdict::Error, Verdict::Skipped, Verdict::Warning]
            .into_iter()
            .max();
        assert_eq!(worst, Some(Verdict::Error));
    }
}
