//! The path of a request, checked and split into decoded segments.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::token;

/// Most segments a path may have; JetStream's subject index grows with each.
pub const MAX_SEGMENTS: usize = 31;

/// What RFC 3986 lets stand unescaped in a path segment stays as it is; the rest is escaped.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An absolute path: its segments, percent-decoded once. `/` has none.
///
/// [`fmt::Display`] gives the canonical raw path, which [`Path::parse`] reads back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    segments: Vec<String>,
}

/// Why a path cannot become a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The path does not start with `/`.
    #[error("the path does not start with '/'")]
    NotAbsolute,
    /// The path ends with `/`; it names the same resource without it.
    #[error("the path ends with '/'")]
    TrailingSlash,
    /// Two slashes stand next to each other.
    #[error("segment {position} of the path is empty")]
    EmptySegment {
        /// Counted from 1.
        position: usize,
    },
    /// A segment is `.` or `..`, escaped or not.
    #[error("segment {position} of the path is '.' or '..'")]
    DotSegment {
        /// Counted from 1.
        position: usize,
    },
    /// A `%` is not followed by two hexadecimal digits.
    #[error("segment {position} of the path has a '%' without two hexadecimal digits after it")]
    BadEscape {
        /// Counted from 1.
        position: usize,
    },
    /// A byte below 0x20 or 0x7F, escaped or not.
    #[error("segment {position} of the path has a control character")]
    ControlCharacter {
        /// Counted from 1.
        position: usize,
    },
    /// A slash is hidden in an escape, which gateways read in different ways.
    #[error("segment {position} of the path has an escaped '/'")]
    EncodedSlash {
        /// Counted from 1.
        position: usize,
    },
    /// The decoded bytes are not UTF-8.
    #[error("segment {position} of the path is not UTF-8")]
    NotUtf8 {
        /// Counted from 1.
        position: usize,
    },
    /// More than [`MAX_SEGMENTS`].
    #[error("the path has more than {MAX_SEGMENTS} segments")]
    TooManySegments,
    /// The subject would be longer than [`super::MAX_SUBJECT_BYTES`].
    #[error(
        "the path is too long: its subject would pass {} bytes",
        super::MAX_SUBJECT_BYTES
    )]
    TooLong,
    /// The method has no subject token.
    #[error("requests with the method {0} are not forwarded")]
    Method(String),
}

impl Path {
    /// Reads a raw (still percent-encoded) path without its query.
    ///
    /// # Errors
    /// The first reason for which the path is not accepted.
    pub fn parse(raw: &str) -> Result<Self, PathError> {
        let rest = raw.strip_prefix('/').ok_or(PathError::NotAbsolute)?;
        if rest.is_empty() {
            return Ok(Self { segments: Vec::new() });
        }
        // A subject is never shorter than the decoded path, so a longer one need not be looked at.
        if rest.len() > 3 * super::MAX_SUBJECT_BYTES {
            return Err(PathError::TooLong);
        }
        let last = rest.split('/').count();
        if last > MAX_SEGMENTS + 1 {
            return Err(PathError::TooManySegments);
        }
        let mut segments = Vec::with_capacity(last);
        for (index, segment) in rest.split('/').enumerate() {
            let position = index + 1;
            if segment.is_empty() && position == last {
                return Err(PathError::TrailingSlash);
            }
            let segment = decode_segment(segment, position)?;
            check_segment(&segment, position)?;
            segments.push(segment);
        }
        Self::bounded(segments)
    }

    /// A path from segments that are decoded already.
    ///
    /// # Errors
    /// The same as [`Path::parse`].
    pub fn from_segments(segments: Vec<String>) -> Result<Self, PathError> {
        for (index, segment) in segments.iter().enumerate() {
            check_segment(segment, index + 1)?;
        }
        Self::bounded(segments)
    }

    fn bounded(segments: Vec<String>) -> Result<Self, PathError> {
        if segments.len() > MAX_SEGMENTS {
            return Err(PathError::TooManySegments);
        }
        // No subject could hold it, and its raw form could be longer than what `parse` looks at.
        if segments.iter().map(|segment| segment.len() + 1).sum::<usize>() > super::MAX_SUBJECT_BYTES {
            return Err(PathError::TooLong);
        }
        Ok(Self { segments })
    }

    /// The segments, decoded.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.segments.is_empty() {
            return f.write_str("/");
        }
        self.segments
            .iter()
            .try_for_each(|segment| write!(f, "/{}", utf8_percent_encode(segment, ESCAPED)))
    }
}

fn decode_segment(raw: &str, position: usize) -> Result<String, PathError> {
    let bytes = token::percent_decode(raw).ok_or(PathError::BadEscape { position })?;
    String::from_utf8(bytes).map_err(|_| PathError::NotUtf8 { position })
}

fn check_segment(segment: &str, position: usize) -> Result<(), PathError> {
    match segment {
        "" => Err(PathError::EmptySegment { position }),
        "." | ".." => Err(PathError::DotSegment { position }),
        _ if segment.contains('/') => Err(PathError::EncodedSlash { position }),
        _ if segment.bytes().any(|byte| byte.is_ascii_control()) => {
            Err(PathError::ControlCharacter { position })
        }
        _ => Ok(()),
    }
}
