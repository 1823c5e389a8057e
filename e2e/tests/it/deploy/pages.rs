//! What is served at `/ui`, as browsers get it.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use e2e::repository;

/// What comes back: the status, the fields by their names in lowercase, and what follows them.
#[derive(Debug)]
struct Answer {
    status: String,
    fields: BTreeMap<String, String>,
    content: Vec<u8>,
}

impl Answer {
    #[track_caller]
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

/// A browser's request to follow a link.
#[track_caller]
fn get(address: &str, path: &str, codings: &str) -> Answer {
    let answer = exchange(address, path, codings);
    answer.unwrap_or_else(|error| panic!("GET {path} is not answered: {error}"))
}

fn exchange(address: &str, path: &str, codings: &str) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    // An old copy of a page, as every page of an image is: it must not be taken for the same.
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: text/html\r\nAccept-Encoding: {codings}\r\n\
         If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let content = bytes.split_off(end.map_or(bytes.len(), |end| end + 4));
    let head = String::from_utf8_lossy(&bytes);
    let mut lines = head.lines();
    let status = lines.next().unwrap_or_default().split(' ').nth(1);
    let status = status.unwrap_or_default().to_owned();
    let fields = lines.filter_map(|line| line.split_once(": "));
    let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Ok(Answer {
        status,
        fields: fields.collect(),
        content,
    })
}

/// The built page, deep links to it, and what it loads come through the gateway with the headers that `frontend/server.toml` says.
#[track_caller]
pub(super) fn are_served(address: &str) {
    let index = std::fs::read_to_string(repository().join("frontend/dist/index.html"));
    let index = index.expect("the pages are built");
    let script = index.split('"').find(|text| text.starts_with("/ui/assets/"));
    let script = script.expect("the page has a script");
    for path in [
        "/ui/",
        "/ui/users",
        "/ui/services/01890a5d-ac96-774b-bcce-b302099a8057",
    ] {
        let page = get(address, path, "identity");
        assert_eq!(page.status, "200", "{path}: {page:?}");
        assert!(
            String::from_utf8_lossy(&page.content).contains(script),
            "{path}: {page:?}"
        );
        has_headers(&page, "no-cache");
        assert!(!page.fields.contains_key("last-modified"), "{page:?}");
    }
    let redirect = get(address, "/ui", "identity");
    assert_eq!(
        (redirect.status.as_str(), redirect.field("location")),
        ("302", "/ui/")
    );

    let plain = get(address, script, "identity");
    has_headers(&plain, "public, max-age=31536000, immutable");
    for coding in ["br", "gzip"] {
        let packed = get(address, script, coding);
        assert_eq!(
            (packed.status.as_str(), packed.field("content-encoding")),
            ("200", coding)
        );
        assert_eq!(packed.field("content-type"), plain.field("content-type"));
        assert!(
            packed.content.len() < plain.content.len() / 2,
            "{} bytes",
            packed.content.len()
        );
        has_headers(&packed, "public, max-age=31536000, immutable");
    }
    let missing = get(address, "/ui/assets/nothing.js", "identity");
    assert_eq!(missing.status, "404", "{missing:?}");
    has_headers(&missing, "no-cache");
}

#[track_caller]
fn has_headers(answer: &Answer, cache_control: &str) {
    let settings = std::fs::read_to_string(repository().join("frontend/server.toml"));
    let settings = settings.expect("the server has settings");
    let policy = settings
        .lines()
        .find_map(|line| line.strip_prefix("Content-Security-Policy = \""));
    let policy = policy.and_then(|rest| rest.strip_suffix('"'));
    assert_eq!(
        Some(answer.field("content-security-policy")),
        policy,
        "{answer:?}"
    );
    assert_eq!(answer.field("x-content-type-options"), "nosniff");
    assert_eq!(answer.field("referrer-policy"), "same-origin");
    assert_eq!(answer.field("cross-origin-opener-policy"), "same-origin");
    assert_eq!(answer.field("cache-control"), cache_control, "{answer:?}");
}
