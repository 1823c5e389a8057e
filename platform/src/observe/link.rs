//! The connection to NATS that the sources share: it comes back by itself, and knows what the user may not do.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, Message, RequestErrorKind, ServerError, Subscriber};
use bytes::Bytes;
use tokio::sync::watch;

use super::pace::jittered;
use crate::streams::{self, JetStream, Login, sign_in};

/// The first pause between attempts to connect, and the longest.
const RECONNECT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A silent connection counts as lost after three of these.
const PING_EVERY: Duration = Duration::from_secs(5);

/// A NATS system and who we are there.
#[derive(Clone)]
pub struct Nats {
    /// A server. A user and password, or a token, may stand in it, percent-encoded.
    pub url: String,
    /// User and password, in place of those.
    pub login: Option<Login>,
    /// A file with a user's JWT and key.
    pub credentials: Option<PathBuf>,
    /// What the subjects of answers start with, where the user may not have `_INBOX`.
    pub inbox_prefix: Option<String>,
    /// The JetStream domain, where it is not the server's own.
    pub domain: Option<String>,
}

impl Nats {
    /// A server without a user.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            login: None,
            credentials: None,
            inbox_prefix: None,
            domain: None,
        }
    }

    /// The URL without credentials.
    pub(super) fn shown(&self) -> String {
        crate::streams::without_credentials(&self.url)
    }

    /// Connects once, as the same user, for what is done besides looking.
    ///
    /// # Errors
    /// When the credentials cannot be used, or as [`JetStream::connect`].
    pub async fn jetstream(&self) -> Result<JetStream, streams::Error> {
        let options = self.options().map_err(|reason| streams::Error::SignIn {
            url: self.shown(),
            reason,
        })?;
        JetStream::connect_with(&self.url, options, self.domain.clone()).await
    }

    fn options(&self) -> Result<ConnectOptions, String> {
        let mut options = match &self.login {
            Some(login) => ConnectOptions::with_user_and_password(login.user.clone(), login.password.clone()),
            None => sign_in(&self.url),
        };
        if let Some(path) = &self.credentials {
            let unusable = |error: std::io::Error| format!("credentials file {}: {error}", path.display());
            let text = std::fs::read_to_string(path).map_err(unusable)?;
            options = options.credentials(&text).map_err(unusable)?;
        }
        if let Some(prefix) = &self.inbox_prefix {
            options = options.custom_inbox_prefix(prefix);
        }
        Ok(options)
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats")
            .field("url", &self.shown())
            .finish_non_exhaustive()
    }
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Trouble {
    /// The connection is away.
    #[error("not connected")]
    Disconnected,
    /// The server does not let this user.
    #[error("the user may not publish to {0}")]
    Denied(String),
    /// Nobody listens to the subject.
    #[error("nobody answers to {0}")]
    NoResponders(String),
    /// No answer came in time.
    #[error("no answer to {0} in time")]
    Timeout(String),
    /// Something else, in words.
    #[error("{0}")]
    Other(String),
}

impl Trouble {
    /// Whether asking less may help.
    pub(super) fn is_of_load(&self) -> bool {
        matches!(self, Self::Timeout(_))
    }
}

/// What is known of the connection.
#[derive(Clone, Debug, Default)]
struct State {
    connected: bool,
    why: Option<String>,
    /// What the server has refused since: `Publish to "x"`, `Subscription to "y"`.
    refused: BTreeSet<String>,
}

/// The connection. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    client: Client,
    state: watch::Sender<State>,
    prefix: String,
}

impl Link {
    /// Begins to connect and returns at once; attempts go on for as long as somebody holds this.
    ///
    /// # Errors
    /// In words, when the settings cannot work whatever the server does.
    pub(super) async fn open(nats: &Nats) -> Result<Self, String> {
        let state = watch::Sender::new(State::default());
        let (told, refusals) = (state.clone(), state.clone());
        let client = nats
            .options()?
            .name("ratectl")
            .connection_timeout(CONNECT_WITHIN)
            .ping_interval(PING_EVERY)
            .retry_on_initial_connect()
            .reconnect_delay_callback(|attempt| {
                let doublings = u32::try_from(attempt.saturating_sub(1))
                    .unwrap_or(u32::MAX)
                    .min(8);
                jittered((RECONNECT.0 * (1 << doublings)).min(RECONNECT.1))
            })
            .reconnect_to_server_callback(move |servers, _| {
                let last = servers.iter().find_map(|server| server.last_error.clone());
                if let Some(why) = last {
                    refusals.send_if_modified(|state| {
                        !state.connected && state.why.replace(why.clone()).as_ref() != Some(&why)
                    });
                }
                async { None }
            })
            .event_callback(move |event| {
                note(&told, &event);
                async {}
            })
            .connect(&nats.url)
            .await
            .map_err(|error| error.to_string())?;
        let prefix = nats
            .domain
            .as_ref()
            .map_or("$JS.API".to_owned(), |domain| format!("$JS.{domain}.API"));
        Ok(Self {
            client,
            state,
            prefix,
        })
    }

    /// A subject of the JetStream API: `STREAM.LIST` becomes `$JS.API.STREAM.LIST`.
    pub(super) fn api(&self, verb: &str) -> String {
        format!("{}.{verb}", self.prefix)
    }

    /// The client library's handle.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// The server's version, once it is known.
    pub(super) fn version(&self) -> Option<String> {
        Some(self.client.server_info().version).filter(|version| !version.is_empty())
    }

    /// Whether the connection stands.
    pub(super) fn is_connected(&self) -> bool {
        self.state.borrow().connected
    }

    /// Why it does not.
    pub(super) fn why(&self) -> Option<String> {
        self.state.borrow().why.clone()
    }

    /// Waits until something has changed about the connection.
    pub(super) async fn changed(&self) {
        let mut state = self.state.subscribe();
        state.mark_unchanged();
        // It cannot end: this holds the sender.
        drop(state.changed().await);
    }

    /// Resolves when the connection is away.
    pub(super) async fn lost(&self) {
        drop(self.state.subscribe().wait_for(|state| !state.connected).await);
    }

    /// Resolves when the connection stands.
    pub(super) async fn connected(&self) {
        drop(self.state.subscribe().wait_for(|state| state.connected).await);
    }

    /// Resolves when the server has refused this subscription.
    pub(super) async fn refused(&self, subject: &str) {
        let line = format!("Subscription to \"{subject}\"");
        drop(
            self.state
                .subscribe()
                .wait_for(|state| state.refused.contains(&line))
                .await,
        );
    }

    /// Resolves when the server has refused a publish to this subject from now on.
    pub(super) fn refused_publish(&self, subject: &str) -> impl Future<Output = ()> + use<> {
        let line = format!("Publish to \"{subject}\"");
        self.forget(&line);
        let mut state = self.state.subscribe();
        async move { drop(state.wait_for(|state| state.refused.contains(&line)).await) }
    }

    /// Subscribes, as if nothing had been refused before.
    pub(super) async fn subscribe(&self, subject: &str) -> Result<Subscriber, Trouble> {
        self.forget(&format!("Subscription to \"{subject}\""));
        let subscriber = self.client.subscribe(subject.to_owned()).await;
        subscriber.map_err(|error| Trouble::Other(error.to_string()))
    }

    /// One request and its answer.
    pub(super) async fn request(
        &self,
        subject: &str,
        payload: Bytes,
        within: Duration,
    ) -> Result<Message, Trouble> {
        if !self.is_connected() {
            return Err(Trouble::Disconnected);
        }
        let line = format!("Publish to \"{subject}\"");
        self.forget(&line);
        let request = async_nats::Request::new().payload(payload).timeout(Some(within));
        let mut state = self.state.subscribe();
        tokio::select! {
            answer = self.client.send_request(subject.to_owned(), request) => answer.map_err(|error| match error.kind() {
                RequestErrorKind::TimedOut => Trouble::Timeout(subject.to_owned()),
                RequestErrorKind::NoResponders => Trouble::NoResponders(subject.to_owned()),
                _ => Trouble::Other(error.to_string()),
            }),
            _ = state.wait_for(|state| state.refused.contains(&line)) => Err(Trouble::Denied(subject.to_owned())),
            () = self.lost() => Err(Trouble::Disconnected),
        }
    }

    fn forget(&self, line: &str) {
        self.state.send_if_modified(|state| state.refused.remove(line));
    }
}

fn note(state: &watch::Sender<State>, event: &Event) {
    match event {
        Event::Connected => state.send_modify(|state| {
            *state = State {
                connected: true,
                ..State::default()
            };
        }),
        Event::Disconnected | Event::Closed => state.send_modify(|state| {
            state.connected = false;
            state
                .why
                .get_or_insert_with(|| "the connection was lost".to_owned());
        }),
        Event::ServerError(ServerError::Other(text)) => {
            if let Some((_, refused)) = text.split_once("Permissions Violation for ") {
                let refused = refused.trim().to_owned();
                state.send_if_modified(|state| state.refused.insert(refused));
            } else {
                state.send_modify(|state| state.why = Some(text.clone()));
            }
        }
        Event::ServerError(ServerError::AuthorizationViolation) => {
            state.send_modify(|state| state.why = Some("the server refuses this user".to_owned()));
        }
        Event::ClientError(error) => {
            let why = error.to_string();
            state.send_if_modified(|state| {
                let news = !state.connected && state.why.is_none();
                if news {
                    state.why = Some(why);
                }
                news
            });
        }
        _ => {}
    }
}
