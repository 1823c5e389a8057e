//! Asking DNS servers from inside a node: with what a node has, which is a shell and little else.

mod message;

use std::net::Ipv4Addr;
use std::time::Duration;

use super::{Engine, Error, exec};
pub(crate) use message::Reply;
use message::{parse, query};

/// What a command in a container costs besides what it does.
const OVERHEAD: Duration = Duration::from_millis(1200);
/// How long a try waits for its reply at most, the pause after it included.
const TRY: Duration = Duration::from_secs(1);
/// The exit code with which the script says that the node has nothing to ask with.
const HAS_NOTHING: i64 = 125;
/// After a number of tries, for each pair of arguments, a server (or nothing for the node's own) and a query written for printf: sends
/// the query until there is a reply, and prints the pair's number and the reply in hex. `dd` keeps a query in one datagram, which printf
/// would break at a byte 10.
const ASK: &str = r#"
tries=$1
shift
own=$(sed -n 's/^nameserver *//p' /etc/resolv.conf | head -n 1)
message() { printf "$1" | dd bs=512 iflag=fullblock 2> /dev/null; }
if [ -n "$BASH_VERSION" ]; then
  ask() { exec 3<> "/dev/udp/$1/53" && message "$2" >&3 && timeout 1 dd bs=4096 count=1 <&3; }
elif command -v nc > /dev/null; then
  ask() { message "$2" | nc -u -w 1 "$1" 53; }
else
  exit 125
fi
until_reply() {
  reply= try=0
  while [ -z "$reply" ] && [ $((try += 1)) -le "$tries" ]; do
    [ $try = 1 ] || sleep 0.1 2> /dev/null || sleep 1
    reply=$(ask "$1" "$2" 2> /dev/null | od -An -v -tx1 | tr -d ' \n')
  done
}
number=0
while [ $# -gt 0 ]; do
  ( until_reply "${1:-$own}" "$2"; echo "$number $reply" ) &
  number=$((number + 1))
  shift 2
done
wait
"#;

/// A question for the addresses of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Who is asked; `None` for the server that the node itself asks.
    pub(crate) server: Option<Ipv4Addr>,
    /// The name.
    pub(crate) name: String,
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// The node has no program to ask with.
    NoProgram,
    /// The node was too slow, or could not be asked for another reason.
    Node(String),
    /// Nobody replied.
    NoReply,
}

/// Asks all questions at once, each until there is a reply, or as often as `tries` says, for about a second at most each time; the
/// replies are in the order of the questions.
pub(crate) async fn ask(
    engine: &Engine,
    node: &str,
    questions: &[Question],
    tries: u32,
) -> Vec<Result<Reply, Unasked>> {
    let arguments: Vec<String> = questions.iter().flat_map(arguments).collect();
    let tries_text = tries.to_string();
    let mut command = vec!["sh", "-c", ASK, "sh", &tries_text];
    command.extend(arguments.iter().map(String::as_str));
    match exec::run(engine, node, &command, TRY * tries + OVERHEAD).await {
        Ok(output) if output.code == HAS_NOTHING => vec![Err(Unasked::NoProgram); questions.len()],
        Ok(output) => (0..questions.len())
            .map(|number| reply(&output.stdout, number))
            .collect(),
        Err(error) => vec![Err(Unasked::Node(why(&error))); questions.len()],
    }
}

/// Why nothing could be run, without the script.
pub(crate) fn why(error: &Error) -> String {
    match error {
        Error::Silent { limit, .. } => format!("the node did not answer within {} s", limit.as_secs_f32()),
        error => crate::causes::causes(error),
    }
}

fn arguments(question: &Question) -> [String; 2] {
    let server = question
        .server
        .map(|server| server.to_string())
        .unwrap_or_default();
    let bytes: Vec<String> = query(&question.name)
        .iter()
        .map(|byte| format!("\\{byte:03o}"))
        .collect();
    [server, bytes.concat()]
}

/// The reply of this number among lines such as `1 7263818000…`.
fn reply(lines: &str, number: usize) -> Result<Reply, Unasked> {
    let numbered = format!("{number} ");
    let hex = lines
        .lines()
        .find_map(|line| line.strip_prefix(&numbered))
        .unwrap_or_default();
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    bytes.and_then(|bytes| parse(&bytes)).ok_or(Unasked::NoReply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_gets_its_own_reply_in_whatever_order_they_come() {
        let no_such_name = "72638183000100000000000003666f6f0000010001";
        let lines = format!("2 \n1 {no_such_name}\n0 7263818\n");
        assert_eq!(reply(&lines, 1), Ok(Reply::NoSuchName));
        for number in [0, 2, 3] {
            assert_eq!(reply(&lines, number), Err(Unasked::NoReply), "{number}");
        }
    }
}
