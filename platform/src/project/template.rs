//! Text with placeholders for what only `ratectl dev` knows.

use std::fmt;

use serde::{Serialize, Serializer};

use super::spelling::advice;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// `${NATS_URL}`: the NATS server, such as `nats://127.0.0.1:40123`.
    NatsUrl,
    /// `${DATA_DIR}`: a folder for this component's data, which survives restarts.
    DataDir,
    /// `${PROJECT_DIR}`: the folder of the project file.
    ProjectDir,
    /// `${GATEWAY_URL}`: where people reach the system, such as `http://localhost:8080`.
    GatewayUrl,
    /// `${PORT}`: a free port of the loopback address; the same wherever one component uses it.
    Port,
    /// `${ADMIN_PORT}`: another one.
    AdminPort,
}

impl Placeholder {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NatsUrl,
        Self::DataDir,
        Self::ProjectDir,
        Self::GatewayUrl,
        Self::Port,
        Self::AdminPort,
    ];

    /// As written between `${` and `}`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NatsUrl => "NATS_URL",
            Self::DataDir => "DATA_DIR",
            Self::ProjectDir => "PROJECT_DIR",
            Self::GatewayUrl => "GATEWAY_URL",
            Self::Port => "PORT",
            Self::AdminPort => "ADMIN_PORT",
        }
    }
}

/// A text whose placeholders are known ones. `$${` stands for `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` without `}`.
    #[error("'${{' without '}}' in '{0}'; write '$${{' for the characters themselves")]
    Unclosed(String),
    /// A placeholder nobody fills.
    #[error("unknown placeholder '${{{name}}}'; {advice}")]
    Unknown {
        /// What is between the braces.
        name: String,
        /// What may have been meant.
        advice: String,
    },
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// The first placeholder that is none.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            if let Some(before) = before.strip_suffix('$') {
                literal.push_str(before);
                literal.push_str("${");
                rest = &from[2..];
                continue;
            }
            literal.push_str(before);
            let (name, after) = from[2..]
                .split_once('}')
                .ok_or_else(|| TemplateError::Unclosed(text.to_owned()))?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Placeholder(placeholder(name)?));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }

    /// The placeholders in it, in order, each as often as it occurs.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(*placeholder),
            Part::Text(_) => None,
        })
    }

    /// The text with every placeholder filled.
    pub fn fill(&self, value: impl Fn(Placeholder) -> String) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder(placeholder) => value(*placeholder),
        });
        parts.collect()
    }
}

fn placeholder(name: &str) -> Result<Placeholder, TemplateError> {
    Placeholder::ALL
        .into_iter()
        .find(|placeholder| placeholder.name() == name)
        .ok_or_else(|| {
            let advice = advice(name, &Placeholder::ALL.map(Placeholder::name));
            TemplateError::Unknown {
                name: name.to_owned(),
                advice,
            }
        })
}

/// As it was written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let template = Template::parse(text).map_err(|error| error.to_string())?;
        Ok(template.fill(|placeholder| format!("<{}>", placeholder.name())))
    }

    #[test_case("" => ""; "nothing")]
    #[test_case("http://127.0.0.1:${PORT}/x" => "http://127.0.0.1:<PORT>/x"; "in the middle")]
    #[test_case("${NATS_URL}${DATA_DIR}" => "<NATS_URL><DATA_DIR>"; "side by side")]
    #[test_case("$${PORT} costs $5 or $$" => "${PORT} costs $5 or $$"; "escaped")]
    fn placeholders_are_filled(text: &str) -> String {
        filled(text).unwrap()
    }

    #[test]
    fn an_unknown_placeholder_is_an_error_with_advice() {
        assert_eq!(
            filled("${NATS_URI}").unwrap_err(),
            "unknown placeholder '${NATS_URI}'; did you mean 'NATS_URL'?"
        );
        assert!(
            filled("${HOME}")
                .unwrap_err()
                .contains("possible here: NATS_URL, DATA_DIR")
        );
        assert!(filled("${PORT").unwrap_err().contains("without '}'"));
    }

    proptest! {
        #[test]
        fn a_text_without_an_opening_is_left_as_it_is(text in "[^{]*") {
            prop_assert_eq!(filled(&text), Ok(text));
        }

        #[test]
        fn no_text_panics(text in r"[${}A-Z_é]{0,40}") {
            drop(filled(&text));
        }
    }
}
