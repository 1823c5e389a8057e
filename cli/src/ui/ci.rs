//! CI systems that read the log of a job as it is written: groups that they fold, errors that they show beside the change.
//!
//! What GitHub reads is described in its documentation under "workflow commands", what Azure reads under "logging commands".
//! Both take a command from any line that holds one, so lines of others must not.

use crate::error::Error;

/// A CI system that reads along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// GitHub Actions.
    GitHub,
    /// Azure Pipelines.
    Azure,
}

impl Host {
    /// The system that runs this process, by the variables that it sets.
    pub(super) fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let is_true = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_true("GITHUB_ACTIONS") {
            Some(Host::GitHub)
        } else if is_true("TF_BUILD") {
            Some(Host::Azure)
        } else {
            None
        }
    }

    /// An error as one annotation: a line for the system.
    pub(super) fn error(self, error: &Error) -> String {
        let mut lines = vec![error.to_string()];
        lines.extend(
            error
                .causes()
                .into_iter()
                .map(|cause| format!("caused by: {cause}")),
        );
        lines.extend(error.findings().iter().map(|finding| finding.cause.clone()));
        lines.extend(error.hints().iter().map(|hint| format!("hint: {hint}")));
        let lines: Vec<String> = lines
            .iter()
            .flat_map(|text| text.lines())
            .map(super::plain_line)
            .collect();
        let message = self.data(&lines.join("\n"));
        match self {
            Host::GitHub => format!("::error title=ratectl::{message}\n"),
            Host::Azure => format!("##vso[task.logissue type=error]{message}\n"),
        }
    }

    /// Lines that are folded under a title.
    pub(super) fn group(self, title: &str, lines: &[String]) -> String {
        let title = self.data(&super::plain_line(title));
        let (begin, end) = match self {
            Host::GitHub => (format!("::group::{title}\n"), "::endgroup::\n"),
            Host::Azure => (format!("##[group]{title}\n"), "##[endgroup]\n"),
        };
        let lines: String = lines.iter().map(|line| self.line(line) + "\n").collect();
        begin + &lines + end
    }

    /// A text as the value of a command.
    fn data(self, text: &str) -> String {
        let percent = match self {
            Host::GitHub => "%25",
            Host::Azure => "%AZP25",
        };
        text.replace('%', percent)
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    }

    /// A line of somebody else, without what the system would take for a command.
    fn line(self, line: &str) -> String {
        let line = disarm(line);
        match self {
            // Only at its beginning, spaces before it notwithstanding.
            Host::GitHub if line.trim_start().starts_with("::") => format!("| {line}"),
            _ => line,
        }
    }
}

/// A text of several lines, in which nothing is a command.
pub(super) fn harmless(host: Option<Host>, text: String) -> String {
    match host {
        Some(host) if text.contains("##") || text.contains("::") => {
            let lines: Vec<String> = text.split('\n').map(|line| host.line(line)).collect();
            lines.join("\n")
        }
        _ => text,
    }
}

/// Both systems take what begins like this for a command wherever it stands.
fn disarm(line: &str) -> String {
    line.replace("##[", "## [").replace("##vso[", "## vso[")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::exit::Exit;

    #[test_case(&[("GITHUB_ACTIONS", "true")] => Some(Host::GitHub); "github")]
    #[test_case(&[("TF_BUILD", "True")] => Some(Host::Azure); "azure")]
    #[test_case(&[("GITHUB_ACTIONS", "false"), ("CI", "true")] => None; "another")]
    #[test_case(&[] => None; "none")]
    fn host(environment: &[(&str, &str)]) -> Option<Host> {
        Host::detect(|name| {
            let mut found = environment.iter().filter(|(key, _)| *key == name);
            found.next().map(|(_, value)| (*value).to_owned())
        })
    }

    #[test_case(Host::GitHub => "::error title=ratectl::90 %25 is%0Atoo much%0Ahint: less\n"; "github")]
    #[test_case(Host::Azure => "##vso[task.logissue type=error]90 %AZP25 is%0Atoo much%0Ahint: less\n"; "azure")]
    fn an_error_is_one_line_for_the_system(host: Host) -> String {
        host.error(&Error::new(Exit::Failure, "90 % is\ntoo much").hint("less"))
    }

    #[test_case(Host::GitHub => "::group::build of a\none\n| ::error::mine\n## [error]x\n::endgroup::\n"; "github")]
    #[test_case(Host::Azure => "##[group]build of a\none\n::error::mine\n## [error]x\n##[endgroup]\n"; "azure")]
    fn a_group_holds_lines_and_no_commands_of_theirs(host: Host) -> String {
        let lines = ["one", "::error::mine", "##[error]x"].map(str::to_owned);
        host.group("build of a", &lines)
    }

    #[test]
    fn words_of_others_cannot_command_the_system() {
        let said = "a | ##vso[task.setvariable variable=PATH]/tmp\n  ::add-mask::x\nplain\n".to_owned();
        let expected = "a | ## vso[task.setvariable variable=PATH]/tmp\n|   ::add-mask::x\nplain\n";
        assert_eq!(harmless(Some(Host::GitHub), said.clone()), expected);
        assert_eq!(harmless(None, said.clone()), said);
    }
}
