//! Reading events back.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

use snapshot::{
    record::{RecordError, Recording},
    sample::Event,
};
use tokio::sync::mpsc;

use super::Feed;
use crate::{error::Error, exit::Exit};

/// Events that may wait.
const WAITING: usize = 64;

/// The events of a recording. A last line that is cut off, as a killed program leaves it, is left out.
pub(crate) fn read(path: &Path) -> Result<Vec<Event>, Error> {
    let failed = |error: RecordError| {
        Error::new(Exit::Configuration, format!("cannot play {}", path.display()))
            .caused_by(error)
            .hint("`ratectl top --record FILE` makes a recording")
    };
    let file = File::open(path).map_err(|source| failed(RecordError::Read { line: 1, source }))?;
    let mut recording = Recording::open(BufReader::new(file)).map_err(failed)?.peekable();
    let mut events = Vec::new();
    while let Some(event) = recording.next() {
        match event {
            Ok(event) => events.push(event),
            Err(RecordError::NoEvent { .. }) if recording.peek().is_none() => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(events)
}

/// Plays events `speed` times as fast as they were recorded; 0: all at once. Must be called inside a runtime of tokio.
pub(crate) fn replay(events: Vec<Event>, speed: f64) -> Feed {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let mut before = events.first().map_or(0, |event| event.at);
        for event in events {
            let pause = u64::try_from(event.at - before).unwrap_or(0);
            before = event.at;
            if speed > 0.0 && pause > 0 {
                tokio::time::sleep(Duration::from_millis(pause).div_f64(speed)).await;
            }
            if sender.send(event).await.is_err() {
                break;
            }
        }
    });
    Feed {
        events: receiver,
        ask: None,
        interest: None,
        recorded: true,
    }
}

#[cfg(test)]
mod tests {
    use snapshot::sample::Body;

    use super::*;
    use crate::top::feed::Record;

    fn event(at: i64) -> Event {
        Event {
            at,
            body: Body::Streams(snapshot::sample::StreamsSample::default()),
        }
    }

    #[test]
    fn what_was_recorded_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut record = Record::create(&path).unwrap();
        record.event(&event(1)).unwrap();
        record
            .event(&Event {
                at: 2,
                body: Body::Tick,
            })
            .unwrap();
        record.event(&event(3)).unwrap();
        record.finish().unwrap();
        assert_eq!(read(&path).unwrap(), [event(1), event(3)]);
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out_and_others_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut record = Record::create(&path).unwrap();
        record.event(&event(1)).unwrap();
        record.finish().unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"at\":")).unwrap();
        assert_eq!(read(&path).unwrap(), [event(1)]);
        std::fs::write(
            &path,
            format!("{whole}nonsense\n{}", whole.lines().last().unwrap()),
        )
        .unwrap();
        let error = read(&path).unwrap_err();
        assert_eq!(error.causes()[0], "line 3 of the recording is no event");
        std::fs::write(&path, "nonsense").unwrap();
        assert!(read(&path).is_err());
    }

    #[tokio::test]
    async fn a_recording_is_played_to_its_end() {
        let mut feed = replay(vec![event(1), event(50_000)], 0.0);
        assert_eq!(feed.events.recv().await, Some(event(1)));
        assert_eq!(feed.events.recv().await, Some(event(50_000)));
        assert_eq!(feed.events.recv().await, None);
    }
}
