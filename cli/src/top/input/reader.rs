//! The thread that waits for the keyboard. A thread, because a terminal made non-blocking would be so for the shell too.

use std::io;
use std::thread;

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use tokio::sync::mpsc;

use super::{Input, Parser};

/// What follows an escape of a key sequence comes within this time, over a slow line too.
const ESCAPE: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 40_000_000,
};
/// Inputs that may wait; more are held back in the terminal's own buffer.
const WAITING: usize = 256;

/// Begins to read standard input. The last thing that comes is [`Input::Gone`]. The thread ends with the process.
///
/// # Errors
/// When no thread can be had.
pub(crate) fn read() -> io::Result<mpsc::Receiver<Input>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    thread::Builder::new()
        .name("keyboard".to_owned())
        .spawn(move || {
            if watch(&sender).is_some() {
                // Nobody listens any more if this fails.
                drop(sender.blocking_send(Input::Gone));
            }
        })?;
    Ok(receiver)
}

/// Reads until the terminal is gone (`Some`) or nobody listens (`None`).
fn watch(sender: &mpsc::Sender<Input>) -> Option<()> {
    let stdin = rustix::stdio::stdin();
    let mut parser = Parser::default();
    let mut bytes = [0; 1024];
    loop {
        let limit = parser.is_within_escape().then_some(&ESCAPE);
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        let inputs = match poll(&mut ready, limit) {
            Ok(0) => parser.flush(),
            Err(Errno::INTR) => continue,
            Err(_) => return Some(()),
            Ok(_) => match rustix::io::read(stdin, &mut bytes) {
                // The end of the terminal; EIO says the same.
                Ok(0) => return Some(()),
                Ok(length) => parser.feed(&bytes[..length]),
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(_) => return Some(()),
            },
        };
        for input in inputs {
            sender.blocking_send(input).ok()?;
        }
    }
}
