//! The thread that writes frames: a terminal at the end of a slow line holds up neither keys nor signals. While one frame is on its
//! way no other is drawn, so that a slow line gets fewer frames instead of late ones.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;

/// Writes frames, one at a time.
#[derive(Debug)]
pub(crate) struct Writer {
    frames: Option<std::sync::mpsc::SyncSender<Vec<u8>>>,
    written: mpsc::Receiver<io::Result<()>>,
    busy: bool,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread can be had.
    pub(crate) fn start() -> io::Result<Self> {
        let (frames, waiting) = std::sync::mpsc::sync_channel::<Vec<u8>>(1);
        let (done, written) = mpsc::channel(1);
        thread::Builder::new().name("screen".to_owned()).spawn(move || {
            for frame in waiting {
                let outcome = super::write_all(&frame);
                if done.blocking_send(outcome).is_err() {
                    break;
                }
            }
        })?;
        Ok(Writer {
            frames: Some(frames),
            written,
            busy: false,
        })
    }

    /// Whether a frame is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Sends a frame on its way. Not while [`Writer::is_busy`].
    pub(crate) fn write(&mut self, frame: Vec<u8>) {
        if frame.is_empty() {
            return;
        }
        if let Some(frames) = &self.frames {
            // There is room, as only one is ever on its way.
            self.busy = frames.try_send(frame).is_ok();
        }
    }

    /// Waits until the frame has been written.
    ///
    /// # Errors
    /// When it could not be: the terminal is gone.
    pub(crate) async fn written(&mut self) -> io::Result<()> {
        let outcome = self.written.recv().await;
        self.busy = false;
        outcome.unwrap_or_else(|| Err(io::ErrorKind::BrokenPipe.into()))
    }

    /// Waits for what is on its way, but no longer than a moment.
    pub(crate) async fn settle(&mut self) {
        const MOMENT: Duration = Duration::from_millis(300);
        if self.busy {
            drop(tokio::time::timeout(MOMENT, self.written()).await);
        }
    }
}
