//! The findings as a person reads them: a verdict, a check, a sentence, and below it what to do.

use std::time::Duration;

use platform::doctor::{Finding, Verdict};

use super::Summary;
use crate::ui::{Paint, Tint, wrap};

/// Columns of a terminal nobody has made wider.
const WIDTH: usize = 80;

/// All findings.
pub(super) fn text(findings: &[Finding], paint: Paint) -> String {
    let check_width = findings
        .iter()
        .map(|finding| finding.check.len())
        .max()
        .unwrap_or_default();
    let lines = findings
        .iter()
        .flat_map(|finding| lines(finding, check_width, paint));
    lines.map(|line| line + "\n").collect()
}

fn lines(finding: &Finding, check_width: usize, paint: Paint) -> Vec<String> {
    let verdict_width = word(Verdict::Warning).len();
    let indent = verdict_width + 2 + check_width + 2;
    let verdict = colored(
        finding.verdict,
        &format!("{:<verdict_width$}", word(finding.verdict)),
        paint,
    );
    let head = format!("{verdict}  {:<check_width$}  ", finding.check);
    let mut lines = under(&head, indent, &wrap::words(&finding.summary, WIDTH - indent));
    if let Some(fix) = &finding.fix {
        let label = "fix: ";
        let head = format!("{:indent$}{}", "", paint.bold(Tint::Cyan, label));
        let indent = indent + label.len();
        lines.extend(under(&head, indent, &wrap::words(fix, WIDTH - indent)));
    }
    lines
}

/// `text` to the right of `head`, which is `indent` columns wide.
fn under(head: &str, indent: usize, text: &[String]) -> Vec<String> {
    let of = |(number, line): (usize, &String)| match number {
        0 => format!("{head}{line}"),
        _ => format!("{:indent$}{line}", ""),
    };
    text.iter().enumerate().map(of).collect()
}

/// One sentence that counts.
pub(super) fn closing(summary: Summary, took: Duration) -> String {
    let Summary {
        ok,
        warnings,
        errors,
        skipped,
    } = summary;
    let count = |number: usize, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let bad = [
        count(errors, "error", "errors"),
        count(warnings, "warning", "warnings"),
    ];
    let bad: Vec<String> = bad.into_iter().flatten().collect();
    let bad = if bad.is_empty() {
        "Nothing is wrong".to_owned()
    } else {
        bad.join(" and ")
    };
    let skipped = count(skipped, "check was skipped", "checks were skipped");
    let skipped = skipped.map(|skipped| format!(", {skipped}")).unwrap_or_default();
    format!(
        "{bad}; {ok} findings are as they should be{skipped}. Took {:.1} s.",
        took.as_secs_f32()
    )
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Skipped => "skipped",
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Error => "error",
    }
}

fn colored(verdict: Verdict, word: &str, paint: Paint) -> String {
    match verdict {
        Verdict::Skipped => paint.dim(word),
        Verdict::Ok => paint.tint(Tint::Green, word),
        Verdict::Warning => paint.bold(Tint::Yellow, word),
        Verdict::Error => paint.bold(Tint::Red, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(check: &'static str, verdict: Verdict, summary: &str, fix: Option<&str>) -> Finding {
        Finding {
            check,
            verdict,
            summary: summary.to_owned(),
            fix: fix.map(str::to_owned),
        }
    }

    fn findings() -> Vec<Finding> {
        vec![
            finding(
                "engine",
                Verdict::Ok,
                "unix:///var/run/docker.sock answers: version 20.10.24 on this machine, Debian GNU/Linux 12",
                None,
            ),
            finding(
                "inotify",
                Verdict::Warning,
                "128 instances a user",
                Some(
                    "`sudo sysctl -w fs.inotify.max_user_instances=512`, and the same line in /etc/sysctl.d/99-kubernetes.conf to keep it",
                ),
            ),
            finding(
                "ports",
                Verdict::Error,
                "127.0.0.1:5000 (registry) is taken",
                Some("stop that program"),
            ),
            finding("kmsg", Verdict::Skipped, "not looked at: no engine answers", None),
        ]
    }

    #[test]
    fn findings_fit_a_narrow_terminal_and_commands_stay_whole() {
        insta::assert_snapshot!(text(&findings(), Paint::new(false)), @r"
        ok       engine   unix:///var/run/docker.sock answers: version 20.10.24 on this
                          machine, Debian GNU/Linux 12
        warning  inotify  128 instances a user
                          fix: `sudo sysctl -w fs.inotify.max_user_instances=512`, and
                               the same line in /etc/sysctl.d/99-kubernetes.conf to keep
                               it
        error    ports    127.0.0.1:5000 (registry) is taken
                          fix: stop that program
        skipped  kmsg     not looked at: no engine answers
        ");
    }

    #[test]
    fn colour_only_adds_to_the_words() {
        let colored = text(&findings(), Paint::new(true));
        assert!(colored.contains("\u{1b}[1;31merror  \u{1b}[0m"), "{colored}");
    }

    #[test]
    fn the_closing_sentence_counts() {
        let summary = Summary {
            ok: 3,
            warnings: 2,
            errors: 1,
            skipped: 1,
        };
        let took = Duration::from_millis(540);
        assert_eq!(
            closing(summary, took),
            "1 error and 2 warnings; 3 findings are as they should be, 1 check was skipped. Took 0.5 s."
        );
        let summary = Summary {
            ok: 3,
            ..Summary::default()
        };
        assert_eq!(
            closing(summary, took),
            "Nothing is wrong; 3 findings are as they should be. Took 0.5 s."
        );
    }
}
