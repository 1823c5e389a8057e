//! One connection from its socket to its close: hyper drives it, a watchdog ends its waits.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Response;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    BoxError, Peer, Request, Service, Settings,
    answer::{self, Answer},
    framing::{Limits, Refusal},
    meters::Closed,
    pulse::Pulse,
    socket::Socket,
    tracked::{Source, Tracked},
};

/// hyper's default; setting any number makes it allocate per request.
const HYPER_MAX_HEADERS: usize = 100;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How long, and for how many bytes, we read on after our last answer so that the peer can read it before the close resets it.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;
/// How long an idle HTTP/2 peer has for its GOAWAY.
const FAREWELL: Duration = Duration::from_secs(1);

/// What the connections of one service instance share.
#[derive(Debug)]
pub(super) struct Shared<S> {
    pub(super) service: S,
    pub(super) settings: Settings,
    builder: auto::Builder<TokioExecutor>,
    limits: Limits,
    /// Connections finish what they do and close.
    pub(super) closing: CancellationToken,
    /// Connections end now.
    pub(super) kill: CancellationToken,
}

impl<S: Service> Shared<S> {
    pub(super) fn new(service: S, settings: Settings, kill: CancellationToken) -> Self {
        let limits = Limits {
            uri_bytes: to_usize(settings.max_uri_bytes),
            head_bytes: to_usize(settings.max_header_bytes),
            headers: settings.max_headers,
        };
        let builder = builder(&settings, limits);
        Self {
            service,
            settings,
            builder,
            limits,
            closing: CancellationToken::new(),
            kill,
        }
    }

    async fn call(
        self: Arc<Self>,
        request: Request,
        peer: Peer,
        pulse: Arc<Pulse>,
    ) -> Response<Tracked<S::Body>> {
        let mut in_flight = pulse.begin();
        if pulse.is_http2()
            && let Some(refusal) = self.refusal(&request)
        {
            in_flight.answered();
            let answer = Answer::from(refusal).to_response();
            return answer.map(|body| Tracked::new(Source::Server(body), in_flight));
        }
        let response = self.service.call(request, peer).await;
        in_flight.answered();
        response.map(|body| Tracked::new(Source::Service(body), in_flight))
    }

    /// The limits that HTTP/1 requests have met on the wire already.
    fn refusal(&self, request: &Request) -> Option<Refusal> {
        let target = request
            .uri()
            .path_and_query()
            .map_or(0, |target| target.as_str().len());
        if target > self.limits.uri_bytes {
            Some(Refusal::UriTooLong)
        } else if request.headers().len() > self.limits.headers {
            Some(Refusal::HeadTooLarge)
        } else {
            None
        }
    }
}

fn to_usize(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn builder(settings: &Settings, limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    let mut http1 = builder.http1();
    // The watchdog has the header time-out: hyper's would end idle connections just as early.
    http1.timer(TokioTimer::new()).header_read_timeout(None);
    if settings.max_headers > HYPER_MAX_HEADERS {
        http1.max_headers(settings.max_headers);
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(settings.http2_max_streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(256);
    builder
}

/// How a connection came to its end.
#[derive(Debug)]
enum End {
    /// hyper is done: the peer closed, the drain closed, or something broke.
    Done(Result<(), BoxError>),
    /// A wait took too long.
    Expired(Closed),
    /// The server stops hard.
    Killed,
}

/// Serves one connection to its end.
pub(super) async fn drive<S: Service>(shared: Arc<Shared<S>>, stream: TcpStream, peer: Peer) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, peer = %peer.address, "connection closed before it began");
        return;
    }
    let pulse = Arc::new(Pulse::new());
    let (socket, mut stream_rx) = Socket::new(stream, shared.limits, Arc::clone(&pulse));
    let end = converse(&shared, socket, peer, &pulse).await;
    let answer = judge(&end, &shared.settings, &pulse);
    if let End::Done(Err(error)) = &end {
        tracing::debug!(%error, peer = %peer.address, "connection ended early");
    }
    if let Ok(stream) = stream_rx.try_recv()
        && !matches!(end, End::Killed)
        && !shared.closing.is_cancelled()
    {
        tokio::select! {
            () = farewell(stream, answer) => {}
            () = shared.closing.cancelled() => {}
        }
    }
}

/// Counts the end, and finds the answer the peer should still get.
fn judge(end: &End, settings: &Settings, pulse: &Pulse) -> Option<Answer> {
    let answer = match (end, pulse.refusal()) {
        (_, Some(refusal)) => {
            settings.meters.count(Closed::Refused);
            Some(Answer::from(refusal))
        }
        (End::Expired(cause), None) => {
            settings.meters.count(*cause);
            (*cause == Closed::HeaderTimeout && pulse.is_mid_head()).then_some(answer::HEADER_TIMEOUT)
        }
        (End::Done(_) | End::Killed, None) => None,
    };
    answer.filter(|_| pulse.is_quiet())
}

/// Runs hyper until it is done, a wait expires, or the server stops.
async fn converse<S: Service>(
    shared: &Arc<Shared<S>>,
    socket: Socket,
    peer: Peer,
    pulse: &Arc<Pulse>,
) -> End {
    let service = service_fn(|request: Request| {
        let call = Arc::clone(shared).call(request, peer, Arc::clone(pulse));
        async move { Ok::<_, std::convert::Infallible>(call.await) }
    });
    let mut connection = pin!(shared.builder.serve_connection(TokioIo::new(socket), service));
    let mut watchdog = pin!(sleep_until(Instant::now() + shared.settings.header_read_timeout));
    let mut closing = pin!(shared.closing.cancelled());
    let mut kill = pin!(shared.kill.cancelled());
    let mut is_closing = false;
    let end = poll_fn(|cx| {
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            return Poll::Ready(End::Done(result));
        }
        if kill.as_mut().poll(cx).is_ready() {
            return Poll::Ready(End::Killed);
        }
        if !is_closing && closing.as_mut().poll(cx).is_ready() {
            is_closing = true;
            connection.as_mut().graceful_shutdown();
            if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                return Poll::Ready(End::Done(result));
            }
        }
        expired(watchdog.as_mut(), cx, &shared.settings, pulse).map(End::Expired)
    })
    .await;
    if matches!(end, End::Expired(Closed::Idle)) {
        connection.as_mut().graceful_shutdown();
        // What the peer does not take in this time it does not get; the connection is closed either way.
        let _late = timeout(FAREWELL, connection).await;
    }
    end
}

/// Resolves when the connection has waited too long. The timer is only moved when it must fire earlier, or has fired: a
/// connection in steady use does not touch it.
fn expired(
    mut watchdog: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
    settings: &Settings,
    pulse: &Pulse,
) -> Poll<Closed> {
    loop {
        let deadline = pulse.deadline(settings);
        if let Some((at, _)) = deadline
            && watchdog.deadline() > at
        {
            watchdog.as_mut().reset(at);
        }
        if watchdog.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        let now = Instant::now();
        match deadline {
            Some((at, cause)) if now >= at => return Poll::Ready(cause),
            Some((at, _)) => watchdog.as_mut().reset(at),
            // A request may end without waking this task: look again later.
            None => watchdog
                .as_mut()
                .reset(now + settings.idle_timeout.max(Duration::from_secs(1))),
        }
    }
}

/// Says the last word, if there is one, and closes so that it arrives.
pub(super) async fn farewell(mut stream: TcpStream, answer: Option<Answer>) {
    let goodbye = async {
        if let Some(answer) = answer {
            stream.write_all(&answer.to_wire()).await?;
        }
        stream.shutdown().await?;
        let mut left = LINGER_BYTES;
        let mut waste = [0; 4096];
        while left > 0 {
            stream.readable().await?;
            match stream.try_read(&mut waste) {
                Ok(0) => break,
                Ok(count) => left = left.saturating_sub(count),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok::<_, std::io::Error>(())
    };
    // A peer that is gone or does not read loses the last word; that is all that can happen here.
    let _outcome = timeout(LINGER, goodbye).await;
}
