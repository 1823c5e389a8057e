//! The first words with an engine: is it there, is it one, and which version of the API do both sides know.

mod pin;
mod ping;

use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, ClientVersion, Docker};

use super::endpoint::Address;
use super::error::Unreachable;
use super::{Endpoint, Engine, Error, REQUEST_LIMIT};
use pin::pinned;
use ping::{Greeting, ping};

/// How long an engine may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(5);
/// The oldest API version that has all we use: that of Docker 20.10.
const OLDEST: Version = (1, 41);
/// The newest we know.
const NEWEST: Version = (
    API_DEFAULT_VERSION.major_version,
    API_DEFAULT_VERSION.minor_version,
);

/// A version of the API: major and minor number.
type Version = (usize, usize);

impl Engine {
    /// Connects and agrees on an API version: the newest that both sides know.
    ///
    /// # Errors
    /// When nobody answers there in a few seconds, access is refused, or no common version exists.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, Error> {
        let address = Address::parse(&endpoint.address, false)
            .map_err(|reason| reason.named_by(&endpoint.address, endpoint.source.clone()))?;
        let greeted = match tokio::time::timeout(FIRST_ANSWER, greet(&address)).await {
            Ok(greeted) => greeted,
            Err(_) => Err(Unreachable::Silent { limit: FIRST_ANSWER }),
        };
        let (greeting, api, agreed) = greeted.map_err(|source| Error::Unreachable {
            endpoint: endpoint.clone(),
            source: Box::new(source),
        })?;
        Ok(Self {
            api: pinned(api, &agreed),
            endpoint: endpoint.clone(),
            version: greeting.version,
            api_version: agreed.to_string(),
        })
    }
}

async fn greet(address: &Address) -> Result<(Greeting, Docker, ClientVersion), Unreachable> {
    let greeting = ping(address).await?;
    let newest = newest(&greeting)?;
    let (major_version, minor_version) = newest.min(NEWEST);
    let agreed = ClientVersion {
        major_version,
        minor_version,
    };
    let api = client(address, &agreed)?;
    // An engine newer than we are may have dropped what we speak; any other one answers its own newest version.
    if newest > NEWEST {
        check_minimum(&greeting, minimum(&api).await?)?;
    }
    Ok((greeting, api, agreed))
}

/// The engine's newest API version, if it is not too old.
fn newest(greeting: &Greeting) -> Result<Version, Unreachable> {
    match parse(&greeting.api_version) {
        None => Err(Unreachable::NotDocker {
            answer: format!("API version '{}'", greeting.api_version),
        }),
        Some(newest) if newest < OLDEST => Err(Unreachable::TooOld {
            version: greeting.version.clone(),
            api: text(newest),
            needed: text(OLDEST),
        }),
        Some(newest) => Ok(newest),
    }
}

/// The engine's oldest API version, if it says.
async fn minimum(api: &Docker) -> Result<Option<Version>, Unreachable> {
    match api.version().await {
        Ok(version) => Ok(version.min_api_version.as_deref().and_then(parse)),
        Err(source) => Err(Unreachable::Client { source }),
    }
}

fn check_minimum(greeting: &Greeting, minimum: Option<Version>) -> Result<(), Unreachable> {
    match minimum {
        Some(minimum) if minimum > NEWEST => Err(Unreachable::TooNew {
            version: greeting.version.clone(),
            minimum: text(minimum),
            ours: text(NEWEST),
        }),
        _ => Ok(()),
    }
}

fn client(address: &Address, version: &ClientVersion) -> Result<Docker, Unreachable> {
    let seconds = REQUEST_LIMIT.as_secs();
    match address {
        Address::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), seconds, version),
        Address::Http { .. } => Docker::connect_with_http(&address.to_string(), seconds, version),
    }
    .map_err(|source| Unreachable::Client { source })
}

fn parse(version: &str) -> Option<Version> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn text((major, minor): Version) -> String {
    format!("{major}.{minor}")
}
