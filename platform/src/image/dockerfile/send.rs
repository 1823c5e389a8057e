//! Sending a context while it is read: neither waits for the whole, and none of it is kept in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;

use super::lines::Teller;
use crate::image::Error;
use crate::image::context::{Context, Failure};

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Pieces that may wait for the engine.
const WAITING: usize = 16;
/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// What went wrong with a file meanwhile, for the time after the engine has seen the archive break off.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<Error>>>);

impl Trouble {
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, error: Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

/// The archive as a stream of pieces. It ends early, with an error, when a file cannot be sent.
pub(super) fn archive(
    context: Context,
    teller: Teller,
) -> (impl Stream<Item = io::Result<Bytes>> + Send + 'static, Trouble) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let trouble = Trouble::default();
    let told = trouble.clone();
    tokio::task::spawn_blocking(move || {
        let total = context.bytes();
        let mut last = Instant::now();
        let mut on_bytes = |done| {
            if done == total || last.elapsed() > TOLD_EVERY {
                last = Instant::now();
                teller.bytes(done, Some(total));
            }
        };
        let pieces = Pieces {
            sender: sender.clone(),
            piece: Vec::with_capacity(PIECE),
        };
        // Whoever does not listen any more is told nothing.
        if let Err(Failure::From(error)) = context.write(pieces, &mut on_bytes) {
            told.put(error);
            drop(sender.blocking_send(Err(io::Error::other("the context cannot be read"))));
        }
    });
    let pieces = futures_util::stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((piece, receiver))
    });
    (pieces, trouble)
}

struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..length]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        let sent = self.sender.blocking_send(Ok(piece.into()));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
