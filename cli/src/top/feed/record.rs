//! Writing events down.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use snapshot::{
    record::{RecordError, Recorder},
    sample::{Body, Event},
};

use crate::{error::Error, exit::Exit};

/// A file that events are written to.
#[derive(Debug)]
pub(crate) struct Record {
    recorder: Recorder<BufWriter<File>>,
    path: PathBuf,
}

impl Record {
    /// Makes the file, or empties it.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(RecordError::Write);
        let recorder = file.and_then(|file| Recorder::begin(BufWriter::new(file)));
        Ok(Record {
            recorder: recorder.map_err(|error| failed(path, error))?,
            path: path.to_owned(),
        })
    }

    /// Writes an event. That time has passed says the event after it as well.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), Error> {
        if event.body == Body::Tick {
            return Ok(());
        }
        self.recorder
            .write(event)
            .map_err(|error| failed(&self.path, error))
    }

    /// Sees to it that everything is in the file.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let ended = self.recorder.end();
        ended.map(drop).map_err(|error| failed(&self.path, error))
    }
}

fn failed(path: &Path, error: RecordError) -> Error {
    Error::new(Exit::Failure, format!("cannot record to {}", path.display())).caused_by(error)
}
