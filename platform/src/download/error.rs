//! What can go wrong with files from elsewhere.

use std::path::PathBuf;

/// Why a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not in the cache, and the network is forbidden.
    #[error("{url} (SHA-256 {sha256}) is not in the cache, and --offline forbids to fetch it")]
    Offline {
        /// Where it could be fetched.
        url: String,
        /// What it is known by.
        sha256: String,
    },
    /// What it should be known by is no checksum.
    #[error("'{sha256}' is no SHA-256: 64 hexadecimal digits are")]
    NoSum {
        /// What was given.
        sha256: String,
    },
    /// The URL cannot be used.
    #[error("{url} is no URL that can be fetched: {reason}")]
    Url {
        /// As it was given, or as a server gave it.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The certificate authorities of this machine cannot be read.
    #[error("cannot read this machine's certificate authorities")]
    Authorities(#[source] std::io::Error),
    /// Nobody answers, or the connection broke.
    #[error("cannot fetch {url}")]
    Unanswered {
        /// What was asked for.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server does not give it.
    #[error("cannot fetch {url}: the server answers {status}")]
    Refused {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// One server leads to the next, and so on.
    #[error("cannot fetch {url}: more than {limit} redirections")]
    Circle {
        /// What was asked for first.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// Nothing came for too long.
    #[error("cannot fetch {url}: nothing came for {seconds} s")]
    Silent {
        /// What was asked for.
        url: String,
        /// How long.
        seconds: u64,
    },
    /// It is larger than anything that is wanted here.
    #[error("cannot fetch {url}: it has more than {limit} bytes")]
    Large {
        /// What was asked for.
        url: String,
        /// How many are taken.
        limit: u64,
    },
    /// It is something else than was written down.
    #[error("{url} has the SHA-256 {is}, and {expected} was written down")]
    Mismatch {
        /// Where it came from.
        url: String,
        /// The one that was written down.
        expected: String,
        /// That of what came.
        is: String,
    },
    /// A file of the cache, or one that goes into it, cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The cache cannot be written.
    #[error("cannot write to {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
