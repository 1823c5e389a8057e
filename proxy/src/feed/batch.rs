//! Events that came together, written once for all clients.

use std::fmt::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::event::Event;

/// One or more events in order.
#[derive(Debug)]
pub(super) struct Batch {
    frames: Vec<Frame>,
    /// All events, as server-sent events.
    text: Bytes,
    /// The same, each as a WebSocket's message; made for the first client that needs them.
    messages: OnceLock<Vec<Utf8Bytes>>,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    sequence: u64,
    start: usize,
    /// Where its document stands.
    json: (usize, usize),
}

impl Batch {
    /// The batch of these events, in order; `None` of none.
    pub(super) fn new(events: &[Event]) -> Option<Self> {
        if events.is_empty() {
            return None;
        }
        let mut text = String::with_capacity(events.iter().map(|event| event.json.len() + 40).sum());
        let mut frames = Vec::with_capacity(events.len());
        for Event { sequence, json } in events {
            let start = text.len();
            write!(text, "id: {sequence}\ndata: ").expect("a string takes any text");
            let begin = text.len();
            text.push_str(json);
            frames.push(Frame {
                sequence: *sequence,
                start,
                json: (begin, text.len()),
            });
            text.push_str("\n\n");
        }
        Some(Self {
            frames,
            text: text.into(),
            messages: OnceLock::new(),
        })
    }

    /// How many events there are.
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    /// The memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.frames.len() * size_of::<Frame>()
    }

    /// The sequence of its last event.
    pub(super) fn last(&self) -> u64 {
        self.frames.last().map_or(0, |frame| frame.sequence)
    }

    /// The index of the first event after a place in the stream.
    pub(super) fn seek(&self, sequence: u64) -> usize {
        self.frames.partition_point(|frame| frame.sequence <= sequence)
    }

    /// The events from an index on, as server-sent events.
    pub(super) fn text(&self, from: usize) -> Bytes {
        let start = self.frames.get(from).map_or(self.text.len(), |frame| frame.start);
        self.text.slice(start..)
    }

    /// The events from an index on, as a WebSocket's messages.
    pub(super) fn messages(&self, from: usize) -> &[Utf8Bytes] {
        let message = |frame: &Frame| {
            let json = String::from_utf8_lossy(&self.text[frame.json.0..frame.json.1]);
            format!(r#"{{"event":"message","id":{},"data":{json}}}"#, frame.sequence).into()
        };
        let messages = self
            .messages
            .get_or_init(|| self.frames.iter().map(message).collect());
        messages.get(from..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_in_the_middle_gets_the_rest() {
        let event = |sequence| Event {
            sequence,
            json: format!("{{\"n\":{sequence}}}"),
        };
        let batch = Batch::new(&[event(3), event(5), event(9)]).unwrap();
        assert_eq!((batch.len(), batch.last()), (3, 9));
        assert_eq!((batch.seek(2), batch.seek(3), batch.seek(4)), (0, 1, 1));
        assert_eq!(
            batch.text(1),
            "id: 5\ndata: {\"n\":5}\n\nid: 9\ndata: {\"n\":9}\n\n"
        );
        assert_eq!(batch.text(batch.seek(5)), "id: 9\ndata: {\"n\":9}\n\n");
        assert!(batch.text(batch.seek(9)).is_empty());
        let [message] = batch.messages(2) else {
            panic!("one is left")
        };
        assert_eq!(message.as_str(), r#"{"event":"message","id":9,"data":{"n":9}}"#);
        assert!(batch.messages(3).is_empty());
    }
}
