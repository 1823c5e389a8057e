//! From an engine's words to a cause. Engines give an HTTP status of 400, 403, 404, 409 or 500, which says little, and a
//! sentence; these sentences have changed little from 20.10 to 29, so they are looked through for what stays.

use super::Cause;
use super::port::named_in;

/// Words that decide, in lowercase; the first rule of which one occurs and that has a cause wins.
type Rule = (&'static [&'static str], fn(&str) -> Cause);

/// From the particular to the general: a message about a port can also speak of a permission.
const RULES: &[Rule] = &[
    (&["no space left on device", "disk quota exceeded"], |_| {
        Cause::DiskFull
    }),
    (
        &[
            "port is already allocated",
            "address already in use",
            "all ports are allocated",
            "only one usage of each socket address",
            "eaddrinuse",
        ],
        |message| {
            let (ip, port) = named_in(message);
            Cause::PortTaken { ip, port }
        },
    ),
    (
        &["cannot expose privileged port", "bind: permission denied"],
        |message| Cause::PortForbidden {
            port: named_in(message).1,
        },
    ),
    (&["cannot assign requested address"], |_| Cause::NoSuchAddress),
    (
        &["toomanyrequests", "429 too many requests", "pull rate limit"],
        |_| Cause::RateLimited,
    ),
    (
        &["is already in use by container", "is already in use by"],
        name_taken,
    ),
    (&["network with name"], |message| Cause::NameTaken {
        name: between(message, "name ", " already"),
        by: None,
    }),
    (
        &[
            "no matching manifest for",
            "does not match the specified platform",
        ],
        |_| Cause::WrongPlatform,
    ),
    (
        &["manifest unknown", "name unknown", "failed to resolve reference"],
        in_registry,
    ),
    (
        &[
            "pull access denied",
            "no basic auth credentials",
            "unauthorized:",
            "401 unauthorized",
            "403 forbidden",
            "denied: ",
            "incorrect username or password",
            "failed to authorize",
        ],
        in_registry,
    ),
    (&["http", "dial tcp", "proxyconnect"], |message| {
        if is_unreachable(&message.to_lowercase()) {
            Cause::RegistryUnreachable
        } else {
            Cause::Other
        }
    }),
    (&["no such image", "image not known"], |_| Cause::NoSuchImage),
    (
        &[
            "non-overlapping ipv4 address pool",
            "fully subnetted",
            "no available ipv4 addresses",
            "could not find an available",
        ],
        |_| Cause::NoAddresses,
    ),
    (&["pool overlaps", "overlaps with"], |_| Cause::AddressOverlap),
    (&["iptables", "ip6tables", "nftables"], |_| Cause::Firewall),
    (&["bind source path does not exist", "mounts denied"], |_| {
        Cause::NoBindSource
    }),
    (
        &[
            "privileged mode is incompatible",
            "privileged containers are not allowed",
            "privileged is not allowed",
            "authorization denied by plugin",
        ],
        |_| Cause::NotPrivileged,
    ),
    (&["cgroup"], |_| Cause::Cgroup),
    (
        &["has active endpoints", "volume is in use", "is being used by"],
        |_| Cause::InUse,
    ),
    (&["removal of container", "is marked for removal"], |_| {
        Cause::RemovalInProgress
    }),
    (&["is not running", "is paused"], |_| Cause::NotRunning),
    (
        &[
            "no such container",
            "no such network",
            "no such volume",
            "no such exec",
            "could not find the file",
        ],
        |_| Cause::NotFound,
    ),
];

/// The same for what the runtime below the engine says when a container's first process cannot be started.
const RUNTIME_RULES: &[Rule] = &[
    (&["no space left on device"], |_| Cause::DiskFull),
    (&["exec format error"], |_| Cause::WrongPlatform),
    (&["cgroup"], |_| Cause::Cgroup),
    (&["unable to apply caps", "operation not permitted"], |_| {
        Cause::NotPrivileged
    }),
    (
        &[
            "executable file not found",
            "exec: \"",
            "no such file or directory: unknown",
        ],
        |_| Cause::NoProgram,
    ),
];

/// How an engine says that it did not get through to a registry.
const REGISTRY_UNREACHABLE: &[&str] = &[
    "no such host",
    "server misbehaving",
    "temporary failure in name resolution",
    "connection refused",
    "connection reset by peer",
    "network is unreachable",
    "no route to host",
    "i/o timeout",
    "tls handshake timeout",
    "client.timeout exceeded",
    "context deadline exceeded",
    "x509:",
    "server gave http response to https client",
    "proxyconnect tcp",
    "unexpected eof",
];

impl Cause {
    /// The cause in an engine's answer.
    pub(in crate::docker) fn of(status: Option<u16>, message: &str) -> Self {
        let lower = message.to_lowercase();
        let rules = if lower.contains("oci runtime") {
            RUNTIME_RULES
        } else {
            RULES
        };
        let found = rules
            .iter()
            .filter(|(words, _)| words.iter().any(|word| lower.contains(word)))
            .map(|(_, cause)| cause(message))
            .find(|cause| *cause != Cause::Other);
        match (found, status) {
            (Some(cause), _) => cause,
            (None, Some(404)) => Cause::NotFound,
            (None, _) => Cause::Other,
        }
    }
}

/// A registry that could not be asked, that does not know the image, or that wants somebody else to ask.
fn in_registry(message: &str) -> Cause {
    let lower = message.to_lowercase();
    let unknown = ["manifest unknown", "name unknown", ": not found"];
    if is_unreachable(&lower) {
        Cause::RegistryUnreachable
    } else if unknown.iter().any(|words| lower.contains(words)) {
        Cause::NotInRegistry
    } else {
        Cause::PullRefused
    }
}

fn is_unreachable(lower: &str) -> bool {
    REGISTRY_UNREACHABLE.iter().any(|words| lower.contains(words))
}

fn name_taken(message: &str) -> Cause {
    Cause::NameTaken {
        name: between(message, "name \"/", "\""),
        by: between(message, "by container \"", "\""),
    }
}

fn between(message: &str, start: &str, end: &str) -> Option<String> {
    let (_, rest) = message.split_once(start)?;
    let (text, _) = rest.split_once(end)?;
    Some(text.to_owned())
}
