//! The engine goes away in the midst of a create: told as that, and finished by the next create.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use e2e::Bed;

use crate::cluster::{self, create, create_args, verb};
use crate::listing;

/// A socket that leads to the engine until it is cut.
struct Line {
    path: PathBuf,
    cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Line {
    fn new(path: PathBuf) -> Self {
        let listener = UnixListener::bind(&path).expect("the project takes a socket");
        let line = Self {
            path,
            cut: Arc::default(),
            streams: Arc::default(),
        };
        let (cut, streams) = (Arc::clone(&line.cut), Arc::clone(&line.streams));
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    return;
                }
                let far = UnixStream::connect(engine_socket()).expect("the engine answers");
                let mut kept = streams.lock().expect("nobody panics with it");
                for stream in [&near, &far] {
                    kept.push(stream.try_clone().expect("a second handle"));
                }
                lead(&near, &far);
                lead(&far, &near);
            }
        });
        line
    }

    fn url(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// As when the engine's process is killed: open connections end, new ones are refused.
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        std::fs::remove_file(&self.path).expect("the socket is there");
        for stream in self.streams.lock().expect("nobody panics with it").iter() {
            // One that has ended already is as good.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

/// Copies one direction in a thread of its own, to its end.
fn lead(from: &UnixStream, to: &UnixStream) {
    let (mut from, mut to) = (
        from.try_clone().expect("a handle"),
        to.try_clone().expect("a handle"),
    );
    thread::spawn(move || {
        let mut piece = [0; 16 * 1024];
        while let Ok(read) = from.read(&mut piece) {
            if read == 0 || to.write_all(&piece[..read]).is_err() {
                break;
            }
        }
        drop(to.shutdown(Shutdown::Write));
    });
}

/// The engine's own socket.
fn engine_socket() -> PathBuf {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    let path = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock");
    Path::new(path).to_owned()
}

#[test]
fn an_engine_that_goes_midway_is_told_and_the_next_create_finishes() {
    let bed = Bed::new("outage");
    let line = Line::new(bed.project().join("engine.sock"));
    let (port, url) = (bed.registry_port().to_string(), line.url());
    let args = create_args(&bed, &port, &["-o", "json", "--docker-host", &url]);
    let mut process = bed.spawn(&args);
    process.said("\"step\":\"api\"");
    line.cut();
    let run = bed.record(process.end(Duration::from_mins(5))).ended_with(4);
    assert!(run.stderr.contains("engine"), "{run}");

    create(&bed);
    cluster::is_usable(&bed);
    verb(&bed, "delete-cluster", &["--all"]);
    let left = listing::of(&bed, bed.cluster());
    assert!(left.is_empty(), "{left:#?}");
}
