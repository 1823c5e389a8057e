//! What the test pods run: one static program, so that its image is this file and nothing else.
//!
//! Built by `rustc` alone (see `e2e::visitor`), never by cargo.
#![forbid(improper_ctypes)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a name or a server is tried.
const PATIENCE: Duration = Duration::from_secs(60);
const SIGTERM: i32 = 15;

static TERMINATED: AtomicBool = AtomicBool::new(false);

// The first process of a container ignores the signals it has no handler for, and the standard library has no signals.
unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}

extern "C" fn note(_: i32) {
    TERMINATED.store(true, Ordering::SeqCst);
}

fn main() -> ExitCode {
    // SAFETY: the handler does nothing but store into an atomic.
    unsafe { signal(SIGTERM, note) };
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["serve"] => serve(),
        ["resolve", name] => resolve(name),
        ["get", authority, path] => get(authority, path),
        ["flush", path, seconds] => flush(path, seconds.parse().unwrap_or(1)),
        _ => {
            eprintln!("usage: visitor [serve | resolve NAME | get HOST:PORT PATH | flush FILE SECONDS]");
            ExitCode::from(2)
        }
    }
}

/// Answers HTTP on port 8080 until SIGTERM.
fn serve() -> ExitCode {
    let listener = TcpListener::bind("0.0.0.0:8080").expect("port 8080");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nhello\n");
        }
    });
    println!("serving");
    wait_for_sigterm();
    ExitCode::SUCCESS
}

/// Prints the first address of a name.
fn resolve(name: &str) -> ExitCode {
    until(|| {
        let address = (name, 80).to_socket_addrs().map_err(|e| e.to_string())?.next();
        address.map(|a| a.ip().to_string()).ok_or_else(|| "no address".to_owned())
    })
}

/// Prints the answer to a GET request, head and all.
fn get(authority: &str, path: &str) -> ExitCode {
    until(|| {
        let mut stream = TcpStream::connect(authority).map_err(|e| e.to_string())?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).map_err(|e| e.to_string())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(|e| e.to_string())?;
        Ok(answer)
    })
}

/// After SIGTERM takes so many seconds, as a database that flushes, and then says so in a file.
fn flush(path: &str, seconds: u64) -> ExitCode {
    println!("serving");
    wait_for_sigterm();
    std::thread::sleep(Duration::from_secs(seconds));
    std::fs::write(path, "flushed\n").expect("the file");
    ExitCode::SUCCESS
}

fn wait_for_sigterm() {
    while !TERMINATED.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn until(mut attempt: impl FnMut() -> Result<String, String>) -> ExitCode {
    let limit = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Ok(found) => {
                println!("{found}");
                return ExitCode::SUCCESS;
            }
            Err(error) if Instant::now() > limit || TERMINATED.load(Ordering::SeqCst) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
