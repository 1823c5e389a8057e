//! A connection from its beginning to its end: held, led to a pod, led to another one if the first was not reached.

use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::carry::{self, Ending, Said};
use super::dial::{Attempts, Route};
use super::{Event, Options, Report, peer};
use crate::event::millis;

/// Bytes that wait on their way through a connection without a socket.
const BUFFER: usize = 64 * 1024;

/// Serves one client.
pub(super) async fn serve(mut stream: TcpStream, mut route: Route, hold: Duration, report: Report) {
    // Refused only for a connection that has ended already.
    drop(stream.set_nodelay(true));
    let addresses = stream.local_addr().ok().zip(stream.peer_addr().ok());
    let is_gone = || addresses.and_then(|(own, peer)| peer::is_gone(own, peer));
    let begun = Instant::now();
    let mut attempts = Attempts::within(hold);
    let mut said = Said::default();
    loop {
        let dialled = tokio::select! {
            dialled = route.dial(&mut attempts) => dialled,
            () = closed(&stream), if said.is_empty() => return,
        };
        let (socket, backend) = match dialled {
            Ok(dialled) => dialled,
            Err(reason) => {
                let after_ms = millis(begun.elapsed());
                report(Event::GivenUp { reason, after_ms });
                return reset(&stream);
            }
        };
        let (mut reader, mut writer) = stream.split();
        match carry::carry((&mut reader, &mut writer), socket, &mut said, is_gone).await {
            Ending::Done => return,
            Ending::NotReached(reason) => attempts.failed(&backend, &reason),
            Ending::Broken(reason) => {
                let pod = backend.pod;
                report(Event::Broken { pod, reason });
                return reset(&stream);
            }
        }
    }
}

/// A connection whose local end stays in this process.
///
/// # Errors
/// With the reason, when no pod takes it in time.
pub(super) async fn open(
    mut route: Route,
    options: Options,
    report: Report,
    following: AbortOnDropHandle<()>,
) -> Result<DuplexStream, String> {
    let mut attempts = Attempts::within(options.hold);
    let mut dialled = route.dial(&mut attempts).await?;
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    tokio::spawn(async move {
        let _following = following;
        let (mut reader, mut writer) = tokio::io::split(theirs);
        let mut said = Said::default();
        loop {
            let (socket, backend) = dialled;
            // A stream that was dropped cannot be read any more.
            let ending = carry::carry((&mut reader, &mut writer), socket, &mut said, || None).await;
            let Ending::NotReached(reason) = ending else {
                return;
            };
            attempts.failed(&backend, &reason);
            dialled = match route.dial(&mut attempts).await {
                Ok(dialled) => dialled,
                Err(reason) => return report(Event::GivenUp { reason, after_ms: 0 }),
            };
        }
    });
    Ok(ours)
}

/// Ends the connection so that the client does not take it for complete.
fn reset(stream: &TcpStream) {
    // Without it the client sees an ordinary end.
    drop(stream.set_zero_linger());
}

/// Waits until a client leaves that has said nothing yet.
async fn closed(stream: &TcpStream) {
    let mut byte = [0];
    if let Ok(1..) = stream.peek(&mut byte).await {
        std::future::pending::<()>().await;
    }
}
