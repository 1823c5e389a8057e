//! A scripted Docker engine on a Unix socket: the answers a real one gives only when something is wrong with it.
//!
//! Where a real engine will do, tests use a real one. This one is for what cannot be asked of it: other versions,
//! refusals, broken streams, silence, and a death in the middle of an answer.

mod answer;
mod conversation;

use std::collections::{BTreeMap, VecDeque};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use tempfile::TempDir;

use crate::Error;
pub use answer::{Answer, Ending};
pub use conversation::Request;

/// A scripted engine. Dropping it ends every conversation and removes the socket.
#[derive(Debug)]
pub struct Engine {
    folder: TempDir,
    socket: PathBuf,
    state: Arc<State>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

/// What the engine's threads share.
#[derive(Debug, Default)]
struct State {
    stopped: AtomicBool,
    /// Answers by `METHOD /path`; each is given once, the last one for ever.
    script: Mutex<BTreeMap<String, VecDeque<Answer>>>,
    /// Everything that was asked, in order.
    requests: Mutex<Vec<Request>>,
    /// Conversations that are going on, to be cut off when the engine stops.
    open: Mutex<Vec<UnixStream>>,
}

impl Engine {
    /// Starts an engine of this version, such as `20.10.24` and `1.41`, that knows nothing yet: what is not in its script
    /// is answered with 404.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub fn start(version: &str, api_version: &str) -> Result<Self, Error> {
        let engine = Self::silent()?;
        engine.answer("GET /_ping", Answer::pong(version, api_version));
        Ok(engine)
    }

    /// Starts something that is no engine: even the first question is answered with 404, unless the script says otherwise.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub fn silent() -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("testbed-engine-")
            .tempdir()
            .map_err(Error::io("make a folder for a scripted engine"))?;
        let socket = folder.path().join("docker.sock");
        let listener =
            UnixListener::bind(&socket).map_err(Error::io(format!("listen on {}", socket.display())))?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let listening = thread::spawn(move || accept(&listener, &shared));
        Ok(Self {
            folder,
            socket,
            state,
            listening: Mutex::new(Some(listening)),
        })
    }

    /// Adds an answer to a question such as `GET /images/app/json`; without the API version, and without the query.
    /// Several answers to one question are given one after the other, the last one from then on.
    pub fn answer(&self, question: &str, answer: Answer) {
        let mut script = lock(&self.state.script);
        script.entry(question.to_owned()).or_default().push_back(answer);
    }

    /// As in `DOCKER_HOST`.
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// The socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// A folder that goes with the engine.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state.requests).clone()
    }

    /// Dies: ends every conversation where it is and listens no more. The socket's file stays, as after a crash.
    pub fn kill(&self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for somebody to come.
        drop(UnixStream::connect(&self.socket));
        if let Some(listening) = lock(&self.listening).take() {
            // With the thread goes the listener; that it panicked would show elsewhere.
            drop(listening.join());
        }
        for conversation in lock(&self.state.open).drain(..) {
            // It may have ended by itself.
            drop(conversation.shutdown(Shutdown::Both));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.kill();
    }
}

impl State {
    /// The answer to a question: the first one left, or the last one again.
    fn next_answer(&self, question: &str) -> Answer {
        let mut script = lock(&self.script);
        match script.get_mut(question) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None => None,
        }
        .unwrap_or_else(|| Answer::refusal(404, "page not found"))
    }
}

fn accept(listener: &UnixListener, state: &Arc<State>) {
    for stream in listener.incoming() {
        if state.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(handle) = stream.try_clone() {
            lock(&state.open).push(handle);
        }
        let state = Arc::clone(state);
        thread::spawn(move || {
            // A client that goes in the middle is none of this engine's concern.
            drop(conversation::hold(stream, &state));
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind it is whole after every statement.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
