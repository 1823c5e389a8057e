//! Signals of the terminal and of job control.

use std::io;

use rustix::process::{Signal as Number, getpid, getsid, kill_current_process_group};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Guard, give_back};
use crate::exit::Exit;

/// The signals that matter to a program that has the screen.
pub(crate) struct Jobs {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    resize: Signal,
    stop: Signal,
    go_on: Signal,
}

/// What a signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// It is over.
    End(End),
    /// The terminal has another size.
    Resized,
    /// Give the terminal back and stop.
    Stop,
    /// It was stopped, and goes on.
    GoOn,
}

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A person has had enough.
    Quit,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP, or the terminal is gone.
    HungUp,
}

impl End {
    /// The code that the process ends with.
    pub(crate) fn exit(self) -> Exit {
        match self {
            End::Quit => Exit::Success,
            End::Interrupted => Exit::Interrupted,
            End::Terminated => Exit::Terminated,
            End::HungUp => Exit::HungUp,
        }
    }
}

impl Jobs {
    /// Takes these signals over, from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Jobs {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            resize: signal(SignalKind::window_change())?,
            stop: signal(SignalKind::from_raw(Number::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(Number::CONT.as_raw()))?,
        })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Notice {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Notice::End(End::Terminated),
            _ = self.hangup.recv() => Notice::End(End::HungUp),
            _ = self.interrupt.recv() => Notice::End(End::Interrupted),
            _ = self.stop.recv() => Notice::Stop,
            _ = self.go_on.recv() => Notice::GoOn,
            _ = self.resize.recv() => Notice::Resized,
        }
    }
}

/// Gives the terminal back, stops this process and all that were started with it (as Ctrl-Z does elsewhere), and takes the terminal
/// again when it goes on. Where there is no shell that could let it go on, nothing happens.
///
/// # Errors
/// When the terminal cannot be taken again.
pub(crate) fn stop(guard: &Guard) -> io::Result<()> {
    // The leader of a session has no shell above it: nobody would ever wake it.
    if getsid(None).is_ok_and(|session| session == getpid()) {
        return Ok(());
    }
    give_back();
    // The signal that can be ignored is the one listened to above; this one is what it would have done.
    kill_current_process_group(Number::STOP)?;
    guard.take_again()
}
