//! Colour: when to use it, and the few tints there are.

/// When to colour output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`.
    #[default]
    Auto,
    /// Always, whatever the environment says.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether a stream is coloured: `is_terminal` says what it is, `variable` looks up the environment.
    pub fn resolve(self, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                // https://no-color.org: any value but the empty one switches colour off.
                let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
                is_terminal && !refused && variable("TERM").as_deref() != Some("dumb")
            }
        }
    }
}

/// The colours used; their meaning is fixed where they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// Errors.
    Red,
    /// Good news.
    Green,
    /// Warnings.
    Yellow,
    /// Names.
    Blue,
    /// Names.
    Magenta,
    /// Names, hints, links.
    Cyan,
}

impl Tint {
    fn code(self) -> u8 {
        match self {
            Tint::Red => 31,
            Tint::Green => 32,
            Tint::Yellow => 33,
            Tint::Blue => 34,
            Tint::Magenta => 35,
            Tint::Cyan => 36,
        }
    }
}

/// Adds colour, or leaves words as they are when the stream takes none.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    enabled: bool,
}

impl Paint {
    /// A painter that colours, or one that does not.
    pub fn new(enabled: bool) -> Self {
        Paint { enabled }
    }

    /// `words` in a colour.
    pub fn tint(self, tint: Tint, words: &str) -> String {
        self.wrap(&tint.code().to_string(), words)
    }

    /// `words` in a colour and bold.
    pub fn bold(self, tint: Tint, words: &str) -> String {
        self.wrap(&format!("1;{}", tint.code()), words)
    }

    /// `words` bold, in the terminal's own colour.
    pub fn strong(self, words: &str) -> String {
        self.wrap("1", words)
    }

    /// `words` faint.
    pub fn dim(self, words: &str) -> String {
        self.wrap("2", words)
    }

    fn wrap(self, code: &str, words: &str) -> String {
        if self.enabled {
            format!("\u{1b}[{code}m{words}\u{1b}[0m")
        } else {
            words.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(ColorChoice::Auto, true, &[] => true; "a terminal is coloured")]
    #[test_case(ColorChoice::Auto, false, &[] => false; "a pipe is not")]
    #[test_case(ColorChoice::Auto, true, &[("NO_COLOR", "1")] => false; "no_color is honoured")]
    #[test_case(ColorChoice::Auto, true, &[("NO_COLOR", "")] => true; "an empty no_color says nothing")]
    #[test_case(ColorChoice::Auto, true, &[("TERM", "dumb")] => false; "a dumb terminal stays plain")]
    #[test_case(ColorChoice::Always, false, &[("NO_COLOR", "1")] => true; "a flag beats the environment")]
    #[test_case(ColorChoice::Never, true, &[] => false; "never means never")]
    fn colour(choice: ColorChoice, is_terminal: bool, environment: &[(&str, &str)]) -> bool {
        choice.resolve(is_terminal, |name| {
            environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }
}
