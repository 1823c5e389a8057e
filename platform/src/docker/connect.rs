//! The first words with an engine: is it there, is it one, and which version of the API do both sides know.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::Duration;

use bollard::errors::Error as ApiError;
use bollard::models::SystemVersion;
use bollard::{API_DEFAULT_VERSION, BollardRequest, ClientVersion, Docker};
use http::Uri;

use super::endpoint::Address;
use super::error::{Unreachable, one_line};
use super::{Endpoint, Engine, Error, REQUEST_LIMIT};

/// How long an engine may take for its first answer.
const FIRST_ANSWER: Duration = Duration::from_secs(5);
/// The oldest API version that has all we use: that of Docker 20.10.
const OLDEST: (usize, usize) = (1, 41);
/// Characters that are shown of an answer that is not an engine's.
const SHOWN: usize = 120;

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
        let unreachable = |source| Error::Unreachable {
            endpoint: endpoint.clone(),
            source: Box::new(source),
        };
        let greeting = greeted.map_err(unreachable)?;
        let agreed = agree(&greeting).map_err(unreachable)?;
        let api = client(&address, &agreed).map_err(unreachable)?;
        Ok(Self {
            api: pinned(api, &agreed),
            endpoint: endpoint.clone(),
            version: greeting.version.as_deref().map_or_else(unknown, one_line),
            api_version: agreed.to_string(),
        })
    }
}

/// Asks for the versions, without naming one: an engine refuses those it does not know.
async fn greet(address: &Address) -> Result<SystemVersion, Unreachable> {
    if let Address::Unix(path) = address {
        look_at_socket(path)?;
    }
    let api = client(address, API_DEFAULT_VERSION)?;
    api.version().await.map_err(|error| silent(error, address))
}

/// What can be seen without connecting.
fn look_at_socket(path: &Path) -> Result<(), Unreachable> {
    let path = path.to_owned();
    match fs::metadata(&path) {
        Ok(metadata) if metadata.file_type().is_socket() => Ok(()),
        Ok(_) => Err(Unreachable::NotASocket { path }),
        Err(error) => Err(match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Unreachable::NoSocket { path },
            ErrorKind::PermissionDenied => Unreachable::Denied { path },
            _ => Unreachable::Connect { source: error },
        }),
    }
}

fn client(address: &Address, version: &ClientVersion) -> Result<Docker, Unreachable> {
    let seconds = REQUEST_LIMIT.as_secs();
    match address {
        Address::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), seconds, version),
        Address::Http { host, port } => {
            Docker::connect_with_http(&format!("tcp://{host}:{port}"), seconds, version)
        }
    }
    .map_err(|error| silent(error, address))
}

/// Why the first request was not answered as an engine answers it.
fn silent(error: ApiError, address: &Address) -> Unreachable {
    let shortened = |text: &str| one_line(text).chars().take(SHOWN).collect();
    match error {
        ApiError::DockerResponseServerError { status_code, message } => Unreachable::NotDocker {
            answer: format!("status {status_code} {}", shortened(&message) as String)
                .trim_end()
                .to_owned(),
        },
        ApiError::JsonDataError { message, .. } => Unreachable::NotDocker {
            answer: shortened(&message),
        },
        ApiError::JsonSerdeError { err } => Unreachable::NotDocker {
            answer: shortened(&err.to_string()),
        },
        error => match (io_error(&error), address) {
            (Some(io), Address::Unix(path)) if io.kind() == ErrorKind::PermissionDenied => {
                Unreachable::Denied { path: path.clone() }
            }
            (Some(io), Address::Unix(path)) if io.kind() == ErrorKind::NotFound => {
                Unreachable::NoSocket { path: path.clone() }
            }
            (Some(io), _) if io.kind() == ErrorKind::ConnectionRefused => Unreachable::Refused,
            (Some(_), _) if is_connecting(&error) => Unreachable::Connect {
                source: std::io::Error::other(innermost(&error)),
            },
            _ => Unreachable::Broken { source: error },
        },
    }
}

fn is_connecting(error: &ApiError) -> bool {
    matches!(error, ApiError::HyperLegacyError { err } if err.is_connect())
}

/// The operating system's error at the bottom of `error`.
fn io_error(error: &ApiError) -> Option<&std::io::Error> {
    sources(error).find_map(|source| source.downcast_ref::<std::io::Error>())
}

/// The words at the bottom of `error`.
fn innermost(error: &ApiError) -> String {
    sources(error).last().map(ToString::to_string).unwrap_or_default()
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

/// The newest API version that both sides know.
fn agree(greeting: &SystemVersion) -> Result<ClientVersion, Unreachable> {
    let version = || greeting.version.as_deref().map_or_else(unknown, one_line);
    let Some(newest) = greeting.api_version.as_deref().and_then(parse) else {
        return Err(Unreachable::NotDocker {
            answer: "it names no API version".to_owned(),
        });
    };
    if newest < OLDEST {
        return Err(Unreachable::TooOld {
            version: version(),
            api: text(newest),
            needed: text(OLDEST),
        });
    }
    let ours = (
        API_DEFAULT_VERSION.major_version,
        API_DEFAULT_VERSION.minor_version,
    );
    if let Some(minimum) = greeting.min_api_version.as_deref().and_then(parse)
        && minimum > ours
    {
        return Err(Unreachable::TooNew {
            version: version(),
            minimum: text(minimum),
            ours: text(ours),
        });
    }
    let (major_version, minor_version) = newest.min(ours);
    Ok(ClientVersion {
        major_version,
        minor_version,
    })
}

fn parse(version: &str) -> Option<(usize, usize)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn text((major, minor): (usize, usize)) -> String {
    format!("{major}.{minor}")
}

fn unknown() -> String {
    "of an unknown version".to_owned()
}

/// The client leaves the version out of its requests, and an engine then takes its own newest: what a later engine answers
/// could be something we do not know. So it is put in front of every path here.
fn pinned(api: Docker, version: &ClientVersion) -> Docker {
    let prefix = format!("/v{version}");
    api.with_request_modifier(move |mut request| {
        if let Some(uri) = with_prefix(request.uri(), &prefix) {
            *request.uri_mut() = uri;
        }
        url_safe(&mut request);
        request
    })
}

fn with_prefix(uri: &Uri, prefix: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    let path = parts.path_and_query.as_ref()?.as_str();
    parts.path_and_query = Some(format!("{prefix}{path}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Engines read the credentials in these headers in the URL-safe alphabet of base64; the client writes the other one, so
/// that passwords with `?`, `>` or `~` in certain places would not arrive.
fn url_safe(request: &mut BollardRequest) {
    for name in ["x-registry-auth", "x-registry-config"] {
        let Some(value) = request.headers().get(name).and_then(|value| value.to_str().ok()) else {
            continue;
        };
        let value = value.replace('+', "-").replace('/', "_");
        if let Ok(value) = value.parse() {
            request.headers_mut().insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn greeting(version: &str, api: Option<&str>, minimum: Option<&str>) -> SystemVersion {
        SystemVersion {
            version: Some(version.to_owned()),
            api_version: api.map(str::to_owned),
            min_api_version: minimum.map(str::to_owned),
            ..SystemVersion::default()
        }
    }

    #[test_case("20.10.24", "1.41", "1.12" => "1.41"; "an engine of 2020")]
    #[test_case("29.0.0", "1.52", "1.44" => "1.52"; "an engine of 2025")]
    #[test_case("31.0.0", "1.60", "1.50" => "1.53"; "an engine of the future that still speaks ours")]
    fn the_newest_common_version_is_spoken(version: &str, api: &str, minimum: &str) -> String {
        agree(&greeting(version, Some(api), Some(minimum)))
            .unwrap()
            .to_string()
    }

    #[test_case("19.03.15", Some("1.40"), Some("1.12") => "Docker 19.03.15 is too old: it speaks API versions up to 1.40, and ratectl needs 1.41 (Docker 20.10) at least"; "an engine of 2019")]
    #[test_case("40.0", Some("1.90"), Some("1.70") => "Docker 40.0 speaks API versions from 1.70 on, and this ratectl knows versions up to 1.53"; "an engine that has dropped ours")]
    #[test_case("1", None, None => "what answers there is no Docker engine: it names no API version"; "no version at all")]
    #[test_case("1", Some("new"), None => "what answers there is no Docker engine: it names no API version"; "a version that is none")]
    fn without_a_common_version_both_are_named(
        version: &str,
        api: Option<&str>,
        minimum: Option<&str>,
    ) -> String {
        agree(&greeting(version, api, minimum)).unwrap_err().to_string()
    }

    #[test]
    fn the_version_goes_in_front_of_path_and_query() {
        let uri = "unix://2f61/containers/json?all=true".parse().unwrap();
        let uri = with_prefix(&uri, "/v1.41").unwrap();
        assert_eq!(uri.to_string(), "unix://2f61/v1.41/containers/json?all=true");
    }
}
