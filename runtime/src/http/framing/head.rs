//! One request head, line by line: the headers that decide where the request ends, and the limits.

use super::{Limits, Refusal};

/// Method, two spaces and version beside the target of a request line, generously.
const REQUEST_LINE_EXTRA: usize = 64;

/// What follows the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Length(u64),
    Chunked,
}

/// What is known of the head so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    begun: bool,
    bytes: usize,
    headers: usize,
    hosts: usize,
    /// HTTP/1.0, which has neither chunks nor a needed `Host`.
    is_http10: bool,
    length: Option<u64>,
    is_chunked: bool,
}

impl Head {
    /// Whether the request line has been seen.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// Checks the limits against a line of which `length` bytes are here.
    pub(super) fn check_partial(&self, length: usize, limits: &Limits) -> Result<(), Refusal> {
        if !self.begun && length > limits.uri_bytes.saturating_add(REQUEST_LINE_EXTRA) {
            return Err(Refusal::UriTooLong);
        }
        if self.bytes + length > limits.head_bytes {
            Err(Refusal::HeadTooLarge)
        } else {
            Ok(())
        }
    }

    /// Takes one line without its line end; says what follows when it was the last one, and is ready for the next head.
    pub(super) fn line(&mut self, line: &[u8], limits: &Limits) -> Result<Option<Body>, Refusal> {
        self.bytes += line.len() + 2;
        if !self.begun {
            self.request_line(line, limits)?;
        } else if line.is_empty() {
            return std::mem::take(self).end().map(Some);
        } else {
            self.headers += 1;
            if self.headers > limits.headers {
                return Err(Refusal::HeadTooLarge);
            }
            self.header(line)?;
        }
        if self.bytes > limits.head_bytes {
            Err(Refusal::HeadTooLarge)
        } else {
            Ok(None)
        }
    }

    fn request_line(&mut self, line: &[u8], limits: &Limits) -> Result<(), Refusal> {
        // Empty lines before a request are allowed (RFC 9112, 2.2); their bytes count.
        if line.is_empty() {
            return Ok(());
        }
        self.begun = true;
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let (_method, target, version) = (words.next(), words.next(), words.next());
        self.is_http10 = version == Some(b"HTTP/1.0");
        if target.is_some_and(|target| target.len() > limits.uri_bytes) {
            return Err(Refusal::UriTooLong);
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if matches!(line.first(), Some(b' ' | b'\t')) {
            return Err(Refusal::Malformed("a header is folded over two lines"));
        }
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return Err(Refusal::Malformed("a header has no colon"));
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        // Only three names matter here; their lengths tell almost every other header apart at once.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.hosts += 1,
            14 if name.eq_ignore_ascii_case(b"content-length") => self.content_length(value)?,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.transfer_encoding(value)?,
            _ => {}
        }
        Ok(())
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        const BAD: Refusal = Refusal::Malformed("Content-Length is not a number");
        if self.length.is_some() {
            return Err(Refusal::Malformed("Content-Length is given twice"));
        }
        if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return Err(BAD);
        }
        let value = std::str::from_utf8(value).map_err(|_| BAD)?;
        self.length = Some(value.parse().map_err(|_| BAD)?);
        Ok(())
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.is_chunked {
            return Err(Refusal::Malformed("Transfer-Encoding is given twice"));
        }
        if self.is_http10 || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::Malformed(
                "a Transfer-Encoding other than chunked is not understood",
            ));
        }
        self.is_chunked = true;
        Ok(())
    }

    fn end(self) -> Result<Body, Refusal> {
        if self.hosts > 1 || (self.hosts == 0 && !self.is_http10) {
            return Err(Refusal::Malformed("a request needs exactly one Host header"));
        }
        match (self.length, self.is_chunked) {
            (Some(_), true) => Err(Refusal::Malformed(
                "Content-Length and Transfer-Encoding exclude each other",
            )),
            (None, true) => Ok(Body::Chunked),
            (None | Some(0), false) => Ok(Body::None),
            (Some(length), false) => Ok(Body::Length(length)),
        }
    }
}
