//! Path templates such as `/ratings/{id}`.

use std::fmt;

use contract::subject::{Codec, Path, PathError};
use http::Method;

/// A path in which some segments are parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The literal part is no path that a request could have.
    #[error("the template '{template}' is not a path")]
    Path {
        /// The template as written.
        template: String,
        /// What is wrong with it.
        source: PathError,
    },
    /// Braces are allowed around a whole segment only.
    #[error("segment {position} of the template '{template}' has braces that do not span it")]
    Braces {
        /// The template as written.
        template: String,
        /// Counted from 1.
        position: usize,
    },
    /// A parameter's name is empty or has bytes other than letters, digits and `_`.
    #[error(
        "segment {position} of the template '{template}' is no parameter name of letters, digits and '_'"
    )]
    Name {
        /// The template as written.
        template: String,
        /// Counted from 1.
        position: usize,
    },
    /// Two parameters have the same name.
    #[error("the template '{template}' has the parameter '{name}' twice")]
    Twice {
        /// The template as written.
        template: String,
        /// The name.
        name: String,
    },
}

/// How the paths of two templates relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlap {
    /// No path matches both.
    None,
    /// Both match the same paths.
    Same,
    /// One matches a part of what the other matches, so it wins there.
    Nested,
    /// Some paths match both and neither is more specific.
    Ambiguous,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`] with the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let path = Path::parse(text).map_err(|source| TemplateError::Path {
            template: text.to_owned(),
            source,
        })?;
        let mut segments = Vec::with_capacity(path.segments().len());
        for (index, segment) in path.segments().iter().enumerate() {
            let segment = read_segment(text, index + 1, segment)?;
            if let Segment::Parameter(name) = &segment
                && segments.contains(&segment)
            {
                return Err(TemplateError::Twice {
                    template: text.to_owned(),
                    name: name.clone(),
                });
            }
            segments.push(segment);
        }
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// The template as written; a label of bounded variety.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The subject filter that takes exactly the requests of one method on this template: each parameter becomes `*`.
    ///
    /// # Errors
    /// What [`Codec::encode`] says of the method, or of a template too long for a subject.
    pub fn subject_filter(&self, codec: &Codec, method: &Method) -> Result<String, PathError> {
        let text = |segment: &Segment| match segment {
            Segment::Literal(text) | Segment::Parameter(text) => text.clone(),
        };
        let subject = codec.encode(
            method,
            &Path::from_segments(self.segments.iter().map(text).collect())?,
        )?;
        let mut tokens: Vec<&str> = subject.split('.').collect();
        let first = tokens.len().saturating_sub(self.segments.len());
        for (token, segment) in tokens[first..].iter_mut().zip(&self.segments) {
            if matches!(segment, Segment::Parameter(_)) {
                *token = "*";
            }
        }
        Ok(tokens.join("."))
    }

    pub(super) fn length(&self) -> usize {
        self.segments.len()
    }

    /// Literal segments: of two templates that match one path, the one with more of them is the more specific.
    pub(super) fn literals(&self) -> usize {
        self.segments
            .iter()
            .filter(|segment| matches!(segment, Segment::Literal(_)))
            .count()
    }

    pub(super) fn matches(&self, path: &[String]) -> bool {
        self.segments.len() == path.len()
            && self
                .segments
                .iter()
                .zip(path)
                .all(|(segment, given)| match segment {
                    Segment::Literal(text) => text == given,
                    Segment::Parameter(_) => true,
                })
    }

    pub(super) fn overlap(&self, other: &Self) -> Overlap {
        if self.segments.len() != other.segments.len() {
            return Overlap::None;
        }
        let (mut narrower, mut wider) = (false, false);
        for pair in self.segments.iter().zip(&other.segments) {
            match pair {
                (Segment::Literal(a), Segment::Literal(b)) if a != b => return Overlap::None,
                (Segment::Literal(_), Segment::Parameter(_)) => narrower = true,
                (Segment::Parameter(_), Segment::Literal(_)) => wider = true,
                _ => {}
            }
        }
        match (narrower, wider) {
            (false, false) => Overlap::Same,
            (true, true) => Overlap::Ambiguous,
            _ => Overlap::Nested,
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn read_segment(template: &str, position: usize, segment: &str) -> Result<Segment, TemplateError> {
    let inner = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let has_braces = |text: &str| text.contains(['{', '}']);
    match inner {
        None if has_braces(segment) => Err(TemplateError::Braces {
            template: template.to_owned(),
            position,
        }),
        None => Ok(Segment::Literal(segment.to_owned())),
        Some(name) if has_braces(name) => Err(TemplateError::Braces {
            template: template.to_owned(),
            position,
        }),
        Some(name) if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            Err(TemplateError::Name {
                template: template.to_owned(),
                position,
            })
        }
        Some(name) => Ok(Segment::Parameter(name.to_owned())),
    }
}
