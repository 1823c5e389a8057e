use std::io::{self, BufReader, Read};

use super::{FORMAT, RecordError, Recorder, Recording};
use crate::sample::{Body, Event};

fn ticks(count: i64) -> Vec<Event> {
    (0..count).map(|at| Event { at, body: Body::Tick }).collect()
}

fn written(events: &[Event]) -> Vec<u8> {
    let mut recorder = Recorder::begin(Vec::new()).unwrap();
    for event in events {
        recorder.write(event).unwrap();
    }
    recorder.end().unwrap()
}

#[test]
fn what_is_written_is_read() {
    let bytes = written(&ticks(3));
    assert_eq!(bytes.split_inclusive(|byte| *byte == b'\n').count(), 4);
    let read: Result<Vec<Event>, _> = Recording::open(bytes.as_slice()).unwrap().collect();
    assert_eq!(read.unwrap(), ticks(3));
}

#[test]
fn a_bad_line_is_told_by_its_number_and_the_next_is_read() {
    let mut bytes = written(&ticks(1));
    bytes.extend(b"\n{\"at\":1,\"body\":\"later\"}\n{\"at\":2,\"body\":\"tick\"}\n{\"at\":3,");
    let mut recording = Recording::open(bytes.as_slice()).unwrap();
    assert!(recording.next().unwrap().is_ok());
    let error = recording.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "line 4 of the recording is no event");
    assert_eq!(recording.next().unwrap().unwrap().at, 2);
    assert!(matches!(
        recording.next(),
        Some(Err(RecordError::NoEvent { line: 6, .. }))
    ));
    assert!(recording.next().is_none());
}

#[test]
fn what_is_no_recording_is_refused() {
    for text in [
        "",
        "\n",
        "{}",
        "{\"recording\":\"ratectl.top.recording/v9\"}\n",
        "\u{1b}[31m",
    ] {
        assert!(
            matches!(Recording::open(text.as_bytes()), Err(RecordError::NoRecording)),
            "{text:?}"
        );
    }
    assert!(Recording::open(format!("{{\"recording\":\"{FORMAT}\"}}").as_bytes()).is_ok());
}

#[test]
fn a_line_without_an_end_is_not_swallowed() {
    let begin = format!("{{\"recording\":\"{FORMAT}\"}}\n");
    let endless = BufReader::new(begin.as_bytes().chain(io::repeat(b' ')));
    let mut recording = Recording::open(endless).unwrap();
    assert!(matches!(
        recording.next(),
        Some(Err(RecordError::TooLong { line: 2 }))
    ));
    assert!(recording.next().is_none());
}
