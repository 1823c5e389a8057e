//! Method and path -> subject, and back.

use http::Method;

use super::path::{MAX_SEGMENTS, Path, PathError};
use super::token;

/// Longest subject in bytes. The server's protocol line holds 4096, reply subject and sizes included.
pub const MAX_SUBJECT_BYTES: usize = 1024;

/// The methods that are forwarded, with their tokens. `HEAD` is published as `get`.
const METHODS: [(Method, &str); 5] = [
    (Method::GET, "get"),
    (Method::POST, "post"),
    (Method::PUT, "put"),
    (Method::PATCH, "patch"),
    (Method::DELETE, "delete"),
];

/// Maps requests to subjects below one prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// `api.`, or nothing: what every subject starts with.
    head: String,
}

/// Why a subject, or a prefix, is not one this codec makes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// The prefix has bytes other than letters, digits, `-`, `_`, and dots between tokens.
    #[error("the subject prefix '{0}' is not a row of tokens of letters, digits, '-' and '_'")]
    Prefix(String),
    /// The subject does not start with the prefix.
    #[error("the subject '{subject}' does not start with '{head}'")]
    OtherPrefix {
        /// The subject that was read.
        subject: String,
        /// What it should start with.
        head: String,
    },
    /// The token after the prefix is no method.
    #[error("the subject '{0}' has no method token after its prefix")]
    NoMethod(String),
    /// The method token is the last one.
    #[error("the subject '{0}' has no path after its method token")]
    NoPath(String),
    /// A token is not what the encoder writes for any segment.
    #[error("token {position} of the subject's path is not in canonical form")]
    NotCanonical {
        /// Counted from 1, after the method token.
        position: usize,
    },
    /// The tokens decode to something that is no path.
    #[error("the subject '{subject}' stands for no path")]
    Path {
        /// The subject that was read.
        subject: String,
        /// Why.
        source: PathError,
    },
}

impl Codec {
    /// A codec for subjects below `prefix`, such as `api`; an empty prefix gives the original's bare `get.ratings`.
    ///
    /// # Errors
    /// [`SubjectError::Prefix`] where the prefix is not plain tokens joined by dots.
    pub fn new(prefix: &str) -> Result<Self, SubjectError> {
        if prefix.is_empty() {
            return Ok(Self { head: String::new() });
        }
        let plain = |token: &str| {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        // A leading underscore is left to inboxes.
        if prefix.len() > 128 || prefix.starts_with('_') || !prefix.split('.').all(plain) {
            return Err(SubjectError::Prefix(prefix.to_owned()));
        }
        Ok(Self {
            head: format!("{prefix}."),
        })
    }

    /// What all of this codec's subjects start with: `api.`, or nothing.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// A subject or filter without the prefix: `get.ratings.*`; as it is, if it has another one.
    pub fn without_prefix<'a>(&self, subject: &'a str) -> &'a str {
        subject.strip_prefix(&self.head).unwrap_or(subject)
    }

    /// The subject on which a request is published.
    ///
    /// # Errors
    /// [`PathError::Method`] for a method that is not forwarded, [`PathError::TooLong`] past [`MAX_SUBJECT_BYTES`].
    pub fn encode(&self, method: &Method, path: &Path) -> Result<String, PathError> {
        let method = method_token(method).ok_or_else(|| PathError::Method(method.to_string()))?;
        let length: usize = path.segments().iter().map(|segment| segment.len() + 1).sum();
        if self.head.len() + method.len() + length > MAX_SUBJECT_BYTES {
            return Err(PathError::TooLong);
        }
        let mut subject = String::with_capacity(self.head.len() + method.len() + length + 16);
        subject.push_str(&self.head);
        subject.push_str(method);
        match path.segments() {
            [] => {
                subject.push('.');
                subject.push_str(token::ROOT);
            }
            // The path "/_" must not look like "/".
            [only] if only == token::ROOT => subject.push_str(".%5F"),
            segments => {
                for segment in segments {
                    subject.push('.');
                    token::push(&mut subject, segment);
                }
            }
        }
        if subject.len() > MAX_SUBJECT_BYTES {
            Err(PathError::TooLong)
        } else {
            Ok(subject)
        }
    }

    /// The method and path that a subject stands for; accepts exactly what [`Codec::encode`] writes.
    ///
    /// # Errors
    /// The first reason for which the subject is not one of this codec's.
    pub fn decode(&self, subject: &str) -> Result<(Method, Path), SubjectError> {
        let rest = subject
            .strip_prefix(&self.head)
            .ok_or_else(|| SubjectError::OtherPrefix {
                subject: subject.to_owned(),
                head: self.head.clone(),
            })?;
        let (first, tokens) = rest.split_once('.').ok_or_else(|| match method_of(rest) {
            Some(_) => SubjectError::NoPath(subject.to_owned()),
            None => SubjectError::NoMethod(subject.to_owned()),
        })?;
        let method = method_of(first).ok_or_else(|| SubjectError::NoMethod(subject.to_owned()))?;
        let in_path = |source| SubjectError::Path {
            subject: subject.to_owned(),
            source,
        };
        if subject.len() > MAX_SUBJECT_BYTES {
            return Err(in_path(PathError::TooLong));
        }
        let path = Path::from_segments(decode_tokens(tokens)?).map_err(in_path)?;
        Ok((method, path))
    }
}

fn decode_tokens(tokens: &str) -> Result<Vec<String>, SubjectError> {
    match tokens {
        token::ROOT => return Ok(Vec::new()),
        "%5F" => return Ok(vec![token::ROOT.to_owned()]),
        _ => {}
    }
    let mut segments = Vec::with_capacity(4);
    let mut canonical = String::new();
    for (index, token) in tokens.split('.').enumerate().take(MAX_SEGMENTS + 1) {
        let not_canonical = SubjectError::NotCanonical { position: index + 1 };
        let Some(segment) = token::percent_decode(token).and_then(|bytes| String::from_utf8(bytes).ok())
        else {
            return Err(not_canonical);
        };
        canonical.clear();
        token::push(&mut canonical, &segment);
        if canonical != token {
            return Err(not_canonical);
        }
        segments.push(segment);
    }
    Ok(segments)
}

fn method_token(method: &Method) -> Option<&'static str> {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    METHODS
        .iter()
        .find(|(known, _)| known == method)
        .map(|(_, token)| *token)
}

fn method_of(token: &str) -> Option<Method> {
    METHODS
        .iter()
        .find(|(_, known)| *known == token)
        .map(|(method, _)| method.clone())
}
