//! What lies behind `/api`: a shard of the proxy, or the explanation that the project has no routes.

use bytes::Bytes;
use contract::problem::Problem;
use http::{Response, StatusCode};
use http_body_util::{Either, Full};
use proxy::Shard;
use runtime::http::{Peer, Request, Service};

/// The API of one server thread.
pub(super) enum Api {
    /// Requests go to the proxy.
    Proxy(Shard),
    /// The project file names no routes, so there is no proxy.
    Absent,
}

impl Service for Api {
    type Body = <Shard as Service>::Body;

    async fn call(&self, request: Request, peer: Peer) -> Response<Self::Body> {
        match self {
            Api::Proxy(shard) => shard.call(request, peer).await,
            Api::Absent => absent(request.uri().path()).map(Either::Left),
        }
    }

    async fn drained(&self) {
        if let Api::Proxy(shard) = self {
            shard.drained().await;
        }
    }
}

fn absent(path: &str) -> Response<Full<Bytes>> {
    let problem = Problem::new(StatusCode::NOT_FOUND, "no API")
        .detail("the project file names no routes; add `routes:` with a file of routes to ratectl.yaml")
        .instance(path);
    let reply = problem.into_reply();
    let mut response = Response::new(Full::new(reply.body));
    (*response.status_mut(), *response.headers_mut()) = (reply.status, reply.headers);
    response
}
