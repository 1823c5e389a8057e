//! The terminal while `ratectl top` has it: taken over, and given back as it was, however it ends.

mod canvas;
mod job;
mod writer;

use std::io;
use std::sync::{
    Mutex, Once, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use ratatui::crossterm::{
    QueueableCommand as _, cursor,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen},
};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr};
use tokio_util::sync::CancellationToken;

pub(crate) use canvas::Canvas;
pub(crate) use job::{End, Jobs, Notice, stop};
pub(crate) use writer::Writer;

/// Modes of the terminal as they were; there while it is taken over.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);
/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// A panic hook is set once a process.
static HOOK: Once = Once::new();
/// What a panic in any thread cancels.
static PANICKED: Mutex<Option<CancellationToken>> = Mutex::new(None);

/// Cancels whatever sequence a broken-off write has left open.
const CANCEL: u8 = 0x18;
/// All attributes off.
const PLAIN: &[u8] = b"\x1b[0m";
/// Asks for the colour of the background.
const ASK_BACKGROUND: &[u8] = b"\x1b]11;?\x1b\\";

/// The terminal, taken over. Dropping gives it back.
#[derive(Debug)]
pub(crate) struct Guard {
    ask_background: bool,
}

impl Guard {
    /// Takes the terminal over: no echo, the alternate screen, no cursor. A panic in any thread gives it back and cancels `panicked`.
    ///
    /// # Errors
    /// When standard input or output is no terminal.
    pub(crate) fn take(ask_background: bool, panicked: &CancellationToken) -> io::Result<Self> {
        *PANICKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(panicked.clone());
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
                if let Ok(Some(panicked)) = PANICKED.try_lock().as_deref() {
                    panicked.cancel();
                }
            }));
        });
        let guard = Guard { ask_background };
        guard.take_again()?;
        Ok(guard)
    }

    /// Has the terminal as it has to be, after somebody else may have had it: this process was stopped without being asked.
    pub(crate) fn reassert(&self) -> io::Result<()> {
        let stdin = rustix::stdio::stdin();
        let mut modes = tcgetattr(stdin)?;
        modes.make_raw();
        tcsetattr(stdin, OptionalActions::Now, &modes)?;
        write_all(&entrance(self.ask_background))
    }

    /// Takes the terminal over (again, after it was stopped).
    pub(crate) fn take_again(&self) -> io::Result<()> {
        let stdin = rustix::stdio::stdin();
        let now = tcgetattr(stdin)?;
        let mut raw = now.clone();
        raw.make_raw();
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        TAKEN.store(true, Ordering::SeqCst);
        tcsetattr(stdin, OptionalActions::Now, &raw)?;
        write_all(&entrance(self.ask_background))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back. May be called from anywhere and more than once; what fails of it does not keep the rest from being done.
pub(crate) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    drop(write_all(&exit()));
    // A panic within the few instructions that hold it leaves the modes as they are: better than to wait here for ever.
    if let Ok(mut before) = BEFORE.try_lock()
        && let Some(before) = before.take()
    {
        let stdin = rustix::stdio::stdin();
        // Half a key, or an answer of the terminal, is not for the shell.
        let _ = tcflush(stdin, QueueSelector::IFlush);
        let _ = tcsetattr(stdin, OptionalActions::Now, &before);
    }
}

/// Columns and rows of the terminal; 80 by 24 if it does not tell.
pub(crate) fn size() -> (u16, u16) {
    match tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

fn entrance(ask_background: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    drop(
        bytes
            .queue(EnterAlternateScreen)
            .and_then(|bytes| bytes.queue(cursor::Hide))
            .and_then(|bytes| bytes.queue(EnableBracketedPaste))
            .and_then(|bytes| bytes.queue(EnableFocusChange)),
    );
    if ask_background {
        bytes.extend_from_slice(ASK_BACKGROUND);
    }
    bytes
}

fn exit() -> Vec<u8> {
    let mut bytes = vec![CANCEL];
    drop(
        bytes
            .queue(EndSynchronizedUpdate)
            .and_then(|bytes| bytes.queue(DisableFocusChange))
            .and_then(|bytes| bytes.queue(DisableBracketedPaste)),
    );
    bytes.extend_from_slice(PLAIN);
    drop(
        bytes
            .queue(cursor::Show)
            .and_then(|bytes| bytes.queue(LeaveAlternateScreen)),
    );
    bytes
}

/// Writes past the lock of `std`, which a thread that is stuck in writing might hold.
fn write_all(mut bytes: &[u8]) -> io::Result<()> {
    let stdout = rustix::stdio::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(stdout, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(length) => bytes = &bytes[length..],
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "../../tests/it/pty.rs"]
#[expect(
    dead_code,
    reason = "the tests of the program use all of it, those here a part"
)]
mod pty;
#[cfg(test)]
mod tests;
