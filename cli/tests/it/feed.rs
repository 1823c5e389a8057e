//! The live feed through the gateway of `ratectl dev`: as it happens, and over a WebSocket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::rating;

/// Nothing takes longer than this, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);
const WEBSOCKET: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A connection to the feed, and everything read from it.
struct Feed {
    stream: TcpStream,
    text: String,
}

impl Feed {
    fn open(address: &str, fields: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!("GET /api/events HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        Self {
            stream,
            text: String::new(),
        }
    }

    /// Reads until this has come.
    fn until(&mut self, wanted: &str) {
        let mut bytes = [0; 4096];
        while !self.text.contains(wanted) {
            let length = self.stream.read(&mut bytes).unwrap();
            assert_ne!(length, 0, "{wanted} has not come, but\n{}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
    }
}

#[test]
fn the_gateway_passes_the_feed_on_as_it_happens_and_ends_it_at_the_end() {
    let environment = rating::environment();
    let mut system = rating::start(&environment);
    let address = system.address();
    let mut events = Feed::open(&address, "");
    let own = format!("Origin: http://localhost\r\n{WEBSOCKET}");
    let mut socket = Feed::open(&address, &own);
    events.until("event: snapshot");
    socket.until("101 Switching Protocols");
    socket.until(r#""event":"snapshot""#);
    let ada = json!({"name": "Ada", "email": "ada@example.org"});
    let user = rating::post(&address, "/api/users", &ada);
    assert_eq!(user.status, 201, "{user:?}\n{}", system.stderr());
    for feed in [&mut events, &mut socket] {
        feed.until(r#""subject":"events.user.created""#);
        feed.until("ada@example.org");
    }
    let foreign = format!("Origin: https://evil.example\r\n{WEBSOCKET}");
    Feed::open(&address, &foreign).until("403 Forbidden");
    assert_eq!(system.end("INT").code(), Some(130));
    events.until("event: drain");
    socket.until(r#""event":"drain""#);
}
