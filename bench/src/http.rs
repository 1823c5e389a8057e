//! A lean HTTP/1.1 client: one connection, one request at a time, the bytes of a request made by a [`Workload`].

mod response;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Error;
use crate::load::{Caller, Failure, Target};
use response::Head;

/// A request that is not answered in this time has failed; longer than every deadline of the proxy.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// Makes the requests of one connection.
pub trait Workload: Send + 'static {
    /// Appends the bytes of the next request to `bytes`.
    fn write_next(&mut self, bytes: &mut Vec<u8>);
}

/// An HTTP server under load; each connection gets a workload of its own from `workload`.
pub struct Server<F> {
    /// Where it listens.
    pub address: SocketAddr,
    /// Makes the workload of a connection.
    pub workload: F,
}

/// One keep-alive connection and the requests made on it.
pub struct Connection<W> {
    exchange: Exchange,
    workload: W,
    request: Vec<u8>,
}

/// One keep-alive connection, one request at a time. It is opened again after a failure.
#[derive(Debug)]
pub struct Exchange {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
    body_at: usize,
}

impl<W: Workload, F: Fn() -> W + Sync> Target for Server<F> {
    type Caller = Connection<W>;

    async fn open(&self, count: usize) -> Result<Vec<Connection<W>>, Error> {
        let mut connections = Vec::with_capacity(count);
        for _ in 0..count {
            let exchange = Exchange::open(self.address).await?;
            connections.push(Connection {
                exchange,
                workload: (self.workload)(),
                request: Vec::new(),
            });
        }
        Ok(connections)
    }
}

impl<W: Workload> Caller for Connection<W> {
    async fn call(&mut self) -> Result<(), Failure> {
        self.request.clear();
        self.workload.write_next(&mut self.request);
        match self.exchange.send(&self.request).await? {
            200..300 => Ok(()),
            status => Err(Failure::Status(status)),
        }
    }
}

impl Exchange {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, Error> {
        let stream = connect(address).await.map_err(|source| Error::Connect {
            address: address.to_string(),
            source,
        })?;
        Ok(Self {
            address,
            stream: Some(stream),
            received: Vec::new(),
            body_at: 0,
        })
    }

    /// Sends the bytes of one request and gives the status of its answer.
    ///
    /// # Errors
    ///
    /// When no answer came, or one that is not understood.
    pub async fn send(&mut self, request: &[u8]) -> Result<u16, Failure> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address)
                .await
                .map_err(|_| Failure::Broken("cannot connect"))?,
        };
        stream
            .write_all(request)
            .await
            .map_err(|_| Failure::Broken("cannot send"))?;
        let head = tokio::time::timeout(ANSWER_WITHIN, receive(&mut stream, &mut self.received))
            .await
            .map_err(|_| Failure::Broken("no answer within 60 s"))??;
        self.body_at = head.length;
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok(head.status)
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.received.get(self.body_at..).unwrap_or_default()
    }
}

async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one whole answer into `received`.
async fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> Result<Head, Failure> {
    received.clear();
    loop {
        let read = stream
            .read_buf(received)
            .await
            .map_err(|_| Failure::Broken("cannot receive"))?;
        if read == 0 {
            return Err(Failure::Broken("closed before the answer's end"));
        }
        match Head::parse(received)? {
            Some(head) if received.len() >= head.length + head.body => return Ok(head),
            _ => {}
        }
    }
}
