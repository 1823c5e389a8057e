//! One connection that comes back by itself, and what state it is in.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event};
use tokio::sync::watch;

use super::delay::Delay;
use super::settings::{Settings, SettingsError};

/// Between attempts to connect: short, because clients of the system wait meanwhile.
const RECONNECT: Delay = Delay {
    first: Duration::from_millis(50),
    longest: Duration::from_secs(1),
};

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Never been up; attempts go on.
    Connecting,
    /// Up.
    Connected,
    /// Was up; attempts go on.
    Disconnected,
    /// Closed by us, for good.
    Closed,
}

/// The state of a connection, as [`Connection::state`] reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Where it is in its life.
    pub phase: Phase,
    /// The last error the server or the network reported, while not connected; for people.
    pub why: Option<String>,
    /// How often the connection was made; a change means that everything in flight on the wire was lost.
    pub connects: u64,
}

/// Why a connection could not even be begun. A server that cannot be reached is no error: attempts go on.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The settings contradict themselves.
    #[error("the NATS settings are not valid")]
    Settings(#[from] SettingsError),
    /// The credentials file cannot be read, or does not hold a JWT and a key.
    #[error("cannot use the NATS credentials file {}", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The client library refuses the options.
    #[error("cannot begin to connect to NATS")]
    Client(#[source] async_nats::ConnectError),
}

/// A connection to NATS; clones share it, and it closes when the last one is gone.
#[derive(Clone, Debug)]
pub struct Connection {
    client: Client,
    state: watch::Receiver<State>,
    inbox_prefix: Arc<str>,
}

/// Begins to connect and returns at once; attempts go on in the background until the server is there.
pub async fn connect(settings: &Settings) -> Result<Connection, ConnectError> {
    settings.validate()?;
    let (state_tx, state) = watch::channel(State {
        phase: Phase::Connecting,
        why: None,
        connects: 0,
    });
    let state_tx = Arc::new(state_tx);
    let refusals = Arc::clone(&state_tx);
    let options = sign_in(ConnectOptions::new(), settings)?
        .name(&settings.name)
        .custom_inbox_prefix(&settings.inbox_prefix)
        .ping_interval(settings.ping_interval)
        .connection_timeout(settings.connect_timeout)
        .retry_on_initial_connect()
        .reconnect_delay_callback(|attempt| {
            RECONNECT.after(u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX))
        })
        .reconnect_to_server_callback(move |servers, _| {
            note_refusals(&refusals, &servers);
            async { None }
        })
        .event_callback(move |event| {
            note_event(&state_tx, &event);
            async {}
        });
    let client = options
        .connect(&settings.urls)
        .await
        .map_err(ConnectError::Client)?;
    Ok(Connection {
        client,
        state,
        inbox_prefix: settings.inbox_prefix.as_str().into(),
    })
}

fn sign_in(mut options: ConnectOptions, settings: &Settings) -> Result<ConnectOptions, ConnectError> {
    if let Some(path) = &settings.ca_file {
        options = options.add_root_certificates(path.clone());
    }
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.expose().to_owned());
    }
    options = match settings.url_sign_in() {
        Some((user, Some(password))) => options.user_and_password(user, password),
        Some((token, None)) => options.token(token),
        None => options,
    };
    if let Some(token) = &settings.token {
        options = options.token(token.expose().to_owned());
    }
    if let Some(path) = &settings.credentials_file {
        let refused = |source| ConnectError::Credentials {
            path: path.clone(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(refused)?;
        options = options.credentials(&text).map_err(refused)?;
    }
    Ok(options)
}

/// Keeps the reason of the last failed attempt, which the client tells nobody else in words.
fn note_refusals(state: &watch::Sender<State>, servers: &[async_nats::Server]) {
    let refusal = |server: &async_nats::Server| {
        let error = server.last_error.as_deref()?;
        Some(format!("{}:{}: {error}", server.addr.host(), server.addr.port()))
    };
    let why: Vec<String> = servers.iter().filter_map(refusal).collect();
    if !why.is_empty() {
        state.send_if_modified(|state| {
            let down = state.phase != Phase::Connected;
            if down {
                state.why = Some(why.join("; "));
            }
            down
        });
    }
}

fn note_event(state: &watch::Sender<State>, event: &Event) {
    let change = |phase| state.send_modify(|state| state.phase = phase);
    match event {
        Event::Connected => {
            tracing::info!("connected to NATS");
            state.send_modify(|state| {
                *state = State {
                    phase: Phase::Connected,
                    why: None,
                    connects: state.connects + 1,
                };
            });
        }
        Event::Disconnected => {
            tracing::warn!("connection to NATS lost");
            change(Phase::Disconnected);
        }
        Event::Closed => change(Phase::Closed),
        Event::LameDuckMode => tracing::warn!("the NATS server announces that it will stop"),
        Event::SlowConsumer(subscription) => {
            tracing::error!(
                subscription,
                "messages of a NATS subscription were dropped: its reader is too slow"
            );
        }
        Event::ServerError(_) | Event::ClientError(_) => note_error(state, event),
        Event::Draining => {}
    }
}

fn note_error(state: &watch::Sender<State>, event: &Event) {
    // Without a connection these are failed attempts, one a second; the readiness says why, once.
    if state.borrow().phase == Phase::Connected {
        tracing::warn!(%event, "NATS reports an error");
    } else {
        tracing::debug!(%event, "no connection to NATS yet");
    }
    state.send_modify(|state| {
        // Reasons of single attempts say more; a server's own words come before the connection ends.
        if state.why.is_none() || matches!(event, Event::ServerError(_)) {
            state.why = Some(event.to_string());
        }
    });
}

impl Connection {
    /// The client library's handle.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The state now and its changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// Whether the connection is up at this moment; cheaper and fresher than [`Connection::state`].
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// How often the connection was made, at this moment.
    pub fn connects(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    /// A new subject below the inbox prefix that nobody else uses; subscribe to it or to `<inbox>.*`.
    pub fn new_inbox(&self) -> String {
        self.client.new_inbox()
    }

    /// What [`Connection::new_inbox`] starts with.
    pub fn inbox_prefix(&self) -> &str {
        &self.inbox_prefix
    }

    /// Why the connection cannot be used now, in words for a readiness check; `None` while it can.
    pub fn trouble(&self) -> Option<String> {
        if self.is_connected() {
            return None;
        }
        let state = self.state.borrow();
        let doing = match state.phase {
            Phase::Connecting => "connecting to NATS",
            Phase::Connected | Phase::Disconnected => "connection to NATS lost, reconnecting",
            Phase::Closed => "connection to NATS closed",
        };
        Some(match &state.why {
            Some(why) => format!("{doing} ({why})"),
            None => doing.to_owned(),
        })
    }
}
