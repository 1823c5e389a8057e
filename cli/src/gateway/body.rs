//! Bodies of the answers the gateway makes itself.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::BoxBody};
use hyper::body::Frame;
use tokio::{fs::File, io::AsyncReadExt};

/// A body made here: nothing, bytes in memory, or a file read while it is sent.
pub(crate) type LocalBody = BoxBody<Bytes, io::Error>;

/// How much of a file is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// No body.
pub(super) fn empty() -> LocalBody {
    Empty::new().map_err(|never| match never {}).boxed()
}

/// Bytes in memory.
pub(super) fn full(bytes: impl Into<Bytes>) -> LocalBody {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed()
}

/// The first `length` bytes of a file, in chunks, so that a large file needs little memory. A file that shrinks
/// meanwhile ends the body with an error, which the client sees as a broken answer rather than a short one.
pub(super) fn file(file: File, length: u64) -> LocalBody {
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let wanted = usize::try_from(left).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let mut chunk = vec![0; wanted];
        let read = file.read(&mut chunk).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        chunk.truncate(read);
        Ok(Some((
            Frame::data(Bytes::from(chunk)),
            (file, left - read as u64),
        )))
    });
    BodyExt::boxed(StreamBody::new(chunks))
}
