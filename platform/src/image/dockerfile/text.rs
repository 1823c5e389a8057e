//! A Dockerfile's text as instructions.

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// In capitals, such as `RUN`.
    pub(super) keyword: String,
    /// What follows, continued lines joined, without comments and here-documents.
    pub(super) rest: String,
    /// Its first line, from 1.
    pub(super) line: u32,
}

/// A Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dockerfile {
    pub(super) instructions: Vec<Instruction>,
    /// The image that understands it, from `# syntax=`.
    pub(super) syntax: Option<String>,
    /// What takes a character's meaning away and continues lines.
    pub(super) escape: char,
}

impl Dockerfile {
    /// Takes a text apart. What is wrong in it is left for the builder to tell.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut dockerfile = Self {
            escape: '\\',
            ..Self::default()
        };
        let lines: Vec<&str> = text.lines().collect();
        let mut at = dockerfile.directives(&lines);
        while let Some(first) = lines.get(at).map(|line| line.trim()) {
            if first.is_empty() || first.starts_with('#') {
                at += 1;
                continue;
            }
            let (logical, next) = dockerfile.logical(&lines, at);
            let instruction = instruction(&logical, at);
            at = next;
            if matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD") {
                at = after_heredocs(&instruction.rest, &lines, at);
            }
            dockerfile.instructions.push(instruction);
        }
        dockerfile
    }

    /// Whether only `BuildKit` understands it: a syntax of its own, mounts and other new flags, here-documents, or the variables for platforms.
    pub(super) fn needs_buildkit(&self) -> bool {
        let is_new = |instruction: &Instruction| {
            let mut flags = instruction
                .rest
                .split_whitespace()
                .take_while(|word| word.starts_with("--"));
            let new_flag = match instruction.keyword.as_str() {
                "RUN" => flags.next().is_some(),
                "COPY" | "ADD" => {
                    flags.any(|flag| !flag.starts_with("--from=") && !flag.starts_with("--chown="))
                }
                _ => false,
            };
            let mut words = instruction.rest.split_whitespace();
            let platform = [
                "BUILDPLATFORM",
                "BUILDOS",
                "BUILDARCH",
                "TARGETPLATFORM",
                "TARGETOS",
                "TARGETARCH",
            ];
            new_flag
                || words.any(|word| heredoc(word).is_some())
                || platform.iter().any(|name| instruction.rest.contains(name))
        };
        self.syntax.is_some() || self.instructions.iter().any(is_new)
    }

    /// Reads `# name=value` lines at the top; says where they end.
    fn directives(&mut self, lines: &[&str]) -> usize {
        for (at, line) in lines.iter().enumerate() {
            let directive = line
                .trim()
                .strip_prefix('#')
                .and_then(|line| line.split_once('='));
            let Some((name, value)) = directive else {
                return at;
            };
            match (name.trim().to_ascii_lowercase().as_str(), value.trim()) {
                ("syntax", value) => self.syntax = value.split_whitespace().next().map(str::to_owned),
                ("escape", "`") => self.escape = '`',
                ("escape" | "check", _) => {}
                _ => return at,
            }
        }
        lines.len()
    }

    /// The line at `at` and those that continue it; and the first that does not.
    fn logical(&self, lines: &[&str], at: usize) -> (String, usize) {
        let mut logical = String::new();
        let mut next = at;
        while let Some(line) = lines.get(next) {
            next += 1;
            let begun = next > at + 1;
            if begun && (line.trim().is_empty() || line.trim_start().starts_with('#')) {
                continue;
            }
            let Some(continued) = line.trim_end().strip_suffix(self.escape) else {
                logical.push_str(line);
                break;
            };
            logical.push_str(continued);
        }
        (logical, next)
    }
}

fn instruction(logical: &str, at: usize) -> Instruction {
    let logical = logical.trim();
    let (keyword, rest) = logical.split_once(char::is_whitespace).unwrap_or((logical, ""));
    Instruction {
        keyword: keyword.to_ascii_uppercase(),
        rest: rest.trim().to_owned(),
        line: u32::try_from(at + 1).unwrap_or(u32::MAX),
    }
}

/// Skips the here-documents that an instruction begins. One that never ends is none.
fn after_heredocs(rest: &str, lines: &[&str], mut at: usize) -> usize {
    for word in rest.split_whitespace() {
        let Some((strips_tabs, end)) = heredoc(word) else {
            continue;
        };
        let is_end = |line: &&str| {
            let line = if strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            line == end
        };
        match lines[at..].iter().position(is_end) {
            Some(length) => at += length + 1,
            None => return at,
        }
    }
    at
}

/// Whether tabs are stripped, and the word that ends it.
fn heredoc(word: &str) -> Option<(bool, &str)> {
    let word = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")?;
    let (strips_tabs, end) = match word.strip_prefix('-') {
        Some(end) => (true, end),
        None => (false, word),
    };
    let quoted = |quote: char| end.strip_prefix(quote).and_then(|end| end.strip_suffix(quote));
    let end = quoted('"').or_else(|| quoted('\'')).unwrap_or(end);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!end.is_empty() && end.chars().all(is_word)).then_some((strips_tabs, end))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("FROM a\nRUN b" => vec![("FROM", "a", 1), ("RUN", "b", 2)]; "two instructions")]
    #[test_case("# x\n\n  from a AS b\n" => vec![("FROM", "a AS b", 3)]; "comments, blanks and small letters")]
    #[test_case("RUN a \\\n  b \\  \n# no\n\n c\nRUN d" => vec![("RUN", "a   b  c", 1), ("RUN", "d", 6)]; "a line continued over comments")]
    #[test_case("# escape=`\nRUN a `\n b\\\nRUN c" => vec![("RUN", "a  b\\", 2), ("RUN", "c", 4)]; "another escape character")]
    #[test_case("RUN <<EOF cat\nFROM x\nEOF\nRUN b" => vec![("RUN", "<<EOF cat", 1), ("RUN", "b", 4)]; "a here-document")]
    #[test_case("COPY <<-'A' <<\"B\" /\nx\n\tA\ny\nB\nUSER 1" => vec![("COPY", "<<-'A' <<\"B\" /", 1), ("USER", "1", 6)]; "two of them")]
    #[test_case("RUN cat <<EOF\nUSER 1" => vec![("RUN", "cat <<EOF", 1), ("USER", "1", 2)]; "one without an end")]
    #[test_case("RUN cat <<<x\nUSER 1" => vec![("RUN", "cat <<<x", 1), ("USER", "1", 2)]; "a here-string")]
    #[test_case("RUN a \\" => vec![("RUN", "a", 1)]; "a continuation at the end")]
    #[test_case("\u{feff}FROM a\r\nRUN b\r\n" => vec![("FROM", "a", 1), ("RUN", "b", 2)]; "other line ends")]
    #[test_case("" => Vec::<(&str, &str, u32)>::new(); "nothing")]
    fn instructions(text: &'static str) -> Vec<(&'static str, &'static str, u32)> {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let parsed = Dockerfile::parse(text).instructions.into_iter();
        parsed
            .map(|instruction| {
                (
                    leak(instruction.keyword),
                    leak(instruction.rest),
                    instruction.line,
                )
            })
            .collect()
    }

    #[test_case("FROM a\nCOPY --from=b --chown=1 x y\nRUN make --jobs=2 && echo 1 < 2" => false; "what every builder knows")]
    #[test_case("# syntax=docker/dockerfile:1\nFROM a" => true; "a syntax")]
    #[test_case("FROM a\nRUN --mount=type=cache,target=/c make" => true; "a mount")]
    #[test_case("FROM a\nCOPY --from=b --link x y" => true; "a link")]
    #[test_case("FROM a\nRUN <<EOF\nmake\nEOF" => true; "a script in a here-document")]
    #[test_case("FROM --platform=$BUILDPLATFORM a" => true; "a platform")]
    fn some_dockerfiles_are_for_one_builder_alone(text: &str) -> bool {
        Dockerfile::parse(text).needs_buildkit()
    }

    #[test_case("# syntax=docker/dockerfile:1\nFROM a", Some("docker/dockerfile:1"); "at the top")]
    #[test_case("#Syntax = x  y\nFROM a", Some("x"); "with blanks")]
    #[test_case("# hello\n# syntax=x\nFROM a", None; "behind a comment it is one")]
    #[test_case("FROM a\n# syntax=x", None; "behind an instruction too")]
    fn syntax(text: &str, expected: Option<&str>) {
        assert_eq!(Dockerfile::parse(text).syntax.as_deref(), expected);
    }
}
