//! Recordings: events as JSON Lines, one a line after a line that says what this is. Played back, they give the same reports.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::sample::Event;

/// What the first line says.
pub const FORMAT: &str = "ratectl.top.recording/v1";

/// No line is longer: a page of 256 consumers takes half a megabyte.
pub const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// Why a recording cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file does not take it.
    #[error("cannot write the recording")]
    Write(#[source] io::Error),
    /// The file cannot be read on.
    #[error("cannot read line {line} of the recording")]
    Read {
        /// From 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// A line has no end within [`LONGEST_LINE`].
    #[error("line {line} of the recording is longer than {LONGEST_LINE} bytes")]
    TooLong {
        /// From 1.
        line: u64,
    },
    /// A line is no event.
    #[error("line {line} of the recording is no event")]
    NoEvent {
        /// From 1.
        line: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// The first line does not say that this is a recording.
    #[error(
        "the first line does not say {FORMAT:?}: this is no recording, or one of another version of ratectl"
    )]
    NoRecording,
}

#[derive(Serialize, Deserialize)]
struct Header {
    recording: String,
}

/// Writes events.
#[derive(Debug)]
pub struct Recorder<W> {
    out: W,
}

impl<W: Write> Recorder<W> {
    /// Begins a recording.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn begin(out: W) -> Result<Self, RecordError> {
        let mut recorder = Self { out };
        recorder.line(&Header {
            recording: FORMAT.to_owned(),
        })?;
        Ok(recorder)
    }

    /// Writes one event, whole or (if this fails) perhaps in part.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn write(&mut self, event: &Event) -> Result<(), RecordError> {
        self.line(event)
    }

    /// What was written to, flushed.
    ///
    /// # Errors
    /// [`RecordError::Write`].
    pub fn end(mut self) -> Result<W, RecordError> {
        self.out.flush().map_err(RecordError::Write)?;
        Ok(self.out)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), RecordError> {
        let mut line = serde_json::to_vec(value).map_err(|error| RecordError::Write(error.into()))?;
        line.push(b'\n');
        self.out.write_all(&line).map_err(RecordError::Write)
    }
}

/// Reads events, in the order in which they came.
///
/// After [`RecordError::NoEvent`] the next line is read; after any other error there is no more.
#[derive(Debug)]
pub struct Recording<R> {
    from: R,
    line: u64,
    over: bool,
}

impl<R: BufRead> Recording<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// [`RecordError::NoRecording`] if it is none; [`RecordError::Read`], [`RecordError::TooLong`].
    pub fn open(from: R) -> Result<Self, RecordError> {
        let mut recording = Self {
            from,
            line: 0,
            over: false,
        };
        let first = recording.read()?.ok_or(RecordError::NoRecording)?;
        match serde_json::from_slice::<Header>(&first) {
            Ok(header) if header.recording == FORMAT => Ok(recording),
            _ => Err(RecordError::NoRecording),
        }
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, RecordError> {
        self.line += 1;
        let line = self.line;
        let mut bytes = Vec::new();
        let mut limited = (&mut self.from).take(LONGEST_LINE);
        let read = limited.read_until(b'\n', &mut bytes);
        let count = read.map_err(|source| RecordError::Read { line, source })?;
        if bytes.last() != Some(&b'\n') && u64::try_from(count).is_ok_and(|count| count >= LONGEST_LINE) {
            return Err(RecordError::TooLong { line });
        }
        Ok((count > 0).then_some(bytes))
    }
}

impl<R: BufRead> Iterator for Recording<R> {
    type Item = Result<Event, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.over {
            match self.read() {
                Ok(Some(bytes)) if bytes.trim_ascii().is_empty() => {}
                Ok(Some(bytes)) => {
                    let line = self.line;
                    let event = serde_json::from_slice(&bytes);
                    return Some(event.map_err(|source| RecordError::NoEvent { line, source }));
                }
                Ok(None) => self.over = true,
                Err(error) => {
                    self.over = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
