//! One connection: a request and its answer.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;

use super::{Answer, Ending, State, lock};

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// The path with the API version in front, without the query.
    pub path: String,
    /// The query, as sent.
    pub query: String,
    /// Names in lowercase.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The API version named in front of the path, such as `1.41`.
    pub fn api_version(&self) -> Option<&str> {
        let (first, _) = self.path.strip_prefix("/v")?.split_once('/')?;
        first.starts_with(|c: char| c.is_ascii_digit()).then_some(first)
    }

    /// Method and path without the API version, as in a script.
    pub fn question(&self) -> String {
        let path = match self.api_version() {
            Some(version) => &self.path["/v".len() + version.len()..],
            None => &self.path,
        };
        format!("{} {path}", self.method)
    }

    /// The value of a header; its name in lowercase.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads a request and answers it, then ends the connection.
pub(super) fn hold(mut stream: UnixStream, state: &State) -> io::Result<()> {
    let Some(request) = read(&stream)? else {
        return Ok(());
    };
    let answer = state.next_answer(&request.question());
    lock(&state.requests).push(request);
    thread::sleep(answer.pause);
    match answer.ending {
        Ending::NoAnswer => wait_for_end(&mut stream),
        Ending::NoAnswerAndClosed => stream.shutdown(Shutdown::Both),
        Ending::Upgraded => upgrade(&mut stream, &answer),
        Ending::Complete | Ending::BrokenOff | Ending::Silence => give(&mut stream, &answer),
    }
}

fn read(stream: &UnixStream) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_ascii_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        request
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    request.body = body(&request, &mut reader)?;
    Ok(Some(request))
}

/// The body: by length or in chunks.
fn body(request: &Request, reader: &mut BufReader<&UnixStream>) -> io::Result<Vec<u8>> {
    if request.header("transfer-encoding").is_some() {
        return chunks(reader);
    }
    let length = request
        .header("content-length")
        .and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(body)
}

fn chunks(reader: &mut BufReader<&UnixStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        let mut chunk = vec![0; size + "\r\n".len()];
        reader.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}

/// In chunks, as an engine answers.
fn give(stream: &mut UnixStream, answer: &Answer) -> io::Result<()> {
    let has_body = !matches!(answer.status, 204 | 304);
    let headers = answer
        .headers
        .iter()
        .map(|(name, value)| [name, ": ", value, "\r\n"].concat());
    let framing = if has_body {
        "Transfer-Encoding: chunked\r\n"
    } else {
        ""
    };
    let head = format!(
        "HTTP/1.1 {} Scripted\r\nConnection: close\r\n{}{framing}\r\n",
        answer.status,
        headers.collect::<String>()
    );
    stream.write_all(head.as_bytes())?;
    if !has_body {
        return stream.shutdown(Shutdown::Both);
    }
    for piece in answer.pieces.iter().filter(|piece| !piece.is_empty()) {
        stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes())?;
        stream.write_all(piece)?;
        stream.write_all(b"\r\n")?;
    }
    match answer.ending {
        Ending::Silence => wait_for_end(stream),
        Ending::BrokenOff => stream.shutdown(Shutdown::Both),
        _ => {
            stream.write_all(b"0\r\n\r\n")?;
            stream.shutdown(Shutdown::Both)
        }
    }
}

fn upgrade(stream: &mut UnixStream, answer: &Answer) -> io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
    )?;
    for piece in &answer.pieces {
        stream.write_all(piece)?;
    }
    stream.shutdown(Shutdown::Write)?;
    wait_for_end(stream)
}

/// Until the client has gone.
fn wait_for_end(stream: &mut UnixStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}
