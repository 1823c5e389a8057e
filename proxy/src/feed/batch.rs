//! Events that came together, written once for all clients.

use std::fmt::Write as _;

use bytes::Bytes;

use super::event::Event;

/// One or more events in order.
#[derive(Debug)]
pub(super) struct Batch {
    frames: Vec<Frame>,
    /// All events, as server-sent events.
    text: Bytes,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    sequence: u64,
    start: usize,
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
            frames.push(Frame {
                sequence: *sequence,
                start: text.len(),
            });
            write!(text, "id: {sequence}\ndata: {json}\n\n").expect("a string takes any text");
        }
        Some(Self {
            frames,
            text: text.into(),
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

    /// The events after a place in the stream, as server-sent events, and how many they are.
    pub(super) fn after(&self, sequence: u64) -> (Bytes, usize) {
        let seen = self.frames.partition_point(|frame| frame.sequence <= sequence);
        match self.frames.get(seen) {
            Some(frame) => (self.text.slice(frame.start..), self.frames.len() - seen),
            None => (Bytes::new(), 0),
        }
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
        assert_eq!(batch.after(2).1, 3);
        let (text, count) = batch.after(4);
        assert_eq!(count, 2);
        assert_eq!(text, "id: 5\ndata: {\"n\":5}\n\nid: 9\ndata: {\"n\":9}\n\n");
        assert_eq!(batch.after(5).0, "id: 9\ndata: {\"n\":9}\n\n");
        assert_eq!(batch.after(9), (Bytes::new(), 0));
    }
}
