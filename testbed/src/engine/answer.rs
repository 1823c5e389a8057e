//! Answers of a scripted engine.

use std::time::Duration;

/// What is said to one request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) pause: Duration,
    pub(super) ending: Ending,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Complete,
    /// The connection ends before the answer does.
    BrokenOff,
    /// Nothing more comes, and the connection stays open until the client gives up.
    Silence,
    /// Not even the head of an answer comes; the connection stays open.
    NoAnswer,
    /// The connection ends without an answer.
    NoAnswerAndClosed,
    /// The connection becomes a plain stream, as for `exec`, and then ends.
    Upgraded,
}

impl Answer {
    fn new(status: u16, content_type: &str, pieces: Vec<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), content_type.to_owned())],
            pieces,
            pause: Duration::ZERO,
            ending: Ending::Complete,
        }
    }

    /// What an engine says to `GET /_ping`.
    pub fn pong(version: &str, api_version: &str) -> Self {
        Self::text(200, "OK")
            .header("Api-Version", api_version)
            .header("Server", &format!("Docker/{version} (linux)"))
    }

    /// A JSON document.
    pub fn json(status: u16, document: &serde_json::Value) -> Self {
        Self::new(
            status,
            "application/json",
            vec![document.to_string().into_bytes()],
        )
    }

    /// Text that is no JSON.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain", vec![text.as_bytes().to_vec()])
    }

    /// A refusal in the words of an engine.
    pub fn refusal(status: u16, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "message": message }))
    }

    /// A stream of JSON lines, as of a pull: 200, whatever the lines say.
    pub fn lines(lines: &[serde_json::Value]) -> Self {
        let pieces = lines
            .iter()
            .map(|line| format!("{line}\r\n").into_bytes())
            .collect();
        Self::new(200, "application/json", pieces)
    }

    /// A stream of bytes in these pieces.
    pub fn stream(content_type: &str, pieces: &[&[u8]]) -> Self {
        Self::new(
            200,
            content_type,
            pieces.iter().map(|piece| piece.to_vec()).collect(),
        )
    }

    /// Output of a container without a terminal: `(1, ..)` to standard output, `(2, ..)` to standard error.
    pub fn output(pieces: &[(u8, &str)]) -> Self {
        let frame = |(stream, text): &(u8, &str)| {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
            let mut frame = vec![*stream, 0, 0, 0];
            frame.extend_from_slice(&length);
            frame.extend_from_slice(text.as_bytes());
            frame
        };
        Self::new(
            200,
            "application/vnd.docker.raw-stream",
            pieces.iter().map(frame).collect(),
        )
    }

    /// With another header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another ending.
    #[must_use]
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// Given only after a while.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
}
