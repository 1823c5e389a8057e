//! Watches the bytes of a connection for where requests begin and end, and refuses what two parsers could read differently.
//!
//! hyper parses requests, but leniently where RFC 9112 lets a recipient choose: it takes a line ended by a bare LF, and
//! lets `Transfer-Encoding` win over `Content-Length` without telling the service. A proxy in front of us may choose
//! otherwise, and then one sees two requests where the other sees one (request smuggling). This screen follows the same bytes with
//! one reading only and knows, for the time-outs, whether a head is half read. HTTP/2 passes unwatched: its frames
//! leave no such choice.

#[cfg(test)]
mod agreement;
mod head;
#[cfg(test)]
mod tests;

use head::Head;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A chunk-size line with room for extensions nobody uses.
const CHUNK_LINE_BYTES: usize = 256;

/// Why a connection's bytes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Not HTTP, or HTTP that could be read in two ways; the sentence says what.
    Malformed(&'static str),
    /// The request target is over the limit.
    UriTooLong,
    /// Too many header lines or too many bytes of head.
    HeadTooLarge,
}

/// The sizes the screen enforces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) uri_bytes: usize,
    pub(super) head_bytes: usize,
    pub(super) headers: usize,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The first bytes of a connection, as long as they look like HTTP/2.
    Preface {
        matched: usize,
    },
    Http2,
    Head,
    Body {
        left: u64,
    },
    ChunkSize,
    ChunkData {
        left: u64,
    },
    ChunkEnd,
    Trailers {
        bytes: usize,
    },
}

/// The screen of one connection.
#[derive(Debug)]
pub(super) struct Framing {
    limits: Limits,
    state: State,
    head: Head,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
}

impl Framing {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Preface { matched: 0 },
            head: Head::default(),
            partial: Vec::new(),
        }
    }

    /// Whether the peer speaks HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.state == State::Http2
    }

    /// Whether a request head has begun and not ended.
    pub(super) fn is_mid_head(&self) -> bool {
        match self.state {
            State::Preface { matched } => matched > 0,
            State::Head => self.head.has_begun() || !self.partial.is_empty(),
            _ => false,
        }
    }

    /// Follows the next bytes of the connection.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Refusal> {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Http2 => return Ok(()),
                State::Preface { matched } => self.preface(matched, bytes)?,
                State::Body { left } => {
                    let (left, rest) = skip(left, bytes);
                    self.state = if left == 0 {
                        State::Head
                    } else {
                        State::Body { left }
                    };
                    rest
                }
                State::ChunkData { left } => {
                    let (left, rest) = skip(left, bytes);
                    self.state = if left == 0 {
                        State::ChunkEnd
                    } else {
                        State::ChunkData { left }
                    };
                    rest
                }
                State::Head | State::ChunkSize | State::ChunkEnd | State::Trailers { .. } => {
                    self.line(bytes)?
                }
            };
        }
        Ok(())
    }

    fn preface<'a>(&mut self, matched: usize, bytes: &'a [u8]) -> Result<&'a [u8], Refusal> {
        let expected = &PREFACE[matched..];
        let same = expected.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        if same == expected.len() {
            self.state = State::Http2;
        } else if same == bytes.len() {
            self.state = State::Preface {
                matched: matched + same,
            };
        } else {
            // Not HTTP/2 after all: what has matched so far was the beginning of an HTTP/1 head.
            self.state = State::Head;
            self.feed(&PREFACE[..matched])?;
            return Ok(bytes);
        }
        Ok(&bytes[same..])
    }

    /// Takes one line, or the part of it that is here, and returns what follows it.
    fn line<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], Refusal> {
        let Some(end) = bytes.iter().position(|&byte| byte == b'\n') else {
            self.partial.extend_from_slice(bytes);
            self.check_partial()?;
            return Ok(&[]);
        };
        let rest = &bytes[end + 1..];
        if self.partial.is_empty() {
            self.complete_line(&bytes[..end])?;
        } else {
            let mut line = std::mem::take(&mut self.partial);
            line.extend_from_slice(&bytes[..end]);
            self.complete_line(&line)?;
            line.clear();
            self.partial = line;
        }
        Ok(rest)
    }

    fn check_partial(&self) -> Result<(), Refusal> {
        let length = self.partial.len();
        match self.state {
            State::Head => self.head.check_partial(length, &self.limits),
            State::Trailers { bytes } if bytes + length > self.limits.head_bytes => {
                Err(Refusal::HeadTooLarge)
            }
            State::ChunkSize | State::ChunkEnd if length > CHUNK_LINE_BYTES => {
                Err(Refusal::Malformed("a chunk size line is too long"))
            }
            _ => Ok(()),
        }
    }

    fn complete_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let Some(line) = line.strip_suffix(b"\r") else {
            return Err(Refusal::Malformed("a line ends in a bare LF"));
        };
        self.state = match self.state {
            State::Head => match self.head.line(line, &self.limits)? {
                None | Some(head::Body::None) => State::Head,
                Some(head::Body::Length(left)) => State::Body { left },
                Some(head::Body::Chunked) => State::ChunkSize,
            },
            State::ChunkSize => match chunk_size(line)? {
                0 => State::Trailers { bytes: 0 },
                left => State::ChunkData { left },
            },
            State::ChunkEnd if line.is_empty() => State::ChunkSize,
            State::ChunkEnd => return Err(Refusal::Malformed("a chunk is longer than its size")),
            State::Trailers { .. } if line.is_empty() => State::Head,
            State::Trailers { bytes } => {
                let bytes = bytes + line.len() + 2;
                if bytes > self.limits.head_bytes {
                    return Err(Refusal::HeadTooLarge);
                }
                State::Trailers { bytes }
            }
            State::Preface { .. } | State::Http2 | State::Body { .. } | State::ChunkData { .. } => self.state,
        };
        Ok(())
    }
}

/// How much of `left` remains after these bytes, and the bytes that follow it.
fn skip(left: u64, bytes: &[u8]) -> (u64, &[u8]) {
    match usize::try_from(left) {
        Ok(count) if count <= bytes.len() => (0, &bytes[count..]),
        _ => (left - bytes.len() as u64, &[]),
    }
}

fn chunk_size(line: &[u8]) -> Result<u64, Refusal> {
    const BAD: Refusal = Refusal::Malformed("a chunk size is not a hexadecimal number");
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (number, extension) = line.split_at(digits);
    if number.is_empty() || !matches!(extension.first(), None | Some(b';' | b' ' | b'\t')) {
        return Err(BAD);
    }
    let number = std::str::from_utf8(number).map_err(|_| BAD)?;
    u64::from_str_radix(number, 16).map_err(|_| BAD)
}
