//! A build that failed: which instruction, how, and what was said last.

use std::sync::LazyLock;

use regex::Regex;

use super::text::{Dockerfile, Instruction};
use crate::image::Error;
use crate::plain_line::plain_line;

/// Characters of an instruction that are shown.
const SHOWN: usize = 160;
/// What engines put before the reason without saying anything.
const EMPTY_WORDS: [&str; 8] = [
    "failed to solve with frontend dockerfile.v0: ",
    "failed to solve with frontend gateway.v0: ",
    "failed to solve: ",
    "failed to build LLB: ",
    "failed to create LLB definition: ",
    "failed to process ",
    "rpc error: code = Unknown desc = ",
    "executor failed running ",
];

static EXIT: LazyLock<Regex> = LazyLock::new(|| expression(r"(?:non-zero code|exit code): (\d+)"));
static LINE: LazyLock<Regex> = LazyLock::new(|| expression(r"(?:Dockerfile|dockerfile)[^:]* line (\d+)"));

fn expression(text: &str) -> Regex {
    Regex::new(text).expect("an expression of this program")
}

/// What is known of a failure.
#[derive(Debug, Default)]
pub(super) struct Failure {
    /// The builder's words.
    pub(super) message: String,
    /// The instruction that was worked on, by its number, and how many there are.
    pub(super) number: Option<(usize, usize)>,
    /// The same by its text.
    pub(super) text: Option<String>,
    /// What was said last.
    pub(super) log: Vec<String>,
}

impl Failure {
    /// The error for people.
    pub(super) fn into_error(self, component: &str, dockerfile: &Dockerfile) -> Error {
        let message = one_line(&self.message);
        let exit_code = number(&EXIT, &message);
        let instruction = self.instruction(dockerfile);
        let told_line = number(&LINE, &message).and_then(|line| u32::try_from(line).ok());
        let line = instruction.map(|instruction| instruction.line).or(told_line);
        let step = match (instruction, self.text) {
            (Some(instruction), _) => Some(shown(&format!("{} {}", instruction.keyword, instruction.rest))),
            (None, text) => text.map(|text| shown(&text)),
        };
        let message = match exit_code {
            Some(code) if step.is_some() => format!("the command ended with exit status {code}"),
            _ => without_empty_words(&message),
        };
        Error::Build {
            component: component.to_owned(),
            step,
            line,
            message,
            exit_code,
            log: self.log,
        }
    }

    fn instruction<'a>(&self, dockerfile: &'a Dockerfile) -> Option<&'a Instruction> {
        let by_number = |(number, of): (usize, usize)| {
            // Which ones count is the builder's affair when the numbers do not agree.
            let agree = of <= dockerfile.instructions.len();
            dockerfile
                .instructions
                .get(number.checked_sub(1)?)
                .filter(|_| agree)
        };
        let says = |text: &str| {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let wanted = words(text);
            let same = |instruction: &&Instruction| {
                words(&format!("{} {}", instruction.keyword, instruction.rest)) == wanted
            };
            let mut found = dockerfile.instructions.iter().filter(same);
            found.next().filter(|_| found.next().is_none())
        };
        let number = self.number.and_then(by_number);
        let agrees = |instruction: &&Instruction| {
            let keyword = self
                .text
                .as_deref()
                .and_then(|text| text.split_whitespace().next());
            keyword.is_none_or(|keyword| keyword.eq_ignore_ascii_case(&instruction.keyword))
        };
        number.filter(agrees).or_else(|| says(self.text.as_deref()?))
    }
}

fn number(expression: &Regex, text: &str) -> Option<i64> {
    let found = expression.captures_iter(text).last()?;
    found[1].parse().ok()
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(plain_line).collect::<Vec<_>>().join("; ")
}

fn without_empty_words(message: &str) -> String {
    let mut message = message;
    while let Some(rest) = EMPTY_WORDS.iter().find_map(|words| message.strip_prefix(words)) {
        message = rest;
    }
    message.to_owned()
}

fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = plain_line(&text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const DOCKERFILE: &str = "FROM a\n# x\nRUN make \\\n  all\nCOPY x /\nRUN one\nRUN one\n";

    fn told(failure: Failure) -> String {
        failure
            .into_error("app", &Dockerfile::parse(DOCKERFILE))
            .to_string()
    }

    #[test_case(Some((2, 5)), None, "The command '/bin/sh -c make all' returned a non-zero code: 7"
        => "the image of app cannot be built: line 3, RUN make all: the command ended with exit status 7"; "by number")]
    #[test_case(None, Some("RUN make   all"), "executor failed running [/bin/sh -c make   all]: exit code: 2"
        => "the image of app cannot be built: line 3, RUN make all: the command ended with exit status 2"; "by text")]
    #[test_case(None, Some("RUN one"), "process \"/bin/sh -c one\" did not complete successfully: exit code: 1"
        => "the image of app cannot be built: RUN one: the command ended with exit status 1"; "a text that is there twice")]
    #[test_case(None, Some("COPY x /"), "failed to compute cache key: \"/x\" not found: not found"
        => "the image of app cannot be built: line 5, COPY x /: failed to compute cache key: \"/x\" not found: not found"; "no command")]
    #[test_case(None, None, "failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 2: unknown instruction: RUM"
        => "the image of app cannot be built: line 2: dockerfile parse error line 2: unknown instruction: RUM"; "not a Dockerfile")]
    #[test_case(None, None, "dockerfile parse error on line 4: unknown instruction: X\u{1b}[2J"
        => "the image of app cannot be built: line 4: dockerfile parse error on line 4: unknown instruction: X"; "in the words of later engines")]
    #[test_case(Some((9, 9)), Some("RUN z"), "no space left on device"
        => "the image of app cannot be built: RUN z: no space left on device"; "a number that cannot be")]
    fn a_failure_in_words(number: Option<(usize, usize)>, text: Option<&str>, message: &str) -> String {
        told(Failure {
            message: message.to_owned(),
            number,
            text: text.map(str::to_owned),
            log: Vec::new(),
        })
    }

    #[test]
    fn a_long_instruction_is_cut() {
        let text = format!("RUN {}", "ä".repeat(400));
        let words = told(Failure {
            text: Some(text),
            message: "no".to_owned(),
            ..Failure::default()
        });
        assert!(words.contains("ä…: no"), "{words}");
    }
}
