//! Asking a DNS server from inside a node: with what a node has, which is a shell and little else.

mod message;

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::docker::{Engine, exec};
pub(super) use message::Reply;
use message::{parse, query};

const LIMIT: Duration = Duration::from_secs(2);
/// The exit code with which the script says that the node has nothing to ask with.
const HAS_NOTHING: i64 = 125;
/// Sends the query `$2`, written for printf, to the server `$1` (or the node's own), and prints the reply's bytes in hex.
const ASK: &str = r#"
server=$1
[ -n "$server" ] || server=$(sed -n 's/^nameserver *//p' /etc/resolv.conf | head -n 1)
if [ -n "$BASH_VERSION" ]; then
  exec 3<> "/dev/udp/$server/53" && printf "$2" >&3 && timeout 1 dd bs=4096 count=1 <&3 2> /dev/null | od -An -v -tx1
elif command -v nc > /dev/null; then
  printf "$2" | nc -u -w 1 "$server" 53 | od -An -v -tx1
else
  exit 125
fi
"#;

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unasked {
    /// The node has no program to ask with.
    NoProgram,
    /// Nobody replied, or something else went wrong.
    NoReply(String),
}

/// Asks `server`, or the one the node itself asks, for the addresses of a name.
pub(super) async fn ask(
    engine: &Engine,
    node: &str,
    server: Option<Ipv4Addr>,
    name: &str,
) -> Result<Reply, Unasked> {
    let server = server.map(|server| server.to_string()).unwrap_or_default();
    let question: Vec<String> = query(name).iter().map(|byte| format!("\\{byte:03o}")).collect();
    let question = question.concat();
    let command = ["sh", "-c", ASK, "sh", &server, &question];
    let output = exec::run(engine, node, &command, LIMIT)
        .await
        .map_err(|error| Unasked::NoReply(error.to_string()))?;
    if output.code == HAS_NOTHING {
        return Err(Unasked::NoProgram);
    }
    let bytes: Option<Vec<u8>> = output
        .stdout
        .split_whitespace()
        .map(|hex| u8::from_str_radix(hex, 16).ok())
        .collect();
    let no_reply = || Unasked::NoReply(format!("no reply from {}", said(&server, &output.stderr)));
    bytes.and_then(|bytes| parse(&bytes)).ok_or_else(no_reply)
}

fn said(server: &str, stderr: &str) -> String {
    let server = if server.is_empty() {
        "the node's DNS server"
    } else {
        server
    };
    match stderr.lines().last() {
        Some(line) => format!("{server} ({line})"),
        None => server.to_owned(),
    }
}
