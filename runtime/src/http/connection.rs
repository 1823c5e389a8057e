//! One connection from its socket to its close: hyper drives it, a watchdog ends its waits.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::{Response, StatusCode};
use hyper::{service::service_fn, upgrade::OnUpgrade};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{net::TcpStream, time::timeout};

use super::{
    BoxError, Peer, Request, Service, Settings,
    answer::{self, Answer},
    farewell::farewell,
    framing::{Limits, Refusal},
    meters::Closed,
    pulse::Pulse,
    socket::Socket,
    stop::{Phase, Stop},
    tracked::{Source, Tracked},
    watchdog::Watchdog,
};

/// hyper's default; setting any number makes it allocate per request.
const HYPER_MAX_HEADERS: usize = 100;
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How long an idle HTTP/2 peer has for its GOAWAY.
const FAREWELL: Duration = Duration::from_secs(1);

/// What the connections of one service instance share.
#[derive(Debug)]
pub(super) struct Shared<S> {
    pub(super) service: S,
    pub(super) settings: Settings,
    builder: auto::Builder<TokioExecutor>,
    limits: Limits,
    pub(super) stop: Stop,
}

impl<S: Service> Shared<S> {
    pub(super) fn new(service: S, settings: Settings) -> Self {
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
            stop: Stop::default(),
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
        let may_switch = request.extensions().get::<OnUpgrade>().is_some() && !pulse.is_http2();
        let response = self.service.call(request, peer).await;
        // Only our own answer lifts the screen, whatever the request asked for.
        if may_switch && response.status() == StatusCode::SWITCHING_PROTOCOLS {
            pulse.set_tunnel();
        }
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
    if pulse.is_tunnel() && matches!(end, End::Done(Ok(()))) {
        // The service has the socket now; it counts as a connection until the service lets go of it.
        tokio::select! {
            stream = stream_rx => if let Ok(stream) = stream { farewell(stream, None).await },
            () = shared.stop.killed() => {}
        }
        return;
    }
    if let Ok(stream) = stream_rx.try_recv()
        && !matches!(end, End::Killed)
        && shared.stop.phase() == Phase::Serving
    {
        tokio::select! {
            () = farewell(stream, answer) => {}
            () = shared.stop.begun() => {}
        }
    }
}

/// Finds the answer the peer should still get.
fn judge(end: &End, settings: &Settings, pulse: &Pulse) -> Option<Answer> {
    let answer = match (end, pulse.refusal()) {
        (_, Some(refusal)) => {
            settings.meters.count(Closed::Refused);
            Some(Answer::from(refusal))
        }
        (End::Expired(cause), None) => {
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
    let mut connection = pin!(
        shared
            .builder
            .serve_connection_with_upgrades(TokioIo::new(socket), service)
    );
    let mut watchdog = Watchdog::new(shared.settings.header_read_timeout);
    let mut changed = pin!(shared.stop.changed());
    let mut seen = None;
    let end = poll_fn(|cx| {
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            return Poll::Ready(End::Done(result));
        }
        // Waiting for a change takes a lock: it is done again only after one.
        while seen != Some(shared.stop.phase()) {
            while changed.as_mut().poll(cx).is_ready() {
                changed.set(shared.stop.changed());
            }
            let phase = shared.stop.phase();
            seen = Some(phase);
            if phase == Phase::Killed {
                return Poll::Ready(End::Killed);
            }
            if phase == Phase::Closing {
                connection.as_mut().graceful_shutdown();
                if let Poll::Ready(result) = connection.as_mut().poll(cx) {
                    return Poll::Ready(End::Done(result));
                }
            }
        }
        watchdog.poll(cx, &shared.settings, pulse).map(End::Expired)
    })
    .await;
    if let End::Expired(cause) = &end {
        // Before the peer can see it.
        shared.settings.meters.count(*cause);
    }
    if matches!(end, End::Expired(Closed::Idle)) {
        connection.as_mut().graceful_shutdown();
        // What the peer does not take in this time it does not get; the connection is closed either way.
        let _late = timeout(FAREWELL, connection).await;
    }
    end
}
