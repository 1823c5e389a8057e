//! As much of an answer's head as the load generator needs: status, where the body ends, and whether the connection
//! stays.

use crate::load::Failure;

/// What the head of an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// The status code.
    pub(super) status: u16,
    /// Bytes of the head, with the empty line.
    pub(super) length: usize,
    /// Bytes of the body.
    pub(super) body: usize,
    /// The server closes the connection after this answer.
    pub(super) closes: bool,
}

impl Head {
    /// Reads the head at the start of `received`; `None` while it is not complete.
    ///
    /// Only what our proxy sends is understood: a body has a Content-Length, or there is none.
    pub(super) fn parse(received: &[u8]) -> Result<Option<Self>, Failure> {
        let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&received[..end]).map_err(|_| Failure::Broken("odd head"))?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(status_of)
            .ok_or(Failure::Broken("odd status line"))?;
        let mut head = Self {
            status,
            length: end + 4,
            body: 0,
            closes: false,
        };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                head.body = value
                    .trim()
                    .parse()
                    .map_err(|_| Failure::Broken("odd content-length"))?;
            } else if name.eq_ignore_ascii_case("connection") {
                head.closes = value.trim().eq_ignore_ascii_case("close");
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(Failure::Broken("chunked answer"));
            }
        }
        Ok(Some(head))
    }
}

fn status_of(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() {
        let bytes = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nx: y\r\n\r\nhello";
        assert_eq!(Head::parse(&bytes[..40]), Ok(None));
        let head = Head {
            status: 201,
            length: bytes.len() - 5,
            body: 5,
            closes: false,
        };
        assert_eq!(Head::parse(bytes), Ok(Some(head)));
    }

    #[test]
    fn an_answer_without_a_body_ends_with_its_head() {
        let bytes = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
        let head = Head {
            status: 204,
            length: bytes.len(),
            body: 0,
            closes: true,
        };
        assert_eq!(Head::parse(bytes), Ok(Some(head)));
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Head::parse(b"SMTP ready\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n").is_err());
    }
}
